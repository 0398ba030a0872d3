// SPDX-License-Identifier: Apache-2.0
//
// process_supervisor with the real daemon, the real holder and real programs, through `picket jobs`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class Supervisor : public testing::Test {
 protected:
  ~Supervisor() override {
    daemon.reset();
    for (const pid_t process : processes("hold-processes")) kill(process, SIGKILL);
    for (int round = 0; round < 100 && !marked().empty(); ++round) {
      for (const pid_t process : marked()) kill(process, SIGKILL);
    }
  }

  std::string path(const std::string& name) const { return (site.directory() / name).string(); }
  // `programs`: lines of YAML below `programs:`, indented by six. Each gets MARK in its environment.
  void configure(const std::string& programs, const std::string& more = "") {
    site.configure("daemon: {os_log: {journal: " + path("j") + ", syslog: " + path("l") +
                   "}}\ninstances:\n  door: {type: pipe_server, listen: {path: " + path("s") +
                   ", protocol: jsonrpc}}\n  jobs:\n    type: process_supervisor\n    interval: 1s\n    programs:\n" +
                   programs + more);
  }
  std::string shell(const std::string& name, const std::string& script, const std::string& more = "") const {
    return "      " + name + ": {command: [/bin/sh, -c, " + json(script).dump() +
           "], environment: {MARK: " + path("mark") + "}" + (more.empty() ? "" : ", " + more) + "}\n";
  }
  void run() { daemon = site.run_until_ready(); }
  Output jobs(std::vector<std::string> words) const {
    words.insert(words.begin(), "jobs");
    words.insert(words.end(), {"--socket", path("s")});
    return run_picket(std::move(words));
  }
  json status(const std::string& name) const {
    const Output output = jobs({"status", name, "--json"});
    const json answer = json::parse(output.out, nullptr, false);
    return answer.is_object() ? answer["programs"][0] : json::object();
  }
  bool wait_state(const std::string& name, const std::set<std::string>& states) const {
    return wait_until([&] { return states.contains(status(name).value("state", "")); });
  }
  // Processes whose command line, or environment, has this text and is of this test.
  std::vector<pid_t> processes(const std::string& word) const {
    return scan("cmdline", {word, site.directory().string()});
  }
  std::vector<pid_t> marked() const { return scan("environ", {"MARK=" + path("mark")}); }
  static std::vector<pid_t> scan(const std::string& file, const std::vector<std::string>& words) {
    std::vector<pid_t> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
      const pid_t id = std::atoi(entry.path().filename().c_str());
      if (id <= 1 || id == getpid()) continue;
      std::ifstream in(entry.path() / file, std::ios::binary);
      const std::string text(std::istreambuf_iterator<char>(in), {});
      if (std::all_of(words.begin(), words.end(),
                      [&](const auto& word) { return text.find(word) != std::string::npos; })) {
        found.push_back(id);
      }
    }
    return found;
  }

  Site site;
  std::unique_ptr<Process> daemon;
};

