// SPDX-License-Identifier: Apache-2.0
//
// HUP: the difference is applied and nothing else is touched; a bad file changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cmath>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kIntervalMs = 100;  // of the collector

class Reload : public testing::Test {
 protected:
  // Three instances, and the daemon's own counters in the same history. `beat` is the interval of the heartbeat.
  static std::string configuration(const std::string& beat, const std::string& more_instances = "",
                                   const std::string& more_routes = "") {
    return "daemon: {metrics: {interval: 100ms}}\n"
           "instances:\n"
           "  host: {type: perf_collector, interval: 100ms, groups: {memory: {}}}\n"
           "  beat: {type: heartbeat, interval: " +
           beat +
           "}\n"
           "  history: {type: perf_database, commit_interval: 100ms}\n" +
           more_instances +
           "routes:\n"
           "  all: {from: [host, beat, picket], to: history}\n" +
           more_routes;
  }

  void reload(Process& daemon, const std::string& yaml) {
    site.configure(yaml);
    const int before = count_of(daemon.err(), "INFO picket configuration reloaded");
    daemon.signal(SIGHUP);
    ASSERT_TRUE(daemon.wait_for_err("INFO picket configuration reloaded", before + 1)) << daemon.err();
  }

  // A late machine may miss a tick, and the collector counts that. Every other tick must be there: no reload costs one.
  void expect_no_tick_lost() {
    std::vector<Sample> stored = samples(site, "system.memory.limit");
    // Whatever was missed up to the last of them has been counted when a few more rounds of counters have come.
    const std::string counter = "picket.instance.missed_ticks";
    const std::size_t rounds = samples(site, counter, "instance=host").size();
    ASSERT_TRUE(wait_for_samples(site, counter, rounds + 5, "instance=host"));
    const std::vector<Sample> missed = samples(site, counter, "instance=host");
    const std::vector<Sample> ticks = samples(site, "picket.instance.ticks", "instance=host");
    EXPECT_TRUE(std::is_sorted(ticks.begin(), ticks.end(), [](const Sample& a, const Sample& b) {
      return a.value < b.value;
    })) << "the counter began anew";
    const std::int64_t due = (stored.back().time_ms - stored.front().time_ms) / kIntervalMs + 1;
    EXPECT_GE(static_cast<std::int64_t>(stored.size()) + std::llround(missed.back().value), due);
  }

  Site site;
};

TEST_F(Reload, only_the_instance_whose_settings_changed_is_restarted) {
  site.configure(configuration("50ms"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 5));
  reload(*daemon, configuration("25ms"));
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", samples(site, "system.memory.limit").size() + 5));
  expect_no_tick_lost();
  EXPECT_EQ(stop(*daemon), 0);
  const std::string log = daemon->err();
  EXPECT_EQ(count_of(log, "INFO beat restarting with new settings"), 1) << log;
  EXPECT_EQ(count_of(log, "DEBUG beat running"), 2);
  EXPECT_EQ(count_of(log, "DEBUG host running"), 1);
  EXPECT_EQ(count_of(log, "DEBUG history running"), 1);
}

TEST_F(Reload, an_instance_that_can_takes_new_settings_without_a_restart) {
  site.configure(configuration("50ms"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 5));
  std::string changed = configuration("50ms");
  changed.replace(changed.find("memory: {}"), 10, "memory: {}, cpu: {}");
  reload(*daemon, changed);
  EXPECT_TRUE(wait_for_samples(site, "system.cpu.logical.count", 3));
  expect_no_tick_lost();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_THAT(daemon->err(), HasSubstr("INFO host took new settings"));
  EXPECT_EQ(count_of(daemon->err(), "DEBUG host running"), 1);
}

