// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "complete_settings.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "step_harness.hpp"

namespace picket::routing {
namespace {

using platform::kMinute;
using platform::kSecond;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Lines = std::vector<std::string>;

struct ThresholdHarness : StepHarness {
  explicit ThresholdHarness(std::string_view settings)
      : StepHarness(kThresholdStep, complete_settings(kThresholdStep, settings)) {}
  // An event of now.
  Lines value(double number, std::string_view state = "used") {
    input().event("metric", "host").at(clock.wall).name("name", "memory").real("value", number).name("state", state);
    return feed();
  }
};

// What an alert says in short: "state reason message".
std::string told(const std::string& line) {
  const auto field = [&](const std::string& key) {
    const std::size_t start = line.find(" " + key + "=\"");
    if (start == std::string::npos) return std::string("?");
    const std::size_t from = start + key.size() + 3;
    return line.substr(from, line.find('"', from) - from);
  };
  return field("alert.state") + " " + field("alert.reason") + " " + field("message");
}
Lines told(const Lines& lines) {
  Lines short_lines;
  for (const std::string& line : lines) short_lines.push_back(told(line));
  return short_lines;
}

TEST(ThresholdStep, raises_and_clears_with_everything_that_a_reader_needs) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "clear": "value < 0.8", "severity": "error",
                            "message": "memory at {value:.0%} for {alert.duration:duration}"})");
  EXPECT_THAT(step.value(0.5), IsEmpty());
  const std::int64_t start = step.clock.wall;
  const Lines raised = step.value(0.95);
  ASSERT_THAT(raised, SizeIs(1));
  const std::string head =
      "alert host 6@" + std::to_string(start) + R"( name="memory" state="used" value=0.95 alert.id=")";
  EXPECT_EQ(raised[0].substr(0, head.size()), head);
  const std::string id = raised[0].substr(head.size(), 17);
  EXPECT_EQ(raised[0].substr(head.size() + 17),
            R"( alert.rule="route" alert.state="raised" alert.reason="condition" alert.started=)" +
                std::to_string(start) + R"( alert.duration=0 message="memory at 95% for 0s")");
  step.advance(65 * kSecond);
  EXPECT_THAT(step.value(0.85), IsEmpty()) << "between the two conditions nothing changes";
  const Lines cleared = step.value(0.75);
  ASSERT_THAT(cleared, SizeIs(1));
  EXPECT_THAT(cleared[0], AllOf(HasSubstr("value=0.75 alert.id=\"" + id), HasSubstr(R"(alert.state="cleared")"),
                                HasSubstr("alert.started=" + std::to_string(start) + " alert.duration=65000000000"),
                                HasSubstr("memory at 75% for 1m 5s")));
  EXPECT_EQ(step.step().held(), 0U) << "a group that is well costs nothing";
  step.advance(kSecond);
  EXPECT_THAT(step.value(0.99), ElementsAre(Not(HasSubstr(id)))) << "another alert";
}

TEST(ThresholdStep, a_short_spike_raises_nothing) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "for": "30s", "message": "at {value}"})");
  EXPECT_THAT(step.value(0.95), IsEmpty());
  EXPECT_THAT(step.advance(10 * kSecond), IsEmpty());
  EXPECT_THAT(step.value(0.5), IsEmpty());
  EXPECT_THAT(step.advance(kMinute), IsEmpty());
  EXPECT_EQ(step.step().due_ns(), Step::kNever);
}

TEST(ThresholdStep, the_clock_raises_when_no_further_event_comes) {
  ThresholdHarness step(
      R"({"raise": "value > 0.9", "for": "30s", "message": "at {value} for {alert.duration:duration}"})");
  const std::int64_t start = step.clock.wall;
  step.value(0.95);
  step.advance(20 * kSecond);
  step.value(0.97);
  EXPECT_THAT(step.advance(9 * kSecond), IsEmpty());
  const Lines lines = step.advance(5 * kSecond);
  EXPECT_THAT(told(lines), ElementsAre("raised condition at 0.97 for 30s")) << "with the last value";
  EXPECT_THAT(lines[0], HasSubstr("@" + std::to_string(start + 30 * kSecond) + " "));
}

