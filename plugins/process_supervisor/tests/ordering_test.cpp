// SPDX-License-Identifier: Apache-2.0
//
// Who waits for whom: starts, stops, and dependencies that come and go.
#include <csignal>

#include "support.hpp"

namespace picket::process_supervisor {
namespace {

using Ordering = Supervised;

Texts keys_of(const std::vector<testing::FakeProcesses::Start>& starts) {
  Texts keys;
  for (const auto& start : starts) keys.push_back(start.spec.key);
  return keys;
}

TEST_F(Ordering, starts_follow_what_they_require) {
  scene().seen["5432"] = {false, "refused", 0};
  begin(settings(program("app", R"("requires": ["db", "cache"])") + "," +
                 program("db", R"("ready": {"port": 5432, "every": 1000000000})") + "," + program("cache") + "," +
                 program("web", R"("requires": ["app"])")));
  EXPECT_EQ(keys_of(processes().starts()), (Texts{"cache", "db"}));
  EXPECT_THAT(note("app"), HasSubstr("waits for db, which is starting"));
  scene().seen["5432"] = {true, "", 0};
  run(1s);
  EXPECT_EQ(keys_of(processes().starts()), (Texts{"cache", "db", "app", "web"}));
  EXPECT_EQ(state("web"), "ready");
}

TEST_F(Ordering, after_waits_only_for_what_comes) {
  scene().seen["1"] = {false, "refused", 0};
  begin(settings(program("late", R"("after": ["slow", "never"])") + "," +
                 program("slow", R"("ready": {"port": 1, "timeout": 5000000000})") + "," +
                 program("never", R"("autostart": false)")));
  EXPECT_THAT(note("late"), HasSubstr("slow, which comes first"));
  // It fails: whoever only comes after it goes on.
  run(6s);
  EXPECT_EQ(state("late"), "ready");
}

TEST_F(Ordering, stops_go_the_other_way_round) {
  make(settings(program("db") + "," + program("app", R"("requires": ["db"], "stop_timeout": 2000000000)") + "," +
                program("log", R"("autostart": true)") + "," +
                program("last", R"("after": ["log"], "stop_timeout": 3000000000)")));
  processes().behave("app", {.ignores_signals = true});
  processes().behave("last", {.ignores_signals = true});
  begin("");
  tell("stop", "all");
  EXPECT_EQ(state("app"), "stopping");
  EXPECT_EQ(state("last"), "stopping");
  EXPECT_EQ(state("db"), "ready");
  EXPECT_EQ(state("log"), "ready");
  EXPECT_THAT(note("db"), HasSubstr("waits for those that require it"));
  run(2s);
  EXPECT_EQ(state("db"), "stopped");
  EXPECT_EQ(state("log"), "ready");
  run(1s);
  EXPECT_EQ(state("log"), "stopped");
}

TEST_F(Ordering, dependents_return_by_themselves_each_time_their_dependency_does) {
  begin(settings(program("db", R"("backoff": {"initial": 1000000000, "max": 1000000000, "jitter": 0})") + "," +
                 program("app", R"("requires": ["db"])") + "," + program("web", R"("requires": ["app"])")));
  for (std::size_t round = 1; round <= 3; ++round) {
    dies("db", SIGSEGV);
    EXPECT_EQ(state("app"), "backoff");
    EXPECT_EQ(state("web"), "backoff");
    EXPECT_THAT(note("app"), HasSubstr("waits for db"));
    run(1s);
    EXPECT_EQ(state("web"), "ready");
    EXPECT_EQ(starts("app"), round + 1);
    EXPECT_EQ(starts("web"), round + 1);
  }
  EXPECT_EQ(status("app")["restarts_by_cause"], json({{"dependency", 3}}));
  EXPECT_EQ(status("app")["failures_in_a_row"], 0);
}

TEST_F(Ordering, a_stopped_dependency_takes_its_dependents_down_until_it_is_started) {
  begin(settings(program("db") + "," + program("app", R"("requires": ["db"])")));
  tell("stop", "db");
  EXPECT_EQ(state("db"), "stopped");
  EXPECT_EQ(state("app"), "backoff");
  run(1h);
  EXPECT_EQ(starts("app"), 1U);
  tell("start", "db");
  EXPECT_EQ(state("app"), "ready");
  tell("restart", "db");
  EXPECT_EQ(starts("db"), 3U);
  EXPECT_EQ(starts("app"), 3U);
  EXPECT_EQ(state("app"), "ready");
}

TEST_F(Ordering, a_start_brings_what_is_required) {
  begin(settings(program("db", R"("autostart": false)") + "," +
                 program("app", R"("autostart": false, "requires": ["db"])")));
  EXPECT_TRUE(processes().starts().empty());
  tell("start", "app");
  EXPECT_EQ(keys_of(processes().starts()), (Texts{"db", "app"}));
}

TEST_F(Ordering, a_task_is_done_when_it_has_ended_well) {
  begin(settings(program("migrate", R"("type": "task", "backoff": {"initial": 1000000000, "jitter": 0})") + "," +
                 program("app", R"("requires": ["migrate"])")));
  EXPECT_EQ(starts("app"), 0U);
  exits("migrate", 1);
  EXPECT_EQ(starts("app"), 0U);
  run(1s);
  exits("migrate", 0);
  EXPECT_EQ(state("migrate"), "exited");
  EXPECT_EQ(state("app"), "ready");
  // Run once more, it takes nobody down.
  tell("start", "migrate");
  EXPECT_EQ(state("app"), "ready");
}

TEST_F(Ordering, groups_and_instances_are_commanded_together) {
  begin(settings(R"("web": {"command": ["/bin/web"], "count": 2},)" + program("db"),
                 R"("groups": {"back": ["web", "db"]})"));
  tell("stop", "web");
  EXPECT_EQ(state("web@1"), "stopped");
  EXPECT_EQ(state("web@2"), "stopped");
  EXPECT_EQ(state("db"), "ready");
  tell("start", "back");
  EXPECT_EQ(state("web@2"), "ready");
  tell("stop", "web@1");
  EXPECT_EQ(state("web@2"), "ready");
}

TEST_F(Ordering, whoever_requires_what_is_wrong_says_so) {
  begin(settings(program("db", R"("stop_signal": "NONE")") + "," + program("app", R"("requires": ["db"])") + "," +
                 program("web")));
  EXPECT_EQ(state("web"), "ready");
  EXPECT_THAT(note("app"), HasSubstr("requires db, whose settings are wrong"));
  EXPECT_EQ(host->health().state, PICKET_HEALTH_DEGRADED);
  EXPECT_EQ(host->execute("start", R"({"program": "db"})").status, PICKET_INVALID);
}

}  // namespace
}  // namespace picket::process_supervisor
