// SPDX-License-Identifier: Apache-2.0
#include "commands/bucket_grid.hpp"

#include <gtest/gtest.h>

#include "fake_history.hpp"

namespace picket::commands {
namespace {

using platform::kDay;
using platform::kHour;
using platform::kMinute;

const BerlinZone kGridZone;

TEST(BucketGrid, without_a_step_leaves_every_time_alone) {
  EXPECT_EQ(BucketGrid(0, kGridZone).start_of(12'345), 12'345);
}

TEST(BucketGrid, below_a_day_counts_from_1970_in_utc) {
  const BucketGrid grid(5 * kMinute, kGridZone);
  EXPECT_EQ(grid.start_of(at("2026-06-03T10:04:59")), at("2026-06-03T10:00"));
  EXPECT_EQ(grid.end_of(at("2026-06-03T10:04:59")), at("2026-06-03T10:05"));
  EXPECT_EQ(grid.store_step_ns({at("2026-06-03"), at("2026-06-04")}), 5 * kMinute);
}

TEST(BucketGrid, a_day_begins_at_local_midnight) {
  const BucketGrid grid(kDay, kGridZone);
  EXPECT_EQ(grid.start_of(at("2026-06-03T10:00")), at("2026-06-02T22:00"));
  EXPECT_EQ(grid.start_of(at("2026-06-02T22:00")), at("2026-06-02T22:00"));
  EXPECT_EQ(grid.start_of(at("2026-06-02T21:59:59")), at("2026-06-01T22:00"));
  EXPECT_EQ(grid.store_step_ns({at("2026-06-01"), at("2026-06-04")}), kHour);
}

TEST(BucketGrid, a_week_begins_on_monday) {
  const BucketGrid grid(7 * kDay, kGridZone);
  EXPECT_EQ(grid.start_of(at("2026-06-03T10:00")), at("2026-05-31T22:00"));
  EXPECT_EQ(BucketGrid(7 * kDay, platform::utc_zone()).start_of(at("2026-06-03T10:00")), at("2026-06-01"));
}

// Every hour of a year is in exactly one day, and days follow each other without a hole.
TEST(BucketGrid, no_hour_is_lost_or_counted_twice_when_clocks_change) {
  const BucketGrid grid(kDay, kGridZone);
  std::int64_t end = grid.start_of(at("2026-01-01"));
  int days = 0;
  int short_days = 0;
  int long_days = 0;
  while (end < at("2027-01-01")) {
    const std::int64_t start = end;
    EXPECT_EQ(grid.start_of(start), start);
    end = grid.end_of(start);
    EXPECT_EQ(grid.start_of(end - 1), start);
    short_days += end - start == 23 * kHour ? 1 : 0;
    long_days += end - start == 25 * kHour ? 1 : 0;
    ASSERT_GE(end - start, 23 * kHour);
    ASSERT_LE(end - start, 25 * kHour);
    ++days;
  }
  EXPECT_EQ(days, 366);  // of Berlin that touch the year in UTC
  EXPECT_EQ(short_days, 1);
  EXPECT_EQ(long_days, 1);
}

TEST(BucketGrid, asks_the_store_for_whole_days_where_local_time_is_utc) {
  EXPECT_EQ(BucketGrid(7 * kDay, platform::utc_zone()).store_step_ns({0, 30 * kDay}), kDay);
}

class HalfHourZone final : public platform::TimeZone {
 public:
  std::int64_t offset_ns(std::int64_t) const override { return 5 * kHour + 30 * kMinute; }
};

TEST(BucketGrid, asks_the_store_for_half_hours_where_midnights_need_them) {
  const HalfHourZone zone;
  const BucketGrid grid(kDay, zone);
  EXPECT_EQ(grid.store_step_ns({0, 30 * kDay}), 30 * kMinute);
  EXPECT_EQ(grid.start_of(at("2026-06-03T10:00")), at("2026-06-02T18:30"));
}

}  // namespace
}  // namespace picket::commands
