// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "complete_settings.hpp"
#include "routing/steps/aggregate_functions.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "step_harness.hpp"

namespace picket::routing {
namespace {

using platform::kMinute;
using platform::kSecond;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Lines = std::vector<std::string>;

constexpr std::int64_t kWindowStart = 28'333'333 * kMinute;  // a whole minute, 20 s before the harness's clock starts

struct AggregateHarness : StepHarness {
  explicit AggregateHarness(std::string_view settings)
      : StepHarness(kAggregateStep, complete_settings(kAggregateStep, settings)) {}
  void put(std::int64_t time, double value, std::string_view name = "load", std::string_view source = "host") {
    input_more().event("metric", source).at(time).name("name", name).real("value", value);
  }
  Lines one(std::int64_t time, double value) {
    put(time, value);
    return feed();
  }
};

std::string result(std::int64_t time, const std::string& name, const std::string& value,
                   const std::string& source = "host") {
  return "metric " + source + " 0@" + std::to_string(time) + " name=\"" + name + "\" value=" + value;
}

TEST(AggregateStep, a_window_gives_one_event_for_each_function_when_it_has_ended) {
  AggregateHarness step(
      R"({"functions": ["min", "max", "mean", "sum", "count", "first", "last", "p50", "p100"], "late": "5s"})");
  step.put(kWindowStart + 1, 3);
  step.put(kWindowStart + 3, 1);
  step.put(kWindowStart + 2, 5);
  EXPECT_THAT(step.feed(), IsEmpty());
  EXPECT_EQ(step.step().held(), 1U);
  EXPECT_THAT(step.one(kWindowStart + kMinute + 4 * kSecond, 9), IsEmpty()) << "late ones are waited for";
  const Lines lines = step.one(kWindowStart + kMinute + 5 * kSecond, 9);
  ASSERT_THAT(lines, SizeIs(9));
  EXPECT_THAT(Lines(lines.begin(), lines.end() - 2),
              ElementsAre(result(kWindowStart, "load.min", "1.0"), result(kWindowStart, "load.max", "5.0"),
                          result(kWindowStart, "load.mean", "3.0"), result(kWindowStart, "load.sum", "9.0"),
                          result(kWindowStart, "load.count", "3"), result(kWindowStart, "load.first", "3.0"),
                          result(kWindowStart, "load.last", "1.0")));
  EXPECT_THAT(lines[7], HasSubstr("load.p50"));
  EXPECT_THAT(lines[8], result(kWindowStart, "load.p100", "5.0")) << "never beyond the largest";
}

TEST(AggregateStep, the_clock_closes_a_window_when_no_event_does) {
  AggregateHarness step(R"({"functions": ["count"], "late": "5s"})");
  step.one(kWindowStart + 50 * kSecond, 1);
  EXPECT_THAT(step.advance(14 * kSecond), IsEmpty());
  EXPECT_THAT(step.advance(kSecond), ElementsAre(result(kWindowStart, "load.count", "1")));
  EXPECT_EQ(step.step().due_ns(), Step::kNever);
  EXPECT_THAT(step.one(kWindowStart + 59 * kSecond, 1), IsEmpty());
  EXPECT_EQ(step.step().over_limit(), 1U) << "too late now";
  EXPECT_EQ(step.step().held(), 0U);
}

TEST(AggregateStep, replayed_events_of_the_past_have_their_windows_too) {
  AggregateHarness step(R"({"functions": ["count"], "late": "0s"})");
  const std::int64_t past = kWindowStart - 100 * platform::kDay;
  step.put(past, 1);
  step.put(past + kMinute, 1);
  EXPECT_THAT(step.feed(), ElementsAre(result(past, "load.count", "1")));
  step.put(-kMinute - 1, 1);
  EXPECT_THAT(step.feed(), IsEmpty());
  EXPECT_EQ(step.step().over_limit(), 1U);
}

TEST(AggregateStep, an_event_from_the_future_closes_nothing) {
  AggregateHarness step(R"({"functions": ["count"]})");
  step.one(kWindowStart + kSecond, 1);
  EXPECT_THAT(step.one(step.clock.wall + kMinute + kSecond, 1), IsEmpty());
  EXPECT_EQ(step.step().over_limit(), 1U);
  EXPECT_EQ(step.step().held(), 1U);
}

TEST(AggregateStep, a_clock_that_is_set_back_starts_anew) {
  AggregateHarness step(R"({"functions": ["count"]})");
  step.one(kWindowStart + kSecond, 1);
  step.clock.wall -= platform::kHour;
  EXPECT_THAT(step.one(kWindowStart + kSecond - platform::kHour, 1),
              ElementsAre(result(kWindowStart, "load.count", "1")));
  EXPECT_THAT(step.finish(), ElementsAre(result(kWindowStart - platform::kHour, "load.count", "1")));
  EXPECT_EQ(step.step().over_limit(), 0U);
}

TEST(AggregateStep, groups_carry_what_tells_them_apart) {
  AggregateHarness step(
      R"({"functions": ["sum"], "by": ["program", "severity"], "name": "bytes", "value": "size * 2"})");
  step.input_more().event("log", "a", PICKET_SEVERITY_INFO).at(kWindowStart).text("program", "web").integer("size", 4);
  step.input_more().event("log", "b", PICKET_SEVERITY_INFO).at(kWindowStart).text("program", "web").integer("size", 5);
  step.input_more().event("log", "b", PICKET_SEVERITY_INFO).at(kWindowStart).text("program", "db").integer("size", 1);
  step.input_more().event("log", "b").at(kWindowStart).text("program", "db").text("size", "none");
  EXPECT_THAT(step.feed(), ElementsAre(HasSubstr("size=\"none\""))) << "what has no number passes";
  const std::string at = std::to_string(kWindowStart);
  EXPECT_THAT(step.finish(), ElementsAre("metric route 3@" + at + R"( name="bytes.sum" value=18.0 program="web")",
                                         "metric route 3@" + at + R"( name="bytes.sum" value=2.0 program="db")"));
}

TEST(AggregateStep, events_without_a_name_for_their_result_pass) {
  AggregateHarness step(R"({"functions": ["count"], "by": ["name"]})");
  step.input_more().event("log", "a").at(kWindowStart).text("message", "x");
  EXPECT_THAT(step.feed(), SizeIs(1));
  AggregateHarness counting(R"({"functions": ["count"], "name": "events"})");
  counting.input_more().event("log", "a").at(kWindowStart).text("message", "x");
  EXPECT_THAT(counting.feed(), IsEmpty());
  EXPECT_THAT(counting.finish(), ElementsAre(result(kWindowStart, "events.count", "1", "a")));
}

TEST(AggregateStep, a_window_has_no_more_groups_than_allowed) {
  AggregateHarness step(R"({"functions": ["count"], "max_groups": 2, "pass": true})");
  for (const char* name : {"a", "b", "c", "a"}) step.put(kWindowStart, 1, name);
  EXPECT_THAT(step.feed(), SizeIs(4)) << "originals go on";
  EXPECT_EQ(step.step().over_limit(), 1U);
  EXPECT_THAT(step.finish(), ElementsAre(result(kWindowStart, "a.count", "2"), result(kWindowStart, "b.count", "1")));
  EXPECT_EQ(step.step().held(), 0U);
}

TEST(AggregateStep, a_sum_that_no_double_holds_is_left_out) {
  AggregateHarness step(R"({"functions": ["sum", "mean", "max"]})");
  step.put(kWindowStart, 1.5e308);
  step.put(kWindowStart, 1.5e308);
  step.feed();
  EXPECT_THAT(step.finish(), ElementsAre(result(kWindowStart, "load.max", "1.5e+308")));
}

// Every result, computed the plain way.
TEST(AggregateStep, agrees_with_a_naive_computation) {
  struct Sample {
    std::int64_t time;
    double value;
  };
  std::mt19937 random(4);
  for (const int late : {0, 3, 25}) {
    AggregateHarness step(
        R"({"functions": ["min", "max", "mean", "sum", "count", "first", "last"], "window": "10s", "late": ")" +
        std::to_string(late) + "s\"}");
    std::map<std::pair<std::int64_t, std::string>, std::vector<Sample>> groups;
    Lines lines;
    std::int64_t now = kWindowStart;
    for (int i = 0; i < 1'500; ++i) {
      now += static_cast<std::int64_t>(random() % 300) * platform::kMillisecond;
      // As much out of order as is waited for, but never more.
      const std::int64_t time =
          now - static_cast<std::int64_t>(late == 0 ? 0 : random() % static_cast<unsigned>(late)) * kSecond;
      const double value = std::uniform_real_distribution(-10.0, 1'000.0)(random);
      const std::string name = "m" + std::to_string(random() % 5);
      step.put(time, value, name);
      groups[{time - time % (10 * kSecond), name}].push_back({time, value});
      if (random() % 40 == 0) {
        for (std::string& line : step.feed()) lines.push_back(std::move(line));
        step.clock.wall = now;
      }
    }
    for (std::string& line : step.feed()) lines.push_back(std::move(line));
    for (std::string& line : step.finish()) lines.push_back(std::move(line));
    EXPECT_EQ(step.step().over_limit(), 0U);

    Lines wanted;
    for (auto& [group, samples] : groups) {
      std::stable_sort(samples.begin(), samples.end(),
                       [](const Sample& a, const Sample& b) { return a.time < b.time; });
      long double sum = 0;
      double least = samples[0].value;
      double most = least;
      for (const Sample& sample : samples) {
        sum += sample.value;
        least = std::min(least, sample.value);
        most = std::max(most, sample.value);
      }
      const auto add = [&, &name = group.second, start = group.first](const std::string& function, double value) {
        wanted.push_back(result(start, name + function, TestBatch::write(Value::real(value))));
      };
      add(".min", least);
      add(".max", most);
      add(".mean", static_cast<double>(sum / static_cast<long double>(samples.size())));
      add(".sum", static_cast<double>(sum));
      wanted.push_back(result(group.first, group.second + ".count", std::to_string(samples.size())));
      add(".first", samples.front().value);
      add(".last", samples.back().value);
    }
    std::sort(lines.begin(), lines.end());
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(lines, wanted) << "late " << late;
  }
}

TEST(AggregateFunctions, are_known_by_name) {
  AggregateFunction function;
  for (const char* name : {"min", "max", "mean", "sum", "count", "first", "last", "p0", "p50", "p99.99", "p100"}) {
    EXPECT_TRUE(AggregateFunction::parse(name, function)) << name;
    EXPECT_EQ(function.suffix, std::string(".") + name);
  }
  EXPECT_DOUBLE_EQ(function.quantile, 1);
  for (const char* name : {"", "p", "px", "p101", "p-1", "p50x", "p1e1", "p1.23456", "avg"}) {
    EXPECT_FALSE(AggregateFunction::parse(name, function)) << name;
  }
}

TEST(AggregateStep, mistakes_in_its_settings_are_found) {
  EXPECT_THAT(problems_of(kAggregateStep, "{}"), IsEmpty());
  EXPECT_THAT(problems_of(kAggregateStep, R"({"name": "renamed"})"), IsEmpty());
  EXPECT_THAT(problems_of(kAggregateStep, R"({"by": ["a b"], "late": "20m", "value": "a b"})"),
              ElementsAre(HasSubstr("/value@2: "), HasSubstr("/by/0@2: "), HasSubstr("/late@0: more than ten times")));
  EXPECT_THAT(problems_of(kAggregateStep, R"({"by": ["source"]})"),
              ElementsAre(HasSubstr("/by@0: the results have no name")));
  EXPECT_THAT(problems_of(kAggregateStep, R"({"value": "value > 1"})"),
              ElementsAre("/value@0: this is never a number"));
  EXPECT_THAT(problems_of(kAggregateStep, R"({"by": ["name"], "name": "x"})"),
              ElementsAre(HasSubstr("/name@0: would replace")));
}

}  // namespace
}  // namespace picket::routing
