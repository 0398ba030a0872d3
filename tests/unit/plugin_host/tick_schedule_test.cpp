// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/tick_schedule.hpp"

#include <gtest/gtest.h>

#include "platform/clock.hpp"

namespace picket::plugin_host {
namespace {

using platform::kMillisecond;
using platform::kSecond;

picket_timer_spec spec(std::uint32_t flags, std::int64_t delay, std::int64_t period) {
  picket_timer_spec result{};
  result.size = sizeof result;
  result.flags = flags;
  result.delay_ns = delay;
  result.period_ns = period;
  return result;
}

constexpr std::int64_t kWall = 1'700'000'003 * kSecond + 250 * kMillisecond;  // 3.25 s past a multiple of 5
constexpr std::int64_t kStart = 1'000 * kSecond;

TEST(TickScheduleTest, a_single_shot_runs_once_after_its_delay) {
  TickSchedule schedule(spec(0, 3 * kSecond, 0), kStart, kWall);
  EXPECT_EQ(schedule.due(), kStart + 3 * kSecond);
  const picket_tick tick = schedule.begin(schedule.due(), kWall + 3 * kSecond);
  EXPECT_EQ(tick.missed, 0U);
  EXPECT_FALSE(schedule.next(schedule.due(), kWall + 3 * kSecond));
}

TEST(TickScheduleTest, a_periodic_timer_does_not_drift_when_its_runs_are_late) {
  TickSchedule schedule(spec(0, kSecond, kSecond), kStart, kWall);
  for (int i = 1; i <= 100; ++i) {
    EXPECT_EQ(schedule.due(), kStart + i * kSecond);
    const std::int64_t late = schedule.due() + 7 * kMillisecond;
    schedule.begin(late, kWall + (late - kStart));
    ASSERT_TRUE(schedule.next(late + 3 * kMillisecond, kWall + (late + 3 * kMillisecond - kStart)));
  }
}

TEST(TickScheduleTest, runs_that_came_too_late_are_counted_and_never_caught_up) {
  TickSchedule schedule(spec(0, kSecond, kSecond), kStart, kWall);
  const std::int64_t late = kStart + 4 * kSecond + 300 * kMillisecond;  // runs 1 to 3 were missed; this is run 4
  const picket_tick tick = schedule.begin(late, kWall + (late - kStart));
  EXPECT_EQ(tick.missed, 3U);
  schedule.next(late, kWall + (late - kStart));
  EXPECT_EQ(schedule.due(), kStart + 5 * kSecond);
  EXPECT_EQ(schedule.begin(schedule.due(), kWall + 5 * kSecond).missed, 0U);
}

TEST(TickScheduleTest, an_aligned_timer_runs_at_multiples_of_its_period_on_the_wall_clock) {
  TickSchedule schedule(spec(PICKET_TIMER_ALIGNED, 0, 5 * kSecond), kStart, kWall);
  EXPECT_EQ(schedule.due(), kStart + 1'750 * kMillisecond);
  std::int64_t wall = kWall + 1'750 * kMillisecond;
  EXPECT_EQ(schedule.begin(schedule.due() + kMillisecond, wall + kMillisecond).due_ns, 1'700'000'005 * kSecond);
  schedule.next(schedule.due() + kMillisecond, wall + kMillisecond);
  wall += 5 * kSecond;
  EXPECT_EQ(schedule.due(), kStart + 6'750 * kMillisecond);
  EXPECT_EQ(schedule.begin(schedule.due(), wall).due_ns, 1'700'000'010 * kSecond);
}

class ClockStepTest : public ::testing::TestWithParam<std::int64_t> {};

// Whatever the step: the next run is between half and one and a half periods away, at a multiple on the new clock.
TEST_P(ClockStepTest, an_aligned_timer_finds_its_new_phase_without_a_burst_or_a_repeat) {
  constexpr std::int64_t kPeriod = 5 * kSecond;
  TickSchedule schedule(spec(PICKET_TIMER_ALIGNED, 0, kPeriod), kStart, kWall);
  std::int64_t wall_offset = kWall - kStart;
  std::int64_t now = schedule.due();
  schedule.begin(now, now + wall_offset);
  schedule.next(now, now + wall_offset);
  wall_offset += GetParam();  // the step, between two runs
  std::int64_t last = now;
  for (int i = 0; i < 10; ++i) {
    now = schedule.due();
    EXPECT_GE(now - last, kPeriod / 2);
    EXPECT_LE(now - last, kPeriod + kPeriod / 2);
    const picket_tick tick = schedule.begin(now, now + wall_offset);
    EXPECT_EQ(tick.due_ns % kPeriod, 0);
    EXPECT_LE(std::abs(tick.due_ns - (now + wall_offset)), kPeriod);
    EXPECT_EQ(tick.missed, 0U);
    schedule.next(now, now + wall_offset);
    last = now;
  }
  EXPECT_EQ((schedule.due() + wall_offset) % kPeriod, 0);
}

INSTANTIATE_TEST_SUITE_P(steps, ClockStepTest,
                         ::testing::Values(0, 3'600 * kSecond, -3'600 * kSecond, 1'300 * kMillisecond,
                                           -1'300 * kMillisecond, 4'999 * kMillisecond, -4'999 * kMillisecond,
                                           31'536'000 * kSecond, -31'536'000 * kSecond, -kMillisecond, kMillisecond));

}  // namespace
}  // namespace picket::plugin_host
