// SPDX-License-Identifier: Apache-2.0
#include "commands/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace picket::commands {
namespace {

using ::testing::HasSubstr;

TEST(Stats, are_words_at_commas_each_once) {
  const auto stats = parse_stats("min,p99.9,count,min");
  ASSERT_TRUE(stats);
  ASSERT_EQ(stats->size(), 3U);
  EXPECT_EQ((*stats)[0].kind, StatKind::minimum);
  EXPECT_EQ((*stats)[1].percentile, 99.9);
  EXPECT_EQ((*stats)[1].title(), "P99.9");
  EXPECT_TRUE(any_percentile(*stats));
}

TEST(Stats, that_do_not_exist_are_named_with_what_does) {
  for (const char* text : {"average", "p101", "p", "p-1", "px", "p5x", "min,,max", ""}) {
    const auto stats = parse_stats(text);
    ASSERT_FALSE(stats) << text;
    EXPECT_THAT(stats.error().message, HasSubstr("there are last, min, mean, max")) << text;
  }
}

TEST(Stats, have_units_of_their_own) {
  EXPECT_EQ(unit_of_stat(*parse_stat("count"), "By", false), "");
  EXPECT_EQ(unit_of_stat(*parse_stat("sum"), "By/s", true), "By");
  EXPECT_EQ(unit_of_stat(*parse_stat("p95"), "By/s", true), "By/s");
}

TEST(Percentiles, are_values_and_not_between_them) {
  WeightedValues values;
  for (int i = 100; i >= 1; --i) values.add(i, 1);
  EXPECT_EQ(values.percentile(0), 1);
  EXPECT_EQ(values.percentile(50), 50);
  EXPECT_EQ(values.percentile(95), 95);
  EXPECT_EQ(values.percentile(99.5), 100);
  EXPECT_EQ(values.percentile(100), 100);
}

TEST(Percentiles, heed_weights) {
  WeightedValues values;
  values.add(1, 98);
  values.add(7, 2);
  EXPECT_EQ(values.percentile(98), 1);
  EXPECT_EQ(values.percentile(99), 7);
}

TEST(Percentiles, leave_out_what_is_no_number) {
  WeightedValues values;
  EXPECT_TRUE(std::isnan(values.percentile(50)));
  values.add(std::numeric_limits<double>::quiet_NaN(), 1);
  values.add(5, 0);
  EXPECT_EQ(values.size(), 0U);
  values.add(3, 1);
  EXPECT_EQ(values.percentile(50), 3);
}

}  // namespace
}  // namespace picket::commands
