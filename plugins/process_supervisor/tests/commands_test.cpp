// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "support.hpp"

namespace picket::process_supervisor {
namespace {

using Command = Supervised;

TEST_F(Command, status_lists_all_with_what_concerns_the_whole) {
  make(settings(
      program("a") + "," + program("b", R"("autostart": false)") + "," + program("bad", R"("stop_signal": "X")"),
      R"("groups": {"g": ["a", "b"]})"));
  processes().set_ability(PICKET_ABLE_SUBREAPER, "no control groups here");
  begin("");
  const json all = ask("status", "{}");
  EXPECT_EQ(all["programs"].size(), 2U);
  EXPECT_EQ(all["programs"][0]["program"], "a");
  EXPECT_EQ(all["programs"][0]["state"], "ready");
  EXPECT_EQ(all["programs"][1]["state"], "stopped");
  EXPECT_EQ(all["risk"], "no control groups here");
  EXPECT_THAT(all["problems"]["bad"].get<std::string>(), HasSubstr("there is no signal"));
  EXPECT_EQ(all["groups"]["g"], json({"a", "b"}));
}

TEST_F(Command, an_unknown_name_is_refused) {
  begin(settings(program("a")));
  for (const char* const command : {"status", "start", "stop", "restart", "logs", "why", "rotate"}) {
    const auto answer = host->execute(command, R"({"program": "nobody"})");
    EXPECT_EQ(answer.status, PICKET_NOT_FOUND) << command;
    EXPECT_THAT(answer.text, HasSubstr("nobody"));
  }
}

TEST_F(Command, signal_reaches_programs_that_run) {
  begin(settings(program("a") + "," + program("b", R"("autostart": false)")));
  EXPECT_EQ(ask("signal", R"({"program": "all", "signal": "hup", "tree": true})"),
            json({{"signal", "SIGHUP"}, {"sent", 1}}));
  EXPECT_EQ(processes().requests("signal").at(0).number, SIGHUP);
  EXPECT_TRUE(processes().requests("signal").at(0).tree);
  EXPECT_THAT(host->execute("signal", R"({"program": "b", "signal": "HUP"})").text, HasSubstr("nothing of \"b\" runs"));
  EXPECT_EQ(host->execute("signal", R"({"program": "a", "signal": "NOPE"})").status, PICKET_INVALID);
}

TEST_F(Command, start_can_wait_until_all_are_up) {
  scene().seen["1"] = {false, "refused", 0};
  begin(settings(program("a", R"("autostart": false, "ready": {"port": 1, "every": 1000000000})")));
  const picket_call call = host->begin("start", R"({"program": "a", "wait": true})");
  run(2s);
  EXPECT_FALSE(host->answer(call));
  scene().seen["1"] = {true, "", 0};
  run(1s);
  ASSERT_TRUE(host->answer(call));
  const json answer = json::parse(host->answer(call)->text);
  EXPECT_EQ(answer["programs"][0]["state"], "ready");
  EXPECT_EQ(answer["programs"][0]["well"], true);
}

TEST_F(Command, waiting_ends_at_a_failure_too) {
  make(settings(program("a", R"("autostart": false)")));
  processes().behave("a", {.fails_at = "user"});
  begin("");
  const picket_call call = host->begin("start", R"({"program": "a", "wait": true})");
  settle();
  ASSERT_TRUE(host->answer(call));
  EXPECT_EQ(json::parse(host->answer(call)->text)["programs"][0]["well"], false);
}

TEST_F(Command, restart_waits_for_the_new_process_and_stop_for_the_end) {
  make(settings(program("a", R"("stop_timeout": 3000000000)")));
  processes().behave("a", {.ignores_signals = true});
  begin("");
  const picket_call restart = host->begin("restart", R"({"program": "a", "wait": true})");
  run(1s);
  EXPECT_FALSE(host->answer(restart));
  run(3s);
  EXPECT_TRUE(host->answer(restart));
  const picket_call stop = host->begin("stop", R"({"program": "a", "wait": true, "now": true})");
  settle();
  ASSERT_TRUE(host->answer(stop));
  EXPECT_EQ(processes().requests("end").back().number, 0);
  EXPECT_EQ(json::parse(host->answer(stop)->text)["programs"][0]["state"], "stopped");
}

TEST_F(Command, whoever_stops_waiting_is_forgotten) {
  scene().seen["1"] = {false, "refused", 0};
  begin(settings(program("a", R"("ready": {"port": 1})")));
  const picket_call call = host->begin("start", R"({"program": "a", "wait": true})");
  host->abandon(call);
  scene().seen["1"] = {true, "", 0};
  run(1s);
  EXPECT_EQ(state("a"), "ready");
  // One that still waits when the instance ends gets an answer.
  tell("stop", "a");
  scene().seen.clear();
  const picket_call late = host->begin("start", R"({"program": "a", "wait": true})");
  host->stop();
  EXPECT_TRUE(host->answer(late));
}

TEST_F(Command, why_tells_the_last_transitions) {
  begin(settings(program("a", R"("backoff": {"initial": 5000000000, "jitter": 0})")));
  dies("a", SIGKILL);
  const json why = ask("why", R"({"program": "a"})")["programs"][0];
  EXPECT_THAT(why["why"].get<std::string>(),
              AllOf(HasSubstr("a is backoff"), HasSubstr("killed by SIGKILL"), HasSubstr("waits 5s")));
  EXPECT_EQ(why["transitions"].size(), 4U);
  EXPECT_EQ(why["transitions"][0]["reason"], "the daemon started");
  EXPECT_EQ(why["transitions"][3]["to"], "backoff");
}

TEST_F(Command, metrics_have_stable_names) {
  begin(settings(program("a") + "," + program("b", R"("autostart": false)"), R"("interval": 1000000000)"));
  ProgramUsage usage{};
  usage.processes = 2;
  usage.user_ns = 1'500'000'000;
  usage.system_ns = 500'000'000;
  usage.memory = 4'096;
  usage.read_bytes = -1;
  usage.written_bytes = 10;
  usage.threads = 5;
  processes().set_usage(id("a"), usage);
  tell("restart", "a");
  processes().set_usage(id("a"), usage);
  host->take_events();
  run(1s);
  std::map<std::string, double> values;
  std::int64_t time = 0;
  for (const testing::Event& event : host->events()) {
    if (event.kind != "metric") continue;
    std::string name = event.text("name") + " " + event.text("picket.program");
    for (const char* const key : {"cpu.mode", "disk.io.direction", "picket.restart.cause"}) {
      if (event.has(key)) name += " " + event.text(key);
    }
    values[name] = event.number("value");
    EXPECT_TRUE(time == 0 || time == event.time_ns);
    time = event.time_ns;
  }
  EXPECT_EQ(time % 1'000'000'000, 0);
  EXPECT_EQ(values["picket.program.state a"], 2);
  EXPECT_EQ(values["picket.program.up a"], 1);
  EXPECT_EQ(values["picket.program.up b"], 0);
  EXPECT_EQ(values["picket.program.restarts a command"], 1);
  EXPECT_EQ(values["process.count a"], 2);
  EXPECT_EQ(values["process.cpu.time a user"], 1.5);
  EXPECT_EQ(values["process.cpu.time a system"], 0.5);
  EXPECT_EQ(values["process.memory.usage a"], 4'096);
  EXPECT_EQ(values["process.disk.io a write"], 10);
  EXPECT_EQ(values["process.thread.count a"], 5);
  EXPECT_TRUE(values.contains("process.uptime a"));
  EXPECT_FALSE(values.contains("process.disk.io a read"));
  EXPECT_FALSE(values.contains("process.uptime b"));
  EXPECT_EQ(host->described("picket.program.restarts")->unit, "{restart}");
}

}  // namespace
}  // namespace picket::process_supervisor