TEST(ThresholdStep, timers_that_are_due_run_before_an_event_is_looked_at) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "for": "30s", "message": "at {value}"})");
  step.value(0.95);
  step.clock.monotonic += 31 * kSecond;  // nobody has called tick() yet
  step.clock.wall += 31 * kSecond;
  EXPECT_THAT(told(step.value(0.5)), ElementsAre("raised condition at 0.95", "cleared condition at 0.5"));
}

TEST(ThresholdStep, each_series_has_its_own_alert) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "message": "{state}"})");
  EXPECT_THAT(told(step.value(1, "used")), ElementsAre("raised condition used"));
  EXPECT_THAT(told(step.value(0, "free")), IsEmpty());
  EXPECT_THAT(told(step.value(1, "cached")), ElementsAre("raised condition cached"));
  EXPECT_THAT(told(step.value(0, "used")), ElementsAre("cleared condition used"));
  EXPECT_EQ(step.step().held(), 1U);
}

TEST(ThresholdStep, groups_can_be_chosen) {
  ThresholdHarness step(R"({"raise": "severity >= error", "by": ["program"], "message": "{program}: {message}"})");
  step.input().event("log", "a", PICKET_SEVERITY_ERROR).at(5).text("program", "web").text("message", "gone");
  step.input_more().event("log", "b", PICKET_SEVERITY_ERROR).at(6).text("program", "web").text("message", "gone again");
  EXPECT_THAT(step.feed(), ElementsAre(AllOf(HasSubstr("alert route 5@5 program=\"web\" alert.id="),
                                             HasSubstr("message=\"web: gone\""), Not(HasSubstr("message=\"gone\"")))));
}

TEST(ThresholdStep, an_event_that_cannot_tell_changes_nothing) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "by": ["source"]})");
  EXPECT_THAT(step.value(1), SizeIs(1));
  step.input().event("metric", "host").at(1).name("name", "other").text("text", "no value");
  EXPECT_THAT(step.feed(), IsEmpty());
  EXPECT_THAT(step.value(0), SizeIs(1)) << "false does";
}

TEST(ThresholdStep, clearing_takes_its_time_and_reminds_meanwhile) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "clear_for": "20s", "still": "15s", "message": "at {value}"})");
  step.value(1);
  EXPECT_THAT(told(step.advance(15 * kSecond)), ElementsAre("still condition at 1"));
  step.value(0.1);
  EXPECT_THAT(told(step.advance(10 * kSecond)), IsEmpty());
  step.value(0.95);
  EXPECT_THAT(told(step.advance(5 * kSecond)), ElementsAre("still condition at 0.95"));
  step.value(0.2);
  EXPECT_THAT(told(step.advance(20 * kSecond)), ElementsAre("still condition at 0.2", "cleared condition at 0.2"));
}

TEST(ThresholdStep, silence_raises_and_the_next_event_clears) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "absent": "1m", "message": "{name}"})");
  step.value(0.5);
  const std::int64_t last = step.clock.wall;
  EXPECT_THAT(step.advance(59 * kSecond), IsEmpty());
  const Lines lines = step.advance(kSecond);
  EXPECT_THAT(told(lines), ElementsAre("raised absent memory"));
  EXPECT_THAT(lines[0],
              AllOf(HasSubstr("alert.started=" + std::to_string(last)), HasSubstr("alert.duration=60000000000")));
  step.advance(kMinute);
  EXPECT_THAT(told(step.value(0.5)), ElementsAre("cleared absent memory"));
  EXPECT_THAT(told(step.advance(kMinute)), ElementsAre("raised absent memory"));
  EXPECT_THAT(step.value(1), IsEmpty()) << "the alert goes on, for another reason";
  EXPECT_THAT(told(step.value(0)), ElementsAre("cleared condition memory"));
}

TEST(ThresholdStep, the_one_group_of_all_events_is_missed_from_the_start) {
  ThresholdHarness step(
      R"({"raise": "false", "by": [], "absent": "5m", "forget": "10m", "name": "heartbeat", "message": "no {alert.rule}"})");
  EXPECT_THAT(told(step.advance(5 * kMinute)), ElementsAre("raised absent no heartbeat"));
  EXPECT_THAT(step.advance(100 * kMinute), IsEmpty()) << "and never forgotten";
  EXPECT_THAT(told(step.value(0)), ElementsAre("cleared absent no heartbeat"));
}

