// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "complete_settings.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "step_harness.hpp"

namespace picket::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

constexpr std::int64_t kRateStart = 1'700'000'000 * platform::kSecond;

struct RateHarness : StepHarness {
  explicit RateHarness(std::string_view settings) : StepHarness(kRateStep, complete_settings(kRateStep, settings)) {}
  RateHarness& counter(std::int64_t second, std::int64_t value, std::string_view mode = "user") {
    input().event("metric", "host").at(kRateStart + second * platform::kSecond);
    return add(value, mode);
  }
  RateHarness& more(std::int64_t second, std::int64_t value, std::string_view mode = "user") {
    input_more().event("metric", "host").at(kRateStart + second * platform::kSecond);
    return add(value, mode);
  }
  RateHarness& add(std::int64_t value, std::string_view mode) {
    input_more().name("name", "cpu.time").integer("value", value).name("cpu.mode", mode);
    return *this;
  }
};

std::string rate_line(std::int64_t second, const std::string& value, const std::string& mode = "user") {
  return "metric host 0@" + std::to_string(kRateStart + second * platform::kSecond) +
         " name=\"cpu.time.rate\" value=" + value + " cpu.mode=\"" + mode + "\"";
}

TEST(RateStep, the_growth_between_two_values_of_a_series_becomes_its_rate) {
  RateHarness step("{}");
  EXPECT_THAT(step.counter(0, 100).more(0, 7, "idle").feed(), IsEmpty()) << "one value grows by nothing";
  EXPECT_THAT(step.counter(5, 150).more(5, 8, "idle").feed(),
              ElementsAre(rate_line(5, "10.0"), rate_line(5, "0.2", "idle")));
  EXPECT_EQ(step.step().held(), 2U);
}

