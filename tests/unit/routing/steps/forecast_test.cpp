// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "complete_settings.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "routing/steps/trend.hpp"
#include "step_harness.hpp"

namespace picket::routing {
namespace {

using platform::kHour;
using platform::kMinute;
using platform::kSecond;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Lines = std::vector<std::string>;

constexpr std::int64_t kForecastStart = 1'700'000'000 * kSecond;

struct ForecastHarness : StepHarness {
  explicit ForecastHarness(std::string_view settings)
      : StepHarness(kForecastStep, complete_settings(kForecastStep, settings)) {}
  // A value each minute; what was said meanwhile.
  template <typename Curve>
  Lines run(int minutes, Curve curve, const char* disk = "sda") {
    Lines lines;
    for (int i = 0; i < minutes; ++i) {
      input()
          .event("metric", "host")
          .at(clock.wall)
          .name("name", "disk.used")
          .real("value", curve(i))
          .name("device", disk);
      for (std::string& line : feed()) lines.push_back(std::move(line));
      for (std::string& line : advance(kMinute)) lines.push_back(std::move(line));
    }
    return lines;
  }
};

double number_in(const std::string& line, const std::string& key) {
  return std::stod(line.substr(line.find(key + "=") + key.size() + 1));
}

TEST(Trend, finds_the_line_that_points_lie_on) {
  Trend trend;
  for (int i = 0; i < 100; ++i) trend.add(kHour, kForecastStart + i * 10 * kSecond, 5 + 0.25 * (i * 10));
  const TrendFit fit = trend.fit();
  EXPECT_EQ(fit.points, 100);
  EXPECT_NEAR(fit.slope, 0.25, 1e-12);
  EXPECT_NEAR(fit.value, 5 + 0.25 * 990, 1e-9);
  EXPECT_NEAR(fit.confidence, 1, 1e-12);
  EXPECT_NEAR(fit.span, 990, 120);
}

TEST(Trend, agrees_with_the_plain_formula_over_the_slots_of_the_window) {
  std::mt19937 random(9);
  const std::int64_t window = 320 * kSecond;  // slots of 10 s
  Trend trend;
  std::vector<std::pair<std::int64_t, double>> points;
  std::int64_t time = kForecastStart;
  for (int i = 0; i < 2'000; ++i) {
    time += static_cast<std::int64_t>(random() % 8'000) * platform::kMillisecond;
    if (random() % 50 == 0) time += static_cast<std::int64_t>(random() % 200) * kSecond;  // a gap
    const std::int64_t at = time - static_cast<std::int64_t>(random() % 3) * kSecond;     // a little out of order
    const double value = std::normal_distribution(std::sin(i / 200.0) * 50, 10.0)(random);
    trend.add(window, at, value);
    points.emplace_back(at, value);
    std::int64_t newest = 0;
    for (const auto& point : points) newest = std::max(newest, point.first);
    std::erase_if(points,
                  [&](const auto& point) { return point.first / (10 * kSecond) <= newest / (10 * kSecond) - 32; });
    long double n = 0, t = 0, v = 0, tt = 0, tv = 0, vv = 0;
    for (const auto& [moment, number] : points) {
      const long double x = static_cast<long double>(moment - newest) * 1e-9L;
      n += 1, t += x, v += number, tt += x * x, tv += x * number, vv += static_cast<long double>(number) * number;
    }
    const TrendFit fit = trend.fit();
    ASSERT_EQ(fit.points, static_cast<double>(points.size()));
    const long double spread = n * tt - t * t;
    if (points.size() < 5 || spread < 1) continue;
    const long double slope = (n * tv - t * v) / spread;
    const long double tied = n * tv - t * v;
    ASSERT_NEAR(fit.slope, static_cast<double>(slope), 1e-6 * (1 + std::fabs(static_cast<double>(slope))));
    ASSERT_NEAR(fit.value, static_cast<double>((v - slope * t) / n), 1e-5);
    ASSERT_NEAR(fit.confidence, static_cast<double>(tied * tied / (spread * (n * vv - v * v))), 1e-6);
  }
}

TEST(Trend, old_points_leave_and_a_clock_that_is_set_back_begins_anew) {
  Trend trend;
  EXPECT_EQ(trend.fit().points, 0);
  trend.add(kMinute, kForecastStart, 1);
  EXPECT_EQ(trend.fit().confidence, 1) << "a constant";
  trend.add(kMinute, kForecastStart + 30 * kSecond, 1);
  trend.add(kMinute, kForecastStart - kMinute - 10 * kSecond, 7);
  EXPECT_EQ(trend.fit().points, 2) << "too old";
  trend.add(kMinute, kForecastStart + 65 * kSecond, 1);
  EXPECT_EQ(trend.fit().points, 2) << "the first has left";
  trend.add(kMinute, kForecastStart + kHour, 2);
  EXPECT_EQ(trend.fit().points, 1);
  trend.add(kMinute, kForecastStart - kHour, 3);
  EXPECT_EQ(trend.fit().points, 1);
  EXPECT_EQ(trend.fit().value, 3);
}

TEST(ForecastStep, a_disk_that_fills_is_told_in_time_and_cleared_when_it_was_emptied) {
  ForecastHarness step(
      R"({"reaches": 1.0, "within": "4h", "message": "{device} full in {forecast.in:duration} at {forecast.time:time}"})");
  // 0.1 % a minute from 50 %: full after 500 minutes, so less than four hours away after 261.
  const Lines lines = step.run(300, [](int minute) { return 0.5 + 0.001 * minute; });
  ASSERT_THAT(lines, SizeIs(1));
  const std::string minute = std::to_string(kForecastStart + 261 * kMinute);
  EXPECT_THAT(lines[0],
              AllOf(HasSubstr("alert host 5@" + minute), HasSubstr(R"(device="sda" name="disk.used" value=0.761 )"),
                    HasSubstr("forecast.limit=1.0"), HasSubstr(R"(alert.state="raised")"),
                    HasSubstr("message=\"sda full in ")));
  EXPECT_NEAR(number_in(lines[0], "forecast.slope"), 0.001 / 60, 1e-9);
  EXPECT_NEAR(number_in(lines[0], "forecast.confidence"), 1, 1e-9);
  EXPECT_NEAR(number_in(lines[0], "forecast.in"), static_cast<double>(239 * kMinute), 1e9);
  EXPECT_NEAR(number_in(lines[0], "forecast.time"), static_cast<double>(kForecastStart + 500 * kMinute), 1e9);
  const Lines after = step.run(60, [](int) { return 0.4; });
  EXPECT_THAT(after, ElementsAre(HasSubstr(R"(alert.state="cleared")")));
}

TEST(ForecastStep, what_is_full_stays_raised) {
  ForecastHarness step(R"({"reaches": 1.0, "within": "1h", "emit": ["raised", "cleared"]})");
  EXPECT_THAT(step.run(100, [](int minute) { return 0.3 + 0.01 * minute; }), SizeIs(1));
  EXPECT_THAT(step.run(120, [](int) { return 1.2998; }), IsEmpty()) << "beyond the limit, where no line leads to it";
  EXPECT_THAT(step.run(120, [](int) { return 0.2; }), SizeIs(1));
}

TEST(ForecastStep, falling_values_reach_a_limit_below_them) {
  ForecastHarness step(R"({"reaches": 0, "within": "1h", "heading": "falling"})");
  EXPECT_THAT(step.run(60, [](int minute) { return 10.0 + minute; }), IsEmpty()) << "away from it";
  ForecastHarness down(R"({"reaches": 0, "within": "1h", "heading": "falling"})");
  EXPECT_THAT(down.run(60, [](int minute) { return 100.0 - minute; }), ElementsAre(HasSubstr("route raised: 0 in 1h")));
  ForecastHarness below(R"({"reaches": 0, "within": "1h", "heading": "falling"})");
  EXPECT_THAT(below.run(30, [](int) { return -1.0; }), SizeIs(1)) << "already there";
}

TEST(ForecastStep, rising_past_a_limit_is_nothing_if_the_side_is_open) {
  ForecastHarness step(R"({"reaches": 0, "within": "1h"})");
  EXPECT_THAT(step.run(60, [](int minute) { return 1.0 + minute; }), IsEmpty());
}

TEST(ForecastStep, noise_and_few_points_raise_nothing) {
  ForecastHarness noisy(R"({"reaches": 1, "within": "10h"})");
  std::mt19937 random(6);
  EXPECT_THAT(noisy.run(300, [&](int) { return std::uniform_real_distribution(0.2, 0.8)(random); }), IsEmpty());
  ForecastHarness few(R"({"reaches": 1, "within": "10h", "min_points": 20, "min_cover": 0})");
  EXPECT_THAT(few.run(19, [](int minute) { return 0.5 + 0.01 * minute; }), IsEmpty());
  ForecastHarness narrow(R"({"reaches": 1, "within": "10h", "min_points": 3, "min_cover": 0.5})");
  EXPECT_THAT(narrow.run(29, [](int minute) { return 0.5 + 0.01 * minute; }), IsEmpty());
  EXPECT_THAT(narrow.run(5, [](int minute) { return 0.79 + 0.01 * minute; }), SizeIs(1));
}

TEST(ForecastStep, groups_are_bounded_and_judged_apart) {
  ForecastHarness step(R"({"reaches": 1, "within": "1h", "max_groups": 2, "pass": true})");
  const Lines lines = step.run(
      1, [](int) { return 0.1; }, "sda");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("metric host"))) << "the original goes on";
  step.run(
      1, [](int) { return 0.1; }, "sdb");
  step.run(
      1, [](int) { return 0.1; }, "sdc");
  EXPECT_EQ(step.step().held(), 2U);
  EXPECT_EQ(step.step().over_limit(), 1U);
  step.advance(2 * kHour);
  step.run(
      1, [](int) { return 0.1; }, "sdc");
  EXPECT_EQ(step.step().held(), 1U) << "lines without a recent point are of no use";
  EXPECT_THAT(step.finish(), IsEmpty());
}

TEST(ForecastStep, mistakes_in_its_settings_are_found) {
  EXPECT_THAT(problems_of(kForecastStep, R"({"reaches": 1, "within": "4h"})"), IsEmpty());
  EXPECT_THAT(problems_of(kForecastStep,
                          R"({"reaches": 1, "within": "4h", "clear_within": "1h", "value": "'a'", "message": "{"})"),
              ElementsAre("/value@0: this is never a number", HasSubstr("/message@0: this brace is never closed"),
                          "/clear_within@0: has to be as long as `within` or longer"));
}

}  // namespace
}  // namespace picket::routing
