// SPDX-License-Identifier: Apache-2.0
#include "commands/time_range.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/clock.hpp"

namespace picket::commands {
namespace {

using ::testing::HasSubstr;

using platform::kHour;
using platform::kSecond;

constexpr std::int64_t kNow = 1'788'429'600 * kSecond;  // 2026-09-03T10:00:00Z

void expect(const RangeWords& words, std::int64_t from, std::int64_t to) {
  const auto range = resolve_range(words, kNow, platform::utc_zone());
  ASSERT_TRUE(range) << range.error().message;
  EXPECT_EQ(range->from_ns, from);
  EXPECT_EQ(range->to_ns, to);
}

std::string problem(const RangeWords& words) {
  const auto range = resolve_range(words, kNow, platform::utc_zone());
  return range ? "" : range.error().message;
}

TEST(TimeRange, is_the_last_hour_unless_told_otherwise) {
  expect({}, kNow - kHour, kNow);
}

TEST(TimeRange, last_reaches_back_from_the_end) {
  expect({.last = "5m"}, kNow - 300 * kSecond, kNow);
  expect({.last = "1h", .to = "2026-09-03T09:00Z"}, kNow - 2 * kHour, kNow - kHour);
}

TEST(TimeRange, from_and_to_take_times_and_how_long_ago) {
  expect({.from = "2026-09-03T08:00", .to = "2026-09-03T11:30+02:00"}, kNow - 2 * kHour, kNow - kHour / 2);
  expect({.from = "3h", .to = "1h"}, kNow - 3 * kHour, kNow - kHour);
  expect({.from = "3h", .to = "now"}, kNow - 3 * kHour, kNow);
}

TEST(TimeRange, a_length_beyond_1970_begins_there) {
  expect({.last = "200y"}, 0, kNow);
}

TEST(TimeRange, errors_name_the_option_and_say_what_is_expected) {
  EXPECT_THAT(problem({.last = "1h", .from = "2h"}), HasSubstr("--last and --from exclude each other"));
  EXPECT_THAT(problem({.last = "soon"}), HasSubstr("--last"));
  EXPECT_THAT(problem({.from = "whenever"}), HasSubstr("--from whenever: expected a time like 2026-09-03T10:00"));
  EXPECT_THAT(problem({.to = "-1h"}), HasSubstr("--to"));
  EXPECT_THAT(problem({.from = "1h", .to = "2h"}), HasSubstr("the range is empty"));
  EXPECT_THAT(problem({.last = "0s"}), HasSubstr("the range is empty"));
}

TEST(Step, is_a_duration_and_beyond_a_day_whole_days) {
  EXPECT_EQ(*parse_step("90s"), 90 * kSecond);
  EXPECT_EQ(*parse_step("0s"), 0);
  EXPECT_EQ(*parse_step("1w"), 7 * 24 * kHour);
  EXPECT_THAT(parse_step("36h").error().message, HasSubstr("--step 36h: buckets longer than a day are whole days"));
  EXPECT_THAT(parse_step("11y").error().message, HasSubstr("at most 10y"));
  EXPECT_THAT(parse_step("often").error().message, HasSubstr("--step: "));
}

TEST(RoundStep, gives_round_steps_that_need_no_more_points_than_asked_for) {
  EXPECT_EQ(round_step({0, kHour}, 60), 60 * kSecond);
  EXPECT_EQ(round_step({0, 300 * kSecond}, 60), 5 * kSecond);
  EXPECT_EQ(round_step({0, 10 * kSecond}, 60), kSecond);
  EXPECT_EQ(round_step({0, 24 * kHour}, 60), 30 * 60 * kSecond);
  EXPECT_EQ(round_step({0, 365 * 24 * kHour}, 60), 7 * 24 * kHour);
  for (std::int64_t hours = 1; hours < 10'000; hours = hours * 3 + 1) {
    const std::int64_t step = round_step({0, hours * kHour}, 60);
    EXPECT_LE(hours * kHour / step, 60) << hours;
  }
}

}  // namespace
}  // namespace picket::commands
