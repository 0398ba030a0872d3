// SPDX-License-Identifier: Apache-2.0
#include "commands/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fake_history.hpp"

namespace picket::commands {
namespace {

const BerlinZone kComparisonZone;

TEST(Comparison, yesterday_is_the_same_local_time_when_clocks_changed_in_between) {
  const auto yesterday = Comparison::parse("yesterday", kComparisonZone);
  ASSERT_TRUE(yesterday);
  EXPECT_EQ(yesterday->earlier(at("2026-03-29T10:00Z")), at("2026-03-28T11:00Z"));  // 12:00 both
  EXPECT_EQ(yesterday->later(at("2026-03-28T11:00Z")), at("2026-03-29T10:00Z"));
  EXPECT_EQ(yesterday->earlier(at("2026-06-03T10:00Z")), at("2026-06-02T10:00Z"));
  EXPECT_EQ(yesterday->name(), "yesterday");
}

TEST(Comparison, last_week_is_seven_days_and_a_duration_is_itself) {
  EXPECT_EQ(Comparison::parse("last-week", kComparisonZone)->earlier(at("2026-06-10T10:00Z")), at("2026-06-03T10:00Z"));
  const auto hour = Comparison::parse("1h", kComparisonZone);
  EXPECT_EQ(hour->earlier(at("2026-03-29T01:30Z")), at("2026-03-29T00:30Z"));
  EXPECT_EQ(hour->name(), "1h before");
}

TEST(Comparison, with_anything_else_is_an_error_with_examples) {
  for (const char* text : {"tomorrow", "0s", "-1h", ""}) {
    const auto comparison = Comparison::parse(text, kComparisonZone);
    ASSERT_FALSE(comparison) << text;
    EXPECT_THAT(comparison.error().message, ::testing::HasSubstr("expected yesterday, last-week")) << text;
  }
}

TEST(Change, is_relative_to_what_was) {
  EXPECT_EQ(relative_change(3, 2), 0.5);
  EXPECT_EQ(relative_change(-3, -2), -0.5);
  EXPECT_EQ(relative_change(0, 0), 0);
  EXPECT_TRUE(std::isnan(relative_change(1, 0)));
  EXPECT_TRUE(std::isnan(relative_change(1, std::nan(""))));
  EXPECT_TRUE(std::isnan(relative_change(INFINITY, 1)));
}

TEST(Change, is_shown_in_tenths_of_a_percent) {
  EXPECT_EQ(change_text(0.12345), "+12.3 %");
  EXPECT_EQ(change_text(-0.04), "-4 %");
  EXPECT_EQ(change_text(0), "0 %");
  EXPECT_EQ(change_text(-0.0001), "0 %");
  EXPECT_EQ(change_text(1'199), "x1200");
  EXPECT_EQ(change_text(std::nan("")), "-");
}

}  // namespace
}  // namespace picket::commands
