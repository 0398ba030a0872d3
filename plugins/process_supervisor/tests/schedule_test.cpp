// SPDX-License-Identifier: Apache-2.0
#include "support.hpp"

namespace picket::process_supervisor {
namespace {

using ScheduleOf = Supervised;

TEST_F(ScheduleOf, an_interval_runs_in_phase_and_passes_over_what_overlaps) {
  begin(settings(program("job", R"("type": "task", "schedule": {"every": 10000000000})")));
  EXPECT_EQ(starts("job"), 0U);
  run(10s);
  EXPECT_EQ(starts("job"), 1U);
  EXPECT_EQ(state("job"), "ready");
  run(10s);
  EXPECT_EQ(starts("job"), 1U);
  EXPECT_EQ(status("job")["skipped_runs"], 1);
  exits("job", 0);
  EXPECT_EQ(state("job"), "exited");
  run(10s);
  EXPECT_EQ(starts("job"), 2U);
}

TEST_F(ScheduleOf, a_failing_job_is_tried_again_before_its_next_time) {
  begin(settings(program(
      "job",
      R"("type": "task", "schedule": {"every": 3600000000000, "at_start": true}, "backoff": {"initial": 1000000000, "jitter": 0})")));
  EXPECT_EQ(starts("job"), 1U);
  exits("job", 1);
  run(1s);
  EXPECT_EQ(starts("job"), 2U);
  exits("job", 0);
  run(1min);
  EXPECT_EQ(starts("job"), 2U);
}

TEST_F(ScheduleOf, times_of_the_calendar) {
  begin(settings(program("job", R"("type": "task", "schedule": {"cron": "*/5 * * * *"})")));
  for (std::size_t round = 1; round <= 3; ++round) {
    const std::int64_t period = 300'000'000'000;
    const std::int64_t left = period - host->wall_ns() % period;
    run(std::chrono::nanoseconds(left) - 1s);
    EXPECT_EQ(starts("job"), round - 1);
    run(1s);
    EXPECT_EQ(starts("job"), round);
    exits("job", 0);
  }
}

TEST_F(ScheduleOf, a_clock_that_jumps_over_a_time_does_not_catch_up) {
  begin(settings(program("job", R"("type": "task", "schedule": {"cron": "*/5 * * * *"})")));
  host->step_wall(24h);
  run(2s);
  EXPECT_EQ(starts("job"), 0U);
  run(6min);
  EXPECT_GE(starts("job"), 1U);
  EXPECT_LE(starts("job"), 2U);
}

TEST_F(ScheduleOf, a_changed_schedule_counts_anew) {
  begin(settings(program("job", R"("type": "task", "schedule": {"every": 10000000000})")));
  run(9s);
  ASSERT_TRUE(host->reload(settings(program("job", R"("type": "task", "schedule": {"every": 20000000000})"))).ok());
  run(11s);
  EXPECT_EQ(starts("job"), 0U);
  run(9s);
  EXPECT_EQ(starts("job"), 1U);
}

}  // namespace
}  // namespace picket::process_supervisor
