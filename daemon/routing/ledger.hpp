// SPDX-License-Identifier: Apache-2.0
//
// The loss ledger of one destination: where every event that entered it is or went. Nothing disappears silently:
// balanced() holds at every moment, and a randomised test checks that it does.
#pragma once

#include <cstdint>

namespace picket::routing {

// Why an event was dropped.
enum class DropReason : std::uint8_t {
  full,      // the queue was full and its policy drops
  shutdown,  // the daemon stopped before the event could be delivered
  removed,   // a reload removed the route or its sink before the event could be delivered
};
inline constexpr int kDropReasons = 3;

// All in events, since the destination was made.
struct Ledger {
  std::uint64_t in = 0;         // offered by sources
  std::uint64_t filtered = 0;   // not selected by `where`
  std::uint64_t delivered = 0;  // the sink said OK
  std::uint64_t dead = 0;       // refused by the sink for good
  std::uint64_t dropped[kDropReasons] = {};
  std::uint64_t queued = 0;     // waiting (now)
  std::uint64_t in_flight = 0;  // offered to the sink, not finished (now)

  std::uint64_t dropped_total() const { return dropped[0] + dropped[1] + dropped[2]; }
  bool balanced() const { return in == filtered + delivered + dead + dropped_total() + queued + in_flight; }
};

}  // namespace picket::routing
