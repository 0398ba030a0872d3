// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/tick_schedule.hpp"

#include <algorithm>

namespace picket::plugin_host {
namespace {
// The first multiple of `period` after `time`; times before 1970 included.
std::int64_t next_multiple(std::int64_t time, std::int64_t period) {
  std::int64_t remainder = time % period;
  if (remainder < 0) remainder += period;
  return time + (period - remainder);
}
}  // namespace

TickSchedule::TickSchedule(const picket_timer_spec& spec, std::int64_t monotonic_ns, std::int64_t wall_ns)
    : flags_(spec.flags), period_(spec.period_ns) {
  due_wall_ = aligned() ? next_multiple(wall_ns, period_) : wall_ns + spec.delay_ns;
  due_ = monotonic_ns + (due_wall_ - wall_ns);
  last_due_ = due_ - period_;
}

picket_tick TickSchedule::begin(std::int64_t monotonic_ns, std::int64_t wall_ns) {
  if (period_ > 0 && monotonic_ns - due_ >= period_) {
    // Too late for some runs (the thread was held, the machine slept): they are counted, not caught up.
    const std::int64_t late = (monotonic_ns - due_) / period_;
    missed_ += static_cast<std::uint32_t>(std::min<std::int64_t>(late, UINT32_MAX - missed_));
    due_ += late * period_;
    due_wall_ += late * period_;
  }
  // The wall clock stepped since this run was scheduled: stamp it with the time that it is now.
  const std::int64_t tolerance = aligned() ? period_ / 2 : 0;
  const std::int64_t off = wall_ns - due_wall_;
  if (off < -tolerance || off > std::max(tolerance, monotonic_ns - due_ + tolerance)) {
    due_wall_ = aligned() ? next_multiple(wall_ns, period_) - period_ : wall_ns;
  }
  picket_tick tick{};
  tick.size = sizeof tick;
  tick.missed = missed_;
  tick.due_ns = due_wall_;
  tick.monotonic_ns = monotonic_ns;
  missed_ = 0;
  last_due_ = due_;
  return tick;
}

bool TickSchedule::next(std::int64_t monotonic_ns, std::int64_t wall_ns) {
  if (period_ == 0) return false;
  if (!aligned()) {
    due_ = last_due_ + period_;
    due_wall_ += period_;
    return true;
  }
  due_wall_ = next_multiple(wall_ns, period_);
  due_ = monotonic_ns + (due_wall_ - wall_ns);
  if (due_ - last_due_ < period_ / 2) {
    // The clock was set (or slewed) to just before the phase: running now would be a repeat.
    due_ += period_;
    due_wall_ += period_;
  }
  const std::int64_t periods = (due_ - last_due_ + period_ / 2) / period_;
  missed_ = static_cast<std::uint32_t>(std::clamp<std::int64_t>(periods - 1, 0, UINT32_MAX));
  return true;
}

}  // namespace picket::plugin_host
