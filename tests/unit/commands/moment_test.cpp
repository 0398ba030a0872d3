// SPDX-License-Identifier: Apache-2.0
#include "commands/moment.hpp"

#include <gtest/gtest.h>

#include "fake_history.hpp"

namespace picket::commands {
namespace {

const BerlinZone kMomentZone;

// It is Wednesday, 2026-06-03, 10:00 UTC: noon in Berlin.
void expect_moment(const std::string& text, const std::string& utc) {
  const auto moment = parse_moment(text, at("2026-06-03T10:00"), kMomentZone);
  ASSERT_TRUE(moment) << text;
  EXPECT_EQ(platform::format_utc(*moment, 0), utc) << text;
}

TEST(Moment, may_be_relative_to_now) {
  expect_moment("now", "2026-06-03T10:00:00Z");
  expect_moment("now-2h", "2026-06-03T08:00:00Z");
  expect_moment("90m", "2026-06-03T08:30:00Z");
}

TEST(Moment, may_be_a_day_with_or_without_a_time) {
  expect_moment("today", "2026-06-02T22:00:00Z");
  expect_moment("yesterday", "2026-06-01T22:00:00Z");
  expect_moment("yesterday 18:30", "2026-06-02T16:30:00Z");
  expect_moment("wednesday", "2026-06-02T22:00:00Z");
  expect_moment("thursday", "2026-05-27T22:00:00Z");
  expect_moment("monday 08:00:30", "2026-06-01T06:00:30Z");
}

TEST(Moment, may_be_a_time_of_today_past_or_to_come) {
  expect_moment("08:15", "2026-06-03T06:15:00Z");
  expect_moment("23:00", "2026-06-03T21:00:00Z");
}

TEST(Moment, of_the_calendar_is_local_unless_it_says_otherwise) {
  expect_moment("2026-01-15", "2026-01-14T23:00:00Z");
  expect_moment("2026-01-15T10:00", "2026-01-15T09:00:00Z");
  expect_moment("2026-07-15 10:00", "2026-07-15T08:00:00Z");
  expect_moment("2026-07-15T10:00Z", "2026-07-15T10:00:00Z");
  expect_moment("2026-07-15T10:00-03:00", "2026-07-15T13:00:00Z");
}

TEST(Moment, may_count_seconds_or_milliseconds_since_1970) {
  expect_moment("1780480800", "2026-06-03T10:00:00Z");
  expect_moment("@1780480800", "2026-06-03T10:00:00Z");
  expect_moment("@60", "1970-01-01T00:01:00Z");
  expect_moment("1780480800000", "2026-06-03T10:00:00Z");
}

TEST(Moment, is_nothing_where_it_could_be_misread) {
  for (const char* text : {"", "2026", "soon", "yesterday noon", "25:00", "now+1h", "now-", "2026-02-30", "@", "-5",
                           "99999999999999999999", "1970y1", "monday8:00", "yesterday 8:30", "200y"}) {
    EXPECT_FALSE(parse_moment(text, at("2026-06-03T10:00"), kMomentZone)) << text;
  }
}

TEST(Moment, in_the_hour_that_clocks_skip_is_an_hour_later) {
  expect_moment("2026-03-29T02:30", "2026-03-29T01:30:00Z");
}

TEST(Moment, in_the_hour_that_clocks_show_twice_is_the_first) {
  expect_moment("2025-10-26T02:30", "2025-10-26T00:30:00Z");
}

}  // namespace
}  // namespace picket::commands
