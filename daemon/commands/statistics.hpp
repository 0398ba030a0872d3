// SPDX-License-Identifier: Apache-2.0
//
// What can be said about many values in one number: the words of --stat, and percentiles. Pure, single thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "picket/result.hpp"

namespace picket::commands {

enum class StatKind { last, minimum, mean, maximum, count, sum, percentile };

struct Stat {
  StatKind kind = StatKind::mean;
  double percentile = 0;  // 0 to 100, of that kind only
  std::string name;       // as in --stat and in CSV and JSON: "min", "p95"

  std::string title() const;  // of a table's column: "MIN", "P95"
};

// "min,mean,max,last,count,sum,p50,p99.9"; the error names the word and lists what there is.
Result<std::vector<Stat>> parse_stats(std::string_view text);

// One of them, as --sort takes it.
Result<Stat> parse_stat(std::string_view word);

bool any_percentile(const std::vector<Stat>& stats);

// The unit of a statistic over values of `unit`: counts have none, and the sum of a rate over its time is an amount.
std::string unit_of_stat(const Stat& stat, const std::string& unit, bool rate);

// Values that each stand for some weight: samples, or nanoseconds.
class WeightedValues {
 public:
  // Not-a-number and weights of 0 are left out.
  void add(double value, double weight);
  std::size_t size() const { return values_.size(); }
  void clear();

  // The smallest value that at least `percent` % of the weight do not exceed: always one of the values. Not-a-number
  // when there are none.
  double percentile(double percent);

 private:
  struct Item {
    double value, weight;
  };
  std::vector<Item> values_;
  double weight_ = 0;
  bool sorted_ = false;
};

}  // namespace picket::commands
