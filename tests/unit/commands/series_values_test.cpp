// SPDX-License-Identifier: Apache-2.0
#include "commands/series_values.hpp"

#include <gtest/gtest.h>

#include "platform/clock.hpp"

namespace picket::commands {
namespace {

using platform::kSecond;

picket_history_point raw(std::int64_t seconds, double value) {
  return {seconds * kSecond, value, value, value, value, 1};
}

TEST(ValueMaker, a_gauges_points_are_its_values) {
  ValueMaker maker(false);
  const auto value = maker.add({kSecond, 1, 9, 4, 5, 60});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->minimum, 1);
  EXPECT_EQ(value->maximum, 9);
  EXPECT_EQ(value->mean, 4);
  EXPECT_EQ(value->last, 5);
  EXPECT_EQ(value->count, 60U);
}

TEST(ValueMaker, a_counter_becomes_its_increase_per_second) {
  ValueMaker maker(true);
  EXPECT_FALSE(maker.add(raw(10, 1'000)));
  const auto value = maker.add(raw(14, 1'200));
  ASSERT_TRUE(value);
  EXPECT_EQ(value->mean, 50);
  EXPECT_EQ(value->time_ns, 14 * kSecond);
}

TEST(ValueMaker, a_counter_that_went_back_counts_from_zero) {
  ValueMaker maker(true);
  maker.add(raw(0, 1'000'000));
  EXPECT_EQ(maker.add(raw(10, 50))->mean, 5);
  EXPECT_EQ(maker.add(raw(20, 150))->mean, 10);
}

TEST(ValueMaker, two_points_of_one_time_make_no_rate) {
  ValueMaker maker(true);
  maker.add(raw(1, 1));
  EXPECT_FALSE(maker.add(raw(1, 5)));
}

TEST(Summary, the_mean_weighs_values_with_their_samples) {
  Summary summary(false);
  EXPECT_TRUE(summary.empty());
  summary.add({1, 0, 1, 2, 2, 10, 0});
  summary.add({2, 5, 7, 9, 6, 20, 0});
  EXPECT_EQ(summary.minimum(), 0);
  EXPECT_EQ(summary.maximum(), 9);
  EXPECT_EQ(summary.last(), 6);
  EXPECT_EQ(summary.mean(), 5);
  EXPECT_EQ(summary.count(), 30U);
  EXPECT_EQ(summary.first_time_ns(), 1);
  EXPECT_EQ(summary.last_time_ns(), 2);
}

TEST(Summary, the_mean_of_a_rate_weighs_values_with_their_time) {
  ValueMaker maker(true);
  Summary summary(true);
  // 10 per second for 10 s, then a gap: 1 per second for 90 s.
  for (const auto& point : {raw(0, 0), raw(10, 100), raw(100, 190)}) {
    if (const auto value = maker.add(point)) summary.add(*value);
  }
  EXPECT_EQ(summary.minimum(), 1);
  EXPECT_EQ(summary.maximum(), 10);
  EXPECT_NEAR(summary.mean(), 1.9, 1e-9);
}

TEST(Summary, of_a_single_value_is_that_value) {
  Summary summary(true);
  summary.add({1, 3, 3, 3, 3, 1, 1});
  EXPECT_EQ(summary.mean(), 3);
}

TEST(ShownUnit, of_a_rate_is_per_second) {
  EXPECT_EQ(shown_unit("By", true), "By/s");
  EXPECT_EQ(shown_unit("By", false), "By");
}

}  // namespace
}  // namespace picket::commands
