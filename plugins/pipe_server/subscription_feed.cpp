// SPDX-License-Identifier: Apache-2.0
#include "subscription_feed.hpp"

#include <algorithm>

#include "event_codec.hpp"

namespace picket::pipe_server {

void SubscriptionFeed::deliver(const Events& events, std::uint64_t lost) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    sequence_ += lost;
    untold_ += lost;
    lost_ += lost;
    for (const EventView event : events) {
      if (text_.size() - taken_ >= max_bytes_) {
        ++sequence_;
        ++untold_;
        ++lost_;
        continue;
      }
      if (untold_ != 0) write_gap();
      write_event(event);
    }
    wake = !std::exchange(woken_, true);
  }
  if (!wake) return;
  loop_.post([weak = weak_from_this()] {
    if (const auto feed = weak.lock()) feed->wake_();
  });
}

void SubscriptionFeed::write_gap() {
  text_ += R"({"jsonrpc":"2.0","method":"gap","params":{"subscription":)" + std::to_string(id_) + R"(,"sequence":)" +
           std::to_string(sequence_) + R"(,"lost":)" + std::to_string(untold_) + "}}\n";
  untold_ = 0;
}

void SubscriptionFeed::write_event(const EventView& event) {
  text_ += R"({"jsonrpc":"2.0","method":"event","params":{"subscription":)" + std::to_string(id_) + R"(,"sequence":)" +
           std::to_string(++sequence_) + R"(,"event":)";
  encode_event(host_, event, text_);
  text_ += "}}\n";
}

std::string SubscriptionFeed::take(std::size_t most) {
  const std::lock_guard lock(mutex_);
  woken_ = false;
  if (taken_ == text_.size() && untold_ != 0) write_gap();
  const std::size_t left = text_.size() - taken_;
  if (left == 0) return {};
  std::size_t count = left;
  if (left > most) {
    const std::size_t end = text_.find('\n', taken_ + most - 1);  // each line has one, so has the last
    count = end + 1 - taken_;
  }
  std::string part = text_.substr(taken_, count);
  taken_ += count;
  if (taken_ == text_.size()) {
    text_.clear();
    taken_ = 0;
    if (text_.capacity() > (std::size_t{64} << 10U)) text_.shrink_to_fit();
  } else if (taken_ > text_.size() / 2) {
    text_.erase(0, taken_);
    taken_ = 0;
  }
  return part;
}

std::uint64_t SubscriptionFeed::sequence() const {
  const std::lock_guard lock(mutex_);
  return sequence_;
}

std::uint64_t SubscriptionFeed::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace picket::pipe_server
