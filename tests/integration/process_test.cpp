// SPDX-License-Identifier: Apache-2.0
//
// picket.process/1 with the real daemon, the real holder and real programs: starts and their failures, what a program
// inherits, output, trees and their ends. Each with and without control groups where that makes a difference.
#include <gmock/gmock.h>
#include <signal.h>

#include <sstream>

#include "harness/holding_site.hpp"

namespace picket::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// By parameter: "none", or "auto", which is control groups where this machine has them.
class ProcessTree : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { site.run(); }
  // Orders an end, and waits until the tree is empty.
  void end(const std::string& key, int signal, int timeout_ms) {
    site.order("end", {{"key", key}, {"signal", std::to_string(signal)}, {"timeout_ms", std::to_string(timeout_ms)}});
    EXPECT_TRUE(site.wait_for("emptied " + key)) << site.daemon().err();
  }
  HoldingSite site{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(With, ProcessTree, testing::Values("none", "auto"),
                         [](const auto& given) { return std::string(given.param); });

TEST_P(ProcessTree, a_program_runs_speaks_and_its_exit_is_learnt) {
  site.start_script("web", "echo hello; echo oops >&2; exit 7", {{"capture", "1"}, {"capture_stderr", "1"}});
  ASSERT_TRUE(site.wait_for("emptied web"));
  EXPECT_THAT(site.events("exited web"), ElementsAre("exited web how=0 value=7"));
  EXPECT_EQ(site.captured("web", 1), "hello\n");
  EXPECT_EQ(site.captured("web", 2), "oops\n");
  EXPECT_TRUE(site.wait_for("output_end web-0 offset=6"));
  site.order("forget", {{"key", "web"}});
  EXPECT_TRUE(wait_until([&] { return std::filesystem::is_empty(site.place() / "orders"); }));
  EXPECT_TRUE(wait_until([&] { return !std::filesystem::exists(site.records() / "1.program"); }));
}

TEST_P(ProcessTree, each_failure_of_a_start_names_its_step_and_errno) {
  const auto file = site.place() / "no-program";
  write_file(file, "not a program\n");
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  site.order("start", {{"key", "a"}, {"argument", file.string()}});
  site.order("start", {{"key", "b"}, {"argument", "/nowhere/program"}});
  site.order("start", {{"key", "c"}, {"argument", "/bin/true"}, {"directory", "/no/such/folder"}});
  site.order("start", {{"key", "d"}, {"argument", "/bin/true"}, {"user", "nobody-of-that-name"}});
  site.order("start", {{"key", "e"}, {"argument", "no-such-command-on-the-path"}});
  site.order("start", {{"key", "f"}, {"argument", "/bin/true"}, {"rlimit", "nonsense 1 1"}});
  site.order("start", {{"key", "g"}, {"argument", "/bin/true"}, {"file", "/no/such/folder/log"}});
  ASSERT_TRUE(site.wait_for("start_failed", 7)) << site.daemon().err();
  const auto failed = [&](const std::string& key) { return site.events("start_failed " + key + " ").at(0); };
  EXPECT_THAT(failed("a"), HasSubstr("step=program errno=13 program: " + file.string()));
  EXPECT_THAT(failed("b"), HasSubstr("step=program errno=2"));
  EXPECT_THAT(failed("c"), HasSubstr("step=directory errno=2 directory: /no/such/folder"));
  EXPECT_THAT(failed("c"), HasSubstr("(ENOENT)"));
  EXPECT_THAT(failed("d"), HasSubstr("step=user errno=2 user: nobody-of-that-name"));
  EXPECT_THAT(failed("e"), HasSubstr("step=program errno=2"));
  EXPECT_THAT(failed("f"), HasSubstr("step=rlimit errno=22"));
  EXPECT_THAT(failed("g"), HasSubstr("step=output errno=2"));
  // Nothing of them is left.
  EXPECT_TRUE(wait_until([&] {
    int left = 0;
    for (const auto& entry : std::filesystem::directory_iterator(site.records())) {
      left += entry.path().extension() == ".program";
    }
    return left == 0;
  }));
}

TEST_P(ProcessTree, a_program_inherits_nothing) {
  site.start_script("web",
                    "env | sort | grep -v -e ^PWD -e ^SHLVL -e ^_=; ls /proc/self/fd | wc -l; umask; pwd; "
                    "grep -e SigBlk -e SigIgn /proc/self/status; cut -d' ' -f6,19 /proc/$$/stat; echo $$",
                    {{"capture", "1"}, {"environment", "PATH=/usr/bin:/bin"}, {"environment", "A=1"}});
  ASSERT_TRUE(site.wait_for("emptied web"));
  const std::string pid = std::to_string(site.pid_of("web"));
  const std::string said = site.captured("web");
  // 0, 1, 2 and the one that ls has open.
  EXPECT_THAT(said, testing::MatchesRegex("A=1\nPATH=/usr/bin:/bin\nPICKET_PROGRAM=[0-9a-f]+\\.1\n4\n0022\n/\n"
                                          "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n" +
                                          pid + " 0\n" + pid + "\n"));
}

TEST_P(ProcessTree, what_is_asked_for_is_set) {
  site.start_script("web",
                    "ulimit -n; ulimit -Hn; cut -d' ' -f19 /proc/$$/stat; pwd; grep NoNewPrivs /proc/self/status",
                    {{"capture", "1"},
                     {"rlimit", "nofile 100 200"},
                     {"nice", "5"},
                     {"directory", "/usr"},
                     {"no_new_privileges", "1"}});
  ASSERT_TRUE(site.wait_for("emptied web"));
  EXPECT_EQ(site.captured("web"), "100\n200\n5\n/usr\nNoNewPrivs:\t1\n");
}

TEST_P(ProcessTree, of_twenty_escapees_none_is_left_after_the_end) {
  site.start_script("web",
                    "i=0; while [ $i -lt 20 ]; do (setsid sh -c 'sleep 1000 & echo $!; exit' &) ; i=$((i+1)); done; "
                    "exec sleep 1000",
                    {{"capture", "1"}});
  ASSERT_TRUE(wait_until([&] { return count_of(site.captured("web"), "\n") == 20; }));
  std::vector<pid_t> escapees;
  std::istringstream numbers(site.captured("web"));
  for (pid_t escapee = 0; numbers >> escapee;) escapees.push_back(escapee);
  ASSERT_EQ(escapees.size(), 20U);
  for (const pid_t escapee : escapees) EXPECT_TRUE(runs(escapee));
  end("web", SIGTERM, 200);
  for (const pid_t escapee : escapees) EXPECT_FALSE(runs(escapee));
  EXPECT_THAT(site.events("exited web"), ElementsAre("exited web how=1 value=15"));
  EXPECT_THAT(site.events("stragglers web").at(0), HasSubstr("count=20 sleep"));
  EXPECT_THAT(site.events("emptied web").at(0), HasSubstr("killed=20"));
}

TEST_P(ProcessTree, a_tree_whose_leader_has_gone_is_not_empty_until_it_is) {
  site.start_script("web", "sh -c 'trap \"\" TERM; while :; do sleep 1; done' & echo $!; exit 3", {{"capture", "1"}});
  ASSERT_TRUE(site.wait_for("stragglers web"));
  EXPECT_THAT(site.events("exited web"), ElementsAre("exited web how=0 value=3"));
  EXPECT_TRUE(site.events("emptied web").empty());
  const pid_t child = std::atoi(site.captured("web").c_str());
  EXPECT_TRUE(runs(child));
  site.order("forget", {{"key", "web"}});
  EXPECT_TRUE(site.wait_for("status forget web -5"));  // PICKET_REFUSED
  end("web", SIGTERM, 300);
  EXPECT_FALSE(runs(child));
}

TEST_P(ProcessTree, a_signal_reaches_the_leader_or_the_whole_tree) {
  site.start_script(
      "web",
      "trap 'echo leader' USR1; sh -c 'trap \"echo child\" USR1; echo up; while :; do sleep 0.01; done' & "
      "while :; do sleep 0.01; done",
      {{"capture", "1"}});
  ASSERT_TRUE(wait_until([&] { return site.captured("web") == "up\n"; }));
  site.order("signal", {{"key", "web"}, {"signal", std::to_string(SIGUSR1)}});
  ASSERT_TRUE(wait_until([&] { return site.captured("web") == "up\nleader\n"; }));
  site.order("signal", {{"key", "web"}, {"signal", std::to_string(SIGUSR1)}, {"tree", "1"}});
  ASSERT_TRUE(wait_until([&] { return count_of(site.captured("web"), "child\n") == 1; }));
  end("web", 0, 0);
  EXPECT_THAT(site.events("exited web"), ElementsAre("exited web how=1 value=9"));
}

TEST_P(ProcessTree, measures_cover_the_whole_tree) {
  site.start_script("web", "sleep 1000 & sleep 1000 & echo up; wait", {{"capture", "1"}});
  ASSERT_TRUE(wait_until([&] { return site.captured("web") == "up\n"; }));
  site.order("measure", {{"key", "web"}});
  ASSERT_TRUE(site.wait_for("measured web"));
  EXPECT_THAT(site.events("measured web").at(0), HasSubstr("processes=3"));
  EXPECT_THAT(site.events("measured web").at(0), Not(HasSubstr("memory=-1")));
  end("web", SIGKILL, 100);
}

TEST_P(ProcessTree, another_process_of_the_tree_can_become_the_leader) {
  const std::string go = (site.place() / "go").string();
  site.start_script("web", "sh -c 'sleep 1000; exit 9' & echo $!; while [ ! -e " + go + " ]; do sleep 0.05; done",
                    {{"capture", "1"}});
  ASSERT_TRUE(wait_until([&] { return site.captured("web").ends_with("\n"); }));
  const std::string pid = site.captured("web").substr(0, site.captured("web").size() - 1);
  site.order("main", {{"key", "web"}, {"pid", pid}});
  site.order("measure", {{"key", "web"}});  // its answer says that the order before it has been carried out
  ASSERT_TRUE(site.wait_for("measured web"));
  write_file(go, "");
  ASSERT_TRUE(wait_until([&] { return !runs(site.pid_of("web")); }));
  EXPECT_TRUE(site.events("exited web").empty());
  end("web", SIGTERM, 200);
  EXPECT_THAT(site.events("exited web"), ElementsAre("exited web how=1 value=15"));
}

TEST_P(ProcessTree, a_readiness_message_is_heard) {
  site.start_script("web",
                    "python3 -c 'import os, socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
                    "s.sendto(b\"READY=1\", \"\\0\" + os.environ[\"NOTIFY_SOCKET\"][1:])'; exec sleep 1000",
                    {{"notify", "1"}});
  ASSERT_TRUE(site.wait_for("notified web"));
  EXPECT_THAT(site.events("notified web").at(0), HasSubstr("READY=1"));
  end("web", SIGTERM, 5'000);
}

TEST(ProcessLimits, what_cannot_be_limited_fails_a_strict_start_only) {
  HoldingSite site("none");
  site.run();
  EXPECT_THAT(site.events("ready").at(0), HasSubstr("without control groups"));
  site.order("start", {{"key", "strict"}, {"argument", "/bin/true"}, {"tasks_max", "5"}, {"strict", "1"}});
  ASSERT_TRUE(site.wait_for("start_failed strict"));
  EXPECT_THAT(site.events("start_failed strict").at(0), HasSubstr("step=limits"));
  site.start_script("lenient", "exit 0", {{"tasks_max", "5"}});
  EXPECT_TRUE(site.wait_for("emptied lenient"));
}

TEST(ProcessWatch, a_process_of_somebody_else_is_watched_and_changed) {
  HoldingSite site;
  site.run();
  Process other({"/bin/sleep", "1000"});
  site.order("watch", {{"key", "other"}, {"pid", std::to_string(other.id())}});
  site.order("tune", {{"key", "other"}, {"nice", "7"}});
  site.order("measure", {{"key", "other"}});
  ASSERT_TRUE(site.wait_for("measured other"));
  EXPECT_EQ(run_to_end({"/bin/ps", "-o", "ni=", "-p", std::to_string(other.id())}).out, "  7\n");
  other.kill9();
  EXPECT_TRUE(site.wait_for("emptied other"));
  EXPECT_THAT(site.events("exited other").at(0), StartsWith("exited other how="));
  site.order("watch", {{"key", "nobody"}, {"pid", std::to_string(other.id())}});
  EXPECT_TRUE(site.wait_for("refused nobody"));
}

}  // namespace
}  // namespace picket::integration
