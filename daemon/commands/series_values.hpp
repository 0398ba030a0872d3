// SPDX-License-Identifier: Apache-2.0
//
// What a query shows of one series: its points as values, or as a rate where the series is a counter, and a summary of
// them. Pure, single thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "commands/history.hpp"

namespace picket::commands {

// A point as it is shown.
struct Value {
  std::int64_t time_ns = 0;
  double minimum = 0, mean = 0, maximum = 0, last = 0;
  std::uint64_t count = 0;   // samples behind it
  std::int64_t span_ns = 0;  // of a rate: the time since the point before, over which it was measured; else 0
};

// Turns stored points, given in order, into values. A counter becomes its increase per second: the first point only
// starts it, and where the counter went back (its supplier restarted) the increase counts from zero.
class ValueMaker {
 public:
  explicit ValueMaker(bool rate) : rate_(rate) {}

  // Nothing for the first point of a rate.
  std::optional<Value> add(const picket_history_point& point);

 private:
  const bool rate_;
  bool started_ = false;
  double last_ = 0;
  std::int64_t last_time_ = 0;
};

// Over values given in order. The mean weighs each value with its samples, or, of a rate, with its time.
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

// The unit of what is shown: "By" becomes "By/s" when it is a rate.
std::string shown_unit(const std::string& unit, bool rate);

}  // namespace picket::commands
