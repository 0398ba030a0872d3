// SPDX-License-Identifier: Apache-2.0
//
// Series put together: --total and --by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "commands/exit_codes.hpp"
#include "commands/query.hpp"
#include "fake_history.hpp"

namespace picket::commands {
namespace {

using platform::kSecond;
using ::testing::ElementsAre;

class QueryTotalTest : public ::testing::Test {
 protected:
  // Values `interval` seconds apart from 09:00 on; negative ones are left out.
  void add(const std::string& attributes, int interval, const std::vector<double>& values, bool counter = false) {
    std::vector<picket_history_point> points;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::int64_t time = at("2026-06-03T09:00Z") + static_cast<std::int64_t>(i) * interval * kSecond;
      if (values[i] >= 0) points.push_back(sample(time, values[i]));
    }
    const std::uint32_t instrument = counter ? PICKET_INSTRUMENT_COUNTER : PICKET_INSTRUMENT_GAUGE;
    history_.add({0, instrument, "box", "host", "m", attributes, "By"}, std::move(points));
  }
  nlohmann::json ask_for(const Question& question) {
    EXPECT_EQ(query({question, QueryFormat::json}, history_, around_.get()), kExitOk) << around_.err.str();
    return nlohmann::json::parse(around_.out.str())["series"];
  }
  std::vector<double> means(const nlohmann::json& series) {
    std::vector<double> values;
    for (const auto& point : series["points"])
      values.push_back(point["mean"].is_null() ? -1 : point["mean"].get<double>());
    return values;
  }

  FakeHistory history_;
  FakeSurroundings around_{at("2026-06-03T09:10Z")};
};

TEST_F(QueryTotalTest, values_of_one_bucket_add_up) {
  add(R"({"d":"a"})", 10, {1, 2, 3});
  add(R"({"d":"b"})", 10, {10, 20, 30});
  const auto series = ask_for({.step = "10s", .total = "sum", .points = true});
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series[0]["series"], 2);
  EXPECT_EQ(series[0]["attributes"].size(), 0U);
  EXPECT_THAT(means(series[0]), ElementsAre(11, 22, 33));
  EXPECT_EQ(series[0]["max"], 33);
}

TEST_F(QueryTotalTest, mean_minimum_and_maximum_are_over_series) {
  add(R"({"d":"a"})", 10, {1, 2});
  add(R"({"d":"b"})", 10, {3, 20});
  EXPECT_THAT(means(ask_for({.step = "10s", .total = "mean", .points = true})[0]), ElementsAre(2, 11));
  EXPECT_THAT(means(ask_for({.step = "10s", .total = "min", .points = true})[0]), ElementsAre(1, 2));
  EXPECT_THAT(means(ask_for({.step = "10s", .total = "max", .points = true})[0]), ElementsAre(3, 20));
}

TEST_F(QueryTotalTest, labels_make_groups_which_are_summed_unless_told_otherwise) {
  add(R"({"d":"a","way":"in"})", 10, {1, 1});
  add(R"({"d":"a","way":"out"})", 10, {2, 2});
  add(R"({"d":"b","way":"in"})", 10, {5, 5});
  const auto series = ask_for({.step = "10s", .by = {"d", "host"}});
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[0]["attributes"]["d"], "a");
  EXPECT_EQ(series[0]["host"], "box");
  EXPECT_EQ(series[0]["source"], "");
  EXPECT_EQ(series[0]["mean"], 3);
  EXPECT_EQ(series[1]["mean"], 5);
}

TEST_F(QueryTotalTest, a_label_that_no_series_has_is_named_with_those_that_there_are) {
  add(R"({"d":"a","way":"in"})", 10, {1, 1});
  add(R"({"e":"a"})", 10, {1, 1});
  EXPECT_EQ(query({{.step = "10s", .by = {"d", "drive"}}, QueryFormat::json}, history_, around_.get()), kExitUsage);
  EXPECT_EQ(around_.err.str(),
            "picket query: --by drive: no series that matches has this label; they have d, e, host, source, way\n");
}

TEST_F(QueryTotalTest, a_series_that_is_sampled_more_seldom_keeps_its_value_in_between) {
  add(R"({"d":"a"})", 10, {1, 1, 1, 1, 1, 1, 1});
  add(R"({"d":"b"})", 30, {100, 200, 300});
  EXPECT_THAT(means(ask_for({.step = "10s", .total = "sum", .points = true})[0]),
              ElementsAre(101, 101, 101, 201, 201, 201, 301));
}

TEST_F(QueryTotalTest, a_series_in_a_gap_is_no_part_of_the_total) {
  add(R"({"d":"a"})", 10, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  add(R"({"d":"b"})", 10, {5, 5, 5, 5, -1, -1, -1, -1, -1, 5, 5});
  EXPECT_THAT(means(ask_for({.step = "10s", .total = "sum", .points = true})[0]),
              ElementsAre(6, 6, 6, 6, 1, 1, 1, 1, 1, 6, 6));
}

TEST_F(QueryTotalTest, counters_are_rates_before_they_are_added) {
  add(R"({"d":"a"})", 10, {0, 100, 200}, true);
  add(R"({"d":"b"})", 10, {5'000, 5'010, 0}, true);
  const auto series = ask_for({.step = "10s", .stats = "mean,sum", .total = "sum", .points = true});
  EXPECT_EQ(series[0]["unit"], "By/s");
  EXPECT_THAT(means(series[0]), ElementsAre(11, 10));
  EXPECT_EQ(series[0]["sum"], 210);
}

TEST_F(QueryTotalTest, percentiles_are_of_the_totals) {
  add(R"({"d":"a"})", 10, {1, 2, 3, 4});
  add(R"({"d":"b"})", 10, {1, 1, 1, 1});
  const auto series = ask_for({.step = "10s", .stats = "p50,count", .total = "sum"});
  EXPECT_EQ(series[0]["p50"], 3);
  EXPECT_EQ(series[0]["count"], 4);
  EXPECT_EQ(series[0]["percentiles_of"], "totals of 10s");
}

TEST_F(QueryTotalTest, an_earlier_time_is_put_together_too) {
  add(R"({"d":"a"})", 60, {1, 1, 1, 1, 1, 3, 3, 3, 3, 3});
  add(R"({"d":"b"})", 60, {1, 1, 1, 1, 1, 5, 5, 5, 5, 5});
  const auto series =
      ask_for({.range = {.last = "5m"}, .step = "1m", .stats = "mean", .compare = "5m", .total = "sum"});
  EXPECT_EQ(series[0]["mean"], 8);
  EXPECT_EQ(series[0]["then"]["mean"], 2);
}

TEST_F(QueryTotalTest, a_table_says_how_many_series_are_in_each) {
  add(R"({"d":"a"})", 10, {1024});
  add(R"({"d":"b"})", 10, {1024});
  EXPECT_EQ(query({{.step = "10s", .stats = "last", .total = "sum"}, QueryFormat::table}, history_, around_.get()),
            kExitOk);
  EXPECT_EQ(around_.out.str(), "NAME  SERIES   LAST\nm          2  2 KiB\n");
}

}  // namespace
}  // namespace picket::commands