TEST_F(Supervisor, keeps_a_program_up_and_explains_itself) {
  configure(shell("web", "echo started; exec sleep 1000", "backoff: {initial: 10ms}") +
            shell("off", "exec sleep 1000", "autostart: false"));
  run();
  ASSERT_TRUE(wait_state("web", {"ready", "running"}));
  const pid_t first = status("web")["pid"];
  ASSERT_EQ(kill(first, SIGSEGV), 0);
  ASSERT_TRUE(wait_until([&] { return status("web").value("pid", first) != first; }));
  EXPECT_EQ(status("web")["restarts_by_cause"]["crash"], 1);
  EXPECT_THAT(jobs({"why", "web"}).out, AllOf(HasSubstr("killed by SIGSEGV"), HasSubstr("backoff")));
  EXPECT_TRUE(wait_until([&] { return count_of(jobs({"logs", "web"}).out, "web: started") == 2; }));
  const Output table = jobs({});
  EXPECT_THAT(table.out, AllOf(HasSubstr("PROGRAM"), HasSubstr("web"), HasSubstr("stopped")));
  EXPECT_EQ(jobs({"start", "off"}).exit_code, 0);
  EXPECT_THAT(jobs({"stop", "all"}).out, AllOf(HasSubstr("web is stopped"), HasSubstr("off is stopped")));
  EXPECT_EQ(marked().size(), 0U);
  EXPECT_EQ(jobs({"restart", "web"}).exit_code, 0);
  EXPECT_THAT(jobs({"signal", "web", "--signal", "USR1"}).out, HasSubstr("sent SIGUSR1 to 1 of web"));
  EXPECT_EQ(jobs({"start", "nobody"}).exit_code, 69);
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Supervisor, of_twenty_escapees_none_is_left_after_a_stop) {
  configure(shell(
      "web", "i=0; while [ $i -lt 20 ]; do (setsid sh -c 'sleep 1000 & exit' &); i=$((i+1)); done; exec sleep 1000",
      "stop_timeout: 300ms"));
  run();
  ASSERT_TRUE(wait_until([&] { return scan("environ", {"MARK=" + path("mark")}).size() == 21; }));
  const Output stopped = jobs({"stop", "web"});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
  EXPECT_TRUE(marked().empty());
  EXPECT_EQ(status("web")["state"], "stopped");
}

TEST_F(Supervisor, a_child_that_ignores_the_signal_is_killed_before_the_program_counts_as_ended) {
  configure(shell("web", "sh -c 'trap \"\" TERM; while :; do sleep 1; done' & exit 0",
                  "restart: never, stop_timeout: 500ms"));
  run();
  ASSERT_TRUE(wait_state("web", {"exited"}));
  EXPECT_TRUE(marked().empty());
  EXPECT_THAT(jobs({"why", "web"}).out, AllOf(HasSubstr("stopping"), HasSubstr("that leaves")));
}

