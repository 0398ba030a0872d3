// SPDX-License-Identifier: Apache-2.0
//
// Readiness, liveness, the watchdog and the notify protocol.
#include <csignal>

#include "support.hpp"

namespace picket::process_supervisor {
namespace {

using Checks = Supervised;

TEST_F(Checks, is_ready_when_its_port_answers) {
  scene().seen["8080"] = {false, "port 8080: refused", 0};
  begin(settings(program("web", R"("ready": {"port": 8080, "every": 1000000000})")));
  EXPECT_EQ(state("web"), "starting");
  EXPECT_THAT(note("web"), HasSubstr("port 8080: refused"));
  run(3s);
  EXPECT_EQ(state("web"), "starting");
  scene().seen["8080"] = {true, "", 0};
  run(1s);
  EXPECT_EQ(state("web"), "ready");
}

TEST_F(Checks, whoever_is_not_ready_in_time_is_ended_and_that_is_a_failure) {
  begin(settings(program(
      "web",
      R"("ready": {"http": "http://localhost/", "timeout": 5000000000, "attempt": 1000000000}, "backoff": {"initial": 1000000000, "jitter": 0})")));
  run(4900ms);
  EXPECT_EQ(state("web"), "starting");
  run(100ms);
  EXPECT_EQ(state("web"), "backoff");
  EXPECT_THAT(note("web"), AllOf(HasSubstr("not ready in time"), HasSubstr("no answer within 1s")));
  EXPECT_EQ(status("web")["restarts_by_cause"], json({{"not_ready", 1}}));
  run(1s);
  EXPECT_EQ(starts("web"), 2U);
}

TEST_F(Checks, notify_says_ready_and_more) {
  begin(settings(program("web", R"("ready": {"notify": true})")));
  EXPECT_TRUE(processes().starts().at(0).spec.notify);
  EXPECT_EQ(state("web"), "starting");
  processes().notify(id("web"), "STATUS=loading\nREADY=0");
  EXPECT_EQ(state("web"), "starting");
  processes().notify(id("web"), "READY=1\nSTATUS=serves \xFF");
  settle();
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(note("web"), "serves \xEF\xBF\xBD");
  processes().notify(id("web"), "MAINPID=4242");
  settle();
  EXPECT_EQ(processes().requests("set_main").at(0).number, 4'242);
  EXPECT_EQ(status("web")["pid"], 4'242);
}

TEST_F(Checks, a_program_can_ask_for_more_time) {
  begin(settings(program("web", R"("ready": {"notify": true, "timeout": 5000000000})")));
  run(4s);
  processes().notify(id("web"), "EXTEND_TIMEOUT_USEC=10000000");
  run(9s);
  EXPECT_EQ(state("web"), "starting");
  run(2s);
  EXPECT_EQ(starts("web"), 2U);
}

TEST_F(Checks, watchdog_pings_must_come) {
  begin(settings(program("web", R"("watchdog": 2000000000)")));
  EXPECT_THAT(processes().starts().at(0).spec.environment, ::testing::Contains("WATCHDOG_USEC=2000000"));
  for (int i = 0; i < 5; ++i) {
    run(1500ms);
    processes().notify(id("web"), "WATCHDOG=1");
  }
  EXPECT_EQ(starts("web"), 1U);
  run(2s);
  EXPECT_EQ(status("web")["restarts_by_cause"], json({{"watchdog", 1}}));
  EXPECT_EQ(exits_of("web").at(0).text("cause"), "watchdog");
}

TEST_F(Checks, a_line_of_output_can_mean_ready) {
  begin(settings(program("web", R"("ready": {"log": "listening on .*:[0-9]+"})")));
  processes().output(id("web"), PICKET_STDERR, "starting\nlistening on");
  settle();
  EXPECT_EQ(state("web"), "starting");
  processes().output(id("web"), PICKET_STDERR, " :80\n");
  settle();
  EXPECT_EQ(state("web"), "ready");
}

TEST_F(Checks, a_file_must_be_from_after_the_start) {
  make(settings(program("web", R"("ready": {"file": "/run/web", "every": 1000000000})")));
  scene().seen["/run/web"] = {true, "", host->wall_ns() - 3'600'000'000'000};
  begin("");
  EXPECT_THAT(note("web"), HasSubstr("is from before the start"));
  scene().seen["/run/web"].written_ns = host->wall_ns();
  run(1s);
  EXPECT_EQ(state("web"), "ready");
}

TEST_F(Checks, a_command_can_say_ready_and_leaves_nothing_behind) {
  make(settings(program("web", R"("ready": {"command": ["/bin/check"], "every": 1000000000}, "user": "www")")));
  begin("");
  ASSERT_EQ(starts("helper/web"), 1U);
  EXPECT_EQ(processes().starts().at(1).spec.user, "www");
  processes().output(id("helper/web"), PICKET_STDOUT, "not yet\n");
  exits("helper/web", 1);
  EXPECT_THAT(note("web"), HasSubstr("the check exited with code 1: not yet"));
  run(1s);
  EXPECT_EQ(starts("helper/web"), 2U);
  run(2s);  // it hangs: the attempt's time is over, it is killed
  EXPECT_THAT(note("web"), HasSubstr("had not ended within 2s"));
  run(1s);
  exits("helper/web", 0);
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(processes().running(), 1U);
}

TEST_F(Checks, liveness_degrades_first_and_restarts_then) {
  scene().seen["http://localhost/h"] = {true, "", 0};
  begin(settings(program(
      "web",
      R"("healthy": {"http": "http://localhost/h", "every": 10000000000, "failures": 3}, "backoff": {"initial": 1000000000, "jitter": 0})")));
  run(10s);
  EXPECT_EQ(state("web"), "ready");
  scene().seen["http://localhost/h"] = {false, "status 500", 0};
  run(10s);
  EXPECT_EQ(state("web"), "degraded");
  EXPECT_EQ(note("web"), "status 500");
  EXPECT_EQ(host->health().state, PICKET_HEALTH_DEGRADED);
  scene().seen["http://localhost/h"] = {true, "", 0};
  run(10s);
  EXPECT_EQ(state("web"), "ready");
  scene().seen["http://localhost/h"] = {false, "status 500", 0};
  run(30s);
  EXPECT_EQ(status("web")["restarts_by_cause"], json({{"unhealthy", 1}}));
  EXPECT_THAT(transitions("web"), ::testing::Contains("degraded>stopping"));
  run(1s);
  EXPECT_EQ(starts("web"), 2U);
}

TEST_F(Checks, liveness_without_restart_only_degrades) {
  scene().seen["1"] = {false, "refused", 0};
  begin(settings(program("web", R"("healthy": {"port": 1, "every": 1000000000, "restart": false, "successes": 2})")));
  run(1min);
  EXPECT_EQ(state("web"), "degraded");
  EXPECT_EQ(starts("web"), 1U);
  scene().seen["1"] = {true, "", 0};
  run(1s);
  EXPECT_EQ(state("web"), "degraded");
  run(1s);
  EXPECT_EQ(state("web"), "ready");
}

TEST_F(Checks, a_file_and_lines_show_life_by_being_written) {
  scene().seen["/beat"] = {true, "", 100};
  begin(settings(program("file", R"("healthy": {"file": "/beat", "every": 1000000000, "failures": 100})") + "," +
                 program("line", R"("healthy": {"log": "^tick$", "every": 1000000000, "failures": 100})")));
  for (int i = 0; i < 3; ++i) {
    scene().seen["/beat"].written_ns += 1;
    processes().output(id("line"), PICKET_STDOUT, "tick\n");
    run(1s);
  }
  EXPECT_EQ(state("file"), "ready");
  EXPECT_EQ(state("line"), "ready");
  run(1s);
  EXPECT_EQ(state("file"), "degraded");
  EXPECT_EQ(state("line"), "degraded");
}

TEST_F(Checks, checks_end_with_their_program) {
  scene().seen["1"] = {false, "refused", 0};
  begin(settings(program("web", R"("healthy": {"port": 1, "every": 1000000000})")));
  tell("stop", "web");
  run(1min);
  EXPECT_EQ(state("web"), "stopped");
  EXPECT_EQ(transitions("web").back(), "stopping>stopped");
}

}  // namespace
}  // namespace picket::process_supervisor