TEST_F(Reload, a_bad_file_changes_nothing_and_says_where_it_is_bad) {
  site.configure(configuration("50ms"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 5));
  site.configure("instances:\n  host: {type: perf_collector, intervall: 1s}\n  beat: {type: hartbeat}\n");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("the new configuration is refused; nothing was changed"));
  EXPECT_TRUE(daemon->wait_for_err(site.config_file().string() + ":2:32: unknown key `intervall`"));
  EXPECT_TRUE(daemon->wait_for_err(site.config_file().string() + ":3:16: instance `beat`: there is no plugin"));

  reload(*daemon, configuration("50ms"));  // the next good one is taken
  expect_no_tick_lost();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(count_of(daemon->err(), " running\n"), 3) << "nothing was restarted:\n" << daemon->err();
}

TEST_F(Reload, instances_come_and_go_without_a_gap_in_the_others) {
  site.configure(configuration("50ms"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 3));
  reload(*daemon, configuration("50ms", "  second: {type: perf_collector, interval: 100ms, groups: {load: {}}}\n",
                                "  second: {from: second, to: history}\n"));
  EXPECT_TRUE(wait_for_samples(site, "system.cpu.load_average.1m", 3, "source=second"));
  reload(*daemon, configuration("50ms"));
  EXPECT_TRUE(daemon->wait_for_err("INFO second removed"));
  expect_no_tick_lost();  // what it had sent before is stored by now
  const std::size_t then = samples(site, "system.cpu.load_average.1m").size();
  expect_no_tick_lost();
  EXPECT_EQ(samples(site, "system.cpu.load_average.1m").size(), then) << "it is gone";
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Reload, a_sink_that_goes_keeps_what_it_was_given) {
  site.configure(configuration("10ms", "  second: {type: perf_database, url: 'sqlite:second', commit_interval: 5m}\n",
                               "  second: {from: beat, to: second}\n"));
  const auto daemon = site.run_until_ready();
  const auto file = site.state() / "second" / "meta.db";
  ASSERT_TRUE(wait_until(
      [&] { return std::filesystem::exists(file) && sqlite(file, "SELECT count(*) > 5 FROM events") == "1"; }));
  reload(*daemon, configuration("10ms"));
  ASSERT_TRUE(daemon->wait_for_err("INFO second removed"));
  EXPECT_EQ(sqlite(file, "SELECT max(fields ->> '$.count') - min(fields ->> '$.count') + 1 - count(*) FROM events"),
            "0")
      << "no beat is missing between the first and the last";
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Reload, a_changed_filter_restarts_nothing) {
  site.configure(configuration("20ms"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 3));
  std::string filtered = configuration("20ms");
  filtered.replace(filtered.find("to: history"), 11, "where: name != \"system.memory.shared\", to: history");
  reload(*daemon, filtered);
  ASSERT_TRUE(wait_until([&] {  // until only the other series grows
    const std::size_t before = samples(site, "system.memory.shared").size();
    const std::size_t others = samples(site, "system.memory.limit").size();
    return wait_for_samples(site, "system.memory.limit", others + 3) &&
           samples(site, "system.memory.shared").size() == before;
  }));
  expect_no_tick_lost();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(count_of(daemon->err(), " running\n"), 3) << daemon->err();
}

TEST_F(Reload, a_storm_of_signals_is_survived_and_answered) {
  site.configure(configuration("20ms"));
  const auto daemon = site.run_until_ready();
  for (int i = 0; i < 50; ++i) {
    const std::string number = std::to_string(i);
    site.configure(i % 2 == 0 ? configuration("20ms")
                              : configuration("25ms", "  extra" + number + ": {type: heartbeat, interval: 5ms}\n",
                                              "  extra: {from: extra" + number + ", to: history}\n"));
    daemon->signal(SIGHUP);
  }
  site.configure(configuration("20ms", "  last: {type: perf_collector, interval: 100ms, groups: {load: {}}}\n",
                               "  last: {from: last, to: history}\n"));
  daemon->signal(SIGHUP);
  // Not "configuration reloaded": so many equal messages are suppressed.
  ASSERT_TRUE(daemon->wait_for_err("DEBUG last running")) << daemon->err();
  EXPECT_TRUE(wait_for_samples(site, "system.cpu.load_average.1m", 2, "source=last"))
      << "what the last one asked for holds\n"
      << daemon->err();
  expect_no_tick_lost();
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();
  EXPECT_EQ(count_of(daemon->err(), "DEBUG host running"), 1);
  EXPECT_THAT(daemon->err(), AllOf(Not(HasSubstr(" ERROR ")), Not(HasSubstr(" CRITICAL "))));
}

