// SPDX-License-Identifier: Apache-2.0
//
// What is found in a configuration, each kind with its place, and that what is well is left alone.
#include "analysis/findings.hpp"

#include "fixture.hpp"

namespace picket::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Findings : public AnalysisTest {};

TEST_F(Findings, a_route_that_never_matches_and_what_that_means_for_its_ends) {
  EXPECT_THAT(found({"a", "b"}, "  r: {from: a, where: severity > error and severity < info, to: b}\n"),
              ElementsAre("unheard_source 2:3 the events of `a` go nowhere: none gets through route `r`",
                          "unreached_sink 3:3 nothing reaches `b`: no event gets through route `r`",
                          "never_matches 5:44 route `r` never matches: `severity > error` and `severity < info` are "
                          "never both true"));
}

TEST_F(Findings, places_within_quotes_and_over_several_lines) {
  EXPECT_THAT(found({"a", "b"}, "  r: {from: a, where: \"x > 1 and x < 0\", to: b}\n  ok: {from: a, to: b}\n"),
              ElementsAre(HasSubstr("never_matches 5:34 ")));
  EXPECT_THAT(found({"a", "b"},
                    "  r:\n    from: a\n    where: >-\n      x > 1\n      and x < 0\n    to: b\n"
                    "  ok: {from: a, to: b}\n"),
              ElementsAre(HasSubstr("never_matches 7:12 ")));
}

TEST_F(Findings, an_alternative_that_never_matches) {
  EXPECT_THAT(found({"a", "b"}, "  r: {from: a, where: x == 1 or (y > 1 and y < 0), to: b}\n"),
              ElementsAre("dead_alternative 5:44 route `r`: a part of `where` never matches: `y > 1` and `y < 0` are "
                          "never both true"));
}

TEST_F(Findings, steps_behind_one_that_lets_nothing_through) {
  EXPECT_THAT(found({"a", "b"},
                    "  ok: {from: a, to: b}\n  r: {from: a, to: b, steps: [sample: {fraction: 0}, set: "
                    "{kind: x}]}\n"),
              ElementsAre("blind_step 6:54 route `r`: step 2 (set) never sees an event, for step 1 (sample) lets none "
                          "through"));
  EXPECT_THAT(
      found({"a", "b"}, "  ok: {from: a, to: b}\n  r: {from: a, to: b, steps: [sample: {fraction: 0}]}\n"),
      ElementsAre("blind_step 6:31 route `r`: no event leaves its steps, for step 1 (sample) lets none through"));
}

TEST_F(Findings, a_threshold_that_never_raises) {
  EXPECT_THAT(found({"a", "b"},
                    "  ok: {from: a, to: b}\n  r: {from: a, to: b, steps: [threshold: {raise: v > 1 and v < "
                    "0}]}\n"),
              ElementsAre("never_raises 6:31 route `r`: step 1 (threshold) never raises its alert: `v > 1` and `v < 0` "
                          "are never both true"));
  EXPECT_THAT(found({"a", "b"},
                    "  ok: {from: a, to: b}\n  r: {from: a, to: b, where: name == 'x', steps: [threshold: "
                    "{raise: name == 'y'}, set: {kind: k}]}\n"),
              ElementsAre(HasSubstr("never_raises 6:51 "), HasSubstr("blind_step 6:84 ")));
}

TEST_F(Findings, a_threshold_that_may_raise_is_left_alone) {
  for (const char* steps : {
           "threshold: {raise: v > 1}",
           "threshold: {raise: 'false', absent: 5m}",                          // asks for silence alone
           "set: {fields: {name: y}}, threshold: {raise: name == 'y'}",        // no longer what `where` saw
           "throttle: {events: 1, per: 1m}, threshold: {raise: name == 'y'}",  // its report is another event
           "sample: {fraction: 0.001}",
       }) {
    EXPECT_THAT(found({"a", "b"}, std::string("  r: {from: a, to: b, where: name == 'x', steps: [") + steps + "]}\n"),
                IsEmpty())
        << steps;
  }
}

TEST_F(Findings, a_way_that_leads_back) {
  EXPECT_THAT(found({"a", "b", "c"}, "  ab: {from: a, to: b}\n  bc: {from: b, to: c}\n  ca: {from: c, to: a}\n"),
              ElementsAre("cycle 6:3 events may go round: a -> b -> c -> a, by routes `ab`, `bc`, `ca`; let a `where` "
                          "keep back what has been there"));
  EXPECT_THAT(found({"a"}, "  aa: {from: a, to: a}\n"), ElementsAre(HasSubstr("a -> a, by route `aa`")));
  EXPECT_THAT(found({"a", "b", "c"}, "  ab: {from: a, to: b}\n  bc: {from: [b, picket], to: c}\n"), IsEmpty());
  EXPECT_THAT(found({"a", "b"}, "  ab: {from: a, to: b}\n  ba: {from: b, to: {instance: a, command: c}}\n"), IsEmpty())
      << "a command gets no events";
}

