// SPDX-License-Identifier: Apache-2.0
//
// `picket query` over days, clock changes, gaps and earlier times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "commands/exit_codes.hpp"
#include "commands/query.hpp"
#include "fake_history.hpp"

namespace picket::commands {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using platform::kHour;
using platform::kMinute;

const BerlinZone kBerlin;

class QueryCalendarTest : public ::testing::Test {
 protected:
  void now_is(const std::string& utc) {
    around_.clock.wall = at(utc);
    around_.zone = &kBerlin;
  }
  // A value each hour, each as `value_of` says.
  template <typename ValueOf>
  void add_hours(const std::string& name, const std::string& from, const std::string& to, ValueOf value_of) {
    std::vector<picket_history_point> points;
    for (std::int64_t time = at(from); time < at(to); time += kHour) points.push_back(sample(time, value_of(time)));
    history_.add_gauge(name, "{}", "", std::move(points));
  }
  std::string table(const Question& question) {
    EXPECT_EQ(query({question, QueryFormat::table}, history_, around_.get()), kExitOk) << around_.err.str();
    return around_.out.str();
  }
  nlohmann::json json(const Question& question) {
    EXPECT_EQ(query({question, QueryFormat::json}, history_, around_.get()), kExitOk) << around_.err.str();
    return nlohmann::json::parse(around_.out.str());
  }

