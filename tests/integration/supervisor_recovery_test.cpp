// SPDX-License-Identifier: Apache-2.0
//
// What the supervisor makes of a death of the daemon or of the holder, and of statuses that a library of the daemon
// takes. The mechanism behind it is in process_recovery_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/supervised_site.hpp"

namespace picket::integration {
namespace {

using testing::HasSubstr;

class SupervisorRecovery : public testing::Test, protected SupervisedSite {};

TEST_F(SupervisorRecovery, a_killed_daemon_costs_no_byte_and_no_exit_status) {
  const std::string log = path("web.log"), killed = path("killed");
  // The last quarter waits until the daemon is gone, however slow this test is.
  configure(shell("web",
                  "i=0; while [ $i -lt 40000 ]; do echo \"line $i of a program that writes a lot\"; i=$((i+1)); "
                  "if [ $i -eq 30000 ]; then while [ ! -e " +
                      killed + " ]; do sleep 0.05; done; fi; done; exit 42",
                  "restart: never, output: {events: false, file: " + log + "}") +
            shell("other", "exec sleep 1000"));
  run();
  ASSERT_TRUE(wait_up("other"));
  const pid_t other = pid("other");
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(log) && std::filesystem::file_size(log) > 10'000; },
                         kLongPatience));
  daemon->kill9();
  write_file(killed, "");
  ASSERT_TRUE(wait_until([&] { return marked().size() == 1; }, kLongPatience));
  run();
  ASSERT_TRUE(wait_state("web", {"failed"}));
  EXPECT_THAT(jobs({"why", "web"}).out, HasSubstr("exited with code 42"));
  EXPECT_EQ(pid("other"), other);
  EXPECT_EQ(starts("other"), 1);
  std::string expected;
  for (int i = 0; i < 40'000; ++i) expected += "line " + std::to_string(i) + " of a program that writes a lot\n";
  EXPECT_TRUE(read_file(log) == expected);
}

TEST_F(SupervisorRecovery, a_killed_holder_is_said_and_its_programs_live_on) {
  configure(shell("web", "exec sleep 1000", "backoff: {initial: 10ms}"));
  run();
  ASSERT_TRUE(wait_up("web"));
  const pid_t web = pid("web"), first = holder();
  ASSERT_NE(first, 0);
  kill(first, SIGKILL);
  ASSERT_TRUE(daemon->wait_for_err("the holder of processes is gone"));
  ASSERT_TRUE(wait_until([&] { return holder() != 0 && holder() != first; }, kLongPatience));
  ASSERT_TRUE(wait_up("web"));
  EXPECT_EQ(pid("web"), web);
  EXPECT_EQ(starts("web"), 1);
  EXPECT_EQ(jobs({"restart", "web"}).exit_code, 0);
  EXPECT_NE(pid("web"), web);
}

TEST_F(SupervisorRecovery, a_library_that_waits_for_every_child_changes_no_status) {
  constexpr int kPrograms = 20;
  std::string programs;
  for (int i = 0; i < kPrograms; ++i) {
    // A look at readiness is a process, too, whose status decides.
    programs += shell("p" + std::to_string(i),
                      "while [ ! -e " + path("go") + " ]; do sleep 0.05; done; exit " + std::to_string(i),
                      "restart: never, ready: {command: [/bin/true], every: 20ms, attempt: 1m, timeout: 1h}");
  }
  configure(programs + shell("crash", "kill -SEGV $$", "restart: never"), "", "",
            "  thief: {type: reaping, note: " + path("taken") + "}\n");
  run();
  for (int i = 0; i < kPrograms; ++i) ASSERT_TRUE(wait_up("p" + std::to_string(i))) << i;
  write_file(path("go"), "");
  for (int i = 0; i < kPrograms; ++i) {
    const std::string name = "p" + std::to_string(i);
    ASSERT_TRUE(wait_state(name, {"exited", "failed"})) << name;
    EXPECT_THAT(note(name), HasSubstr("exited with code " + std::to_string(i))) << name;
    EXPECT_EQ(state(name), i == 0 ? "exited" : "failed");
  }
  ASSERT_TRUE(wait_state("crash", {"failed"}));
  EXPECT_THAT(note("crash"), HasSubstr("killed by SIGSEGV"));
  EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(path("taken")); })) << "it did look";
}

}  // namespace
}  // namespace picket::integration
