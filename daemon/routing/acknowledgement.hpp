// SPDX-License-Identifier: Apache-2.0
//
// The way back from the queues to whoever fills them, a source or the steps of a route: room again after BUSY, and the
// one answer to each emit with a token.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "picket/base.h"
#include "routing/ledger.hpp"

namespace picket::routing {

// What became of the events of one emit or one delivery. Whatever is counted nowhere here was handled.
struct Outcome {
  std::uint64_t refused = 0;
  std::uint64_t absorbed = 0;  // by a step
  std::array<std::uint64_t, kDropReasons> dropped = {};

  // DROPPED outweighs REFUSED outweighs OK.
  picket_status status() const {
    for (const std::uint64_t count : dropped) {
      if (count != 0) return PICKET_DROPPED;
    }
    return refused != 0 ? PICKET_REFUSED : PICKET_OK;
  }
};

// One source instance, as the queues see it. Calls come from any thread, never under a lock of the router, possibly
// before the emit() that they belong to has returned; an implementation hands them to the instance's control lane.
class SourceListener {
 public:
  virtual ~SourceListener() = default;
  virtual void on_acknowledged(std::uint64_t token, picket_status status) = 0;
  virtual void on_ready(picket_name port) = 0;
  // What on_acknowledged() is called by; for those who want the numbers.
  virtual void on_outcome(std::uint64_t token, const Outcome& outcome) { on_acknowledged(token, outcome.status()); }
};

// Shared by the queue entries of one emit. The destructor of the last reference gives the answer, so that no path can
// forget it or give it twice. An event that two queues lose is counted by both.
class Acknowledgement {
 public:
  Acknowledgement(std::weak_ptr<SourceListener> listener, std::uint64_t token)
      : listener_(std::move(listener)), token_(token) {}
  Acknowledgement(const Acknowledgement&) = delete;
  Acknowledgement& operator=(const Acknowledgement&) = delete;
  ~Acknowledgement() {
    const auto listener = listener_.lock();
    if (!listener) return;
    Outcome outcome;
    outcome.refused = refused_.load(std::memory_order_relaxed);
    outcome.absorbed = absorbed_.load(std::memory_order_relaxed);
    for (int i = 0; i < kDropReasons; ++i) outcome.dropped[i] = dropped_[i].load(std::memory_order_relaxed);
    listener->on_outcome(token_, outcome);
  }

  // Thread-safe.
  void refused(std::uint64_t events) { refused_.fetch_add(events, std::memory_order_relaxed); }
  void absorbed(std::uint64_t events) { absorbed_.fetch_add(events, std::memory_order_relaxed); }
  void dropped(DropReason reason, std::uint64_t events) {
    dropped_[static_cast<int>(reason)].fetch_add(events, std::memory_order_relaxed);
  }

 private:
  const std::weak_ptr<SourceListener> listener_;
  const std::uint64_t token_;
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> absorbed_{0};
  std::array<std::atomic<std::uint64_t>, kDropReasons> dropped_ = {};
};

using AcknowledgementRef = std::shared_ptr<Acknowledgement>;

}  // namespace picket::routing
