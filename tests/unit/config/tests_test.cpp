// SPDX-License-Identifier: Apache-2.0
//
// The section `tests:`: what it becomes, and what is said about each way to get it wrong.
#include "config/source.hpp"
#include "fixture.hpp"
#include "routing/event_json.hpp"
#include "routing/expression/expression.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kGraph = R"(instances:
  host: {type: meter}
  siem: {type: store}
  disk: {type: store}
routes:
  alerts: {from: host.slow, to: siem}
  all: {from: [host, picket], where: value > 1, to: [siem, disk]}
  act: {from: host, to: {instance: disk, command: prune, args: {name: "{name}"}}}
tests:
)";

class TestsTest : public ConfigTest {
 protected:
  TestsTest() {
    input.check_filter = [this](std::string_view text) -> std::optional<FilterError> {
      const auto compiled = routing::Filter::compile(text, names_);
      if (compiled) return std::nullopt;
      return FilterError{compiled.error().message, compiled.error().offset};
    };
    routing::EventJsonOptions options;
    options.names = routing::NamePolicy::intern;
    input.check_event = [this, options](const std::string& text) -> std::optional<StepMistake> {
      routing::EventJsonReader reader(names_, options);
      struct Nowhere final : routing::Output {
        void pass(const routing::Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
        void pass(const routing::Events& /*in*/) override {}
        void add(routing::BatchRef /*made*/) override {}
      } nowhere;
      routing::EventWriter writer(nowhere);
      const auto error = reader.read(text, writer);
      if (!error) return std::nullopt;
      return StepMistake{error->pointer, 0, error->message};
    };
  }

  // The test, whose text stands on line 10 of the file, or none.
  std::optional<config::Test> test_of(const std::string& flow_mapping_inside) {
    Loaded loaded = load_text(std::string(kGraph) + "  - {name: t, " + flow_mapping_inside + "}\n");
    last = loaded.diagnostics;
    if (!loaded.model || loaded.model->tests.size() != 1) return std::nullopt;
    return loaded.model->tests.front();
  }
  std::vector<std::string> mistakes_in(const std::string& flow_mapping_inside) {
    test_of(flow_mapping_inside);
    std::vector<std::string> all = errors(last);
    for (std::string& each : all) {
      const std::size_t at = each.find("test `t`: ");
      if (at != std::string::npos) each.erase(at, 10);
    }
    return all;
  }
  // With an expectation that is good.
  std::vector<std::string> mistakes_in_events(const std::string& events) {
    return mistakes_in("expect: [{route: alerts}], events: [" + events + "]");
  }
  // Errors without their places.
  std::vector<std::string> expecting(const std::string& expectation) {
    std::vector<std::string> all = mistakes_in("expect: [" + expectation + "]");
    for (std::string& each : all) each.erase(0, each.find(": ") + 2);
    return all;
  }

  routing::Names names_;
};

TEST_F(TestsTest, everything_that_a_test_can_say_is_read) {
  const auto test = test_of(
      "start: 2026-03-01T00:00:00+01:00, run_for: 5m, stop: true, "
      "sinks: {siem: {status: busy, from: 10s, until: 20s}, disk: [{status: refused, until: 1s}, {status: away, from: "
      "1s}]}, "
      "events: [{from: host.slow, name: cpu, value: 1}, "
      "{at: 10s, from: picket, every: 5s, until: 21s, kind: metric, fields: {n: 1}, grow: {n: 2}}, "
      "{from: host, every: 1m, times: 3}, {at: 1h, file: events.jsonl}], "
      "expect: [{route: alerts, none: true}, "
      "{route: all, to: disk, where: value > 2, at_least: 1, at_most: 9}, "
      "{to: siem, more: true, events: [{at: 1s, severity: warning, where: value > 1}, {at: {from: 1s, to: 2s}}]}, "
      "{command: {instance: disk, command: prune, args: {name: {like: \"a*\"}}}, count: 2}, "
      "{ledger: {route: all, to: siem, delivered: 3, dropped: 0}}]");
  ASSERT_TRUE(test) << last.render();
  EXPECT_EQ(test->start_ns, 1'772'319'600'000'000'000);
  EXPECT_EQ(test->run_for_ns, 300'000'000'000);
  EXPECT_TRUE(test->stop);
  ASSERT_EQ(test->faults.size(), 3U);
  EXPECT_EQ(test->faults[0].instance, "siem");
  EXPECT_EQ(test->faults[0].until_ns, 20'000'000'000);
  EXPECT_EQ(test->faults[2].status, TestSinkStatus::away);
  EXPECT_EQ(test->faults[2].until_ns, INT64_MAX);
  ASSERT_EQ(test->events.size(), 4U);
  EXPECT_EQ(test->events[0].instance, "host");
  EXPECT_EQ(test->events[0].port, "slow");
  EXPECT_EQ(test->events[0].event, R"({"name":"cpu","value":1})");
  EXPECT_EQ(test->events[1].times, 3U) << "at 10s, 15s and 20s";
  EXPECT_THAT(test->events[1].grow, ElementsAre(std::pair<std::string, double>("n", 2.0)));
  EXPECT_EQ(test->events[2].at_ns, 10'000'000'000) << "as the one before";
  EXPECT_EQ(test->events[2].times, 3U);
  EXPECT_EQ(test->events[3].file, path_to_utf8(directory / "events.jsonl"));
  EXPECT_EQ(test->events[3].instance, "");
  ASSERT_EQ(test->expect.size(), 5U);
  EXPECT_EQ(test->expect[0].to, "siem") << "the only destination";
  EXPECT_EQ(test->expect[0].count.exactly, 0U);
  EXPECT_EQ(test->expect[1].only.where_expression, "value > 2");
  EXPECT_EQ(test->expect[1].count.at_most, 9U);
  EXPECT_EQ(test->expect[2].list[0].values[0].expression, "severity == warning");
  EXPECT_EQ(test->expect[2].list[1].to_ns, 2'000'000'000);
  EXPECT_EQ(test->expect[3].kind, TestExpectation::Kind::calls);
  EXPECT_EQ(test->expect[3].only.values[0].expression, "fields[\"name\"] like \"a*\"");
  EXPECT_EQ(test->expect[4].ledger.at("delivered"), 3U);
  EXPECT_EQ(test->expect[4].ledger.at("dropped"), 0U);
}

TEST_F(TestsTest, a_file_without_tests_has_none) {
  EXPECT_THAT(load_text("tests:\n").model->tests, IsEmpty());
  EXPECT_THAT(load_text("tests: []\n").model->tests, IsEmpty());
}

TEST_F(TestsTest, the_tests_of_all_files_are_run_in_their_order) {
  write("conf.d/10-more.yaml", "tests:\n  - {name: second, expect: [{route: alerts}]}\n");
  const Loaded loaded = load_text(std::string(kGraph) + "  - {name: first, expect: [{route: alerts}]}\n");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  ASSERT_EQ(loaded.model->tests.size(), 2U);
  EXPECT_EQ(loaded.model->tests[1].name, "second");
}

TEST_F(TestsTest, what_values_are_compared_by) {
  const auto values = [&](const std::string& match) {
    std::vector<std::string> all;
    const auto test = test_of("expect: [{route: alerts, events: [" + match + "]}]");
    if (!test) return errors(last);
    for (const TestValue& value : test->expect[0].list[0].values) {
      all.push_back(value.expression.empty() ? "json " + value.json : value.expression);
    }
    return all;
  };
  EXPECT_THAT(
      values("{kind: alert, source: host, severity: error, time: 30s}"),
      ElementsAre("kind == \"alert\"", "source == \"host\"", "severity == error", "time == 1767225630000000000"));
  EXPECT_THAT(values("{value: -0.5, n: 1, up: true, a: null, 'odd \"key\"': \"x\\ny\"}"),
              ElementsAre("fields[\"value\"] == -0.5", "fields[\"n\"] == 1", "fields[\"up\"] == true",
                          "not exists fields[\"a\"]", "fields[\"odd \\\"key\\\"\"] == \"x\\u{0a}y\""));
  EXPECT_THAT(values("{fields: {kind: alert, list: [1, a]}}"),
              ElementsAre("fields[\"kind\"] == \"alert\"", "json [1,\"a\"]"));
  EXPECT_THAT(values("{value: {above: 1, below: 2.5}}"),
              ElementsAre("fields[\"value\"] > 1 and fields[\"value\"] < 2.5"));
  EXPECT_THAT(values("{severity: {at_least: warning}, value: {at_most: 3}}"),
              ElementsAre("severity >= warning", "fields[\"value\"] <= 3"));
  EXPECT_THAT(values("{value: {near: -1, within: 0.5}}"), ElementsAre("abs(fields[\"value\"] - (-1)) <= 0.5"));
  EXPECT_THAT(values("{a: {exists: true}, b: {exists: false}, c: {not: 5}, d: {not: null}}"),
              ElementsAre("exists fields[\"a\"]", "not exists fields[\"b\"]", "coalesce(fields[\"c\"] != 5, true)",
                          "exists fields[\"d\"]"));
  EXPECT_THAT(values("{message: {matches: \"^a\\\\d+$\"}, kind: {in: [log, alert]}}"),
              ElementsAre("fields[\"message\"] matches \"^a\\\\d+$\"", "kind in [\"log\", \"alert\"]"));
}

TEST_F(TestsTest, mistakes_in_a_test_itself) {
  EXPECT_THAT(mistakes_in("expect: [{route: alerts}], evnts: []"),
              ElementsAre("10:42: unknown key `evnts`; did you mean `events`?"));
  EXPECT_THAT(mistakes_in("events: []"), ElementsAre("10:5: `expect` is missing"));
  EXPECT_THAT(mistakes_in("expect: []"), ElementsAre("10:23: needs at least 1 items"));
  EXPECT_THAT(mistakes_in("start: noon, expect: [{route: alerts}]"),
              ElementsAre("10:22: `start` is no time; write one like 2026-01-01T00:00:00Z"));
  EXPECT_THAT(mistakes_in("expect: [{route: alerts}], run_for: !secret x"),
              ElementsAre("10:51: `!secret` can be used in instances only, not in `tests`"));
  EXPECT_THAT(mistakes_in("expect: [{route: alerts}]}\n  - {name: t, expect: [{route: all, to: disk}]"),
              ElementsAre("11:12: there is another test of this name at " + path_to_utf8(directory / "picket.yaml") +
                          ":10:12"));
  EXPECT_THAT(errors(load_text("tests: {a: 1}\n").diagnostics), ElementsAre("1:8: `tests` must be a list"));
}

TEST_F(TestsTest, mistakes_in_events) {
  EXPECT_THAT(mistakes_in_events("{kind: log}"),
              ElementsAre("10:51: `from` is missing: the instance that emits this event, like `from: host`"));
  EXPECT_THAT(mistakes_in_events("{from: hots}"),
              ElementsAre("10:58: there is no instance `hots`; did you mean `host`?"));
  EXPECT_THAT(mistakes_in_events("{from: host.}"), ElementsAre("10:62: a port is missing after the dot"));
  EXPECT_THAT(mistakes_in_events("{from: host, at: 2s}, {from: host, at: 1s}"),
              ElementsAre("10:90: events stand in order of time: this is before 2s"));
  EXPECT_THAT(mistakes_in_events("{from: host, every: 5s}"),
              ElementsAre("10:64: `every` needs either `until` or `times`"));
  EXPECT_THAT(mistakes_in_events("{from: host, every: 5s, until: 1m, times: 2}"),
              ElementsAre("10:64: `every` needs either `until` or `times`"));
  EXPECT_THAT(mistakes_in_events("{from: host, at: 1m, every: 5s, until: 1m}"),
              ElementsAre("10:83: `until` counts from the start of the test and must be after `at`, 1m"));
  EXPECT_THAT(mistakes_in_events("{from: host, times: 5}"),
              ElementsAre("10:64: `times` belongs to an event with `every`"));
  EXPECT_THAT(mistakes_in_events("{from: host, every: 1ms, until: 1d}"),
              ElementsAre("10:64: a test emits at most 1000000 events"));
  EXPECT_THAT(mistakes_in_events("{from: host, every: 1s, times: 2, value: x, grow: {value: 1}}"),
              ElementsAre("10:102: `grow`: the event has no number `value`"));
  EXPECT_THAT(
      mistakes_in_events("{from: host, evrey: 1s}"),
      ElementsAre("10:64: did you mean `every`? Write a field that is called `evrey` as `fields: {evrey: ...}`"));
  EXPECT_THAT(mistakes_in_events("{from: host, severty: info}"),
              ElementsAre(testing::StartsWith("10:64: did you mean `severity`?")));
  EXPECT_THAT(mistakes_in_events("{from: host, fields: {evrey: 1s}}"), IsEmpty());
  EXPECT_THAT(mistakes_in_events("{from: host, severity: loud}"),
              testing::Contains(testing::StartsWith("10:74: `severity`: there is no severity `loud`")));
  EXPECT_THAT(mistakes_in_events("{from: host, user: {name: a}, user.name: b}"),
              ElementsAre("10:92: `user.name`: the field `user.name` is given twice"));
  EXPECT_THAT(mistakes_in_events("{file: a.jsonl, from: host, kind: log}"),
              ElementsAre("10:79: `kind` means nothing beside `file`, whose events are as they were captured"));
  EXPECT_THAT(mistakes_in_events("{from: siem, kind: log}"), IsEmpty());
  EXPECT_EQ(last.warnings(), 1U) << "no route begins there";
}

TEST_F(TestsTest, mistakes_in_sinks) {
  const auto sinks = [&](const std::string& text) {
    return mistakes_in("expect: [{route: alerts}], sinks: {" + text + "}");
  };
  EXPECT_THAT(sinks("host: {status: busy}"), ElementsAre("10:50: no route leads to `host`; one of `disk`, `siem`"));
  EXPECT_THAT(sinks("siem: {status: bsuy}"), ElementsAre("10:65: `bsuy` is not allowed; did you mean `busy`?"));
  EXPECT_THAT(sinks("siem: {status: busy, from: 5s, until: 5s}"), ElementsAre("10:56: `until` must be after `from`"));
  EXPECT_THAT(sinks("siem: [{status: busy}, {status: away, from: 5s}]"),
              ElementsAre("10:73: times of one sink stand in order and do not overlap"));
}

TEST_F(TestsTest, mistakes_in_what_is_expected) {
  EXPECT_THAT(
      expecting("{count: 1}"),
      ElementsAre("an expectation is about either a `route` (or what arrives `to` an instance), or a `command`, "
                  "or a `ledger`"));
  EXPECT_THAT(expecting("{route: alrets}"), ElementsAre("there is no route `alrets`; did you mean `alerts`?"));
  EXPECT_THAT(expecting("{route: alerts, to: disk}"),
              ElementsAre("route `alerts` does not lead to `disk`; there is only `siem`"));
  EXPECT_THAT(expecting("{to: host}"), ElementsAre("no route leads to `host`; one of `disk`, `siem`"));
  EXPECT_THAT(expecting("{route: all}"),
              ElementsAre("`to` is missing: the route has several destinations, `disk`, `siem`"));
  EXPECT_THAT(expecting("{route: act}"),
              ElementsAre("route `act` does not lead to an instance; its calls are expected as `command: {...}`"));
  EXPECT_THAT(expecting("{route: act, to: disk}"),
              ElementsAre("`disk` takes calls; they are expected as `command: {instance, command}`"));
  EXPECT_THAT(expecting("{route: alerts, none: true, count: 1}"),
              ElementsAre("`none` stands alone, without `count`, `at_least` and `at_most`"));
  EXPECT_THAT(expecting("{route: alerts, count: 1, at_most: 1}"),
              ElementsAre("`count` stands alone, without `at_least` and `at_most`"));
  EXPECT_THAT(expecting("{route: alerts, at_least: 3, at_most: 2}"), ElementsAre("`at_least` is more than `at_most`"));
  EXPECT_THAT(expecting("{route: alerts, count: 2, events: [{kind: log}]}"),
              ElementsAre("1 is listed, which contradicts the number that is expected; with `more: true` there may be "
                          "others"));
  EXPECT_THAT(expecting("{route: alerts, none: true, events: [{}, {}]}"),
              ElementsAre("2 are listed, which contradicts the number that is expected"));
  EXPECT_THAT(expecting("{route: alerts, calls: []}"), ElementsAre("here they are called `events`"));
  EXPECT_THAT(expecting("{route: alerts, more: true}"), ElementsAre("`more` belongs to a list of `events`"));
  EXPECT_THAT(expecting("{route: alerts, where: value >}"), testing::SizeIs(1));
  EXPECT_THAT(expecting("{route: alerts, events: [{at: {from: 2s, to: 1s}}]}"),
              ElementsAre("`to` must not be before `from`"));
  EXPECT_THAT(expecting("{command: {instance: siem, command: prune}}"),
              ElementsAre("no route calls a command of `siem`; there is only `disk`"));
  EXPECT_THAT(expecting("{command: {instance: disk, command: purne}}"),
              ElementsAre("no route calls `purne` of `disk`; did you mean `prune`?"));
  EXPECT_THAT(expecting("{ledger: {route: alerts}}"), testing::Contains(testing::StartsWith("a ledger needs numbers")));
  EXPECT_THAT(expecting("{ledger: {route: all, in: 1}}"),
              ElementsAre("`to` is missing: the route has several destinations, `siem`, `disk`"));
  EXPECT_THAT(expecting("{ledger: {route: all, to: disc, in: 1}}"),
              ElementsAre("route `all` has no destination `disc`; did you mean `disk`?"));
  EXPECT_THAT(expecting("{ledger: {route: act, to: disk.prune, in: 1}}"), IsEmpty());
  EXPECT_THAT(expecting("{ledger: {route: alerts, in: 1}, count: 1}"),
              ElementsAre("`count` means nothing beside `ledger`"));
}

TEST_F(TestsTest, mistakes_in_expected_values) {
  const auto value = [&](const std::string& text) { return expecting("{route: alerts, events: [{" + text + "}]}"); };
  EXPECT_THAT(value("message: {lke: \"a*\"}"),
              ElementsAre("`message`: there is no condition `lke`; did you mean `like`?. Fields of nested objects have "
                          "dotted keys, `message.lke`"));
  EXPECT_THAT(value("message: {}"),
              ElementsAre(testing::StartsWith("`message`: a condition is missing; one of `like`")));
  EXPECT_THAT(value("severity: loud"), testing::SizeIs(1));
  EXPECT_THAT(value("severity: \"warning or true\""),
              ElementsAre("`severity`: there is no severity `warning or true`"));
  EXPECT_THAT(value("time: later"), ElementsAre("`time`: `later` is no time; write 2026-01-01T00:00:30Z, or 30s since "
                                                "the start"));
  EXPECT_THAT(value("message: {matches: \"(\"}"), testing::SizeIs(1));
  EXPECT_THAT(value("value: {near: 1}"),
              ElementsAre("`value`: `near` and `within` belong together, like {near: 0.5, within: 0.01}"));
  EXPECT_THAT(value("value: {near: a, within: 1}"), ElementsAre("`value`: `near` wants a number"));
  EXPECT_THAT(value("value: {exists: 1}"), ElementsAre("`value`: `exists` wants true or false"));
  EXPECT_THAT(value("value: {in: 5}"), ElementsAre("`value`: `in` wants a list of values"));
  EXPECT_THAT(value("kind: 5"), testing::SizeIs(1));
}

}  // namespace
}  // namespace picket::config
