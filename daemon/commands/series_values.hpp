// SPDX-License-Identifier: Apache-2.0
//
// What is shown of one series: its stored points as values, or as a rate where the series is a counter; buckets of
// values; a summary of them. Pure, single thread; values and points come in order of time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "commands/bucket_grid.hpp"
#include "commands/history.hpp"
#include "commands/statistics.hpp"

namespace picket::commands {

// A point as it is shown.
struct Value {
  std::int64_t time_ns = 0;
  double minimum = 0, mean = 0, maximum = 0, last = 0;
  std::uint64_t count = 0;   // samples behind it
  std::int64_t span_ns = 0;  // of a rate: the time over which it was measured; else 0
  bool after_gap = false;    // values are missing before it
};

// Tells a gap from the usual distance between points, which is the median of the five before: more than three times
// that is a gap. So a series may be sampled as seldom as it likes, and change its interval.
class GapDetector {
 public:
  // True if there is a gap between the time before and this one. The first two times cannot tell.
  bool add(std::int64_t time_ns);
  // 0 while it is not known.
  std::int64_t usual_ns() const;

 private:
  std::array<std::int64_t, 5> distances_{};
  std::size_t known_ = 0, next_ = 0;
  std::optional<std::int64_t> last_;
};

// Turns stored points into values. A counter becomes its increase per second: the first point only starts it, and so
// does the first after a gap, over which nobody knows what happened. Where the counter went back (its supplier
// restarted) it counts from zero.
class ValueMaker {
 public:
  // `step_ns`: the points' buckets, 0 for samples; `end_ns`: of the range, where the last bucket may be cut short.
  ValueMaker(bool rate, std::int64_t step_ns, std::int64_t end_ns) : rate_(rate), step_(step_ns), end_(end_ns) {}

  // Nothing for a point that only starts a rate; for what is no number in a counter; and for the rate of a last bucket
  // that has run for less than a quarter of its step.
  std::optional<Value> add(const picket_history_point& point);

 private:
  const bool rate_;
  const std::int64_t step_;
  const std::int64_t end_;
  GapDetector gaps_;
  bool started_ = false;
  double last_ = 0;
  std::int64_t last_end_ = 0;
};

// Gathers values into the buckets of a grid; with percentiles, of the values in each.
class ValueBuckets {
 public:
  using Done = std::function<void(const Value& bucket, WeightedValues& values)>;

  // `values` are gathered only when `keep` is set.
  ValueBuckets(const BucketGrid& grid, bool rate, bool keep, Done done)
      : grid_(grid), rate_(rate), keep_(keep), done_(std::move(done)) {}

  void add(const Value& value);
  void finish();

 private:
  BucketGrid grid_;
  bool rate_;
  bool keep_;
  Done done_;
  Value bucket_;
  double sum_ = 0, weight_ = 0;
  WeightedValues values_;
};

// Over values. The mean weighs each value with its samples, or, of a rate, with its time. What is not-a-number counts
// as a sample and nothing else.
class Summary {
 public:
  explicit Summary(bool rate) : rate_(rate) {}
  void add(const Value& value);

  bool empty() const { return values_ == 0; }
  // REQUIRES of those that follow: !empty()
  double last() const { return last_; }
  double minimum() const { return minimum_; }
  double maximum() const { return maximum_; }
  double mean() const { return weight_ == 0 ? last_ : sum_ / weight_; }
  // Of all samples; of a rate: the whole increase.
  double sum() const { return rate_ ? sum_ / 1e9 : sum_; }
  std::uint64_t count() const { return count_; }
  std::int64_t first_time_ns() const { return first_time_; }
  std::int64_t last_time_ns() const { return last_time_; }

 private:
  bool rate_;
  std::uint64_t values_ = 0, count_ = 0;
  double last_ = 0, minimum_ = 0, maximum_ = 0;
  double sum_ = 0, weight_ = 0;
  std::int64_t first_time_ = 0, last_time_ = 0;
};

// What a value weighs in a mean or a percentile.
double weight_of(const Value& value, bool rate);

// The unit of what is shown: "By" becomes "By/s" when it is a rate.
std::string shown_unit(const std::string& unit, bool rate);

}  // namespace picket::commands
