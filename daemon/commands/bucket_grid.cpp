// SPDX-License-Identifier: Apache-2.0
#include "commands/bucket_grid.hpp"

#include <algorithm>
#include <numeric>

#include "platform/clock.hpp"

namespace picket::commands {
namespace {

using platform::kDay;
using platform::kHour;

constexpr std::int64_t kWeekDays = 7;
constexpr std::int64_t kThursday = 3;  // days from Monday to the day on which 1970 began

std::int64_t floor_multiple(std::int64_t time, std::int64_t step) {
  const std::int64_t rest = time % step;
  return time - (rest < 0 ? rest + step : rest);
}

}  // namespace

bool BucketGrid::in_days() const {
  return step_ >= kDay;
}

std::int64_t BucketGrid::local_start(std::int64_t time_ns) const {
  const std::int64_t shift = step_ % (kWeekDays * kDay) == 0 ? kThursday * kDay : 0;
  return floor_multiple(platform::to_local(*zone_, time_ns) + shift, step_) - shift;
}

std::int64_t BucketGrid::start_of(std::int64_t time_ns) const {
  if (step_ == 0) return time_ns;
  if (!in_days()) return floor_multiple(time_ns, step_);
  if (time_ns < known_start_ || time_ns >= known_end_) {
    const std::int64_t local = local_start(time_ns);
    known_start_ = platform::to_utc(*zone_, local);
    known_end_ = platform::to_utc(*zone_, local + step_);
  }
  return known_start_;
}

std::int64_t BucketGrid::end_of(std::int64_t time_ns) const {
  const std::int64_t start = start_of(time_ns);
  return in_days() ? known_end_ : start + step_;
}

std::int64_t BucketGrid::store_step_ns(const TimeRange& range) const {
  if (!in_days()) return step_;
  // No zone keeps an offset for less than a week.
  std::int64_t common = 0;
  for (std::int64_t time = range.from_ns; time < range.to_ns; time += kWeekDays * kDay) {
    common = std::gcd(common, zone_->offset_ns(time));
  }
  common = std::gcd(common, zone_->offset_ns(range.to_ns));
  return common == 0 ? kDay : std::gcd(common, kHour);
}

}  // namespace picket::commands
