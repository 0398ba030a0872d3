// SPDX-License-Identifier: Apache-2.0
//
// throttle and dedupe: windows of time for each key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "routing/steps/event_key.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "step_harness.hpp"

namespace picket::routing {
namespace {

using platform::kSecond;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class KeyWindowsTest : public ::testing::Test {
 protected:
  static constexpr const char* kTwoASecond =
      R"({"events": 2, "per": 1000000000, "by": ["name"], "max_keys": 3, "report": true})";

  // The names that pass of events with these names.
  static std::vector<std::string> feed(StepHarness& step, const std::vector<std::string>& names) {
    step.input();
    for (const std::string& name : names)
      step.input_more().event("e", "src", PICKET_SEVERITY_INFO).at(9).text("name", name);
    std::vector<std::string> passed;
    for (const std::string& line : step.feed()) passed.push_back(line.substr(line.find(' ')));
    return passed;
  }
  static std::string line(const std::string& name) { return " src 3@9 name=\"" + name + "\""; }
};

TEST_F(KeyWindowsTest, throttle_lets_so_many_of_each_key_pass_and_tells_of_the_rest) {
  StepHarness step(kThrottleStep, kTwoASecond);
  EXPECT_THAT(feed(step, {"a", "a", "a", "b", "a"}), ElementsAre(line("a"), line("a"), line("b")));
  EXPECT_EQ(step.step().held(), 2U);
  EXPECT_THAT(
      step.advance(kSecond),
      ElementsAre(R"(throttled src 3@9 message="2 events were held back of a" suppressed=2 period=1000000000 by="a")"));
  EXPECT_EQ(step.step().held(), 0U);
  EXPECT_THAT(feed(step, {"a"}), ElementsAre(line("a"))) << "a new period";
}

TEST_F(KeyWindowsTest, a_period_that_is_over_ends_before_the_next_event_even_without_a_tick) {
  StepHarness step(kThrottleStep, kTwoASecond);
  feed(step, {"a", "a", "a"});
  step.clock.monotonic += 2 * kSecond;
  EXPECT_EQ(feed(step, {"a"}).size(), 2U) << "what was held back is told, then the event";
}

TEST_F(KeyWindowsTest, without_a_key_all_events_are_one) {
  StepHarness step(kThrottleStep, R"({"events": 1, "per": 1000000000, "by": [], "max_keys": 10, "report": true})");
  EXPECT_THAT(feed(step, {"a", "b", "c"}), ElementsAre(line("a")));
  EXPECT_THAT(step.advance(kSecond),
              ElementsAre(R"(throttled src 3@9 message="2 events were held back" suppressed=2 period=1000000000)"));
}

TEST_F(KeyWindowsTest, beyond_the_limit_of_keys_the_oldest_period_ends_early) {
  StepHarness step(kThrottleStep, kTwoASecond);
  feed(step, {"a", "b", "c"});
  EXPECT_EQ(step.step().over_limit(), 0U);
  feed(step, {"d"});
  EXPECT_EQ(step.step().over_limit(), 1U);
  EXPECT_EQ(step.step().held(), 3U);
  EXPECT_EQ(feed(step, {"a", "a", "a"}).size(), 2U) << "its count began anew";
}

TEST_F(KeyWindowsTest, what_is_over_ends_in_silence_when_no_report_is_wanted) {
  StepHarness step(kThrottleStep, R"({"events": 1, "per": 1000000000, "by": [], "max_keys": 10, "report": false})");
  feed(step, {"a", "b"});
  EXPECT_THAT(step.advance(kSecond), IsEmpty());
  EXPECT_EQ(step.step().due_ns(), Step::kNever);
}

TEST_F(KeyWindowsTest, dedupe_lets_the_first_pass_until_the_time_is_over) {
  StepHarness step(kDedupeStep, R"({"by": ["source", "name"], "for": 5000000000, "max_keys": 10, "report": true})");
  EXPECT_THAT(feed(step, {"a", "b", "a", "a"}), ElementsAre(line("a"), line("b")));
  EXPECT_THAT(step.advance(4 * kSecond), IsEmpty());
  EXPECT_THAT(feed(step, {"a"}), IsEmpty());
  EXPECT_THAT(
      step.advance(kSecond),
      ElementsAre(
          R"(repeated src 3@9 message="3 repeats were left out of src, a" repeats=3 period=5000000000 by="src, a")"));
  EXPECT_THAT(feed(step, {"a"}), ElementsAre(line("a")));
}

TEST_F(KeyWindowsTest, the_end_of_the_route_tells_of_what_is_open) {
  StepHarness step(kDedupeStep, R"({"by": ["name"], "for": 5000000000, "max_keys": 10, "report": true})");
  feed(step, {"a", "a", "b"});
  EXPECT_EQ(step.finish().size(), 1U);
  EXPECT_EQ(step.step().held(), 0U);
  EXPECT_THAT(step.finish(), IsEmpty());
}

TEST(EventKey, tells_types_long_texts_and_neighbours_apart) {
  Names names;
  TestBatch batch(names);
  EventKey key(nlohmann::json::parse(R"(["a", "b"])"), names);
  const auto of = [&] { return std::string(key.of(batch.raw(), batch.last())); };
  std::set<std::string> keys;
  batch.event("e").integer("a", 1);
  keys.insert(of());
  batch.event("e").real("a", 1);
  keys.insert(of());
  batch.event("e").text("a", "1");
  keys.insert(of());
  batch.event("e").text("a", "xy").text("b", "z");
  keys.insert(of());
  batch.event("e").text("a", "x").text("b", "yz");
  keys.insert(of());
  batch.event("e").text("a", std::string(300, 'x') + "1");
  keys.insert(of());
  batch.event("e").text("a", std::string(300, 'x') + "2");
  keys.insert(of());
  batch.event("e").boolean("a", true);
  keys.insert(of());
  batch.event("e");
  keys.insert(of());
  EXPECT_EQ(keys.size(), 9U);
  batch.event("e").integer("a", 1);
  EXPECT_TRUE(keys.contains(of())) << "the same values, the same key";
}

TEST(EventKey, is_written_for_people) {
  Names names;
  TestBatch batch(names);
  EventKey key(nlohmann::json::parse(R"(["a", "b", "c", "d"])"), names);
  batch.event("e").integer("a", -4).real("b", 0.5).boolean("c", true);
  EXPECT_EQ(key.written(batch.raw(), batch.last()), "-4, 0.5, true, null");
  batch.event("e").text("a", std::string(255, 'x') + "\xC3\xA9").heap("b", PICKET_TYPE_BYTES, "\x01");
  EXPECT_EQ(key.written(batch.raw(), batch.last()), std::string(255, 'x') + ", (bytes), null, null")
      << "cut between characters";
}

// Published: what is sampled by a hash must be the same on every machine and in every version.
TEST(EventKey, hashes_never_change) {
  EXPECT_EQ(EventKey::hash(""), 0xf52a15e9a9b5e89bU);
  EXPECT_EQ(EventKey::hash("a"), 0x02c0bdbf481420f8U);
}

TEST(KeyWindowsSettings, expressions_that_do_not_compile_are_found) {
  Names names;
  const auto found = kThrottleStep.check(nlohmann::json::parse(R"({"by": ["a", "nope("]})"), names);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pointer, "/by/1");
  EXPECT_EQ(kDedupeStep.check(nlohmann::json::parse(R"({"by": ["1 +"]})"), names).size(), 1U);
}

}  // namespace
}  // namespace picket::routing
