// SPDX-License-Identifier: Apache-2.0
#include "platform/utc_time.hpp"

#include <gtest/gtest.h>

namespace picket::platform {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kTime = 1'788'429'600 * kSecondNs;  // 2026-09-03T10:00:00Z, by date(1)

TEST(UtcTime, formats_with_the_decimals_asked_for) {
  EXPECT_EQ(format_utc(kTime, 3), "2026-09-03T10:00:00.000Z");
  EXPECT_EQ(format_utc(kTime + 123'456'789, 0), "2026-09-03T10:00:00Z");
  EXPECT_EQ(format_utc(kTime + 123'456'789, 6), "2026-09-03T10:00:00.123456Z");
  EXPECT_EQ(format_utc(kTime + 123'456'789, 9), "2026-09-03T10:00:00.123456789Z");
}

TEST(UtcTime, times_before_1970_format_with_a_positive_fraction) {
  EXPECT_EQ(format_utc(-1, 9), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_utc(0, 0), "1970-01-01T00:00:00Z");
}

TEST(UtcTime, parses_what_it_formats) {
  for (const std::int64_t time : {kTime, kTime + 1, std::int64_t{0}, -kSecondNs}) {
    EXPECT_EQ(parse_utc(format_utc(time, 9)), time);
  }
}

TEST(UtcTime, parses_shorter_forms_and_offsets) {
  EXPECT_EQ(parse_utc("2026-09-03"), kTime - 10 * 3600 * kSecondNs);
  EXPECT_EQ(parse_utc("2026-09-03T10:00"), kTime);
  EXPECT_EQ(parse_utc("2026-09-03 10:00:00"), kTime);
  EXPECT_EQ(parse_utc("2026-09-03T12:00:00+02:00"), kTime);
  EXPECT_EQ(parse_utc("2026-09-03T05:30:00.5-04:30"), kTime + kSecondNs / 2);
}

class NoTime : public testing::TestWithParam<const char*> {};

TEST_P(NoTime, is_refused) {
  EXPECT_EQ(parse_utc(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(UtcTime, NoTime,
                         testing::Values("", "now", "2026", "2026-13-01", "2026-02-29", "2026-09-03T",
                                         "2026-09-03T25:00", "2026-09-03T10:60", "2026-09-03T10:00:61",
                                         "2026-09-03T10:00:00.", "2026-09-03T10:00:00.1234567890", "2026-09-03T10:00Zx",
                                         "2026-09-03T10:00+2", "1492-10-12", "2300-01-01", "2026-09-03Z",
                                         "-026-09-03"));

}  // namespace
}  // namespace picket::platform
