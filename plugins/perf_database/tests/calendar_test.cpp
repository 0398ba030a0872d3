// SPDX-License-Identifier: Apache-2.0
#include "calendar.hpp"

#include <gtest/gtest.h>

namespace picket::perf_database {
namespace {

constexpr std::int64_t at(std::int64_t seconds) {
  return seconds * kSecond;
}

TEST(Calendar, raw_files_are_named_for_the_iso_week) {
  EXPECT_EQ(raw_file_name(at(1'795'392'000)), "raw-2026-W48.db");      // 2026-11-23, a Monday
  EXPECT_EQ(raw_file_name(at(1'795'392'000) - 1), "raw-2026-W47.db");  // the Sunday before
  EXPECT_EQ(raw_file_name(at(1'609'632'000)), "raw-2020-W53.db");      // 2021-01-03
  EXPECT_EQ(raw_file_name(at(1'735'516'800)), "raw-2025-W01.db");      // 2024-12-30
  EXPECT_EQ(raw_file_name(0), "raw-1970-W01.db");
}

TEST(Calendar, every_week_of_a_century_is_found_again_by_its_name) {
  for (std::int64_t week = week_start(0); week < 100 * 366 * kDay; week += kWeek) {
    ASSERT_EQ(raw_file_week(raw_file_name(week)), week);
    ASSERT_EQ(raw_file_week(raw_file_name(week + kWeek - 1)), week);
  }
}

TEST(Calendar, minute_files_are_named_for_the_month_and_found_again) {
  EXPECT_EQ(minute_file_name(at(1'795'392'000)), "minute-2026-11.db");
  EXPECT_EQ(minute_file_name(at(1'709'251'199)), "minute-2024-02.db");  // 2024-02-29, the last second
  EXPECT_EQ(minute_file_name(at(1'709'251'200)), "minute-2024-03.db");
  std::int64_t month = 0;
  for (int i = 0; i < 1'200; ++i) {
    ASSERT_EQ(month_start(month), month);
    ASSERT_EQ(minute_file_month(minute_file_name(month)), month);
    const std::int64_t next = next_month(month);
    ASSERT_EQ(month_start(next - 1), month);
    ASSERT_GE(next - month, 28 * kDay);
    month = next;
  }
  EXPECT_EQ(utc_text(month), "2070-01-01T00:00:00Z");
}

TEST(Calendar, hot_files_are_named_for_the_hour_and_found_again) {
  EXPECT_EQ(hot_file_name(at(1'795'392'000) + 4 * kHour + 7, 0), "hot-2026112304.db");
  EXPECT_EQ(hot_file_name(at(1'795'392'000) + 4 * kHour, 12), "hot-2026112304.12.db");
  const auto name = hot_file_hour("hot-2026112304.12.db");
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->hour_ns, at(1'795'392'000) + 4 * kHour);
  EXPECT_EQ(name->generation, 12U);
}

TEST(Calendar, other_names_are_none_of_ours) {
  for (const char* name : {"raw-2026-W54.db", "raw-2026-W00.db", "raw-2026-W48.db-wal", "raw-2026-W48.db.damaged",
                           "raw-.db", "meta.db", "raw-20x6-W48.db", ""}) {
    EXPECT_FALSE(raw_file_week(name).has_value()) << name;
  }
  for (const char* name : {"minute-2026-13.db", "minute-2026-00.db", "minute-2026-1.db", "minute-2026-11.db.damaged"}) {
    EXPECT_FALSE(minute_file_month(name).has_value()) << name;
  }
  for (const char* name : {"hot-2026112324.db", "hot-2026023004.db", "hot-2026112304x.db", "hot-2026112304..db",
                           "hot-2026112304.db-shm", "hot-.db", "hot-2026112304.1.damaged"}) {
    EXPECT_FALSE(hot_file_hour(name).has_value()) << name;
  }
}

TEST(Calendar, rounding_goes_towards_the_past) {
  EXPECT_EQ(floor_to(-1, kHour), -kHour);
  EXPECT_EQ(floor_to(kHour, kHour), kHour);
  EXPECT_EQ(before(5, kForever), 0);
}

}  // namespace
}  // namespace picket::perf_database
