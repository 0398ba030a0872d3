// SPDX-License-Identifier: Apache-2.0
#include "commands/plot_axis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_history.hpp"

namespace picket::commands {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> labels(const ValueAxis& axis) {
  std::vector<std::string> found;
  for (const ValueTick& tick : axis.ticks) found.push_back(tick.label);
  return found;
}

std::vector<std::string> labels(const std::vector<TimeTick>& ticks) {
  std::vector<std::string> found;
  for (const TimeTick& tick : ticks) found.push_back(tick.label);
  return found;
}

TEST(ValueAxis, stands_on_zero_unless_values_vary_little) {
  EXPECT_THAT(labels(make_value_axis(3, 9, "", 6)), ElementsAre("0", "2", "4", "6", "8", "10"));
  EXPECT_THAT(labels(make_value_axis(96, 99, "", 5)), ElementsAre("96", "97", "98", "99"));
  EXPECT_THAT(labels(make_value_axis(-9, -1, "", 6)), ElementsAre("-10", "-8", "-6", "-4", "-2", "0"));
}

TEST(ValueAxis, has_ticks_at_round_numbers_of_the_unit) {
  EXPECT_THAT(labels(make_value_axis(0, 3'000'000'000, "By", 4)), ElementsAre("0 B", "1 GiB", "2 GiB", "3 GiB"));
  EXPECT_THAT(labels(make_value_axis(0, 0.83, "1", 6)), ElementsAre("0 %", "20 %", "40 %", "60 %", "80 %", "100 %"));
  EXPECT_THAT(labels(make_value_axis(0, 3'300, "s", 5)), ElementsAre("0 s", "15 min", "30 min", "45 min", "60 min"));
  EXPECT_THAT(labels(make_value_axis(0, 0.004, "s", 5)), ElementsAre("0 s", "1 ms", "2 ms", "3 ms", "4 ms"));
}

TEST(ValueAxis, of_a_flat_line_leaves_room_around_it) {
  const ValueAxis axis = make_value_axis(5, 5, "", 3);
  EXPECT_EQ(axis.low, 0);
  EXPECT_EQ(axis.high, 10);
  EXPECT_EQ(make_value_axis(0, 0, "", 3).high, 1);
  EXPECT_EQ(make_value_axis(-5, -5, "", 3).low, -10);
}

TEST(ValueAxis, ticks_that_four_digits_do_not_tell_apart_get_more) {
  EXPECT_THAT(labels(make_value_axis(1'234'567, 1'234'569, "", 3)), ElementsAre("1234567", "1234568", "1234569"));
}

TEST(ValueAxis, holds_all_values_with_no_more_ticks_than_asked_for) {
  for (const char* unit : {"", "By", "s", "1"}) {
    for (double high = 1e-6; high < 1e18; high *= 3.7) {
      for (const double low : {0.0, high * 0.4, high * 0.9, -high}) {
        const ValueAxis axis = make_value_axis(low, high, unit, 5);
        ASSERT_LE(axis.low, low + high * 1e-9) << unit << high;
        ASSERT_GE(axis.high, high * (1 - 1e-9)) << unit << high;
        ASSERT_LE(axis.ticks.size(), 5U) << unit << ' ' << low << ' ' << high;
        ASSERT_GE(axis.ticks.size(), 2U) << unit << high;
      }
    }
  }
}

TEST(TimeTicks, are_at_round_local_times) {
  const BerlinZone zone;
  EXPECT_THAT(labels(make_time_ticks({at("2026-06-03T10:07"), at("2026-06-03T11:07")}, zone, 6)),
              ElementsAre("12:10", "12:20", "12:30", "12:40", "12:50", "13:00"));
  EXPECT_THAT(labels(make_time_ticks({at("2026-06-03T10:00:02"), at("2026-06-03T10:00:50")}, zone, 4)),
              ElementsAre("12:00:15", "12:00:30", "12:00:45"));
}

TEST(TimeTicks, name_the_day_at_local_midnight) {
  const BerlinZone zone;
  EXPECT_THAT(labels(make_time_ticks({at("2026-06-02T16:00"), at("2026-06-03T10:00")}, zone, 7)),
              ElementsAre("18:00", "21:00", "3 Jun", "03:00", "06:00", "09:00", "12:00"));
}

TEST(TimeTicks, stay_round_on_both_sides_of_a_clock_change) {
  const BerlinZone zone;
  const auto ticks = make_time_ticks({at("2026-03-28T11:00Z"), at("2026-03-29T10:00Z")}, zone, 6);
  EXPECT_THAT(labels(ticks), ElementsAre("12:00", "18:00", "29 Mar", "06:00", "12:00"));
  EXPECT_EQ(ticks[3].time_ns - ticks[2].time_ns, 5 * platform::kHour);
}

TEST(TimeTicks, of_long_ranges_are_mondays_months_or_years) {
  const BerlinZone zone;
  EXPECT_THAT(labels(make_time_ticks({at("2026-06-01"), at("2026-06-25")}, zone, 4)),
              ElementsAre("8 Jun", "15 Jun", "22 Jun"));
  EXPECT_THAT(labels(make_time_ticks({at("2026-01-20"), at("2026-12-20")}, zone, 5)),
              ElementsAre("Apr 2026", "Jul 2026", "Oct 2026"));
  EXPECT_THAT(labels(make_time_ticks({at("2016-06-01"), at("2026-06-01")}, zone, 6)),
              ElementsAre("2018", "2020", "2022", "2024", "2026"));
}

TEST(TimeTicks, are_never_many_nor_twice_at_one_place) {
  const BerlinZone zone;
  for (std::int64_t length = platform::kSecond; length < 40 * 365 * platform::kDay; length = length * 3 / 2) {
    const auto ticks = make_time_ticks({at("2026-03-28T11:00:01Z"), at("2026-03-28T11:00:01Z") + length}, zone, 6);
    EXPECT_LE(ticks.size(), 6U) << length;
    for (std::size_t i = 1; i < ticks.size(); ++i) ASSERT_LT(ticks[i - 1].time_ns, ticks[i].time_ns);
  }
}

}  // namespace
}  // namespace picket::commands
