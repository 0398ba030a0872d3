// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <filesystem>
#include <fstream>

#include "support.hpp"

namespace picket::process_supervisor {
namespace {

class Watching : public Supervised {
 protected:
  void appears(std::int64_t pid, const std::string& name, const std::string& command_line = "",
               std::uint64_t start = 1) {
    processes().add_foreign(pid, start);
    scene().processes.push_back({pid, start, name, command_line});
  }
  static std::string watch(const std::string& name, const std::string& members) {
    return R"({"watch": {")" + name + "\": {" + members +
           R"(}}, "watch_interval": 1000000000, "interval": 1000000000})";
  }
  json watched() { return ask("status", "{}")["watched"][0]; }
};

TEST_F(Watching, finds_by_name_and_sets_the_priority_once) {
  make(watch("ssh", R"("process": "ssh*", "nice": -5, "affinity": [0])"));
  appears(100, "sshd");
  appears(101, "bash");
  begin("");
  EXPECT_EQ(watched()["pids"], json({100}));
  ASSERT_EQ(processes().requests("tune").size(), 1U);
  EXPECT_EQ(processes().requests("tune").at(0).tuning.nice, -5);
  appears(102, "sshd");
  run(5s);
  EXPECT_EQ(watched()["pids"], json({100, 102}));
  EXPECT_EQ(processes().requests("tune").size(), 2U);
  EXPECT_EQ(transitions("ssh"), Texts{"missing>running"});
}

TEST_F(Watching, a_command_line_narrows_it_down) {
  make(watch("app", R"("process": "java", "command_line": "*app.jar*")"));
  appears(1, "java", "java -jar app.jar");
  appears(2, "java", "java -jar other.jar");
  appears(3, "bash", "bash app.jar");
  begin("");
  EXPECT_EQ(watched()["pids"], json({1}));
}

TEST_F(Watching, an_end_is_told_and_the_next_one_found) {
  make(watch("ssh", R"("process": "sshd")"));
  appears(100, "sshd");
  begin("");
  const auto request = processes().requests("watch").at(0);
  scene().processes.clear();
  processes().dies(request.program, SIGTERM);
  run(1s);
  EXPECT_EQ(watched()["state"], "missing");
  EXPECT_EQ(transitions("ssh"), (Texts{"missing>running", "running>missing"}));
  appears(200, "sshd", "", 2);
  run(1s);
  EXPECT_EQ(watched()["pids"], json({200}));
}

TEST_F(Watching, a_pid_file_that_lies_or_lacks_is_said) {
  const auto path = std::filesystem::temp_directory_path() / ("picket-watch-" + std::to_string(std::rand()));
  make(watch("db", R"("pid_file": ")" + path.generic_string() + "\""));
  begin("");
  EXPECT_THAT(watched()["note"].get<std::string>(), HasSubstr("cannot be read"));
  std::ofstream(path) << "77\n";
  run(1s);
  EXPECT_THAT(watched()["note"].get<std::string>(), ::testing::Not(::testing::IsEmpty()));
  processes().add_foreign(77);
  run(1s);
  EXPECT_EQ(watched()["pids"], json({77}));
  EXPECT_EQ(scene().lists, 0);
  std::filesystem::remove(path);
}

TEST_F(Watching, is_signalled_and_measured_and_never_ended) {
  make(watch("ssh", R"("process": "sshd")"));
  appears(100, "sshd");
  begin("");
  ask("signal", R"({"program": "ssh", "signal": "HUP"})");
  EXPECT_EQ(processes().requests("signal").at(0).number, SIGHUP);
  host->take_events();
  run(3s);
  double up = -1;
  for (const testing::Event& event : host->events()) {
    if (event.kind == "metric" && event.text("name") == "picket.program.up") up = event.number("value");
  }
  EXPECT_EQ(up, 1);
  host->stop();
  EXPECT_TRUE(processes().requests("end").empty());
}

}  // namespace
}  // namespace picket::process_supervisor
