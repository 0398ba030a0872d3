// SPDX-License-Identifier: Apache-2.0
#include "commands/query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "commands/exit_codes.hpp"
#include "fake_history.hpp"

namespace picket::commands {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using platform::kSecond;

constexpr std::int64_t kQueryTime = 1'788'429'600 * kSecond;  // 2026-09-03T10:00:00Z

picket_history_point point_ago(std::int64_t seconds_ago, double value) {
  return {kQueryTime - seconds_ago * kSecond, value, value, value, value, 1};
}

class QueryTest : public ::testing::Test {
 protected:
  QueryTest() {
    history_.add({0, PICKET_INSTRUMENT_GAUGE, "box", "host", "system.cpu.utilization", R"({"cpu.mode":"user"})", "1"},
                 {point_ago(30, 0.25), point_ago(20, 0.75), point_ago(10, 0.5)});
    history_.add({0, PICKET_INSTRUMENT_COUNTER, "box", "host", "system.network.io", R"({"device":"eth0"})", "By"},
                 {point_ago(30, 1'024), point_ago(20, 11'264), point_ago(10, 31'744)});
    history_.add({0, PICKET_INSTRUMENT_GAUGE, "box", "old", "system.cpu.utilization", "{}", "1"},
                 {point_ago(7'000, 1)});
  }

  int run(const Question& question, QueryFormat format = QueryFormat::table) {
    const int code = query({question, format}, history_, around_.get());
    out_ = around_.out.str();
    err_ = around_.err.str();
    return code;
  }
  nlohmann::json run_json(const Question& question) {
    EXPECT_EQ(run(question, QueryFormat::json), kExitOk) << err_;
    return nlohmann::json::parse(out_);
  }

  FakeHistory history_;
  FakeSurroundings around_{kQueryTime};
  std::string out_, err_;
};

TEST_F(QueryTest, sums_up_each_series_in_a_line_of_people_s_units) {
  EXPECT_EQ(run({}), kExitOk);
  EXPECT_EQ(out_,
            "NAME                    ATTRIBUTES        LAST      MIN       MEAN      MAX  COUNT\n"
            "system.cpu.utilization  cpu.mode=user     50 %     25 %       50 %     75 %      3\n"
            "system.network.io       device=eth0    2 KiB/s  1 KiB/s  1.5 KiB/s  2 KiB/s      2\n");
  EXPECT_EQ(err_, "");
}

TEST_F(QueryTest, raw_leaves_numbers_and_counters_as_they_are_stored) {
  EXPECT_EQ(run({.names = {"system.network.io"}, .raw = true}), kExitOk);
  EXPECT_THAT(out_, HasSubstr("system.network.io  device=eth0  By    31744  1024  14677.333333333334  31744      3\n"));
}

TEST_F(QueryTest, a_source_column_appears_where_it_tells_series_apart) {
  EXPECT_EQ(run({.names = {"system.cpu.utilization"}, .range = {.last = "3h"}}), kExitOk);
  EXPECT_THAT(out_, HasSubstr("SOURCE"));
  EXPECT_THAT(out_, Not(HasSubstr("HOST")));
}

TEST_F(QueryTest, labels_choose_by_attribute_source_and_host) {
  EXPECT_EQ(run_json({.labels = {"cpu.mode=user"}})["series"].size(), 1U);
  EXPECT_EQ(run_json({.labels = {"source=old"}, .range = {.last = "3h"}})["series"].size(), 1U);
  EXPECT_EQ(run_json({.labels = {"host=box", "device=eth0"}})["series"].size(), 1U);
  EXPECT_EQ(run({.labels = {"cpu.mode=idle"}}), kExitNotWell);
}

TEST_F(QueryTest, a_series_that_several_names_match_is_shown_once) {
  EXPECT_EQ(run_json({.names = {"*", "system.network.io"}})["series"].size(), 2U);
}

TEST_F(QueryTest, points_of_few_series_stand_beside_each_other) {
  EXPECT_EQ(run({.points = true}), kExitOk);
  EXPECT_EQ(out_,
            "TIME                  system.cpu.utilization cpu.mode=user  system.network.io device=eth0\n"
            "2026-09-03T09:59:30Z                                  25 %                              -\n"
            "2026-09-03T09:59:40Z                                  75 %                        1 KiB/s\n"
            "2026-09-03T09:59:50Z                                  50 %                        2 KiB/s\n");
}

TEST_F(QueryTest, points_of_many_series_stand_below_each_other) {
  for (int i = 0; i < 5; ++i) {
    history_.add({0, PICKET_INSTRUMENT_GAUGE, "box", "host", "more" + std::to_string(i), "{}", ""}, {point_ago(5, i)});
  }
  EXPECT_EQ(run({.points = true}), kExitOk);
  EXPECT_THAT(out_, ::testing::StartsWith("SERIES"));
  EXPECT_THAT(out_, HasSubstr("more4"));
}

TEST_F(QueryTest, csv_is_one_line_for_each_series_or_value_with_exact_numbers) {
  EXPECT_EQ(run({.names = {"system.cpu.utilization"}}, QueryFormat::csv), kExitOk);
  EXPECT_EQ(out_,
            "name,attributes,source,host,unit,last,min,mean,max,count,first_time,last_time\n"
            "system.cpu.utilization,\"{\"\"cpu.mode\"\":\"\"user\"\"}\",host,box,1,0.5,0.25,0.5,0.75,3,"
            "2026-09-03T09:59:30.000Z,2026-09-03T09:59:50.000Z\n");
  EXPECT_EQ(run({.names = {"system.network.io"}, .points = true}, QueryFormat::csv), kExitOk);
  EXPECT_THAT(out_, HasSubstr("2026-09-03T09:59:40.000Z,system.network.io,"));
  EXPECT_THAT(out_, HasSubstr(",By/s,1024,1024,1024,1024,1\n"));
}

TEST_F(QueryTest, json_carries_the_range_and_the_points) {
  const auto answer = run_json({.names = {"system.cpu.utilization"}, .points = true});
  EXPECT_EQ(answer["from"], "2026-09-03T09:00:00.000Z");
  EXPECT_EQ(answer["to"], "2026-09-03T10:00:00.000Z");
  const auto& series = answer["series"][0];
  EXPECT_EQ(series["attributes"]["cpu.mode"], "user");
  EXPECT_EQ(series["mean"], 0.5);
  ASSERT_EQ(series["points"].size(), 3U);
  EXPECT_EQ(series["points"][1]["mean"], 0.75);
}

TEST_F(QueryTest, the_step_follows_from_the_range_unless_it_is_given) {
  run({.names = {"system.network.io"}});
  run({.names = {"system.network.io"}, .range = {.last = "1d"}});
  run({.names = {"system.network.io"}, .range = {.last = "52w"}});
  run({.names = {"system.network.io"}, .range = {.last = "1h"}, .points = true});
  run({.names = {"system.network.io"}, .step = "10s"});
  EXPECT_THAT(history_.steps, ElementsAre(0, 60 * kSecond, 3'600 * kSecond, 60 * kSecond, 10 * kSecond));
}

TEST_F(QueryTest, finding_nothing_is_told_apart_from_having_no_values) {
  EXPECT_EQ(run({.names = {"none"}}), kExitNotWell);
  EXPECT_THAT(err_, HasSubstr("no series matches"));
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_EQ(run({.range = {.from = "3h", .to = "2h"}}), kExitNotWell);
  EXPECT_THAT(err_, HasSubstr("no values in that time"));
}

TEST_F(QueryTest, wrong_words_are_usage_errors_that_name_the_option) {
  EXPECT_EQ(run({.labels = {"x"}}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("--label x"));
  EXPECT_EQ(run({.step = "often"}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("--step"));
  EXPECT_EQ(run({.range = {.last = "long"}}), kExitUsage);
  EXPECT_EQ(run({.limit = 1}), kExitUsage);
}

TEST_F(QueryTest, a_history_that_cannot_be_read_is_unavailable) {
  history_.broken = true;
  EXPECT_EQ(run({}), kExitUnavailable);
  EXPECT_EQ(err_, "picket query: the file is damaged\n");
}

TEST_F(QueryTest, a_number_that_json_does_not_have_is_null) {
  history_.add({0, PICKET_INSTRUMENT_GAUGE, "box", "host", "odd", "no json", ""},
               {{kQueryTime - kSecond, 0, std::numeric_limits<double>::infinity(), 1, 1, 1}});
  const auto answer = run_json({.names = {"odd"}});
  EXPECT_TRUE(answer["series"][0]["max"].is_null());
  EXPECT_TRUE(answer["series"][0]["attributes"].is_object());
}

}  // namespace
}  // namespace picket::commands