  FakeHistory history_;
  FakeSurroundings around_{0};
};

TEST_F(QueryCalendarTest, days_are_local_and_that_of_a_clock_change_has_25_hours) {
  now_is("2026-10-27T10:00Z");
  add_hours("m", "2026-10-20", "2026-10-28", [](std::int64_t) { return 1; });
  EXPECT_EQ(
      table({.range = {.from = "2026-10-24", .to = "2026-10-27"}, .step = "1d", .stats = "count", .points = true}),
      "TIME (local)  m COUNT\n"
      "2026-10-24         24\n"
      "2026-10-25         25\n"
      "2026-10-26         24\n");
  EXPECT_THAT(history_.steps, ElementsAre(kHour));
}

TEST_F(QueryCalendarTest, days_are_those_of_utc_when_asked_for) {
  now_is("2026-10-27T10:00Z");
  add_hours("m", "2026-10-20", "2026-10-28", [](std::int64_t) { return 1; });
  EXPECT_EQ(table({.range = {.from = "2026-10-24", .to = "2026-10-26"},
                   .step = "1d",
                   .stats = "count",
                   .points = true,
                   .utc = true}),
            "TIME UTC    m COUNT\n"
            "2026-10-24       24\n"
            "2026-10-25       24\n");
}

TEST_F(QueryCalendarTest, times_that_clocks_show_twice_carry_their_offset) {
  now_is("2026-10-27T10:00Z");
  add_hours("m", "2026-10-20", "2026-10-28", [](std::int64_t time) { return static_cast<double>(time / kHour % 24); });
  EXPECT_EQ(table({.range = {.from = "2026-10-25T02:00", .to = "2026-10-25T03:00"}, .step = "1h", .points = true}),
            "TIME (local)             m\n"
            "2026-10-25 02:00 +02:00  0\n"
            "2026-10-25 02:00 +01:00  1\n");
}

TEST_F(QueryCalendarTest, times_are_local_with_the_offset_in_the_title) {
  now_is("2026-06-03T10:00Z");
  add_hours("m", "2026-06-03T08:00", "2026-06-03T10:00", [](std::int64_t) { return 7; });
  EXPECT_THAT(table({.range = {.from = "today"}, .step = "1h", .points = true}),
              HasSubstr("TIME UTC+02:00    m\n2026-06-03 10:00  7\n"));
}

TEST_F(QueryCalendarTest, a_gap_is_one_empty_value_in_csv_and_json_and_a_dash_in_a_table) {
  now_is("2026-06-03T10:00Z");
  std::vector<picket_history_point> points;
  for (int minute : {0, 1, 2, 3, 4, 20, 21})
    points.push_back(sample(at("2026-06-03T09:00Z") + minute * kMinute, minute));
  history_.add_gauge("m", "{}", "", points);
  const Question question = {.step = "1m", .stats = "mean", .points = true, .utc = true};
  EXPECT_THAT(table(question), HasSubstr("09:04       4\n2026-06-03 09:05       -\n2026-06-03 09:20      20\n"));
  const auto list = json(question)["series"][0]["points"];
  ASSERT_EQ(list.size(), 8U);
  EXPECT_EQ(list[5]["time"], "2026-06-03T09:05:00.000Z");
  EXPECT_TRUE(list[5]["mean"].is_null());
  query({question, QueryFormat::csv}, history_, around_.get());
  EXPECT_THAT(around_.out.str(),
              HasSubstr("2026-06-03T09:05:00.000Z,m,{},host,box,,\n2026-06-03T09:20:00.000Z,m,{},host,box,,20\n"));
  Question raw = question;
  raw.raw = true;
  EXPECT_EQ(json(raw)["series"][0]["points"].size(), 7U) << "as stored";
}

TEST_F(QueryCalendarTest, a_comparison_shows_now_then_and_the_change) {
  now_is("2026-06-03T10:00Z");
  add_hours("m", "2026-06-02T08:00", "2026-06-02T10:00", [](std::int64_t) { return 10; });
  add_hours("gone", "2026-06-02T08:00", "2026-06-02T10:00", [](std::int64_t) { return 5; });
  add_hours("new", "2026-06-03T08:00", "2026-06-03T10:00", [](std::int64_t) { return 3; });
  std::vector<picket_history_point> both = {sample(at("2026-06-02T08:00"), 10), sample(at("2026-06-03T08:00"), 12)};
  history_.add_gauge("z", "{}", "", both);
  EXPECT_EQ(table({.names = {"gone", "new", "z"}, .range = {.last = "2h"}, .compare = "yesterday"}),
            "NAME  MEAN  YESTERDAY  CHANGE\n"
            "gone     -          5       -\n"
            "new      3          -       -\n"
            "z       12         10   +20 %\n");
  const auto answer = json({.names = {"z"}, .range = {.last = "2h"}, .compare = "yesterday"});
  EXPECT_EQ(answer["compared_with"]["from"], "2026-06-02T08:00:00.000Z");
  EXPECT_EQ(answer["series"][0]["then"]["mean"], 10);
  EXPECT_EQ(answer["series"][0]["change"]["mean"], 0.2);
}

// 23 hours lie between the two noons: the buckets still face each other by the clock on the wall.
TEST_F(QueryCalendarTest, yesterdays_buckets_lie_on_todays_by_local_time) {
  now_is("2026-03-29T12:00Z");
  add_hours("m", "2026-03-27", "2026-03-30",
            [](std::int64_t time) { return static_cast<double>(platform::to_local(kBerlin, time) / kHour % 24); });
  EXPECT_EQ(table({.range = {.from = "2026-03-29T11:00", .to = "2026-03-29T13:00"},
                   .step = "1h",
                   .compare = "yesterday",
                   .points = true}),
            "TIME UTC+02:00     m  YESTERDAY  CHANGE\n"
            "2026-03-29 11:00  11         11     0 %\n"
            "2026-03-29 12:00  12         12     0 %\n");
}

TEST_F(QueryCalendarTest, csv_of_a_comparison_has_three_columns_for_each_statistic) {
  now_is("2026-06-03T10:00Z");
  history_.add_gauge("z", "{}", "", {sample(at("2026-06-03T08:30"), 10), sample(at("2026-06-03T09:30"), 12)});
  query({{.stats = "max", .compare = "1h"}, QueryFormat::csv}, history_, around_.get());
  EXPECT_EQ(around_.out.str(),
            "name,attributes,source,host,unit,max,max_then,max_change,first_time,last_time\n"
            "z,{},host,box,,12,10,0.2,2026-06-03T09:30:00.000Z,2026-06-03T09:30:00.000Z\n");
}

TEST_F(QueryCalendarTest, a_long_read_shows_a_bar_at_a_terminal_only) {
  now_is("2026-06-03T10:00Z");
  add_hours("m", "2026-06-03T08:00", "2026-06-03T10:00", [](std::int64_t) { return 7; });
  around_.clock.step = platform::kSecond;
  table({.range = {.last = "4h"}});
  EXPECT_EQ(around_.err.str(), "");
  around_.terminal.error_interactive = true;
  table({.range = {.last = "4h"}});
  EXPECT_THAT(around_.err.str(), ::testing::StartsWith("\rreading ["));
  EXPECT_THAT(around_.err.str(), ::testing::EndsWith("\r\x1b[K"));
}

}  // namespace
}  // namespace picket::commands
