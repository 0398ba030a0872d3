// SPDX-License-Identifier: Apache-2.0
//
// The messages in double quotes are written after the examples of RFC 5424, section 6.5, and RFC 3164, section 5.4.
#include <gtest/gtest.h>

#include "parse_harness.hpp"
#include "platform/utc_time.hpp"

namespace picket::routing {
namespace {

std::int64_t at(std::string_view utc) {
  return *platform::parse_utc(utc);
}

class ParseSyslog : public ::testing::Test {
 protected:
  ParseHarness harness{R"({"format": "syslog", "keep": false, "zone": "utc"})"};

  // "severity@time fields" of an event that came in at `received`.
  std::string received(std::string_view text, std::string_view when = "2026-09-03T12:00:00Z") {
    harness.input().event("log", "s").at(at(when)).text("message", text);
    return harness.feed().front().substr(std::string_view("log s ").size());
  }
  static std::string line(int severity, std::string_view time, std::string_view fields) {
    return std::to_string(severity) + "@" + std::to_string(at(time)) + " " + std::string(fields);
  }
  std::string error(std::string_view text) {
    const std::string all = received(text);
    return all.substr(all.find("parse.error=") + 12);
  }
};

TEST_F(ParseSyslog, reads_rfc_5424_with_structured_data) {
  EXPECT_EQ(
      received("<165>1 2026-08-24T05:14:15.000003-07:00 192.0.2.1 evntslog 8710 ID47 "
               R"([exampleSDID@32473 iut="3" eventSource="App \"x\] \q"][second a="1"][empty] )"
               "\xEF\xBB\xBF"
               "it works"),
      line(4, "2026-08-24T12:14:15.000003Z",
           R"(facility="local4" host="192.0.2.1" app="evntslog" pid=8710 msgid="ID47" sd.exampleSDID@32473.iut="3" )"
           R"(sd.exampleSDID@32473.eventSource="App "x] \q" sd.second.a="1" sd.empty=true message="it works")"));
}

TEST_F(ParseSyslog, what_rfc_5424_leaves_out_is_no_field) {
  EXPECT_EQ(received("<34>1 - - - - - -"), line(7, "2026-09-03T12:00:00Z", R"(facility="auth")"));
  EXPECT_EQ(received("<0>1 2026-01-01T00:00:00Z h - web-1 - - x"),
            line(9, "2026-01-01T00:00:00Z", R"(facility="kern" host="h" pid="web-1" message="x")"));
}

TEST_F(ParseSyslog, reads_rfc_3164) {
  EXPECT_EQ(received("<34>Sep  3 11:59:58 mymachine su[77]: 'su root' failed: 5"),
            line(7, "2026-09-03T11:59:58Z",
                 R"(facility="auth" host="mymachine" app="su" pid=77 message="'su root' failed: 5")"));
  EXPECT_EQ(received("<13>Aug 24 05:34:00 h kernel: up\n"),
            line(4, "2026-08-24T05:34:00Z", R"(facility="user" host="h" app="kernel" message="up")"));
}

TEST_F(ParseSyslog, a_local_program_sends_no_host) {
  EXPECT_EQ(received("<13>Sep  3 11:00:00 cron[1]: run"),
            line(4, "2026-09-03T11:00:00Z", R"(facility="user" app="cron" pid=1 message="run")"));
}

TEST_F(ParseSyslog, lines_of_files_have_no_priority_and_keep_the_severity) {
  EXPECT_EQ(received("2026-09-03T10:00:00.25+02:00 h systemd[1]: Started."),
            line(0, "2026-09-03T08:00:00.25Z", R"(host="h" app="systemd" pid=1 message="Started.")"));
  EXPECT_EQ(received("Sep  3 10:00:00 h last message repeated 2 times"),
            line(0, "2026-09-03T10:00:00Z", R"(host="h" message="last message repeated 2 times")"));
}

TEST_F(ParseSyslog, hosts_and_words_with_colons_are_no_tags) {
  EXPECT_EQ(received("<13>Sep  3 11:00:00 fe80::1 http://x is down"),
            line(4, "2026-09-03T11:00:00Z", R"(facility="user" host="fe80::1" message="http://x is down")"));
  EXPECT_EQ(received("<13>Sep  3 11:00:00 word"), line(4, "2026-09-03T11:00:00Z", R"(facility="user" message="word")"));
}

TEST_F(ParseSyslog, without_a_time_everything_behind_the_priority_is_the_message) {
  EXPECT_EQ(received("<14>app: not to be sure of"),
            line(3, "2026-09-03T12:00:00Z", R"(facility="user" message="app: not to be sure of")"));
  EXPECT_EQ(received("<14>Feb 30 00:00:00 h x"),
            line(3, "2026-09-03T12:00:00Z", R"(facility="user" message="Feb 30 00:00:00 h x")"));
}

TEST_F(ParseSyslog, the_year_is_the_latest_that_is_not_in_the_future) {
  const auto time_of = [&](std::string_view text, std::string_view when) {
    const std::string all = received(text, when);
    return all.substr(0, all.find(' '));
  };
  EXPECT_EQ(time_of("<8>Dec 31 23:59:59 h a: b", "2027-01-01T00:00:05Z"),
            "9@" + std::to_string(at("2026-12-31T23:59:59Z")));
  EXPECT_EQ(time_of("<8>Jan  1 00:10:00 h a: b", "2026-12-31T23:59:00Z"),
            "9@" + std::to_string(at("2027-01-01T00:10:00Z")));
  EXPECT_EQ(time_of("<8>Oct  1 00:00:00 h a: b", "2026-09-03T00:00:00Z"),
            "9@" + std::to_string(at("2025-10-01T00:00:00Z")));
  EXPECT_EQ(time_of("<8>Feb 29 00:00:00 h a: b", "2027-03-01T00:00:00Z"),
            "9@" + std::to_string(at("2024-02-29T00:00:00Z")));
  EXPECT_EQ(time_of("<8>Sep  3 2019 10:00:00.5: h a: b", "2026-09-03T12:00:00Z"),
            "9@" + std::to_string(at("2019-09-03T10:00:00.5Z")));
}

TEST_F(ParseSyslog, a_time_without_zone_is_in_the_zone_of_the_settings) {
  ParseHarness berlin(R"({"format": "syslog", "keep": false, "zone": "+02:00"})");
  berlin.input().event("log", "s").at(at("2026-09-03T12:00:00Z")).text("message", "<13>Sep  3 11:00:00 h a: b");
  EXPECT_EQ(berlin.feed().front().substr(0, 27), "log s 4@" + std::to_string(at("2026-09-03T09:00:00Z")));
}

TEST_F(ParseSyslog, says_where_it_stops_to_understand) {
  EXPECT_EQ(error(""), R"("syslog: byte 0: an empty text")");
  EXPECT_EQ(error("prose"), R"("syslog: byte 0: neither a priority nor a time at the start")");
  for (const char* text : {"<192>x", "<01>x", "<>x", "<1", "<1x>"}) {
    EXPECT_EQ(error(text), R"("syslog: byte 0: no priority <0> to <191>")") << text;
  }
  EXPECT_EQ(error("<1>1 yesterday h a - - -"), R"("syslog: byte 5: no time like 2026-09-03T10:00:00Z")");
  EXPECT_EQ(error("<1>1 2026-02-30T00:00:00Z h a - - -"), R"("syslog: byte 5: no time like 2026-09-03T10:00:00Z")");
  EXPECT_EQ(error("<1>1 - h a"), R"("syslog: byte 9: a header that ends too early")");
  EXPECT_EQ(error("<1>1 - h a - - x"), R"("syslog: byte 15: no structured data: neither - nor [")");
  EXPECT_EQ(error("<1>1 - h a - - [i"), R"("syslog: byte 17: structured data that is not closed by ]")");
  EXPECT_EQ(error("<1>1 - h a - - [i n]"), R"("syslog: byte 19: no =" behind the name of a parameter")");
  EXPECT_EQ(error("<1>1 - h a - - [i n=\"]"), R"("syslog: byte 20: a quote that is not closed")");
  EXPECT_EQ(error("<1>1 - h a - - -x"), R"("syslog: byte 16: no blank behind structured data")");
}

}  // namespace
}  // namespace picket::routing
