// SPDX-License-Identifier: Apache-2.0
//
// The timers of a task. Intervals are monotonic. Times of the calendar are looked at once a minute at least, so that a
// step of the wall clock is noticed: what it jumps over is not caught up, and nothing runs twice.
#include "fleet.hpp"
#include "program.hpp"

namespace picket::process_supervisor {
namespace {

constexpr std::int64_t kLookAgain = 60'000'000'000;  // ns
// A time of the calendar is run this late, after a pause of the machine; what is older was jumped over.
constexpr std::int64_t kStillDue = 120'000'000'000;

}  // namespace

void Program::plan_schedule() {
  fleet_.agenda().cancel(next_run_);
  next_run_ns_ = 0;
  const Schedule& schedule = settings_.schedule;
  if (!schedule || retired_) return;
  next_run_ns_ = schedule.cron ? schedule.cron->next(fleet_.host().wall_ns()).value_or(0)
                               : fleet_.agenda().now_ns() + schedule.every_ns;
  await_run();
}

void Program::await_run() {
  if (next_run_ns_ == 0) return;
  std::int64_t at_ns = next_run_ns_;
  if (settings_.schedule.cron) {
    at_ns = fleet_.agenda().now_ns() + std::clamp<std::int64_t>(next_run_ns_ - fleet_.host().wall_ns(), 0, kLookAgain);
  }
  next_run_ = fleet_.agenda().at(at_ns, [this] {
    next_run_ = 0;
    const Schedule& schedule = settings_.schedule;
    if (!schedule.cron) {
      const std::int64_t now = fleet_.agenda().now_ns();
      // In phase with the first one; what it is too late for is left out.
      next_run_ns_ += schedule.every_ns * std::max<std::int64_t>(1, (now - next_run_ns_) / schedule.every_ns + 1);
      run_due();
      return await_run();
    }
    const std::int64_t now = fleet_.host().wall_ns();
    if (now >= next_run_ns_ && now - next_run_ns_ < kStillDue && next_run_ns_ != last_run_ns_) {
      last_run_ns_ = next_run_ns_;
      run_due();
    }
    std::optional<std::int64_t> next = schedule.cron->next(now);
    // A clock that was set back a little would give the same minute again.
    if (next && *next == last_run_ns_) next = schedule.cron->next(*next);
    next_run_ns_ = next.value_or(0);
    await_run();
  });
}

void Program::run_due() {
  if (is_settled(state_)) return start("its schedule");
  ++skipped_runs_;
  fleet_.host().info(name() + ": a run of its schedule is passed over, for it is still " +
                     std::string(name_of(state_)));
}

}  // namespace picket::process_supervisor