TEST_F(Findings, a_way_back_that_nothing_takes_is_none) {
  EXPECT_THAT(found({"a", "b"}, "  ab: {from: a, to: b}\n  ba: {from: b, where: x > 1 and x < 1, to: a}\n"),
              Not(::testing::Contains(HasSubstr("cycle"))));
}

TEST_F(Findings, routes_that_do_the_same) {
  EXPECT_THAT(found({"a", "b", "c"},
                    "  one: {from: [a, c], where: x>1, to: b}\n  two: {from: [c, a], where: (x > 1), "
                    "to: b}\n"),
              ElementsAre("duplicate_route 7:3 route `two` does the same as `one`: everything arrives twice"));
  EXPECT_THAT(found({"a", "b"},
                    "  one: {from: a, to: b, steps: [sample: {one_in: 2}]}\n  two: {from: a, to: b, steps: "
                    "[sample: {one_in: 2}]}\n"),
              ElementsAre(HasSubstr("duplicate_route")));
}

TEST_F(Findings, what_arrives_twice) {
  EXPECT_THAT(found({"a", "b", "c"},
                    "  all: {from: [a, c], to: b}\n  some: {from: a, where: x > 1, to: [b, c]}\n"
                    "  away: {from: b, where: x > 1 and y, to: c}\n"),
              ElementsAre(HasSubstr("twice 7:3 what route `some` takes reaches `b` by route `all` as well"),
                          HasSubstr("cycle")));
  EXPECT_THAT(found({"a", "b"},
                    "  some: {from: a.alerts, where: x > 1 and up, to: b}\n  all: {from: a, where: up, to: "
                    "b}\n"),
              ElementsAre("twice 6:3 what route `some` takes reaches `b` by route `all` as well, so it arrives twice"));
}

TEST_F(Findings, routes_that_only_look_alike_are_left_alone) {
  for (const char* routes : {
           "  one: {from: a, where: x > 1, to: b}\n  two: {from: a, where: x < 1, to: b}\n",
           "  one: {from: a.x, to: b}\n  two: {from: a.y, to: b}\n",
           "  one: {from: a, to: b}\n  two: {from: a, to: b, steps: [sample: {one_in: 2}]}\n",
           "  one: {from: a, where: x > 1, to: b, steps: [sample: {one_in: 2}]}\n"
           "  two: {from: a, to: b, steps: [sample: {one_in: 2}]}\n",
           "  one: {from: a, to: {instance: b, command: c, args: {x: '1'}}}\n"
           "  two: {from: a, to: {instance: b, command: c, args: {x: '2'}}}\n",
           "  one: {from: a, to: b}\n  two: {from: a, to: {instance: b, command: c}}\n",
       }) {
    EXPECT_THAT(found({"a", "b"}, routes), IsEmpty()) << routes;
  }
}

TEST_F(Findings, an_instance_that_no_route_touches_is_found_and_not_warned_of_twice) {
  const config::Model model = load({"a", "b", "lonely"}, "  r: {from: a, to: b}\n");
  const std::vector<Finding> findings = find(model);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, FindingKind::unused_instance);
  EXPECT_EQ(findings[0].line, "") << "a line of an instance may hold what is secret";
  config::Diagnostics diagnostics;
  add_warnings(findings, diagnostics);
  EXPECT_EQ(diagnostics.warnings(), 0U);
}

TEST_F(Findings, warnings_show_the_line) {
  const config::Model model = load({"a", "b"}, "  ok: {from: a, to: b}\n  r: {from: a, where: 1 > 2, to: b}\n");
  config::Diagnostics diagnostics;
  add_warnings(find(model), diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_THAT(diagnostics.render(), HasSubstr(":6:23: warning: route `r` never matches: `1 > 2` is never true\n"
                                              "    r: {from: a, where: 1 > 2, to: b}\n                        ^\n"));
}

TEST_F(Findings, a_plain_configuration_has_none) {
  EXPECT_THAT(found({"host", "history", "siem", "jobs"}, R"(  perf: {from: [host, picket], to: history}
  trouble: {from: [host, jobs], where: severity >= warning and not (name like "heartbeat*"), to: siem}
  alert:
    from: host
    where: name == "memory"
    steps:
      - threshold: {raise: value > 0.9, clear: value < 0.8, for: 30s}
    to: [siem, {instance: jobs, command: restart, args: {program: cache}}]
)"),
              IsEmpty());
}

}  // namespace
}  // namespace picket::analysis
