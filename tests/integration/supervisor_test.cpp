// SPDX-License-Identifier: Apache-2.0
//
// process_supervisor with the real daemon, the real holder and real programs, through `picket jobs`: what keeps
// programs up, ends them and ties them together. What goes wrong is in supervisor_faults_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "harness/supervised_site.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Supervisor : public testing::Test, protected SupervisedSite {};

TEST_F(Supervisor, keeps_a_program_up_and_explains_itself) {
  configure(shell("web", "echo started; exec sleep 1000", "backoff: {initial: 10ms}") +
            shell("off", "exec sleep 1000", "autostart: false"));
  run();
  ASSERT_TRUE(wait_up("web"));
  ASSERT_TRUE(wait_until([&] { return count_of(jobs({"logs", "web"}).out, "web: started") == 1; }));
  const pid_t first = pid("web");
  ASSERT_EQ(kill(first, SIGSEGV), 0);
  ASSERT_TRUE(wait_up("web", 2));
  EXPECT_NE(pid("web"), first);
  EXPECT_EQ(restarts("web", "crash"), 1);
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
  // Each says that it is there; before that, whoever makes it has the mark as well.
  configure(shell("web",
                  "i=0; while [ $i -lt 20 ]; do (setsid sh -c 'sleep 1000 & echo up; exit' &); i=$((i+1)); done; "
                  "exec sleep 1000",
                  "stop_timeout: 300ms, output: {file: " + path("said") + "}"));
  run();
  ASSERT_TRUE(wait_until(
      [&] {
        return std::filesystem::exists(path("said")) && count_of(read_file(path("said")), "up\n") == 20 &&
               marked().size() == 21;
      },
      kLongPatience));
  const Output stopped = jobs({"stop", "web"});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.out << stopped.err;
  EXPECT_TRUE(marked().empty());
  EXPECT_EQ(state("web"), "stopped");
}

TEST_F(Supervisor, a_child_that_ignores_the_signal_is_killed_before_the_program_counts_as_ended) {
  configure(shell("web", "sh -c 'trap \"\" TERM; while :; do sleep 1; done' & exit 0",
                  "restart: never, stop_timeout: 500ms"));
  run();
  ASSERT_TRUE(wait_state("web", {"exited"}));
  EXPECT_TRUE(marked().empty());
  EXPECT_THAT(jobs({"why", "web"}).out, AllOf(HasSubstr("stopping"), HasSubstr("that leaves")));
}

TEST_F(Supervisor, a_threshold_restarts_for_memory_and_the_end_of_the_alert_does_not) {
  configure(shell("web", "exec sleep 1000"),
            "routes:\n  leak:\n    from: door\n    where: name == \"held\"\n    steps: [{threshold: {raise: value > "
            "10, clear: value < 5}}]\n"
            "    to: {instance: jobs, command: restart, args: {program: web, cause: memory, reason: leak, alert: "
            "\"{alert.state}\"}}\n");
  run();
  ASSERT_TRUE(wait_up("web"));
  const auto held = [&](const std::string& value) {
    return run_to_end({PICKET_PROGRAM, "send", "--socket", path("s"), "kind=metric", "name=held", "value=" + value}, {},
                      kLongPatience)
        .exit_code;
  };
  ASSERT_EQ(held("20"), 0);
  // Until it is up again: one more restart of what is about to be restarted would be the same one.
  ASSERT_TRUE(wait_up("web", 2));
  EXPECT_EQ(restarts("web", "memory"), 1);
  ASSERT_EQ(held("1"), 0);
  ASSERT_EQ(held("20"), 0);
  ASSERT_TRUE(wait_up("web", 3));
  EXPECT_EQ(restarts("web", "memory"), 2);
  EXPECT_EQ(starts("web"), 3);
  EXPECT_THAT(jobs({"why", "web"}).out, HasSubstr("leak"));
}

TEST_F(Supervisor, real_readiness_by_notify_port_and_order) {
  configure(python("db",
                   "import os, socket, time\n"
                   "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
                   "a = os.environ['NOTIFY_SOCKET']\n"
                   "s.sendto(b'READY=1\\nSTATUS=serving', chr(0) + a[1:] if a[0] == '@' else a)\n"
                   "time.sleep(1000)\n",
                   "ready: {notify: true, timeout: 1h}, backoff: {initial: 10ms}") +
            python("web",
                   "import os, socket, time\n"
                   "path = '" +
                       path("web.sock") +
                       "'\n"
                       "if os.path.exists(path): os.remove(path)\n"
                       "s = socket.socket(socket.AF_UNIX)\n"
                       "s.bind(path)\n"
                       "s.listen(5)\n"
                       "time.sleep(1000)\n",
                   "requires: [db], ready: {port: \"unix:" + path("web.sock") +
                       "\", every: 20ms, attempt: 1m, timeout: 1h}, backoff: {initial: 10ms}"));
  run();
  ASSERT_TRUE(wait_up("web")) << daemon->err();
  EXPECT_EQ(note("db"), "serving");
  kill(pid("db"), SIGKILL);
  ASSERT_TRUE(wait_up("web", 2)) << daemon->err();
  EXPECT_EQ(restarts("web", "dependency"), 1);
  EXPECT_EQ(starts("db"), 2);
}

TEST_F(Supervisor, dependents_come_back_by_themselves_each_time_what_they_require_flaps) {
  configure(shell("db", "exec sleep 1000", "backoff: {initial: 10ms}") +
            shell("web", "exec sleep 1000", "requires: [db]") + shell("page", "exec sleep 1000", "requires: [web]") +
            shell("other", "exec sleep 1000"));
  run();
  for (const char* const name : {"db", "web", "page", "other"}) ASSERT_TRUE(wait_up(name)) << name;
  const pid_t other = pid("other");
  for (int flap = 1; flap <= 3; ++flap) {
    const pid_t web = pid("web"), page = pid("page");
    ASSERT_EQ(kill(pid("db"), SIGKILL), 0);
    for (const char* const name : {"db", "web", "page"}) {
      ASSERT_TRUE(wait_up(name, flap + 1)) << name << " after flap " << flap << '\n' << jobs({"why", name}).out;
    }
    EXPECT_NE(pid("web"), web);
    EXPECT_NE(pid("page"), page);
  }
  EXPECT_EQ(restarts("db", "crash"), 3);
  for (const char* const name : {"web", "page"}) {
    EXPECT_EQ(restarts(name, "dependency"), 3) << name;
    EXPECT_EQ(starts(name), 4) << name;
    EXPECT_EQ(status(name).value("failures_in_a_row", -1), 0) << name;  // it was none of theirs
  }
  EXPECT_EQ(pid("other"), other);
  EXPECT_EQ(starts("other"), 1);
}

}  // namespace
}  // namespace picket::integration
