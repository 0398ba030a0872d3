// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/parse/reading.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "routing/utf8.hpp"

namespace picket::routing::parse {
namespace {

// Up to this many fields are compared each with each; more are sorted.
constexpr std::size_t kFew = 16;

bool same_key(const Reading::Found& left, const Reading::Found& right) {
  return left.hash == right.hash && left.key == right.key;
}

}  // namespace

Reading::Reading(const Names& names, std::string_view prefix, std::size_t max_fields)
    : names_(names), keys_(names), prefix_(prefix.size()), max_fields_(max_fields), key_(prefix) {}

void Reading::begin(std::string_view text, std::int64_t event_time_ns) {
  time_ns.reset();
  severity.reset();
  found_.clear();
  order_.clear();
  arena_.clear();
  key_.resize(prefix_);
  is_utf8_ = is_valid_utf8(text);
  event_time_ns_ = event_time_ns;
}

Value Reading::text_value(std::string_view piece) const {
  return is_utf8_ || is_valid_utf8(piece) ? Value::text(piece) : Value::bytes(piece);
}

std::size_t Reading::enter(std::string_view part) {
  const std::size_t mark = key_.size();
  key_.append(part);
  key_.push_back('.');
  return mark;
}

std::string_view Reading::append(std::string_view key, const Value& value, bool json) {
  if (found_.size() >= max_fields_) return "more fields than max_fields";
  if (key_.size() + key.size() > Names::kMaxLength) return "a key of more than 255 bytes";
  const std::size_t mark = key_.size();
  if (mark != 0) {
    key_.append(key);
    key = key_;
  }
  std::string_view problem;
  if (key.empty()) {
    problem = "a key without characters";
  } else if (!is_utf8_ && !is_valid_utf8(key)) {
    problem = "a key that is not UTF-8";
  } else {
    const std::uint64_t hash = hash_key(key);
    const picket_name name = keys_.find(key, hash);
    found_.push_back({hash, name != 0 ? names_.text(name) : arena_.copy(key), name, json, false, value});
  }
  key_.resize(mark);
  return problem;
}

void Reading::finish() {
  if (found_.size() <= kFew) {
    for (auto later = found_.begin(); later != found_.end(); ++later) {
      for (auto earlier = found_.begin(); earlier != later; ++earlier) {
        if (same_key(*earlier, *later)) earlier->gone = true;
      }
    }
    return;
  }
  // Sorted by the text too, and not only by the hash: keys of one hash, chosen by a peer, cost no more than others.
  order_.resize(found_.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t left, std::uint32_t right) {
    const Found& a = found_[left];
    const Found& b = found_[right];
    return std::tie(a.hash, a.key, left) < std::tie(b.hash, b.key, right);
  });
  for (std::size_t i = 1; i < order_.size(); ++i) {
    Found& earlier = found_[order_[i - 1]];
    if (same_key(earlier, found_[order_[i]])) earlier.gone = true;
  }
}

Reading::Found* Reading::find(std::string_view key, std::uint64_t hash) {
  if (order_.empty()) {
    for (Found& found : found_) {
      if (found.hash == hash && !found.gone && found.key == key) return &found;
    }
    return nullptr;
  }
  auto at = std::lower_bound(order_.begin(), order_.end(), key, [&](std::uint32_t index, std::string_view wanted) {
    const Found& found = found_[index];
    return std::tie(found.hash, found.key) < std::tie(hash, wanted);
  });
  for (; at != order_.end() && found_[*at].hash == hash && found_[*at].key == key; ++at) {
    if (!found_[*at].gone) return &found_[*at];
  }
  return nullptr;
}

}  // namespace picket::routing::parse