TEST(RateStep, a_counter_that_fell_has_begun_again_at_zero) {
  RateHarness step("{}");
  EXPECT_THAT(step.counter(0, 1'000).more(10, 50).more(20, 50).feed(),
              ElementsAre(rate_line(10, "5.0"), rate_line(20, "0.0")));
  EXPECT_THAT(step.counter(30, -5).feed(), IsEmpty()) << "below zero it is no counter";
  EXPECT_THAT(step.counter(40, 5).feed(), ElementsAre(rate_line(40, "1.0")));
}

TEST(RateStep, differences_of_large_integers_are_exact) {
  RateHarness step("{}");
  const std::int64_t large = std::numeric_limits<std::int64_t>::max() - 10;
  EXPECT_THAT(step.counter(0, large).more(1, large + 3).feed(), ElementsAre(rate_line(1, "3.0")));
}

TEST(RateStep, a_gap_gives_no_rate_and_begins_anew) {
  RateHarness step(R"({"max_gap": "10s"})");
  EXPECT_THAT(step.counter(0, 0).more(11, 110).more(20, 200).feed(), ElementsAre(rate_line(20, "10.0")));
}

TEST(RateStep, what_comes_twice_or_out_of_order_changes_nothing) {
  RateHarness step("{}");
  step.counter(10, 100).feed();
  EXPECT_THAT(step.counter(10, 100).more(5, 50).more(20, 300).feed(), ElementsAre(rate_line(20, "20.0")));
  EXPECT_THAT(step.counter(-1'000, 10).more(-990, 20).feed(), ElementsAre(rate_line(-990, "1.0")))
      << "the clock was set back";
}

TEST(RateStep, everything_else_passes_in_its_place) {
  RateHarness step(R"({"names": ["cpu.*"]})");
  step.counter(0, 1).feed();
  step.input().event("log", "door").at(1).text("message", "hello");
  step.more(1, 2);
  step.input_more().event("metric", "host").at(2).name("name", "load").real("value", 0.5);
  step.input_more().event("metric", "host").at(3).name("name", "cpu.time").text("value", "none");
  step.input_more().event("metric", "host").at(4).name("name", "cpu.time").real("value", std::nan(""));
  step.input_more().event("metric", "host").at(5).real("value", 1);
  EXPECT_THAT(step.feed(),
              ElementsAre(R"(log door 0@1 message="hello")", rate_line(1, "1.0"),
                          R"(metric host 0@2 name="load" value=0.5)", R"(metric host 0@3 name="cpu.time" value="none")",
                          R"(metric host 0@4 name="cpu.time" value=nan)", "metric host 0@5 value=1.0"));
}

TEST(RateStep, the_original_goes_on_before_its_rate_if_asked_for) {
  RateHarness step(R"({"pass": true, "name": "cpu.load", "by": ["source", "name", "cpu.mode"]})");
  step.counter(0, 0).feed();
  const Lines lines = step.counter(2, 1).feed();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], ::testing::HasSubstr(R"(name="cpu.time" value=1 )"));
  EXPECT_THAT(lines[1], ::testing::HasSubstr(R"(name="cpu.load" value=0.5 )"));
}

TEST(RateStep, names_of_peers_are_not_interned) {
  RateHarness step("{}");
  for (int second = 0; second < 2; ++second) {
    auto& batch = second == 0 ? step.input() : step.input_more();
    batch.event("metric", "door")
        .at(kRateStart + second * platform::kSecond)
        .text("name", "peer.bytes")
        .integer("value", second);
  }
  EXPECT_THAT(step.feed(), ElementsAre(::testing::HasSubstr(R"(name="peer.bytes.rate" value=1.0)")));
  EXPECT_EQ(step.names.find("peer.bytes.rate"), 0U);
}

TEST(RateStep, remembers_no_more_counters_than_allowed_and_forgets_silent_ones) {
  RateHarness step(R"({"max_groups": 2, "max_gap": "10s"})");
  step.counter(0, 0, "a").more(0, 0, "b").more(0, 0, "c").feed();
  EXPECT_EQ(step.step().held(), 2U);
  EXPECT_EQ(step.step().over_limit(), 1U);
  EXPECT_THAT(step.advance(11 * platform::kSecond), IsEmpty());
  step.counter(11, 0, "c").feed();
  EXPECT_EQ(step.step().held(), 1U) << "those that were silent for longer than a gap are gone";
  EXPECT_THAT(step.counter(12, 4, "c").feed(), ElementsAre(rate_line(12, "4.0", "c")));
}

TEST(RateStep, rates_add_up_to_what_was_counted) {
  RateHarness step("{}");
  std::mt19937 random(2);
  std::int64_t value = 0;
  std::int64_t second = 0;
  double counted = 0;
  double summed = 0;
  step.counter(0, 0).feed();
  for (int i = 0; i < 300; ++i) {
    const auto elapsed = static_cast<std::int64_t>(1 + random() % 60);
    const auto growth = static_cast<std::int64_t>(random() % 100);
    const bool restarts = random() % 10 == 0 && growth < value;  // a later restart cannot be seen
    value = restarts ? growth : value + growth;
    second += elapsed;
    const Lines lines = step.counter(second, value).feed();
    ASSERT_EQ(lines.size(), 1U);
    summed += std::stod(lines[0].substr(lines[0].find("value=") + 6)) * static_cast<double>(elapsed);
    counted += static_cast<double>(growth);
  }
  EXPECT_NEAR(summed, counted, 1e-6 * counted);
}

TEST(RateStep, mistakes_in_its_settings_are_found) {
  EXPECT_THAT(problems_of(kRateStep, "{}"), IsEmpty());
  EXPECT_THAT(problems_of(kRateStep, R"({"names": ["a", "b\\"], "by": ["source", "time"]})"),
              ElementsAre("/by/1@0: every time would be a group of its own; a field of that key is `fields.time`",
                          "/names/1@1: ends in a lone backslash; write two for one"));
}

}  // namespace
}  // namespace picket::routing