TEST_F(Reload, a_stop_in_the_middle_of_reloads_is_clean) {
  site.configure(configuration("20ms"));
  const auto daemon = site.run_until_ready();
  for (int i = 0; i < 5; ++i) {
    const std::string name = "extra" + std::to_string(i);
    site.configure(configuration(std::to_string(10 + i) + "ms", "  " + name + ": {type: heartbeat, interval: 5ms}\n",
                                 "  " + name + ": {from: " + name + ", to: history}\n"));
    daemon->signal(SIGHUP);
  }
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();
  const std::string log = daemon->err();
  EXPECT_THAT(log, AllOf(HasSubstr("INFO picket stopped"), Not(HasSubstr(" ERROR "))));
  EXPECT_EQ(count_of(log, " running\n"), count_of(log, "DEBUG ") - count_of(log, " running\n"))
      << "whatever runs is stopped, also what a reload started last:\n"
      << log;
}

// Two sinks that never take anything; a reload removes one of them and adds another instance.
class ReloadAndStop : public Reload {
 protected:
  ReloadAndStop() {
    site.add_plugins(fixture_folder());
    site.configure(common + "  other: {type: unsteady, busy: true}\n" + routes +
                   "  other: {from: beat, to: other, on_full: drop_oldest}\n");
    daemon = site.run_until_ready();
  }

  // A whole dump of the daemon's state.
  std::string dump() const {
    const std::string first = "INFO beat state ";  // of each dump
    const int before = count_of(daemon->err(), first);
    for (int more = 1; more <= 2; ++more) {  // what the next one follows is whole
      daemon->signal(SIGUSR2);
      EXPECT_TRUE(daemon->wait_for_err(first, before + more));
    }
    const std::string log = daemon->err();
    const std::size_t end = log.rfind(first);
    const std::size_t begin = log.rfind(first, end - 1);
    return log.substr(begin, end - begin);
  }
  // Events that the route to `sink` was offered.
  int offered_to(const std::string& sink) const {
    const std::string text = dump();
    const std::string key = "to=" + sink + " in=";
    const std::size_t at = text.find(key);
    return at == std::string::npos ? 0 : std::stoi(text.substr(at + key.size()));
  }

  const std::string common =
      "daemon: {stop_timeout: 500ms}\n"
      "instances:\n"
      "  beat: {type: heartbeat, interval: 5ms}\n"
      "  slow: {type: unsteady, busy: true}\n";
  const std::string routes = "routes:\n  slow: {from: beat, to: slow, on_full: drop_oldest}\n";
  std::unique_ptr<Process> daemon;
};

TEST_F(ReloadAndStop, a_stop_during_a_removal_has_a_deadline_of_its_own_and_stops_what_was_added) {
  ASSERT_TRUE(wait_until([&] { return offered_to("slow") > 0 && offered_to("other") > 0; }));
  site.configure(common + "  late: {type: unsteady}\n" + routes);
  daemon->signal(SIGHUP);
  ASSERT_TRUE(wait_until([&] { return dump().find("INFO other state ") == std::string::npos; }));
  // The removal waits for a queue that never drains. The stop comes clearly later, so that its deadline does, too.
  const int offered = offered_to("slow");
  ASSERT_TRUE(wait_until([&] { return offered_to("slow") > offered + 40; }));
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait_exit(), 0) << daemon->err();
  const std::string log = daemon->err();
  EXPECT_THAT(log, AllOf(HasSubstr("INFO other removed"), HasSubstr("INFO picket stopped")));
  EXPECT_EQ(count_of(log, "DEBUG late running"), count_of(log, "DEBUG late stopped")) << log;
}

}  // namespace
}  // namespace picket::integration
