// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "platform/clock.hpp"
#include "platform/time_zone.hpp"
#include "platform/utc_time.hpp"
#include "routing/steps/parse/severity_map.hpp"
#include "routing/steps/parse/time_format.hpp"

namespace picket::routing::parse {
namespace {

std::int64_t utc(std::string_view text) {
  return *platform::parse_utc(text);
}

// The time as text, "none" if there is none.
std::string read_time(std::string_view format, const Value& value, std::string_view zone = "utc") {
  TimeFormat reader(format, *Zone::parse(zone));
  const auto time = reader.read(value, utc("2026-09-03T12:00:00Z"));
  return time ? platform::format_utc(*time, 9) : "none";
}
std::string read_time(std::string_view format, std::string_view text, std::string_view zone = "utc") {
  return read_time(format, Value::text(text), zone);
}

TEST(ParseTime, rfc3339_with_every_offset) {
  EXPECT_EQ(read_time("rfc3339", "2026-09-03T10:00:00Z"), "2026-09-03T10:00:00.000000000Z");
  EXPECT_EQ(read_time("rfc3339", "2026-09-03 10:00:00,123456789+02:00"), "2026-09-03T08:00:00.123456789Z");
  EXPECT_EQ(read_time("rfc3339", "2026-09-03t10:00:00.1234567891-0130"), "2026-09-03T11:30:00.123456789Z");
  EXPECT_EQ(read_time("rfc3339", "2026-09-03T10:00:00", "-05:00"), "2026-09-03T15:00:00.000000000Z");
  EXPECT_EQ(read_time("rfc3339", "2026-12-31T23:59:60Z"), "2027-01-01T00:00:00.000000000Z");
}

TEST(ParseTime, what_is_no_time_is_refused) {
  for (const char* text :
       {"", "2026-09-03", "2026-13-03T10:00:00Z", "2026-02-29T10:00:00Z", "2026-09-03T24:00:00Z",
        "2026-09-03T10:00:00Zx", "2026-09-03T10:00:00.Z", "2026-09-03T10:00:00+2", "9999-01-01T00:00:00Z"}) {
    EXPECT_EQ(read_time("rfc3339", text), "none") << text;
  }
  EXPECT_EQ(read_time("rfc3339", Value::integer(1)), "none");
}

TEST(ParseTime, numbers_since_1970_in_four_units) {
  EXPECT_EQ(read_time("unix", Value::integer(1'700'000'000)), "2023-11-14T22:13:20.000000000Z");
  EXPECT_EQ(read_time("unix", Value::real(1'700'000'000.123456)), "2023-11-14T22:13:20.123456000Z");
  EXPECT_EQ(read_time("unix", "1700000000.123456789"), "2023-11-14T22:13:20.123456789Z");
  EXPECT_EQ(read_time("unix_ms", "1700000000123.5"), "2023-11-14T22:13:20.123500000Z");
  EXPECT_EQ(read_time("unix_us", Value::integer(1'700'000'000'123'456)), "2023-11-14T22:13:20.123456000Z");
  EXPECT_EQ(read_time("unix_ns", Value::integer(1'700'000'000'123'456'789)), "2023-11-14T22:13:20.123456789Z");
  for (const char* text : {"", "-1", "-0.5", "1x", "1.", "99999999999999999999", "9999999999999"}) {
    EXPECT_EQ(read_time("unix", text), "none") << text;
  }
  EXPECT_EQ(read_time("unix", Value::integer(-1)), "none");
  EXPECT_EQ(read_time("unix", Value::integer(INT64_MAX)), "none");
  EXPECT_EQ(read_time("unix", Value::real(1e300)), "none");
}

TEST(ParseTime, patterns) {
  EXPECT_EQ(read_time("%d/%b/%Y:%H:%M:%S %z", "10/Oct/2025:13:55:36 -0700"), "2025-10-10T20:55:36.000000000Z");
  EXPECT_EQ(read_time("%a %b %e %T %Y", "Wed Sep  2 14:32:52 2026"), "2026-09-02T14:32:52.000000000Z");
  EXPECT_EQ(read_time("%F %T,%f", "2026-09-03 10:00:00,250"), "2026-09-03T10:00:00.250000000Z");
  EXPECT_EQ(read_time("%m/%d/%y %I:%M %p", "09/03/26 12:05 am"), "2026-09-03T00:05:00.000000000Z");
  EXPECT_EQ(read_time("%m/%d/%y %I:%M %p", "09/03/26 12:05 PM"), "2026-09-03T12:05:00.000000000Z");
  EXPECT_EQ(read_time("%b %d %T", "september 04 10:00:00"), "2026-09-04T10:00:00.000000000Z");
  EXPECT_EQ(read_time("%b %d %T", "Sep 05 10:00:00"), "2025-09-05T10:00:00.000000000Z") << "over a day ahead";
  EXPECT_EQ(read_time("%s.%f%%", "1700000000.5%"), "2023-11-14T22:13:20.500000000Z");
  EXPECT_EQ(read_time("%F %T %Z", "2026-09-03 10:00:00 GMT", "+02:00"), "2026-09-03T10:00:00.000000000Z");
  EXPECT_EQ(read_time("%F %T %Z", "2026-09-03 10:00:00 PST"), "none");
  EXPECT_EQ(read_time("%m %d %Y", "09 451 2026"), "none");
}

TEST(ParseTime, patterns_that_cannot_work_are_refused_with_their_byte) {
  const auto problem = [](std::string_view format) {
    try {
      TimeFormat(format, *Zone::parse("utc"));
    } catch (const TimeFormatError& error) {
      return std::to_string(error.offset) + " " + std::string(error.what()).substr(0, 20);
    }
    return std::string("fine");
  };
  EXPECT_EQ(problem("%F %T"), "fine");
  EXPECT_EQ(problem("%F %Q"), "3 unknown %Q; known ar");
  EXPECT_EQ(problem("%F %"), "3 a % at the end; writ");
  EXPECT_EQ(problem("iso"), "0 neither a pattern wi");
  EXPECT_EQ(problem("%H:%M"), "0 a time needs a month");
  EXPECT_EQ(problem("%F %I"), "0 %I (the hour of twel");
}

TEST(ParseTime, a_peers_event_may_be_of_any_nanosecond) {
  TimeFormat reader("%b %d %T", *Zone::parse("utc"));
  EXPECT_TRUE(reader.read(Value::text("Sep 03 10:00:00"), INT64_MAX));
  EXPECT_FALSE(reader.read(Value::text("Sep 03 10:00:00"), INT64_MIN)) << "no such year";
}

// One hour ahead of UTC; two from 29 March to 25 October 2026, 01:00 UTC.
class SummerTime final : public platform::TimeZone {
 public:
  std::int64_t offset_ns(std::int64_t utc_ns) const override {
    const bool summer = utc_ns >= utc("2026-03-29T01:00Z") && utc_ns < utc("2026-10-25T01:00Z");
    return summer ? 2 * platform::kHour : platform::kHour;
  }
};

TEST(ParseTime, the_rules_of_a_zone_hold_through_the_year) {
  const SummerTime rules;
  TimeFormat reader("rfc3339", Zone(rules));
  const auto read = [&](std::string_view text) { return platform::format_utc(*reader.read(Value::text(text), 0), 0); };
  EXPECT_EQ(read("2026-01-15T12:00:00"), "2026-01-15T11:00:00Z");
  EXPECT_EQ(read("2026-01-15T12:00:01"), "2026-01-15T11:00:01Z");
  EXPECT_EQ(read("2026-07-15T12:00:00"), "2026-07-15T10:00:00Z");
  EXPECT_EQ(read("2026-03-29T01:59:59"), "2026-03-29T00:59:59Z");
  EXPECT_EQ(read("2026-03-29T03:00:00"), "2026-03-29T01:00:00Z");
  EXPECT_EQ(read("2026-10-25T03:00:00"), "2026-10-25T02:00:00Z");
  EXPECT_EQ(read("1950-01-15T12:00:00"), "1950-01-15T11:00:00Z");
  EXPECT_EQ(read("2026-07-15T12:00:00Z"), "2026-07-15T12:00:00Z") << "the text goes before";
}

TEST(ParseTime, local_is_the_zone_of_this_machine) {
  const std::int64_t moment = utc("2026-07-15T12:00:00Z");
  const std::int64_t local = platform::to_local(platform::system_zone(), moment);
  EXPECT_EQ(read_time("%F %T", platform::format_utc(local, 0).replace(10, 1, " ").substr(0, 19), "local"),
            platform::format_utc(moment, 9));
}

TEST(ParseTime, zones_are_checked) {
  for (const char* text : {"", "UTC", "+2", "+24:00", "+02:60", "02:00", "+02:00x", "Europe/Berlin"}) {
    EXPECT_FALSE(Zone::parse(text)) << text;
  }
}

TEST(ParseSeverity, common_names_and_those_of_the_settings) {
  const SeverityMap map({{"30", "info"}, {"Fatal", "emergency"}});
  EXPECT_EQ(map.find(Value::text("WARN")), 5U);
  EXPECT_EQ(map.find(Value::text("error")), 6U);
  EXPECT_EQ(map.find(Value::integer(30)), 3U);
  EXPECT_EQ(map.find(Value::text("30")), 3U);
  EXPECT_EQ(map.find(Value::text("fatal")), 9U) << "the settings go before what is common";
  EXPECT_FALSE(map.find(Value::integer(40)));
  EXPECT_FALSE(map.find(Value::text("")));
  EXPECT_FALSE(map.find(Value::text(std::string(1'000, 'x'))));
  EXPECT_FALSE(map.find(Value::boolean(true)));
}

}  // namespace
}  // namespace picket::routing::parse
