// SPDX-License-Identifier: Apache-2.0
//
// Whole tests of configurations: those that hold, and what is said about those that do not.
#include "rehearsal/runner.hpp"

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "config/source.hpp"
#include "fixture.hpp"
#include "rehearsal/report.hpp"

namespace picket::rehearsal {
namespace {

const std::string kRoutes =
    "routes:\n"
    "  all: {from: [a, b], to: disk}\n"
    "  alerts: {from: a, where: name == \"cpu\", to: siem, steps: [threshold: {raise: value > 0.9, for: 30s, message: "
    "\"cpu at {value}\"}]}\n"
    "  act: {from: a, where: name == \"act\", to: {instance: b, command: restart, args: {program: \"{name}\"}}}\n";

class RunnerTest : public testing::Test {
 protected:
  TestResult run(const std::string& test) {
    const config::Model model = model_of(kRoutes + "tests:\n  - {name: t, " + test + "}\n");
    return model.tests.empty() ? TestResult{} : run_test(model, model.tests.front());
  }
  // What failed; empty when all held.
  std::string failures(const std::string& test) {
    const TestResult result = run(test);
    std::ostringstream out;
    if (!result.passed()) print_result({result, 0}, {}, out);
    return std::regex_replace(out.str(), std::regex("\"alert.id\":\"[0-9a-f]+\""), "\"alert.id\":\"ID\"");
  }
};

TEST_F(RunnerTest, a_test_that_holds_passes_and_says_what_happened) {
  const TestResult result =
      run("run_for: 1m, events: [{from: a, every: 10s, times: 4, kind: metric, name: cpu, value: 0.95}], expect: ["
          "{route: alerts, events: [{at: 30s, kind: alert, severity: warning, source: a, time: 30s, message: \"cpu at "
          "0.95\","
          " alert.state: raised, fields: {alert.rule: alerts}}]}, "
          "{route: all, count: 4}, {to: disk, at_least: 2, at_most: 4}, {route: all, where: value > 1, none: true}, "
          "{ledger: {route: alerts, delivered: 1, dropped: 0}}, {ledger: {route: alerts, to: (steps), in: 4, absorbed: "
          "4}}]");
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(result.emitted, 4U);
  EXPECT_EQ(result.delivered, 5U);
  EXPECT_EQ(result.simulated_ns, 90 * platform::kSecond);
}

TEST_F(RunnerTest, events_of_several_items_come_in_order_of_time) {
  EXPECT_EQ(failures("events: [{from: a, every: 10s, times: 3, n: 0, grow: {n: 10}}, {at: 5s, from: b, n: 5}, "
                     "{at: 20s, from: b, n: 21}], "
                     "expect: [{route: all, events: [{n: 0, at: 0s}, {n: 5, at: 5s}, {n: 10}, {n: 20}, {n: 21}]}]"),
            "");
}

TEST_F(RunnerTest, numbers_grow_as_integers_or_reals) {
  EXPECT_EQ(failures("events: [{from: a, every: 1s, times: 3, value: 1.5, fields: {n: 1, m: 1}, "
                     "grow: {value: 0.25, n: -1, m: 0.5}}], "
                     "expect: [{route: all, events: [{value: 1.5, n: 1, m: 1}, {value: 1.75, n: 0, m: 1.5}, "
                     "{value: 2, n: -1, m: 2}]}]"),
            "");
}

TEST_F(RunnerTest, sinks_that_do_not_take_events_for_a_time) {
  EXPECT_EQ(
      failures("sinks: {disk: [{status: refused, until: 5s}, {status: away, from: 5s, until: 20s}]}, run_for: 1m, "
               "events: [{from: a, n: 1}, {at: 6s, from: a, n: 2}, {at: 30s, from: a, n: 3}], "
               "expect: [{route: all, events: [{n: 2, at: 20s}, {n: 3, at: 30s}]}, "
               "{ledger: {route: all, dead: 1, delivered: 2}}]"),
      "");
}

TEST_F(RunnerTest, commands_are_expected_like_events) {
  EXPECT_EQ(failures("events: [{from: a, name: act}, {at: 1m, from: a, name: act}], expect: ["
                     "{command: {instance: b, command: restart, args: {program: act}}, count: 2}, "
                     "{command: {instance: b, command: restart, args: {program: {like: \"x*\"}}}, none: true}, "
                     "{command: {instance: b, command: restart}, calls: [{at: 0s}, {at: 1m, args: {program: act}}]}]"),
            "");
  EXPECT_EQ(failures("events: [{from: a, name: act}], "
                     "expect: [{command: {instance: b, command: restart}, calls: [{at: 0s, args: {program: web}}]}]"),
            "FAILED  t\n"
            "    picket.yaml:7:56: expected 1 call of b.restart, got 1; 1 missing; 1 not expected\n"
            "      call 1 of 1 did not come; the nearest:\n"
            "                   expected  actual\n"
            "          at       0s        0s\n"
            "        * program  \"web\"     \"act\"\n"
            "      not expected:\n"
            "      at 0s  {\"program\":\"act\"}\n"
            "      route act to b.restart: 1 in, 1 delivered.\n");
}

TEST_F(RunnerTest, steps_hand_on_what_they_hold_when_the_test_says_so) {
  EXPECT_EQ(failures("stop: true, events: [{from: a, name: cpu, value: 0.95}], run_for: 31s, "
                     "expect: [{route: alerts, events: [{alert.state: raised}, {alert.state: cleared}]}]"),
            "");
}

TEST_F(RunnerTest, a_difference_stands_beside_the_nearest_event) {
  EXPECT_EQ(
      failures("run_for: 1m, events: [{from: a, kind: metric, name: cpu, value: 0.95}], expect: ["
               "{route: alerts, events: [{at: 35s, severity: error, message: {like: \"cpu*\"}, gone: 1, "
               "where: value < 0.5}]}]"),
      "FAILED  t\n"
      "    picket.yaml:7:96: expected 1 event at siem from route alerts, got 1; 1 missing; 1 not expected\n"
      "      event 1 of 1 did not come; the nearest:\n"
      "                    expected     actual\n"
      "        * at        35s          30s\n"
      "        * severity  error        warning\n"
      "          message   like \"cpu*\"  \"cpu at 0.95\"\n"
      "        * gone      1            (none)\n"
      "        * where     value < 0.5  not true\n"
      "      not expected:\n" +
          std::string("      at 30s  ") +
          "{\"time\":\"2026-01-01T00:00:30.000000000Z\",\"kind\":\"alert\",\"source\":\"a\",\"severity\":"
          "\"warning\",\"name\":\"cpu\",\"value\":0.95,\"message\":\"cpu at 0.95\",\"fields\":{\"alert.id\":\"ID\","
          "\"alert.rule\":\"alerts\",\"alert.state\":\"raised\",\"alert.reason\":\"condition\","
          "\"alert.started\":1767225600000000000,\"alert.duration\":30000000000}}\n"
          "      route alerts to (steps): 1 in, 1 created, 1 delivered, 1 absorbed.\n"
          "      route alerts to siem: 1 in, 1 delivered.\n");
}

TEST_F(RunnerTest, where_nothing_arrived_the_ledgers_say_where_the_events_went) {
  EXPECT_EQ(failures("events: [{from: a, kind: metric, name: load, value: 2}], expect: ["
                     "{route: alerts, events: [{kind: alert, at: {from: 1s, to: 2s}}]}, {route: alerts}]"),
            "FAILED  t\n"
            "    picket.yaml:7:81: expected 1 event at siem from route alerts, got 0; 1 missing\n"
            "      event 1 of 1 did not come, nor any other\n"
            "                expected\n"
            "          at    1s to 2s\n"
            "          kind  alert\n"
            "      route alerts to (steps): 1 in, 1 filtered.\n"
            "      route alerts to siem: nothing\n"
            "    picket.yaml:7:147: expected at least 1 event at siem from route alerts, got 0\n"
            "      route alerts to (steps): 1 in, 1 filtered.\n"
            "      route alerts to siem: nothing\n");
}

TEST_F(RunnerTest, others_may_be_among_those_listed_only_if_the_test_says_so) {
  const std::string events = "events: [{from: a, every: 1s, times: 5, n: 0, grow: {n: 1}}], ";
  EXPECT_EQ(failures(events + "expect: [{route: all, more: true, events: [{n: 1}, {n: 3}]}]"), "");
  EXPECT_THAT(failures(events + "expect: [{route: all, events: [{n: 1}, {n: 3}]}]"),
              testing::HasSubstr("expected 2 events at disk from route all, got 5; 3 not expected"));
  EXPECT_THAT(failures(events + "expect: [{route: all, more: true, events: [{n: 3}, {n: 1}]}]"),
              testing::HasSubstr("event 2 of 2 did not come; the nearest:"));
  EXPECT_THAT(failures(events + "expect: [{route: all, more: true, at_least: 6, events: [{n: 3}]}]"),
              testing::HasSubstr("expected at least 6 events at disk from route all, got 5"));
}

TEST_F(RunnerTest, a_count_that_is_wrong_shows_what_arrived_and_what_did_not_fit) {
  const std::string text = failures(
      "events: [{from: a, every: 1s, times: 9, n: 0, grow: {n: 1}}], expect: [{route: all, where: n > 2, count: 2}]");
  EXPECT_THAT(text, testing::HasSubstr("expected 2 events at disk from route all, got 6\n      at 3s  {"));
  EXPECT_THAT(text, testing::HasSubstr("      and 1 more\n      3 other events did not fit `where`\n"));
}

TEST_F(RunnerTest, lists_are_compared_as_json) {
  EXPECT_EQ(failures("events: [{from: a, list: [1, {x: y}]}], expect: [{route: all, events: [{list: [1, {x: y}]}]}]"),
            "");
  EXPECT_NE(failures("events: [{from: a, list: [1]}], expect: [{route: all, events: [{list: [2]}]}]"), "");
}

TEST_F(RunnerTest, the_same_test_gives_the_same_result) {
  const std::string test =
      "events: [{from: a, every: 7s, times: 500, name: cpu, value: 0.5, grow: {value: 0.001}}], expect: [{route: "
      "alerts, "
      "count: 99}]";
  EXPECT_EQ(failures(test), failures(test));
}

class CapturedTest : public RunnerTest {
 protected:
  CapturedTest() : directory_(std::filesystem::temp_directory_path() / "picket_captured_test" / name()) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  ~CapturedTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  static std::string name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }
  // The path of a file with such lines, quoted for YAML.
  std::string file(const std::string& text) const {
    std::ofstream(directory_ / "events.jsonl", std::ios::binary) << text;
    return "'" + config::path_to_utf8(directory_ / "events.jsonl") + "'";
  }

