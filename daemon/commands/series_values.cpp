// SPDX-License-Identifier: Apache-2.0
#include "commands/series_values.hpp"

#include <algorithm>

namespace picket::commands {

std::optional<Value> ValueMaker::add(const picket_history_point& point) {
  if (!rate_) return Value{point.time_ns, point.minimum, point.mean, point.maximum, point.last, point.count, 0};
  const bool first = !started_;
  const double increase = point.last < last_ ? point.last : point.last - last_;
  const std::int64_t span = point.time_ns - last_time_;
  started_ = true;
  last_ = point.last;
  last_time_ = point.time_ns;
  if (first || span <= 0) return std::nullopt;
  const double rate = increase / (static_cast<double>(span) / 1e9);
  return Value{point.time_ns, rate, rate, rate, rate, point.count, span};
}

void Summary::add(const Value& value) {
  if (values_ == 0) {
    first_time_ = value.time_ns;
    minimum_ = value.minimum;
    maximum_ = value.maximum;
  }
  const double weight = rate_ ? static_cast<double>(value.span_ns) : static_cast<double>(value.count);
  sum_ += value.mean * weight;
  weight_ += weight;
  minimum_ = std::min(minimum_, value.minimum);
  maximum_ = std::max(maximum_, value.maximum);
  last_ = value.last;
  last_time_ = value.time_ns;
  count_ += value.count;
  ++values_;
}

std::string shown_unit(const std::string& unit, bool rate) {
  return rate ? unit + "/s" : unit;
}

}  // namespace picket::commands
