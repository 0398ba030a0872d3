// SPDX-License-Identifier: Apache-2.0
//
// How often one place in the code may write to the log. A site is a place (file and line) on behalf of one instance;
// within a window it gets a burst of messages, and what comes after that is counted instead.
//
// Used by Log, under its lock: not thread-safe. Bounded: the number of sites is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace picket::service {

struct RateLimit {
  std::uint32_t burst = 10;                 // messages per window and site; 0: no limit
  std::int64_t window_ns = 10'000'000'000;  // from the first message of a site on
  std::size_t max_sites = 4'096;            // sites beyond it share one window
};

class RateLimiter {
 public:
  // A window that ended with something suppressed.
  struct Suppressed {
    std::string instance;
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t level = 0;  // the highest of those suppressed
    std::uint64_t count = 0;
    std::string example;  // the first of them, cut to kMaxExample bytes
  };
  static constexpr std::size_t kMaxExample = 200;
  static constexpr std::int64_t kNever = INT64_MAX;

  explicit RateLimiter(RateLimit limit) : limit_(limit) {}

  struct Message {
    std::string_view instance;
    std::string_view file;
    std::uint32_t line = 0;
    std::uint32_t level = 0;
    std::string_view text;
  };
  // True if the message may be written at the monotonic time `now_ns`; else it was counted.
  bool allow(const Message& message, std::int64_t now_ns);

  // The windows that ended by `now_ns` with something suppressed, each reported once, in no particular order.
  std::vector<Suppressed> take_ended(std::int64_t now_ns);

  // All that is counted so far, ended or not: for the end of the log.
  std::vector<Suppressed> take_all() { return take_ended(kNever); }

  // When the next window that suppressed something ends; kNever if none did.
  std::int64_t next_end_ns() const { return next_end_; }

  std::size_t sites() const { return sites_.size(); }

 private:
  struct Key {
    std::string instance;
    std::string file;
    std::uint32_t line = 0;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Window {
    std::int64_t end = 0;
    std::uint32_t written = 0;
    std::uint64_t suppressed = 0;
    std::uint32_t level = 0;
    std::string example;
  };
  Window& window_of(const Message& message, std::int64_t now_ns);

  RateLimit limit_;
  std::unordered_map<Key, Window, Hash> sites_;
  std::vector<Suppressed> ended_;  // found while making room, not yet taken
  std::int64_t next_end_ = kNever;
};

}  // namespace picket::service
