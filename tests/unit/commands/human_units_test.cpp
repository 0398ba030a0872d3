// SPDX-License-Identifier: Apache-2.0
#include "commands/human_units.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace picket::commands {
namespace {

TEST(HumanValue, bytes_scale_by_1024) {
  EXPECT_EQ(human_value(0, "By"), "0 B");
  EXPECT_EQ(human_value(1'023, "By"), "1023 B");
  EXPECT_EQ(human_value(1'536, "By"), "1.5 KiB");
  EXPECT_EQ(human_value(12.5 * 1024 * 1024, "By"), "12.5 MiB");
  EXPECT_EQ(human_value(-2048, "By"), "-2 KiB");
  EXPECT_EQ(human_value(3'072, "By/s"), "3 KiB/s");
}

TEST(HumanValue, a_ratio_is_a_percentage) {
  EXPECT_EQ(human_value(0.12345, "1"), "12.35 %");
  EXPECT_EQ(human_value(1, "1"), "100 %");
  EXPECT_EQ(human_value(0, "1"), "0 %");
}

TEST(HumanValue, times_scale_from_nanoseconds_to_days) {
  EXPECT_EQ(human_value(0, "s"), "0 s");
  EXPECT_EQ(human_value(12e-9, "s"), "12 ns");
  EXPECT_EQ(human_value(0.00125, "s"), "1.25 ms");
  EXPECT_EQ(human_value(3.5, "s"), "3.5 s");
  EXPECT_EQ(human_value(600, "s"), "10 min");
  EXPECT_EQ(human_value(7'560, "s"), "2.1 h");
  EXPECT_EQ(human_value(10 * 86'400.0, "s"), "10 d");
}

TEST(HumanValue, other_units_keep_their_names_without_braces) {
  EXPECT_EQ(human_value(12.3, "{packet}/s"), "12.3 packet/s");
  EXPECT_EQ(human_value(1'200'000, "{packet}"), "1.2 M packet");
  EXPECT_EQ(human_value(123'456, "{thread}"), "123456 thread");
  EXPECT_EQ(human_value(2.5, ""), "2.5");
  EXPECT_EQ(human_value(2.5, "/s"), "2.5/s");
  EXPECT_EQ(human_value(0.0001234, "Cel"), "0.000123 Cel");
}

TEST(HumanValue, what_is_no_number_is_shown_as_such) {
  EXPECT_EQ(human_value(std::numeric_limits<double>::quiet_NaN(), "By"), "-");
  EXPECT_EQ(human_value(-std::numeric_limits<double>::infinity(), "1"), "-inf");
}

TEST(ExactNumber, is_the_shortest_text_that_reads_back) {
  EXPECT_EQ(exact_number(0.1), "0.1");
  EXPECT_EQ(exact_number(1e300), "1e+300");
  EXPECT_EQ(exact_number(123'456'789), "123456789");
  EXPECT_EQ(exact_number(std::numeric_limits<double>::quiet_NaN()), "nan");
}

}  // namespace
}  // namespace picket::commands
