// SPDX-License-Identifier: Apache-2.0
//
// What `aggregate` computes over the values of one group in one window, value by value. On the route's lane.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "routing/steps/sketch.hpp"

namespace picket::routing {

struct AggregateFunction {
  enum class Kind { min, max, mean, sum, count, first, last, percentile };
  Kind kind = Kind::count;
  double quantile = 0;  // of a percentile, 0 to 1
  std::string suffix;   // of the result's name, as ".p95"

  // "min" ... "last", or "p" and a number from 0 to 100 with at most four decimals. False when it is neither.
  static bool parse(std::string_view text, AggregateFunction& function);
};

// Finite values only.
class AggregateState {
 public:
  // `time_ns` decides what is first and last; of equal times the one that was added earlier is first.
  void add(std::int64_t time_ns, double value);
  void add_to_sketch(const SketchShape& shape, double value) { sketch_.add(shape, value); }
  // Where only their number matters.
  void count_one() { ++count_; }

  std::uint64_t count() const { return count_; }
  // May be infinite, where the sum is. Percentiles want every value in the sketch. REQUIRES: count() > 0
  double value_of(const AggregateFunction& function, const SketchShape& shape) const;

 private:
  std::uint64_t count_ = 0;
  double sum_ = 0;
  double lost_ = 0;  // what the sum's rounding left out (Kahan and Babuska's summation, as Neumaier gave it)
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  double first_ = 0;
  double last_ = 0;
  std::int64_t first_time_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_time_ = std::numeric_limits<std::int64_t>::min();
  Sketch sketch_;
};

}  // namespace picket::routing
