// SPDX-License-Identifier: Apache-2.0
//
// What each signal does to a running daemon: USR1 flush, USR2 dump, TERM and INT stop with a drain, a second one stops
// at once, a third one ends even a daemon that hangs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kForced = 70;

class Signals : public testing::Test {
 protected:
  Signals() { site.add_plugins(fixture_folder()); }

  // A heartbeat into an unsteady sink with these settings.
  std::unique_ptr<Process> run_into(const std::string& settings, const std::string& stop_timeout) {
    site.configure("daemon: {stop_timeout: " + stop_timeout +
                   "}\ninstances:\n  beat: {type: heartbeat, interval: 5ms}\n" + "  odd: {type: unsteady, " + settings +
                   "}\nroutes:\n  r: {from: beat, to: odd, on_full: drop_oldest}\n");
    return site.run_until_ready();
  }
  // Waits for the n-th dump, and returns the route's line.
  static std::string dump(const Process& daemon, int number) {
    daemon.signal(SIGUSR2);
    EXPECT_TRUE(daemon.wait_for_err("INFO picket route ", number)) << daemon.err();
    const std::string log = daemon.err();
    const std::size_t begin = log.rfind("INFO picket route ");
    return log.substr(begin, log.find('\n', begin) - begin);
  }

  Site site;
};

class StopSignal : public Signals, public testing::WithParamInterface<int> {};

TEST_P(StopSignal, drains_and_ends_with_0) {
  site.configure(
      "instances:\n  beat: {type: heartbeat, interval: 1ms}\n  history: {type: perf_database, commit_interval: 5m}\n"
      "routes:\n  r: {from: beat, to: history}\n");
  const auto daemon = site.run_until_ready();
  const auto file = site.history() / "meta.db";
  ASSERT_TRUE(wait_until([&] { return sqlite(file, "SELECT count(*) > 20 FROM events") == "1"; }));
  daemon->signal(GetParam());
  EXPECT_EQ(daemon->wait_exit(), 0);
  EXPECT_EQ(sqlite(file, "SELECT max(fields ->> '$.count') - count(*) FROM events"), "0")
      << "every beat since the first is stored";
  EXPECT_THAT(daemon->err(), AllOf(HasSubstr("INFO picket stopping\n"), HasSubstr("INFO picket stopped\n"),
                                   Not(HasSubstr("WARNING")), Not(HasSubstr("ERROR"))));
}
INSTANTIATE_TEST_SUITE_P(TermAndInt, StopSignal, testing::Values(SIGTERM, SIGINT),
                         [](const auto& one) { return one.param == SIGTERM ? "term" : "int"; });

TEST_F(Signals, what_cannot_be_drained_in_time_is_dropped_and_counted) {
  const auto daemon = run_into("busy: true", "300ms");
  ASSERT_TRUE(wait_until(
      [&, number = 0]() mutable { return dump(*daemon, ++number).find("queued=0 in_flight=0") == std::string::npos; }));
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_THAT(daemon->err(), AllOf(HasSubstr("the queues did not drain within daemon.stop_timeout"),
                                   HasSubstr("WARNING picket events were dropped at the stop events=")));
}

TEST_F(Signals, a_second_term_stops_at_once) {
  const auto daemon = run_into("busy: true", "1h");
  ASSERT_TRUE(wait_until(
      [&, number = 0]() mutable { return dump(*daemon, ++number).find("queued=0 in_flight=0") == std::string::npos; }));
  daemon->signal(SIGTERM);
  ASSERT_TRUE(daemon->wait_for_err("INFO picket stopping"));
  EXPECT_THAT(daemon->err(), Not(HasSubstr("INFO picket stopped")));
  daemon->signal(SIGTERM);
  EXPECT_EQ(daemon->wait_exit(), 0) << daemon->err();
  EXPECT_THAT(daemon->err(), HasSubstr("events were dropped at the stop"));
}

TEST_F(Signals, whoever_insists_ends_a_daemon_that_hangs) {
  const auto daemon = run_into("hangs_at_stop: true", "1h");
  daemon->signal(SIGTERM);
  ASSERT_TRUE(daemon->wait_for_err("INFO odd hangs now"));
  // Not counted here (StopCounter's test does that): equal signals that are pending become one, and the thread
  // sanitizer holds back a signal that the kernel gives to the thread that hangs.
  std::optional<int> code;
  EXPECT_TRUE(wait_until([&] {
    daemon->signal(SIGTERM);
    code = daemon->wait_exit(std::chrono::seconds(0));
    return code.has_value();
  }));
  EXPECT_EQ(code, kForced);
}

TEST_F(Signals, usr1_makes_sinks_finish_what_they_hold) {
  site.configure(
      "instances:\n  beat: {type: heartbeat, interval: 100ms}\n"
      "  history: {type: perf_database, commit_interval: 5m}\nroutes:\n  r: {from: beat, to: history}\n");
  const auto daemon = site.run_until_ready();
  int number = 0;
  ASSERT_TRUE(wait_until([&] { return dump(*daemon, ++number).find(" in_flight=0") == std::string::npos; }))
      << "the sink holds events until its commit";
  EXPECT_THAT(dump(*daemon, ++number), HasSubstr(" delivered=0 "));
  daemon->signal(SIGUSR1);
  EXPECT_TRUE(daemon->wait_for_err("INFO picket flushing"));
  EXPECT_TRUE(wait_until([&] { return dump(*daemon, ++number).find(" delivered=0 ") == std::string::npos; }))
      << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Signals, a_dump_is_whole_however_many_routes_there_are) {
  std::string yaml = "instances:\n  beat: {type: heartbeat}\n  odd: {type: unsteady}\nroutes:\n";
  for (int i = 0; i < 30; ++i) yaml += "  r" + std::to_string(i) + ": {from: beat, to: odd}\n";
  site.configure(yaml);
  const auto daemon = site.run_until_ready();
  daemon->signal(SIGUSR2);
  EXPECT_TRUE(daemon->wait_for_err("INFO picket route ", 30)) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Signals, usr2_writes_the_state_of_every_instance_and_the_ledger_of_every_route) {
  site.configure(kMainJob);
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 3));
  EXPECT_THAT(dump(*daemon, 1), AllOf(HasSubstr("route=perf-to-history to=history in="), HasSubstr(" filtered=0 "),
                                      HasSubstr(" dead=0 dropped=0 ")));
  EXPECT_THAT(daemon->err(),
              AllOf(HasSubstr("INFO host state state=running starts=1 failures=0"),
                    HasSubstr("INFO history state state=running starts=1 failures=0"), HasSubstr("health=good")));
  EXPECT_EQ(stop(*daemon), 0);
}

}  // namespace
}  // namespace picket::integration