TEST_F(Supervisor, a_killed_daemon_costs_no_byte_and_no_exit_status) {
  const std::string log = path("web.log");
  configure(
      shell(
          "web",
          "i=0; while [ $i -lt 40000 ]; do echo \"line $i of a program that writes a lot\"; i=$((i+1)); done; exit 42",
          "restart: never, output: {events: false, file: " + log + "}") +
      shell("other", "exec sleep 1000"));
  run();
  ASSERT_TRUE(wait_state("other", {"ready"}));
  const pid_t other = status("other")["pid"];
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(log) && std::filesystem::file_size(log) > 10'000; }));
  daemon->kill9();
  run();
  ASSERT_TRUE(wait_state("web", {"failed"}));
  EXPECT_THAT(jobs({"why", "web"}).out, HasSubstr("exited with code 42"));
  EXPECT_EQ(status("other")["pid"], other);
  std::string expected;
  for (int i = 0; i < 40'000; ++i) expected += "line " + std::to_string(i) + " of a program that writes a lot\n";
  EXPECT_TRUE(read_file(log) == expected);
}

TEST_F(Supervisor, a_killed_holder_is_said_and_its_programs_live_on) {
  configure(shell("web", "exec sleep 1000", "backoff: {initial: 10ms}"));
  run();
  ASSERT_TRUE(wait_state("web", {"ready"}));
  const pid_t web = status("web")["pid"];
  const std::vector<pid_t> holder = processes("hold-processes");
  ASSERT_EQ(holder.size(), 1U);
  kill(holder[0], SIGKILL);
  ASSERT_TRUE(daemon->wait_for_err("the holder of processes is gone"));
  ASSERT_TRUE(wait_until([&] {
    const std::vector<pid_t> now = processes("hold-processes");
    return now.size() == 1 && now[0] != holder[0];
  }));
  ASSERT_TRUE(wait_state("web", {"ready", "running"}));
  EXPECT_EQ(status("web")["pid"], web);
  EXPECT_EQ(jobs({"restart", "web"}).exit_code, 0);
  EXPECT_NE(status("web")["pid"], web);
}

TEST_F(Supervisor, a_threshold_restarts_for_memory_and_the_end_of_the_alert_does_not) {
  configure(shell("web", "exec sleep 1000"),
            "routes:\n  leak:\n    from: door\n    where: name == \"held\"\n    steps: [{threshold: {raise: value > "
            "10, clear: value < 5}}]\n"
            "    to: {instance: jobs, command: restart, args: {program: web, cause: memory, reason: leak, alert: "
            "\"{alert.state}\"}}\n");
  run();
  ASSERT_TRUE(wait_state("web", {"ready"}));
  const auto held = [&](const std::string& value) {
    return run_picket({"send", "--socket", path("s"), "kind=metric", "name=held", "value=" + value}).exit_code;
  };
  ASSERT_EQ(held("20"), 0);
  ASSERT_TRUE(wait_until([&] { return status("web")["restarts_by_cause"].value("memory", 0) == 1; }));
  ASSERT_EQ(held("1"), 0);
  ASSERT_EQ(held("20"), 0);
  ASSERT_TRUE(wait_until([&] { return status("web")["restarts_by_cause"].value("memory", 0) == 2; }));
  EXPECT_EQ(status("web")["starts"], 3);
  EXPECT_THAT(jobs({"why", "web"}).out, HasSubstr("leak"));
}

TEST_F(Supervisor, real_readiness_by_notify_port_and_order) {
  const std::string notify =
      "import os,socket,sys,time\\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\\na=os.environ['NOTIFY_SOCKET']\\n"
      "a=chr(0)+a[1:] if a[0]=='@' else a\\ns.sendto(b'READY=1\\\\nSTATUS=serving',a)\\ntime.sleep(1000)";
  const std::string listen = "import socket,time\\ns=socket.socket(socket.AF_UNIX)\\ns.bind('" + path("web.sock") +
                             "')\\ns.listen(5)\\ntime.sleep(1000)";
  const std::string mark = ", environment: {MARK: " + path("mark") + "}";
  configure("      db: {command: [/usr/bin/python3, -c, \"" + notify + "\"], ready: {notify: true}" + mark + "}\n" +
            "      web: {command: [/usr/bin/python3, -c, \"" + listen +
            "\"], requires: [db], ready: {port: \"unix:" + path("web.sock") + "\", every: 20ms}" + mark + "}\n");
  run();
  ASSERT_TRUE(wait_state("web", {"ready"})) << daemon->err();
  EXPECT_EQ(status("db")["note"], "serving");
  kill(status("db")["pid"].get<pid_t>(), SIGKILL);
  ASSERT_TRUE(wait_until([&] { return status("web")["restarts_by_cause"].value("dependency", 0) == 1; }));
  EXPECT_TRUE(wait_state("web", {"backoff", "starting", "ready"}));
}

TEST_F(Supervisor, a_wrong_program_in_a_new_configuration_leaves_the_others_alone) {
  configure(shell("web", "exec sleep 1000") + shell("db", "exec sleep 1000"));
  run();
  ASSERT_TRUE(wait_state("db", {"ready"}));
  const pid_t db = status("db")["pid"];
  configure(shell("web", "exec sleep 1000", "stop_signal: NONSENSE") + shell("db", "exec sleep 1000"));
  EXPECT_THAT(site.picket({"validate"}).err, HasSubstr("there is no signal \"NONSENSE\""));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("there is no signal"));
  EXPECT_THAT(status("web").value("note", ""), HasSubstr("new settings refused"));
  EXPECT_EQ(status("db")["pid"], db);
}

TEST_F(Supervisor, a_start_that_cannot_work_names_the_step) {
  configure(shell("web", "exit", "directory: /no/such/folder") + "      gone: {command: [/no/such/program]}\n");
  run();
  // Between two attempts it says so; while one is under way it does not.
  EXPECT_TRUE(wait_until([&] {
    const std::string out = jobs({"status"}).out;
    return out.find("directory: /no/such/folder") != std::string::npos && out.find("ENOENT") != std::string::npos;
  }));
  EXPECT_EQ(jobs({}).exit_code, 1);
}

}  // namespace
}  // namespace picket::integration
