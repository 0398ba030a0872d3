// SPDX-License-Identifier: Apache-2.0
#include "commands/series_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace picket::commands {
namespace {

constexpr std::int64_t kGapDistances = 3;     // more usual distances than this are a gap
constexpr std::int64_t kLeastPartOfStep = 4;  // a bucket cut to less than a fourth makes no rate

// What a counter grew by from `before`, which it last showed, to the end of this point. A point that fell below has
// begun again from zero in it, after the highest value it shows unless that is the last.
double increase_in(const picket_history_point& point, double before) {
  if (point.minimum >= before) return point.last - before;
  const bool shows_peak = point.maximum > point.last && point.maximum > before;
  return point.last + (shows_peak ? point.maximum - before : 0);
}

}  // namespace

std::int64_t GapDetector::usual_ns() const {
  if (known_ == 0) return 0;
  std::array<std::int64_t, 5> sorted = distances_;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((known_ - 1) / 2);
  std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(known_));
  return *middle;
}

bool GapDetector::add(std::int64_t time_ns) {
  bool gap = false;
  if (last_) {
    const std::int64_t distance = time_ns - *last_;
    const std::int64_t usual = usual_ns();
    gap = usual > 0 && distance / kGapDistances > usual;
    distances_[next_] = distance;
    next_ = (next_ + 1) % distances_.size();
    known_ = std::min(known_ + 1, distances_.size());
  }
  last_ = time_ns;
  return gap;
}

std::optional<Value> ValueMaker::add(const picket_history_point& point) {
  if (!rate_) return Value{point.time_ns, point.minimum, point.mean, point.maximum, point.last, point.count, 0, false};
  if (!std::isfinite(point.last)) return std::nullopt;
  const bool gap = gaps_.add(point.time_ns);
  const bool first = !started_ || gap;
  const double increase = started_ ? increase_in(point, last_) : 0;
  const std::int64_t end = step_ == 0 ? point.time_ns : std::max(point.time_ns, std::min(point.time_ns + step_, end_));
  const std::int64_t span = end - last_end_;
  started_ = true;
  last_ = point.last;
  last_end_ = end;
  if (first || span <= 0 || end - point.time_ns < step_ / kLeastPartOfStep) return std::nullopt;
  const double rate = increase / (static_cast<double>(span) / 1e9);
  return Value{point.time_ns, rate, rate, rate, rate, point.count, span, false};
}

void ValueBuckets::add(const Value& value) {
  const std::int64_t start = grid_.start_of(value.time_ns);
  if (bucket_.count != 0 && bucket_.time_ns != start) finish();
  if (bucket_.count == 0) {
    bucket_ = value;
    bucket_.time_ns = start;
    bucket_.count = 0;
    bucket_.span_ns = 0;
    sum_ = weight_ = 0;
  }
  const double weight = weight_of(value, rate_);
  bucket_.minimum = std::min(bucket_.minimum, value.minimum);
  bucket_.maximum = std::max(bucket_.maximum, value.maximum);
  bucket_.last = value.last;
  bucket_.count += std::max<std::uint64_t>(value.count, 1);
  bucket_.span_ns += value.span_ns;
  sum_ += value.mean * weight;
  weight_ += weight;
  if (keep_) values_.add(value.mean, weight);
}

void ValueBuckets::finish() {
  if (bucket_.count == 0) return;
  bucket_.mean = weight_ == 0 ? bucket_.last : sum_ / weight_;
  done_(bucket_, values_);
  bucket_.count = 0;
  values_.clear();
}

double weight_of(const Value& value, bool rate) {
  return rate ? static_cast<double>(value.span_ns) : static_cast<double>(value.count);
}

void Summary::add(const Value& value) {
  if (values_ == 0) {
    first_time_ = value.time_ns;
    minimum_ = maximum_ = std::numeric_limits<double>::quiet_NaN();
  }
  ++values_;
  count_ += value.count;
  last_ = value.last;
  last_time_ = value.time_ns;
  if (std::isnan(value.mean)) return;
  const double weight = weight_of(value, rate_);
  sum_ += value.mean * weight;
  weight_ += weight;
  minimum_ = std::fmin(minimum_, value.minimum);
  maximum_ = std::fmax(maximum_, value.maximum);
}

std::string shown_unit(const std::string& unit, bool rate) {
  return rate ? unit + "/s" : unit;
}

}  // namespace picket::commands
