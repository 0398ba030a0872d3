// SPDX-License-Identifier: Apache-2.0
//
// Routes that call commands, and the flight recorder, in the real daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class CommandRoutes : public ::testing::Test {
 protected:
  CommandRoutes() { site.add_plugins(fixture_folder()); }

  // A route with an alert that is raised at once and stays, to `to`; and `more` routes.
  static std::string with_alert(const std::string& to, const std::string& more = {}) {
    return "instances:\n"
           "  host: {type: perf_collector, interval: 100ms, groups: {memory: {}}}\n"
           "  clerk: {type: clerk}\n"
           "routes:\n"
           "  high:\n"
           "    from: host\n"
           "    where: name == \"system.memory.limit\"\n"
           "    steps:\n"
           "      - threshold: {raise: value > 0, message: \"memory is {value:.1iec}\"}\n"
           "    to: " +
           to + "\n" + more;
  }

  std::set<std::string> records(const std::string& prefix) const {
    std::set<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(site.state() / "recorder", error)) {
      if (entry.path().filename().string().rfind(prefix, 0) == 0) found.insert(entry.path().string());
    }
    return found;
  }
  // "log", "decision", "recorder", "event" for each line of JSON.
  static std::multiset<std::string> kinds_of(const std::string& lines) {
    std::istringstream in(lines);
    std::multiset<std::string> kinds;
    for (std::string line; std::getline(in, line);) {
      kinds.insert(nlohmann::json::parse(line).value("record", std::string("event")));
    }
    return kinds;
  }

  // A sanitizer would handle the crash in its own way.
  std::unique_ptr<Process> run_to_crash() const {
    const std::string leave = "handle_segv=0:detect_leaks=0";
    return site.run_until_ready({{"ASAN_OPTIONS", leave}, {"TSAN_OPTIONS", "handle_segv=0"}});
  }

  Site site;
};

TEST_F(CommandRoutes, an_alert_calls_a_command_and_the_outcome_is_an_event) {
  site.configure(with_alert(
      "{instance: clerk, command: note, args: {rule: '{alert.rule}', text: 'now: {message}', value: '{value}'}}",
      "  told:\n"
      "    from: picket\n"
      "    where: kind == \"command\"\n"
      "    to: {instance: clerk, command: note, args: {outcome: '{outcome}', of: '{route}', cause: "
      "'{cause.source}'}}\n"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(daemon->wait_for_err("called note {")) << daemon->err();
  EXPECT_THAT(daemon->err(), HasSubstr(R"("rule":"high","text":"now: memory is )")) << daemon->err();
  ASSERT_TRUE(daemon->wait_for_err(R"("of":"high","outcome":"done"})")) << daemon->err();
  ASSERT_TRUE(daemon->wait_for_err("an outcome that it has caused itself")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(count_of(daemon->err(), R"(called note {"cause":"picket")"), 0) << daemon->err();
}

TEST_F(CommandRoutes, a_command_that_fails_is_told) {
  site.configure(with_alert("[{instance: clerk, command: refuse}, {instance: picket, command: flush}]"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(daemon->wait_for_err("clerk refuse: told to fail")) << daemon->err();
  ASSERT_TRUE(daemon->wait_for_err("picket flush: done")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(CommandRoutes, validate_asks_the_plugin_for_its_commands) {
  site.configure(with_alert("{instance: clerk, command: notes}"));
  const Output checked = site.picket({"validate"});
  EXPECT_EQ(checked.exit_code, kConfigurationIsWrong);
  EXPECT_THAT(checked.err, HasSubstr("picket.yaml:10:9: route `high`: the instance `clerk` has no command `notes`"));
}

TEST_F(CommandRoutes, an_alert_writes_the_flight_recorder_to_a_file) {
  site.configure(with_alert("{instance: picket, command: record, args: {reason: '{message}'}}"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(daemon->wait_for_err("picket record: done")) << daemon->err();
  const auto files = records("record-");
  ASSERT_EQ(files.size(), 1U);
  const Output shown = run_picket({"recorder", "show", *files.begin()});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out.substr(0, shown.out.find('\n')), HasSubstr("\"reason\":\"memory is "));
  const auto kinds = kinds_of(shown.out);
  EXPECT_GT(kinds.count("event"), 0U);
  EXPECT_GT(kinds.count("decision"), 0U);
  EXPECT_GT(kinds.count("log"), 0U);
  daemon->signal(SIGUSR2);
  ASSERT_TRUE(daemon->wait_for_err("INFO picket recorded")) << daemon->err();
  EXPECT_EQ(records("record-").size(), 2U);
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(CommandRoutes, a_crash_leaves_its_record_and_the_exit_status_of_a_crash) {
  site.configure(with_alert("{instance: clerk, command: note}"));
  const auto daemon = run_to_crash();
  ASSERT_TRUE(daemon->wait_for_err("clerk note: done")) << daemon->err();
  daemon->signal(SIGSEGV);
  EXPECT_EQ(daemon->wait_exit(), 128 + SIGSEGV);
  const auto files = records("crash-");
  ASSERT_EQ(files.size(), 1U);
  const Output shown = run_picket({"recorder", "show", *files.begin()});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("\"reason\":\"crash\",\"signal\":11"));
  EXPECT_THAT(shown.out, HasSubstr("system.memory.limit"));
  EXPECT_THAT(shown.out, HasSubstr("clerk note: done"));
  const auto kinds = kinds_of(shown.out);
  EXPECT_GT(kinds.count("event"), 0U);
  EXPECT_GT(kinds.count("decision"), 0U);
  const Output events = run_picket({"recorder", "show", "--only", "events", *files.begin()});
  EXPECT_THAT(events.out, Not(HasSubstr("\"record\":")));
}

TEST_F(CommandRoutes, a_recorder_that_is_off_leaves_no_file) {
  site.configure("daemon: {recorder: {size: 0}}\n" + with_alert("{instance: picket, command: record}"));
  const auto daemon = run_to_crash();
  ASSERT_TRUE(daemon->wait_for_err("the recorder is off")) << daemon->err();
  daemon->signal(SIGSEGV);
  EXPECT_EQ(daemon->wait_exit(), 128 + SIGSEGV);
  EXPECT_FALSE(fs::exists(site.state() / "recorder"));
}

}  // namespace
}  // namespace picket::integration
