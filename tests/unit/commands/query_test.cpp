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
  EXPECT_EQ(run({.step = "10s", .points = true}), kExitOk);
  EXPECT_EQ(out_,
            "TIME UTC             system.cpu.utilization cpu.mode=user  system.network.io device=eth0\n"
            "2026-09-03 09:59:30                                  25 %                              -\n"
            "2026-09-03 09:59:40                                  75 %                        1 KiB/s\n"
            "2026-09-03 09:59:50                                  50 %                        2 KiB/s\n");
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
  EXPECT_EQ(run({.names = {"system.network.io"}, .step = "10s", .points = true}, QueryFormat::csv), kExitOk);
  EXPECT_THAT(out_, HasSubstr("2026-09-03T09:59:40.000Z,system.network.io,"));
  EXPECT_THAT(out_, HasSubstr(",By/s,1024,1024,1024,1024,1\n"));
}

TEST_F(QueryTest, json_carries_the_range_and_the_points) {
  const auto answer = run_json({.names = {"system.cpu.utilization"}, .step = "0s", .points = true});
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

TEST_F(QueryTest, what_is_damaged_is_named_and_the_rest_is_shown) {
  history_.damaged = true;
  EXPECT_EQ(run({.names = {"system.cpu.utilization"}, .stats = "last"}), kExitNotWell);
  EXPECT_EQ(out_, "NAME                    ATTRIBUTES     LAST\nsystem.cpu.utilization  cpu.mode=user  50 %\n");
  EXPECT_EQ(err_, "picket query: some of it cannot be read: 2026-W10.raw: is damaged\n");
}

TEST_F(QueryTest, wrong_words_of_statistics_totals_and_comparisons_are_usage_errors) {
  const std::vector<std::pair<Question, std::string>> wrong = {
      {{.stats = "average"}, "--stat: `average` is no statistic"},
      {{.sort = "size"}, "--sort: `size` is no statistic"},
      {{.sort = "p95"}, "--sort p95: name it in --stat, too"},
      {{.compare = "tomorrow"}, "--compare tomorrow: expected yesterday"},
      {{.total = "product"}, "--total product: expected sum, mean, min or max"},
      {{.step = "0s", .total = "sum"}, "--step 0: series can be put together within buckets only"},
      {{.stats = "p95", .total = "sum", .points = true}, "percentiles over time are of single series"},
      {{.step = "25h"}, "--step 25h: buckets longer than a day are whole days"},
  };
  for (const auto& [question, message] : wrong) {
    EXPECT_EQ(run(question), kExitUsage) << message;
    EXPECT_THAT(err_, HasSubstr(message));
    EXPECT_THAT(out_, IsEmpty());
  }
}

TEST_F(QueryTest, chosen_statistics_are_the_columns) {
  EXPECT_EQ(run({.names = {"system.cpu.utilization"}, .stats = "p50,max,sum"}), kExitOk);
  EXPECT_EQ(out_,
            "NAME                    ATTRIBUTES      P50   MAX    SUM\n"
            "system.cpu.utilization  cpu.mode=user  50 %  75 %  150 %\n"
            "\nPercentiles are of samples.\n");
  EXPECT_EQ(run({.names = {"system.network.io"}, .stats = "sum"}), kExitOk);
  EXPECT_THAT(out_, HasSubstr("30 KiB\n")) << "the increase of a counter is no rate";
}

TEST_F(QueryTest, percentiles_say_what_they_are_of) {
  EXPECT_EQ(run_json({.names = {"system.cpu.utilization"}, .stats = "p50"})["series"][0]["percentiles_of"], "samples");
  EXPECT_EQ(
      run_json({.names = {"system.cpu.utilization"}, .step = "1m", .stats = "p50"})["series"][0]["percentiles_of"],
      "values of 1m");
  history_.add_gauge("old", "{}", "", {{kQueryTime - 60 * kSecond, 0, 9, 5, 6, 720}, point_ago(5, 1)});
  EXPECT_EQ(run({.names = {"old", "system.cpu.utilization"}, .stats = "p50"}), kExitOk);
  EXPECT_THAT(out_,
              HasSubstr("Percentiles are of samples (1 series), of samples and means of longer times (1 series).\n"));
}

TEST_F(QueryTest, percentiles_of_each_bucket_are_of_its_samples) {
  const auto answer =
      run_json({.names = {"system.cpu.utilization"}, .step = "1m", .stats = "p99,mean", .points = true});
  EXPECT_EQ(answer["series"][0]["points"][0]["p99"], 0.75);
  EXPECT_EQ(answer["series"][0]["points"][0]["mean"], 0.5);
  EXPECT_THAT(history_.steps, ElementsAre(0));
}

TEST_F(QueryTest, the_largest_come_first_and_only_so_many) {
  for (int i = 0; i < 5; ++i) {
    history_.add_gauge("m" + std::to_string(i), "{}", "", {point_ago(20, i % 3), point_ago(10, 10 - i)});
  }
  const auto names_of = [](const nlohmann::json& answer) {
    std::vector<std::string> names;
    for (const auto& series : answer["series"]) names.push_back(series["name"]);
    return names;
  };
  EXPECT_THAT(names_of(run_json({.names = {"m?"}, .sort = "max", .top = 2})), ElementsAre("m0", "m1"));
  EXPECT_THAT(names_of(run_json({.names = {"m?"}, .sort = "min", .top = 2})), ElementsAre("m2", "m1"));
  EXPECT_THAT(names_of(run_json({.names = {"m?"}, .sort = "max", .top = 2, .reverse = true})), ElementsAre("m1", "m0"));
  EXPECT_THAT(names_of(run_json({.names = {"m?"}, .reverse = true})), ElementsAre("m4", "m3", "m2", "m1", "m0"));
}

TEST_F(QueryTest, any_series_can_be_a_rate) {
  history_.add_gauge("level", "{}", "m", {point_ago(20, 10), point_ago(10, 40)});
  const auto answer = run_json({.names = {"level"}, .rate = true});
  EXPECT_EQ(answer["series"][0]["mean"], 3);
  EXPECT_EQ(answer["series"][0]["unit"], "m/s");
}

TEST_F(QueryTest, a_narrow_terminal_gets_names_as_headings) {
  around_.terminal = {.interactive = true, .colour = false, .columns = 60};
  history_.add_gauge("system.memory.usage", R"({"system.memory.state":"used"})", "By", {point_ago(5, 1 << 20)});
  history_.add_gauge("system.memory.usage", R"({"system.memory.state":"free"})", "By", {point_ago(5, 1 << 30)});
  EXPECT_EQ(run({.names = {"system.memory.*"}, .stats = "last,min,mean"}), kExitOk);
  EXPECT_EQ(out_,
            "SERIES   LAST    MIN   MEAN\n"
            "system.memory.usage by system.memory.state\n"
            "  used  1 MiB  1 MiB  1 MiB\n"
            "  free  1 GiB  1 GiB  1 GiB\n");
}

TEST_F(QueryTest, more_values_than_an_answer_may_hold_is_an_error_that_says_what_to_narrow) {
  std::vector<picket_history_point> points;
  for (std::size_t i = 0; i < kMaxQueryValues + 2; ++i)
    points.push_back(sample(kQueryTime - 1 - static_cast<std::int64_t>(i), 1));
  std::reverse(points.begin(), points.end());
  history_.add_gauge("dense", "{}", "", std::move(points));
  EXPECT_EQ(run({.names = {"dense"}, .step = "0s", .points = true}), kExitUsage);
  EXPECT_EQ(err_, "picket query: more than 1000000 values: ask for a larger --step, a shorter time or fewer series\n");
  EXPECT_EQ(run({.names = {"dense"}}), kExitOk) << "statistics hold no values";
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
