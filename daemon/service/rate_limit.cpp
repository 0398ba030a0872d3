// SPDX-License-Identifier: Apache-2.0
#include "service/rate_limit.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace picket::service {

std::size_t RateLimiter::Hash::operator()(const Key& key) const {
  const std::hash<std::string> hash;
  return (hash(key.instance) * 31 + hash(key.file)) * 31 + key.line;
}

bool RateLimiter::allow(const Message& message, std::int64_t now_ns) {
  if (limit_.burst == 0) return true;
  Window& window = window_of(message, now_ns);
  if (window.written < limit_.burst) {
    ++window.written;
    return true;
  }
  if (window.suppressed++ == 0) {
    window.example = message.text.substr(0, kMaxExample);
    next_end_ = std::min(next_end_, window.end);
  }
  window.level = std::max(window.level, message.level);
  return false;
}

RateLimiter::Window& RateLimiter::window_of(const Message& message, std::int64_t now_ns) {
  Key key{std::string(message.instance), std::string(message.file), message.line};
  auto found = sites_.find(key);
  if (found == sites_.end() && sites_.size() >= limit_.max_sites) {
    ended_ = take_ended(now_ns);
    // Windows that ended quietly are as good as forgotten.
    std::erase_if(sites_, [now_ns](const auto& site) { return site.second.end <= now_ns; });
    if (sites_.size() >= limit_.max_sites) {
      key = Key{};
      found = sites_.find(key);
    }
  }
  if (found == sites_.end()) found = sites_.emplace(std::move(key), Window{}).first;
  Window& window = found->second;
  if (window.end <= now_ns) {
    if (window.suppressed != 0) ended_ = take_ended(now_ns);
    window = Window{};
    window.end = now_ns + limit_.window_ns;
  }
  return window;
}

std::vector<RateLimiter::Suppressed> RateLimiter::take_ended(std::int64_t now_ns) {
  std::vector<Suppressed> ended = std::exchange(ended_, {});
  if (now_ns < next_end_) return ended;
  next_end_ = kNever;
  for (auto& [key, window] : sites_) {
    if (window.suppressed == 0) continue;
    if (window.end > now_ns) {
      next_end_ = std::min(next_end_, window.end);
      continue;
    }
    ended.push_back({key.instance, key.file, key.line, window.level, window.suppressed, std::move(window.example)});
    window = Window{};  // ended: the next message starts a new one
  }
  return ended;
}

}  // namespace picket::service
