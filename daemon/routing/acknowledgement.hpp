// SPDX-License-Identifier: Apache-2.0
//
// The way back from the queues to a source: room again after BUSY, and the one answer to each emit with a token.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "picket/base.h"

namespace picket::routing {

// One source instance, as the queues see it. Calls come from any thread, never under a lock of the router, possibly
// before the emit() that they belong to has returned; an implementation hands them to the instance's control lane.
class SourceListener {
 public:
  virtual ~SourceListener() = default;
  virtual void on_acknowledged(std::uint64_t token, picket_status status) = 0;
  virtual void on_ready(picket_name port) = 0;
};

// Shared by the queue entries of one emit. The destructor of the last reference gives the answer, with the worst
// outcome, so that no path can forget it or give it twice.
class Acknowledgement {
 public:
  Acknowledgement(std::weak_ptr<SourceListener> listener, std::uint64_t token)
      : listener_(std::move(listener)), token_(token) {}
  Acknowledgement(const Acknowledgement&) = delete;
  Acknowledgement& operator=(const Acknowledgement&) = delete;
  ~Acknowledgement() {
    if (const auto listener = listener_.lock()) {
      listener->on_acknowledged(token_, worst_.load(std::memory_order_relaxed));
    }
  }

  // Records an outcome; DROPPED outweighs REFUSED outweighs OK. Thread-safe.
  void record(picket_status status) {
    picket_status seen = worst_.load(std::memory_order_relaxed);
    while (rank(status) > rank(seen) && !worst_.compare_exchange_weak(seen, status, std::memory_order_relaxed)) {
    }
  }

 private:
  static int rank(picket_status status) { return status == PICKET_DROPPED ? 2 : status == PICKET_OK ? 0 : 1; }

  const std::weak_ptr<SourceListener> listener_;
  const std::uint64_t token_;
  std::atomic<picket_status> worst_{PICKET_OK};
};

using AcknowledgementRef = std::shared_ptr<Acknowledgement>;

}  // namespace picket::routing
