// SPDX-License-Identifier: Apache-2.0
//
// From the points of one series to what is shown of it: rate, buckets, gaps, summary, percentiles. ask() makes one for
// each series of a read. Single thread.
#pragma once

#include "commands/answer.hpp"

namespace picket::commands {

// How a read is evaluated; the same for all of its series, and alive as long as they.
struct CollectPlan {
  TimeRange range;
  BucketGrid grid{0, platform::utc_zone()};
  std::int64_t read_step_ns = 0;
  bool merge = false;  // values are gathered into the buckets of `grid`, because the store's are finer
  bool keep_values = false;
  std::vector<Stat> stats;
  const Comparison* comparison = nullptr;  // set: times are moved later by it
  std::size_t values = 0;                  // kept so far, of all series
  std::size_t weighed = 0;                 // held for percentiles, of all series
};

class SeriesCollector {
 public:
  SeriesCollector(CollectPlan& plan, bool rate);
  SeriesCollector(SeriesCollector&&) = delete;  // its buckets call back into it

  // False once there are more values than an answer may hold.
  bool add(const picket_history_point& point);

  std::int64_t last_time_ns() const { return last_time_; }
  Part finish();

 private:
  void accept(Value value, WeightedValues* bucket);

  CollectPlan& plan_;
  const bool rate_;
  const bool weigh_;  // for percentiles of the whole range
  ValueMaker maker_;
  ValueBuckets buckets_;
  GapDetector gaps_;
  WeightedValues weighed_;
  std::int64_t last_time_ = 0;
  std::int64_t first_bucket_;
  Part part_;
};

// The statistics of a whole range; `values` those for percentiles.
std::vector<double> stats_of(const Summary& summary, const std::vector<Stat>& stats, WeightedValues& values);

}  // namespace picket::commands
