// SPDX-License-Identifier: Apache-2.0
//
// Routes with steps in the real daemon: collector -> steps -> history, and an alert made of a counter. What is stored
// is read back as an operator reads it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using ::testing::HasSubstr;

class Steps : public ::testing::Test {
 protected:
  static std::string configuration(const std::string& steps) {
    return "daemon: {metrics: {interval: 100ms}}\n"
           "instances:\n"
           "  host: {type: perf_collector, interval: 100ms, groups: {memory: {}}}\n"
           "  history: {type: perf_database, commit_interval: 100ms}\n"
           "routes:\n"
           "  own: {from: picket, where: name like \"picket.*\", to: history}\n"
           "  memory:\n"
           "    from: host\n"
           "    where: name == \"system.memory.limit\"\n"
           "    to: history\n"
           "    steps:\n" +
           steps;
  }
  // The largest value of a counter of the queue before the steps.
  double outcome(const std::string& which) {
    double last = 0;
    for (const Sample& sample : samples(site, "picket.route.events", "outcome=" + which)) {
      last = std::max(last, sample.value);
    }
    return last;
  }

  Site site;
};

TEST_F(Steps, what_is_stored_is_what_the_steps_made_of_it) {
  site.configure(
      configuration("      - sample: {one_in: 2}\n"
                    "      - set: {fields: {site: north}, compute: {value: value / value}}\n"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 3, "site=north")) << daemon->err();
  ASSERT_TRUE(wait_for_samples(site, "picket.step.failures", 2, "step=sample")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  for (const Sample& sample : samples(site, "system.memory.limit", "site=north")) EXPECT_EQ(sample.value, 1);
  EXPECT_GT(outcome("absorbed"), 0);
}

TEST_F(Steps, an_alert_is_made_of_a_counter_once_and_a_reload_does_not_make_it_again) {
  const std::string alert =
      "      - set: {kind: metric, severity: warning, compute: {name: \"'alert.memory'\", value: \"1\"}}\n"
      "      - dedupe: {by: [name], for: 1h, report: false}\n";
  site.configure(configuration(alert));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "alert.memory", 0)) << daemon->err();
  // Another route is added; this one and what its steps remember stay.
  site.configure(configuration(alert) + "  more: {from: host, where: name == \"system.memory.limit\", to: history}\n");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("INFO picket configuration reloaded", 1)) << daemon->err();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 3)) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(samples(site, "alert.memory").size(), 1U);
}

TEST_F(Steps, a_stop_hands_on_what_steps_hold) {
  // The summary of the repeats is due in an hour, or at the end. `name` and `value` make it a sample.
  site.configure(
      configuration("      - dedupe: {by: [name], for: 1h}\n"
                    "      - set: {kind: metric, compute: {name: \"if exists repeats then 'repeats' else name\", "
                    "value: \"coalesce(repeats, value)\"}}\n"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 0)) << daemon->err();
  ASSERT_TRUE(wait_for_samples(site, "picket.step.held", 5, "step=dedupe")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  const auto stored = samples(site, "repeats");
  ASSERT_EQ(stored.size(), 1U) << daemon->err();
  EXPECT_GT(stored.front().value, 0);
}

TEST_F(Steps, syslog_and_json_become_samples_and_what_cannot_be_read_is_counted) {
  site.configure(
      "daemon: {metrics: {interval: 100ms}}\n"
      "instances:\n"
      "  beat: {type: heartbeat, interval: 100ms}\n"
      "  history: {type: perf_database, commit_interval: 100ms}\n"
      "routes:\n"
      "  own: {from: picket, where: name == \"picket.step.failed\" and step == \"parse\" and route == "
      "\"unreadable\", to: history}\n"
      "  syslog:\n"
      "    from: beat\n"
      "    to: history\n"
      "    steps:\n"
      "      - set: {fields: {message: '<165>1 - box shop 42 ID7 - depth=7 state=open'}}\n"
      "      - parse: {format: syslog}\n"
      "      - parse: {format: logfmt, types: {depth: integer}, keep: false}\n"
      "      - set: {kind: metric, compute: {name: \"'queue.depth'\", value: depth}}\n"
      "      - unset: {fields: [count, depth]}\n"
      "  json:\n"
      "    from: beat\n"
      "    to: history\n"
      "    steps:\n"
      "      - set: {fields: {message: '{\"name\": \"orders\", \"value\": 3.5, \"shop\": {\"city\": \"Ulm\"}}'}}\n"
      "      - parse: {format: json, keep: false}\n"
      "      - set: {kind: metric}\n"
      "      - unset: {fields: [count]}\n"
      "  unreadable:\n"
      "    from: beat\n"
      "    to: history\n"
      "    steps:\n"
      "      - set: {fields: {message: '{\"name\": '}}\n"
      "      - parse: {format: json}\n");
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "queue.depth", 1, "app=shop")) << daemon->err();
  ASSERT_TRUE(wait_for_samples(site, "orders", 1, "shop.city=Ulm")) << daemon->err();
  const auto failed = [&] {
    double most = 0;
    for (const Sample& sample : samples(site, "picket.step.failed")) {
      most = std::max(most, sample.value);
    }
    return most;
  };
  ASSERT_TRUE(wait_until([&] { return failed() > 0; })) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  for (const Sample& sample : samples(site, "queue.depth", "state=open")) EXPECT_EQ(sample.value, 7);
  for (const Sample& sample : samples(site, "orders")) EXPECT_EQ(sample.value, 3.5);
  const std::string fields = sqlite(site.history() / "meta.db", "SELECT fields FROM events LIMIT 1");
  EXPECT_THAT(fields, HasSubstr("parse.error")) << fields;
  EXPECT_THAT(fields, HasSubstr("json: byte")) << fields;
}

TEST_F(Steps, a_mistake_in_a_step_is_shown_with_its_place) {
  site.configure(configuration("      - throttl: {events: 1, per: 1s}\n"));
  const Output checked = site.picket({"validate"});
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_THAT(checked.err, HasSubstr("there is no step `throttl`; did you mean `throttle`?"));
}

}  // namespace
}  // namespace picket::integration
