// SPDX-License-Identifier: Apache-2.0
//
// How long a queue is that drops its oldest events, when the file says nothing of its size (`queue: {events, bytes}`).
#pragma once

#include <cstdint>

#include "config/model.hpp"

namespace picket::config {

// All the time that its sink takes nothing, every batch goes once through the whole of such a queue: when that is more
// than a processor's own cache holds, whoever shares the source pays for memory that is cold.
// tests/bench/router_bench.cpp measures how much.
inline constexpr std::uint64_t kFreshQueueBytes = 1ULL << 20U;

// The bytes of a queue of which the file says no size. Not for destinations with a command, which have their own.
constexpr std::uint64_t default_queue_bytes(const QueueSettings& queue) {
  const bool fresh = queue.on_full == OnFull::drop_oldest && !queue.spools();
  return fresh ? kFreshQueueBytes : QueueSettings{}.bytes;
}

}  // namespace picket::config