 private:
  const std::filesystem::path directory_;
};

TEST_F(CapturedTest, captured_events_keep_their_distances_and_their_fields) {
  const std::string path = file(
      "{\"record\": \"recorder\", \"events\": 3}\n"
      "{\"time\": \"2025-05-05T12:00:00Z\", \"sequence\": 99, \"kind\": \"log\", \"source\": \"b\", \"n\": 1}\n"
      "\n"
      "{\"time\": \"2025-05-05T12:00:10Z\", \"kind\": \"log\", \"source\": \"a\", \"n\": 2}\n"
      "{\"time\": \"2025-05-05T12:00:05Z\", \"kind\": \"log\", \"source\": \"a\", \"n\": 3}\n"
      "{\"kind\": \"log\", \"source\": \"a\", \"n\": 4}\n");
  EXPECT_EQ(failures("events: [{at: 1m, file: " + path +
                     "}], expect: [{route: all, events: ["
                     "{at: 1m, time: 1m, source: b, n: 1}, {at: 70s, time: 70s, n: 2}, "
                     "{at: 70s, time: 65s, n: 3}, {at: 70s, time: 70s, n: 4}]}]"),
            "");
}

TEST_F(CapturedTest, captured_events_can_be_emitted_by_another_instance) {
  EXPECT_EQ(failures("events: [{from: a, file: " + file("{\"source\": \"elsewhere\", \"n\": 1}\n{\"n\": 2}\n") +
                     "}], expect: [{route: all, events: [{source: elsewhere, n: 1}, {source: a, n: 2}]}]"),
            "");
}

TEST_F(CapturedTest, what_is_wrong_with_a_file_is_said_with_its_line) {
  EXPECT_THAT(run("events: [{file: " + file("{\"n\": 1}\n") + "}], expect: [{route: all}]").error,
              testing::EndsWith(":1: the event has no `source`; say `from: INSTANCE`"));
  EXPECT_THAT(
      run("events: [{from: a, file: " + file("{}\n{\"severity\": \"loud\"}\n") + "}], expect: [{route: all}]").error,
      testing::ContainsRegex(":2: byte 1: `severity`: there is no severity `loud`"));
  EXPECT_THAT(run("events: [{from: a, file: nowhere.jsonl}], expect: [{route: all}]").error,
              testing::EndsWith("nowhere.jsonl: there is no such file of captured events"));
}

TEST(TestReport, junit_is_well_formed_whatever_the_names_are) {
  TestResult good;
  good.name = "a <b> & \"c\"";
  good.where = {"conf/picket.yaml", 7, 5};
  TestResult bad = good;
  bad.name = std::string("tab\t \x01 \xFF \xEF\xBF\xBF end");
  bad.failures.push_back({good.where, "1 < 2 & more", {{"title]]>", {{"k", "<1>", "2", false}}}}, {"a note"}});
  TestResult error = good;
  error.error = "cannot";
  EXPECT_EQ(junit({{good, 1'500'000}, {bad, 0}, {error, 0}}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"picket test\" tests=\"3\" failures=\"1\" errors=\"1\" time=\"0.002\">\n"
            "  <testsuite name=\"picket test\" skipped=\"0\" tests=\"3\" failures=\"1\" errors=\"1\" time=\"0.002\">\n"
            "    <testcase classname=\"conf/picket.yaml\" name=\"a &lt;b&gt; &amp; &quot;c&quot;\" "
            "file=\"conf/picket.yaml\" line=\"7\" time=\"0.002\"/>\n"
            "    <testcase classname=\"conf/picket.yaml\" name=\"tab&#9; \xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD end\" "
            "file=\"conf/picket.yaml\" line=\"7\" time=\"0.000\">\n"
            "      <failure type=\"expectation\" message=\"1 &lt; 2 &amp; more\">"
            "FAILED  tab\\t \\u0001 \xEF\xBF\xBD \xEF\xBF\xBD end\n"
            "    conf/picket.yaml:7:5: 1 &lt; 2 &amp; more\n"
            "      title]]&gt;\n"
            "             expected  actual\n"
            "        * k  &lt;1&gt;       2\n"
            "      a note\n"
            "</failure>\n"
            "    </testcase>\n"
            "    <testcase classname=\"conf/picket.yaml\" name=\"a &lt;b&gt; &amp; &quot;c&quot;\" "
            "file=\"conf/picket.yaml\" line=\"7\" time=\"0.000\">\n"
            "      <error type=\"expectation\" message=\"cannot\">FAILED  a &lt;b&gt; &amp; &quot;c&quot;\n"
            "    conf/picket.yaml:7:5: cannot\n"
            "</error>\n"
            "    </testcase>\n"
            "  </testsuite>\n"
            "</testsuites>\n");
}

TEST(TestReport, json_has_every_difference) {
  TestResult bad;
  bad.name = "n";
  bad.where = {"f", 1, 2};
  bad.failures.push_back({{"f", 3, 4}, "m", {{"t", {{"k", "1", "2", false}}}}, {"note"}});
  const auto json = report_json({{bad, 0}, {TestResult{}, 0}});
  EXPECT_EQ(json["passed"], 1);
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["tests"][0]["failures"][0]["line"], 3);
  EXPECT_EQ(json["tests"][0]["failures"][0]["differences"][0]["lines"][0]["expected"], "1");
  EXPECT_EQ(summary({{bad, 0}, {TestResult{}, 0}}), "1 passed, 1 failed");
}

}  // namespace
}  // namespace picket::rehearsal
