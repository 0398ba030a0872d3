// SPDX-License-Identifier: Apache-2.0
//
// What lies between a subscription of the daemon and a client that reads at its own speed: a bounded text of
// notifications. The daemon's side never waits; what does not fit is counted and said at its place.
//
// deliver() is a [deliver] call of the host; everything else is on the loop's thread. Held by shared_ptr.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <picket/plugin.hpp>
#include <string>

#include "loop.hpp"

namespace picket::pipe_server {

class SubscriptionFeed final : public std::enable_shared_from_this<SubscriptionFeed> {
 public:
  // `wake` runs on the loop's thread when there is something to take, while this object is held.
  SubscriptionFeed(Host host, Loop& loop, std::uint64_t id, std::size_t max_bytes, std::function<void()> wake)
      : host_(host), loop_(loop), id_(id), max_bytes_(max_bytes), wake_(std::move(wake)) {}

  // [deliver] `lost` events were dropped before these ones.
  void deliver(const Events& events, std::uint64_t lost);

  // Whole lines, about `most` bytes of them; empty when there are none. A loss at the end is told as soon as all before
  // it was taken.
  std::string take(std::size_t most);

  std::uint64_t id() const { return id_; }
  // Events of the subscription so far, delivered and lost; and the lost ones. [any]
  std::uint64_t sequence() const;
  std::uint64_t lost() const;

 private:
  void write_gap();
  void write_event(const EventView& event);

  const Host host_;
  Loop& loop_;
  const std::uint64_t id_;
  const std::size_t max_bytes_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;  // guards all below
  std::string text_;
  std::size_t taken_ = 0;  // bytes at its beginning
  std::uint64_t sequence_ = 0;
  std::uint64_t untold_ = 0;  // lost since the last gap record
  std::uint64_t lost_ = 0;
  bool woken_ = false;
};

}  // namespace picket::pipe_server
