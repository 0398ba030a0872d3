// SPDX-License-Identifier: Apache-2.0
//
// Where buckets begin and end. Steps below a day are multiples of the step since 1970 UTC, as the store cuts them;
// steps of whole days are local days, or as many of them (weeks begin on Monday), so that a day when clocks change has
// 23 or 25 hours and no hour is counted twice or lost. Single thread.
#pragma once

#include <cstdint>

#include "commands/time_range.hpp"
#include "platform/time_zone.hpp"

namespace picket::commands {

class BucketGrid {
 public:
  // `step_ns` as parse_step returns it; 0: no buckets, every time is by itself. `zone` outlives it.
  BucketGrid(std::int64_t step_ns, const platform::TimeZone& zone) : step_(step_ns), zone_(&zone) {}

  std::int64_t step_ns() const { return step_; }
  bool in_days() const;

  // The start of the bucket that holds `time_ns`.
  std::int64_t start_of(std::int64_t time_ns) const;
  // The end of the bucket that holds `time_ns`, which is the start of the next. REQUIRES: step_ns() != 0
  std::int64_t end_of(std::int64_t time_ns) const;

  // The step to ask the store for, whose buckets fit into this grid's: the step itself, or what divides the time
  // between any two local midnights of the range.
  std::int64_t store_step_ns(const TimeRange& range) const;

 private:
  std::int64_t local_start(std::int64_t time_ns) const;

  std::int64_t step_;
  const platform::TimeZone* zone_;
  // The bucket that was asked for last: questions come in order of time.
  mutable std::int64_t known_start_ = 0, known_end_ = 0;
};

}  // namespace picket::commands
