// SPDX-License-Identifier: Apache-2.0
#include "platform/time_zone.hpp"

#include <gtest/gtest.h>

#include "platform/clock.hpp"
#include "platform/utc_time.hpp"

namespace picket::platform {
namespace {

std::int64_t time_of(const char* utc) {
  return parse_utc(utc).value();
}

// An hour ahead until clocks are set `by` further.
class ChangingZone final : public TimeZone {
 public:
  explicit ChangingZone(std::int64_t by, const char* when = "2026-03-29T01:00Z") : by_(by), when_(time_of(when)) {}
  std::int64_t offset_ns(std::int64_t utc_ns) const override { return kHour + (utc_ns >= when_ ? by_ : 0); }

 private:
  const std::int64_t by_;
  const std::int64_t when_;
};

TEST(TimeZone, local_and_utc_are_each_other_s_reverse) {
  const ChangingZone zone(kHour);
  for (const char* utc : {"2026-03-28T00:30Z", "2026-03-29T00:59Z", "2026-03-29T01:00Z", "2026-07-01T12:00Z"}) {
    EXPECT_EQ(to_utc(zone, to_local(zone, time_of(utc))), time_of(utc)) << utc;
  }
}

TEST(TimeZone, what_clocks_skip_is_as_much_later) {
  EXPECT_EQ(to_utc(ChangingZone(kHour), time_of("2026-03-29T02:30")), time_of("2026-03-29T01:30Z"));
}

TEST(TimeZone, what_clocks_show_twice_is_the_first) {
  EXPECT_EQ(to_utc(ChangingZone(-kHour), time_of("2026-03-29T01:30")), time_of("2026-03-29T00:30Z"));
}

TEST(TimeZone, a_day_begins_at_midnight_or_at_what_is_left_of_it) {
  EXPECT_EQ(day_start(ChangingZone(kHour), time_of("2026-03-29T12:00Z")), time_of("2026-03-28T23:00Z"));
  // Clocks go from midnight to one: that midnight does not exist.
  const ChangingZone at_midnight(kHour, "2026-03-28T23:00Z");
  EXPECT_EQ(day_start(at_midnight, time_of("2026-03-29T12:00Z")), time_of("2026-03-28T23:00Z"));
  EXPECT_EQ(day_start(at_midnight, time_of("2026-03-28T22:59Z")), time_of("2026-03-27T23:00Z"));
  EXPECT_EQ(day_start(utc_zone(), time_of("2026-03-29T12:00Z")), time_of("2026-03-29"));
  EXPECT_EQ(day_start(utc_zone(), -1), -kDay);
}

TEST(TimeZone, days_are_added_by_the_clock_on_the_wall) {
  EXPECT_EQ(add_days(ChangingZone(kHour), time_of("2026-03-28T11:00Z"), 1), time_of("2026-03-29T10:00Z"));
  EXPECT_EQ(add_days(ChangingZone(kHour), time_of("2026-03-29T10:00Z"), -1), time_of("2026-03-28T11:00Z"));
}

TEST(TimeZone, offsets_have_a_sign_hours_and_minutes) {
  EXPECT_EQ(offset_text(2 * kHour), "+02:00");
  EXPECT_EQ(offset_text(-3 * kHour - 30 * kMinute), "-03:30");
  EXPECT_EQ(offset_text(0), "+00:00");
}

TEST(TimeZone, that_of_the_system_is_within_a_day_of_utc_at_any_time) {
  for (const char* utc : {"1969-06-01", "2026-01-01", "2026-07-01", "2200-01-01"}) {
    const std::int64_t offset = system_zone().offset_ns(time_of(utc));
    EXPECT_LT(offset, kDay) << utc;
    EXPECT_GT(offset, -kDay) << utc;
    EXPECT_EQ(offset % kSecond, 0) << utc;
  }
}

}  // namespace
}  // namespace picket::platform