TEST(ThresholdStep, a_group_that_is_silent_for_long_is_forgotten) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "forget": "1h", "message": "x"})");
  step.value(1);
  EXPECT_THAT(told(step.advance(61 * kMinute)), ElementsAre("cleared forgotten x"));
  EXPECT_EQ(step.step().held(), 0U);
  EXPECT_EQ(step.step().due_ns(), Step::kNever);
}

TEST(ThresholdStep, what_comes_and_goes_stays_raised_until_it_is_quiet) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "flapping": {"raises": 3, "within": "1m"}, "message": "x"})");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(told(step.value(1)), ElementsAre("raised condition x"));
    EXPECT_THAT(told(step.value(0)), ElementsAre("cleared condition x"));
    step.advance(5 * kSecond);
  }
  EXPECT_THAT(step.value(1), ElementsAre(HasSubstr("alert.flapping=true message=")));
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(step.value(0), IsEmpty());
    EXPECT_THAT(step.advance(30 * kSecond), IsEmpty());
    EXPECT_THAT(step.value(1), IsEmpty());
  }
  step.value(0);
  EXPECT_THAT(told(step.advance(kMinute)), ElementsAre("cleared condition x"));
  EXPECT_EQ(step.step().held(), 0U);
}

TEST(ThresholdStep, only_the_chosen_news_go_on_and_originals_if_asked_for) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "emit": ["cleared"], "pass": true})");
  EXPECT_THAT(step.value(1), ElementsAre(HasSubstr("metric host")));
  EXPECT_THAT(step.value(0), ElementsAre(HasSubstr("metric host"), HasSubstr("route cleared, value 0")));
}

TEST(ThresholdStep, the_end_of_the_route_clears) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "message": "x"})");
  step.value(1);
  step.advance(3 * kSecond);
  const Lines lines = step.finish();
  EXPECT_THAT(told(lines), ElementsAre("cleared stopped x"));
  EXPECT_THAT(lines[0], HasSubstr("alert.duration=3000000000"));
  EXPECT_THAT(step.finish(), IsEmpty());
}

TEST(ThresholdStep, remembers_no_more_groups_than_allowed) {
  ThresholdHarness step(R"({"raise": "value > 0.9", "max_groups": 2})");
  for (const char* state : {"a", "b"}) EXPECT_THAT(step.value(1, state), SizeIs(1));
  EXPECT_THAT(step.value(1, "c"), IsEmpty());
  EXPECT_EQ(step.step().held(), 2U);
  EXPECT_EQ(step.step().over_limit(), 1U);
  step.value(0, "a");
  EXPECT_THAT(step.value(1, "c"), SizeIs(1)) << "room again";
}

TEST(ThresholdStep, long_texts_of_the_deciding_event_are_cut_at_a_character) {
  ThresholdHarness step(R"({"raise": "text like 'x*'", "message": "{length(text)}"})");
  step.input().event("log", "a").at(1).text("text", std::string(1'023, 'x') + "\xC3\xA4");
  EXPECT_THAT(told(step.feed()), ElementsAre("raised condition 1023"));
}

TEST(ThresholdStep, ids_are_the_same_in_every_process) {
  ThresholdHarness one(R"({"raise": "value > 0.9"})");
  ThresholdHarness two(R"({"raise": "value > 0.9"})");
  two.names.intern("something that makes ids of names differ");
  two.names.intern("state");
  const std::string line = one.value(1).at(0);
  const std::size_t start = line.find("alert.id=");
  EXPECT_THAT(two.value(1).at(0), HasSubstr(line.substr(start, 27)));
}

TEST(ThresholdStep, mistakes_in_its_settings_are_found_at_their_place) {
  EXPECT_THAT(problems_of(kThresholdStep, R"({"raise": "value > 1"})"), IsEmpty());
  EXPECT_THAT(
      problems_of(kThresholdStep, R"({"raise": "value + 1", "clear": "value >", "message": "at {value:x}",
                             "absent": "2m", "for": "3m", "forget": "1m", "still": "1ms"})"),
      ElementsAre(HasSubstr("/raise@0: a filter is true or false"), HasSubstr("/clear@7: "), HasSubstr("/message@10: "),
                  HasSubstr("/still@0: at least 1s"), HasSubstr("/forget@0: has to be longer than `absent`"),
                  HasSubstr("/forget@0: has to be longer than `for`")));
}

}  // namespace
}  // namespace picket::routing
