// SPDX-License-Identifier: Apache-2.0
//
// One program from its start to its end, and many that never hold.
#include <csignal>

#include "support.hpp"

namespace picket::process_supervisor {
namespace {

using Lifecycle = Supervised;

TEST_F(Lifecycle, starts_with_the_daemon_and_becomes_stable) {
  begin(settings(program(
      "web", R"("environment": {"A": "1"}, "user": "www", "nice": 5, "backoff": {"reset_after": 5000000000})")));
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(transitions("web"), (Texts{"stopped>backoff", "backoff>starting", "starting>ready"}));
  const ProgramSpec spec = processes().starts().at(0).spec;
  EXPECT_EQ(spec.arguments, Texts{"/bin/web"});
  EXPECT_EQ(spec.user, "www");
  EXPECT_EQ(spec.tuning.nice, 5);
  EXPECT_THAT(spec.environment, ::testing::Contains("A=1"));
  EXPECT_THAT(spec.environment, ::testing::Contains("PICKET_PROGRAM_NAME=web"));
  run(5s);
  EXPECT_EQ(state("web"), "running");
  EXPECT_EQ(host->health().state, PICKET_HEALTH_GOOD);
}

TEST_F(Lifecycle, a_failure_is_followed_by_a_growing_delay) {
  begin(settings(program("web", R"("backoff": {"initial": 1000000000, "jitter": 0, "max": 4000000000})")));
  for (const auto delay : {1s, 2s, 4s, 4s}) {
    const std::size_t before = starts("web");
    exits("web", 3);
    EXPECT_EQ(state("web"), "backoff");
    EXPECT_THAT(note("web"), AllOf(HasSubstr("before the next start"), HasSubstr("exited with code 3")));
    run(delay - 1ms);
    EXPECT_EQ(starts("web"), before);
    run(1ms);
    EXPECT_EQ(starts("web"), before + 1);
    EXPECT_EQ(state("web"), "ready");
  }
  EXPECT_EQ(status("web")["restarts_by_cause"], json({{"exit", 4}}));
  EXPECT_EQ(host->health().state, PICKET_HEALTH_DEGRADED);
}

TEST_F(Lifecycle, being_up_long_enough_begins_the_back_off_anew) {
  begin(settings(program("web", R"("backoff": {"initial": 1000000000, "jitter": 0, "reset_after": 10000000000})")));
  dies("web", SIGSEGV, PICKET_EXIT_CORE);
  run(1s);
  dies("web", SIGSEGV);
  run(2s);
  run(10s);
  EXPECT_EQ(state("web"), "running");
  EXPECT_EQ(status("web")["failures_in_a_row"], 0);
  dies("web", SIGSEGV);
  run(1s);
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(exits_of("web").at(0).boolean("core"), true);
}

TEST_F(Lifecycle, what_follows_an_end_is_the_policys) {
  begin(settings(program("always", R"("restart": "always", "backoff": {"initial": 0})") + "," + program("failure") +
                 "," + program("never", R"("restart": "never")") + "," +
                 program("codes", R"("success_codes": [0, 7])")));
  exits("always", 0);
  run(1s);
  EXPECT_EQ(starts("always"), 2U);
  exits("failure", 0);
  EXPECT_EQ(state("failure"), "exited");
  exits("never", 1);
  EXPECT_EQ(state("never"), "failed");
  exits("codes", 7);
  EXPECT_EQ(state("codes"), "exited");
  run(1h);
  EXPECT_EQ(starts("failure") + starts("never") + starts("codes"), 3U);
  tell("start", "never");
  EXPECT_EQ(state("never"), "ready");
}

TEST_F(Lifecycle, is_given_up_only_when_asked_for) {
  begin(settings(program("web", R"("give_up_after": 3, "backoff": {"initial": 0})") + "," +
                 program("other", R"("backoff": {"initial": 0})")));
  for (int i = 0; i < 3; ++i) {
    exits("web", 1);
    run(1s);
  }
  EXPECT_EQ(state("web"), "failed");
  EXPECT_THAT(note("web"), HasSubstr("given up after 3 ends in a row"));
  for (int i = 0; i < 40; ++i) {
    exits("other", 1);
    run(1min);
  }
  EXPECT_EQ(starts("other"), 41U);
}

TEST_F(Lifecycle, a_start_that_fails_says_step_and_reason_and_is_tried_again) {
  make(settings(program("web", R"("directory": "/x", "backoff": {"initial": 1000000000, "jitter": 0})")));
  processes().behave("web", {.fails_at = "directory", .system_error = 2});
  begin("");
  EXPECT_EQ(state("web"), "backoff");
  EXPECT_THAT(note("web"), AllOf(HasSubstr("could not be started"), HasSubstr("directory")));
  processes().behave("web", {});
  run(1s);
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(status("web")["restarts_by_cause"], json({{"start_failure", 1}}));
}

TEST_F(Lifecycle, a_missing_environment_file_is_a_failed_start_unless_it_is_optional) {
  begin(settings(program("web", R"("environment_files": ["/nowhere/a.env"])") + "," +
                 program("free", R"("environment_files": [{"path": "/nowhere/b.env", "optional": true}])")));
  EXPECT_EQ(state("web"), "backoff");
  EXPECT_THAT(note("web"), AllOf(HasSubstr("/nowhere/a.env"), HasSubstr("ENOENT")));
  EXPECT_EQ(state("free"), "ready");
}

TEST_F(Lifecycle, stop_sends_its_signal_and_ends_when_the_tree_is_empty) {
  make(settings(program("web", R"("stop_signal": "INT", "stop_timeout": 5000000000)")));
  processes().behave("web", {.ignores_signals = true});
  begin("");
  tell("stop", "web");
  EXPECT_EQ(state("web"), "stopping");
  const auto end = processes().requests("end").at(0);
  EXPECT_EQ(end.number, SIGINT);
  EXPECT_EQ(end.timeout_ns, 5'000'000'000);
  run(4s);
  EXPECT_EQ(state("web"), "stopping");
  run(2s);
  EXPECT_EQ(state("web"), "stopped");
  EXPECT_EQ(exits_of("web").at(0).text("cause"), "stop");
  EXPECT_TRUE(host->logged(PICKET_LOG_WARNING, "not ended within 5s"));
  run(1h);
  EXPECT_EQ(starts("web"), 1U);
}

TEST_F(Lifecycle, a_leader_that_ends_first_is_not_the_end) {
  make(settings(program("web", R"("restart": "never", "stop_timeout": 3000000000)")));
  processes().behave("web", {.leaves_behind = {"worker"}});
  begin("");
  exits("web", 0);
  EXPECT_EQ(state("web"), "stopping");
  EXPECT_THAT(transitions("web").back(), "ready>stopping");
  run(2s);
  EXPECT_EQ(state("web"), "stopping");
  run(2s);
  EXPECT_EQ(state("web"), "exited");
  EXPECT_EQ(exits_of("web").at(0).integer("killed"), 1);
}

TEST_F(Lifecycle, whoever_spoke_last_is_heard_while_it_stops) {
  make(settings(program("web", R"("stop_timeout": 2000000000)")));
  processes().behave("web", {.ignores_signals = true});
  begin("");
  tell("stop", "web");
  tell("start", "web");
  run(3s);
  EXPECT_EQ(starts("web"), 2U);
  EXPECT_EQ(status("web")["failures_in_a_row"], 0);
  tell("restart", "web");
  tell("stop", "web");
  run(3s);
  EXPECT_EQ(state("web"), "stopped");
}

TEST_F(Lifecycle, restarts_for_memory_are_counted_apart_and_are_no_failure) {
  begin(settings(program("web")));
  tell("restart", "web", R"("cause": "memory", "reason": "over 500 MiB")");
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(starts("web"), 2U);
  EXPECT_EQ(status("web")["restarts_by_cause"], json({{"memory", 1}}));
  EXPECT_EQ(status("web")["failures_in_a_row"], 0);
  const auto exit = exits_of("web").at(0);
  EXPECT_EQ(exit.text("cause"), "memory");
  EXPECT_TRUE(exit.boolean("asked"));
  EXPECT_THAT(ask("why", R"({"program": "web"})").dump(), HasSubstr("over 500 MiB"));
}

TEST_F(Lifecycle, a_drain_comes_before_the_signal) {
  make(settings(program("web", R"("drain": {"signal": "USR1", "command": ["/bin/drain"], "timeout": 20000000000})")));
  begin("");
  tell("restart", "web", R"("drain": true)");
  EXPECT_EQ(processes().requests("signal").at(0).number, SIGUSR1);
  ASSERT_EQ(starts("helper/web"), 1U);
  EXPECT_EQ(note("web"), "drains");
  EXPECT_TRUE(processes().requests("end").empty());
  run(5s);
  exits("helper/web", 0);
  EXPECT_EQ(processes().requests("end").at(0).number, SIGTERM);
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(starts("web"), 2U);
}

TEST_F(Lifecycle, a_drain_that_does_not_end_is_cut_off) {
  begin(settings(program("web", R"("drain": {"command": ["/bin/drain"], "timeout": 3000000000})")));
  tell("stop", "web", R"("drain": true)");
  run(4s);
  EXPECT_EQ(state("web"), "stopped");
}

TEST_F(Lifecycle, the_record_of_an_end_holds_what_led_to_it) {
  begin(settings(program("web"), R"("interval": 1000000000)"));
  ProgramUsage usage{};
  usage.processes = 3;
  usage.user_ns = 2'000'000'000;
  usage.memory = 1'000;
  usage.peak_memory = 5'000;
  usage.read_bytes = usage.written_bytes = 7;
  processes().set_usage(id("web"), usage);
  processes().output(id("web"), PICKET_STDOUT, "one\ntwo\n");
  run(3s);
  dies("web", SIGKILL, PICKET_EXIT_OOM);
  const auto exit = exits_of("web").at(0);
  EXPECT_EQ(exit.text("status"), "killed by SIGKILL: out of memory");
  EXPECT_EQ(exit.text("cause"), "out_of_memory");
  EXPECT_EQ(exit.text("signal"), "SIGKILL");
  EXPECT_EQ(exit.integer("memory.peak"), 5'000);
  EXPECT_EQ(std::get<testing::Json>(exit.fields.at("last_lines")).text, R"(["one","two"])");
  const json counters = json::parse(std::get<testing::Json>(exit.fields.at("counters")).text);
  ASSERT_GE(counters.size(), 2U);
  EXPECT_EQ(counters[0]["cpu"], 2.0);
  EXPECT_EQ(counters[0]["processes"], 3);
  EXPECT_GT(exit.severity, PICKET_SEVERITY_WARNING);
}

TEST_F(Lifecycle, a_step_of_the_wall_clock_changes_nothing) {
  begin(settings(program("web") + "," +
                 program("crash", R"("backoff": {"initial": 60000000000, "max": 60000000000, "jitter": 0})") + "," +
                 program("job", R"("type": "task", "schedule": {"cron": "0 3 * * *"})") + "," +
                 program("tick", R"("type": "task", "schedule": {"every": 3600000000000})")));
  exits("crash", 1);
  const std::size_t before = host->events().size();
  const std::size_t started = processes().starts().size();
  for (const auto step : {8'766h, -2 * 8'766h, 8'766h}) {
    host->step_wall(step);
    run(1s);
  }
  EXPECT_EQ(processes().starts().size(), started);
  for (std::size_t at = before; at < host->events().size(); ++at) EXPECT_NE(host->events()[at].kind, "process");
  EXPECT_EQ(state("crash"), "backoff");
  run(57s);
  EXPECT_EQ(state("crash"), "ready");
}

TEST_F(Lifecycle, a_thousand_that_crash_all_the_time_are_bounded_and_others_are_not_held_up) {
  std::string all = program("good");
  for (int i = 0; i < 1'000; ++i) {
    all += "," + program("bad" + std::to_string(i), R"("backoff": {"initial": 1000000, "max": 1000000})");
  }
  begin(settings(all, R"("limiter": {"rate": 10, "burst": 50})"));
  const ProgramId good = id("good");
  const auto crash_all = [&] {
    const ProgramId newest = processes().starts().back().id;
    for (ProgramId one = 1; one <= newest; ++one) {
      if (one != good && processes().running(one)) processes().exits(one, 1);
    }
  };
  const std::size_t at_first = processes().starts().size();
  EXPECT_EQ(at_first, 1'001U);
  for (int second = 0; second < 20; ++second) {
    crash_all();
    host->advance(1s);
  }
  const std::size_t after = processes().starts().size() - at_first;
  EXPECT_LE(after, 50U + 20 * 10 + 1);
  EXPECT_GE(after, 50U + 20 * 10 - 20);
  // One that fails for the first time is next.
  crash_all();
  exits("good", 1);
  run(300ms);
  EXPECT_EQ(state("good"), "ready");
  EXPECT_LT(host->timers(), 5U);
}

TEST_F(Lifecycle, programs_of_an_earlier_daemon_are_taken_over) {
  const std::string text =
      settings(program("web") + "," + program("gone", R"("restart": "never")") + "," + program("new"));
  make(text);
  const std::string print = fingerprint(parse_settings(text)->programs.at("web").launch);
  const ProgramId web = processes().add_running(
      {.key = "web",
       .blob = R"({"settings":")" + print + R"(","up":true,"failures":2,"restarts":{"crash":5}})",
       .age = 10s});
  testing::FakeRunning gone{.key = "gone", .blob = "{}", .state = PICKET_PROGRAM_EMPTY};
  gone.exit.how = PICKET_EXIT_CODE;
  gone.exit.value = 42;
  processes().add_running(gone);
  const ProgramId stray = processes().add_running({.key = "deleted"});
  begin("");
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(starts("web"), 0U);
  EXPECT_EQ(id("web"), web);
  EXPECT_EQ(status("web")["restarts_by_cause"], json({{"crash", 5}}));
  EXPECT_GE(status("web")["uptime_s"].get<double>(), 10.0);
  EXPECT_EQ(state("gone"), "failed");
  EXPECT_EQ(exits_of("gone").at(0).integer("exit_code"), 42);
  EXPECT_EQ(state("new"), "ready");
  EXPECT_FALSE(processes().running(stray));
}

TEST_F(Lifecycle, what_was_started_with_other_settings_is_restarted) {
  make(settings(program("web")));
  processes().add_running({.key = "web", .blob = R"({"settings":"0000","up":true})"});
  begin("");
  EXPECT_EQ(starts("web"), 1U);
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(status("web")["restarts_by_cause"], json({{"settings", 1}}));
}

TEST_F(Lifecycle, the_death_of_the_holder_is_survived) {
  begin(settings(program("web") + "," + program("late", R"("autostart": false)")));
  processes().lose_holder();
  settle();
  EXPECT_EQ(host->health().state, PICKET_HEALTH_BAD);
  EXPECT_EQ(state("web"), "ready");
  tell("start", "late");
  EXPECT_THAT(note("late"), HasSubstr("waits for the holder"));
  processes().holder_returns();
  settle();
  EXPECT_EQ(state("late"), "ready");
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(starts("web"), 1U);
  EXPECT_EQ(host->health().state, PICKET_HEALTH_GOOD);
}

TEST_F(Lifecycle, the_programs_outlive_the_instance) {
  begin(settings(program("web")));
  const ProgramId web = id("web");
  host->stop();
  EXPECT_TRUE(processes().running(web));
  EXPECT_TRUE(processes().requests("end").empty());
}

}  // namespace
}  // namespace picket::process_supervisor
