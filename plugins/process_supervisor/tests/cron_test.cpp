// SPDX-License-Identifier: Apache-2.0
#include "cron.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace picket::process_supervisor {
namespace {

std::int64_t local(int year, int month, int day, int hour, int minute, int second = 0) {
  std::tm date{};
  date.tm_year = year - 1'900;
  date.tm_mon = month - 1;
  date.tm_mday = day;
  date.tm_hour = hour;
  date.tm_min = minute;
  date.tm_sec = second;
  date.tm_isdst = -1;
  return std::int64_t{std::mktime(&date)} * 1'000'000'000;
}

std::int64_t next(const std::string& text, std::int64_t after) {
  const auto cron = Cron::parse(text);
  EXPECT_TRUE(cron.ok()) << text;
  return cron.ok() ? cron->next(after).value_or(0) : -1;
}

TEST(Cron, finds_the_next_time) {
  const std::int64_t noon = local(2026, 12, 1, 12, 0, 30);  // a Tuesday
  EXPECT_EQ(next("* * * * *", noon), local(2026, 12, 1, 12, 1));
  EXPECT_EQ(next("*/15 * * * *", noon), local(2026, 12, 1, 12, 15));
  EXPECT_EQ(next("0 3 * * *", noon), local(2026, 12, 2, 3, 0));
  EXPECT_EQ(next("30 4 1,15 * *", noon), local(2026, 12, 15, 4, 30));
  EXPECT_EQ(next("0 0 * jan mon", noon), local(2027, 1, 4, 0, 0));
  EXPECT_EQ(next("0 9-17/4 * * 1-5", noon), local(2026, 12, 1, 13, 0));
  EXPECT_EQ(next("@yearly", noon), local(2027, 1, 1, 0, 0));
  EXPECT_EQ(next("0 0 29 2 *", noon), local(2028, 2, 29, 0, 0));
}

TEST(Cron, a_day_of_the_month_or_of_the_week) {
  // Both are given: either will do.
  EXPECT_EQ(next("0 0 20 * fri", local(2026, 12, 1, 0, 0)), local(2026, 12, 4, 0, 0));
  EXPECT_EQ(next("0 0 3 * fri", local(2026, 12, 1, 0, 0)), local(2026, 12, 3, 0, 0));
  EXPECT_EQ(next("0 0 * * 7", local(2026, 12, 1, 0, 0)), local(2026, 12, 6, 0, 0));
}

TEST(Cron, is_strictly_later) {
  const std::int64_t exact = local(2026, 12, 1, 3, 0);
  EXPECT_EQ(next("0 3 * * *", exact), local(2026, 12, 2, 3, 0));
}

TEST(Cron, a_day_that_never_comes_is_nothing) {
  EXPECT_EQ(next("0 0 30 2 *", local(2026, 1, 1, 0, 0)), 0);
}

TEST(Cron, mistakes_name_the_field) {
  for (const auto& [text, field] :
       {std::pair{"61 * * * *", "minute"}, std::pair{"* 24 * * *", "hour"}, std::pair{"* * 0 * *", "day of the month"},
        std::pair{"* * * foo *", "month"}, std::pair{"* * * * 8", "weekday"}, std::pair{"*/0 * * * *", "minute"},
        std::pair{"5-1 * * * *", "minute"}, std::pair{"1, * * * *", "minute"}}) {
    const auto cron = Cron::parse(text);
    ASSERT_FALSE(cron.ok()) << text;
    EXPECT_NE(cron.error().message.find(field), std::string::npos) << cron.error().message;
  }
  EXPECT_FALSE(Cron::parse("* * * *").ok());
  EXPECT_FALSE(Cron::parse("@sometimes").ok());
}

}  // namespace
}  // namespace picket::process_supervisor
