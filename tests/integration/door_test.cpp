// SPDX-License-Identifier: Apache-2.0
//
// The door of the real daemon, and foreign programs at it: socat, nc, logger, python3. What came in is read from the
// file that a sink wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <sstream>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using ::testing::HasSubstr;

class Door : public ::testing::Test {
 protected:
  std::string socket(const std::string& name) const { return (site.directory() / name).string(); }
  std::string file() const { return (site.directory() / "events").string(); }
  // A door with this listener, and everything from it in a file.
  std::unique_ptr<Process> run(const std::string& listener) {
    site.configure("instances:\n  door: {type: pipe_server, listen: [" + listener +
                   "]}\n  out: {type: event_file, path: \"" + file() + "\"}\nroutes:\n  all: {from: door, to: out}\n");
    return site.run_until_ready();
  }
  std::string listener(const std::string& protocol, const std::string& more = "") const {
    return "{path: \"" + socket("s") + "\", protocol: " + protocol + more + "}";
  }
  std::string written() const {
    std::ifstream in(file());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  bool wait_for(const std::string& text) {
    return wait_until([&] { return written().find(text) != std::string::npos; });
  }
  static Output shell(const std::string& script) { return run_to_end({"/bin/sh", "-c", script}); }

  Site site;
};

TEST_F(Door, socat_sends_events_as_json_and_hears_of_a_mistake) {
  const auto daemon = run(listener("ndjson"));
  const Output output = shell(
      R"(printf '{"kind":"note","message":"from a shell","fields":{"n":1}}\n{"oops"\n' | socat -t 5 - UNIX-CONNECT:)" +
      socket("s"));
  EXPECT_EQ(output.exit_code, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr(R"({"error":{"line":2,"byte":7,)"));
  EXPECT_TRUE(wait_for("note message=from a shell n=1\n")) << written();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Door, nc_sends_lines_of_text) {
  const auto daemon = run(listener("line", ", events: note"));
  EXPECT_EQ(shell("printf 'one\\ntwo\\n' | nc -N -U " + socket("s")).exit_code, 0);
  EXPECT_TRUE(wait_for("note message=one\nnote message=two\n")) << written();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Door, logger_finds_a_syslog_socket) {
  const auto daemon = run(listener("syslog"));
  EXPECT_EQ(shell("logger --socket " + socket("s") + " --tag shop --id=42 -p daemon.err 'no more milk'").exit_code, 0);
  EXPECT_TRUE(wait_for("log facility=daemon app=shop pid=42 message=no more milk\n")) << written();
  EXPECT_EQ(shell("logger --socket " + socket("s") +
                  " --rfc5424=notq --tag shop --msgid M1 --sd-id a@1 --sd-param 'b=\"c\"' again")
                .exit_code,
            0);
  EXPECT_TRUE(wait_for("app=shop msgid=M1 sd.a@1.b=c message=again\n")) << written();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Door, logger_and_counted_messages_come_over_streams) {
  const auto daemon = run(listener("syslog", ", kind: stream"));
  EXPECT_EQ(shell("printf '12 <13>app: one13 <13>app: two.' | socat - UNIX-CONNECT:" + socket("s")).exit_code, 0);
  EXPECT_TRUE(wait_for("message=one\n")) << written();
  EXPECT_TRUE(wait_for("message=two.\n")) << written();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Door, systems_datagrams_come_from_python_as_from_its_logging_module) {
  const auto daemon = run(listener("syslog"));
  const std::string script =
      "import logging, logging.handlers as h\n"
      "log = logging.getLogger('x'); log.addHandler(h.SysLogHandler('" +
      socket("s") +
      "'))\n"
      "log.error('python speaks')\n";
  EXPECT_EQ(run_to_end({"python3", "-c", script}).exit_code, 0);
  EXPECT_TRUE(wait_for("facility=user message=python speaks\n")) << written();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Door, the_socket_outlives_a_kill_and_the_next_daemon_takes_it_over) {
  auto daemon = run(listener("ndjson"));
  daemon->kill9();
  ASSERT_TRUE(std::filesystem::exists(socket("s")));
  daemon = site.run_until_ready();
  EXPECT_EQ(shell("echo '{\"message\":\"again\"}' | socat - UNIX-CONNECT:" + socket("s")).exit_code, 0);
  EXPECT_TRUE(wait_for("message=again")) << written();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_FALSE(std::filesystem::exists(socket("s")));
}

// As systemd does it: the socket is there before the daemon and after it, and its number is 3.
TEST_F(Door, a_socket_that_the_service_manager_opened_is_taken_and_left_to_it) {
  site.configure("instances:\n  door: {type: pipe_server, listen: [" + listener("ndjson", ", activation: door") +
                 "]}\n  out: {type: event_file, path: \"" + file() + "\"}\nroutes:\n  all: {from: door, to: out}\n");
  const std::string manager =
      "import os, socket, sys\n"
      "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()\n"
      "c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1]); c.send(b'{\"message\": \"early\"}\\n')\n"
      "os.dup2(s.fileno(), 3); os.set_inheritable(3, True)\n"
      "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='door')\n"
      "os.execv(sys.argv[2], sys.argv[2:])\n";
  Process daemon(
      {"python3", "-c", manager, socket("s"), PICKET_PROGRAM, "run", "--config", site.config_file().string()},
      {{"PICKET_PLUGIN_PATH", plugin_folder().string()}, {"STATE_DIRECTORY", site.state().string()}});
  EXPECT_TRUE(wait_for("message=early")) << daemon.err();
  EXPECT_EQ(stop(daemon), 0);
  EXPECT_TRUE(std::filesystem::exists(socket("s")));
}

TEST_F(Door, another_programs_socket_stays_its_own) {
  Process other({"socat", "UNIX-LISTEN:" + socket("s") + ",fork", "STDIO"});
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(socket("s")); }));
  site.configure("instances:\n  door: {type: pipe_server, listen: [" + listener("ndjson") + "]}\n");
  const auto daemon = site.run_until_ready();
  EXPECT_TRUE(daemon->wait_for_err("another program answers there")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_TRUE(std::filesystem::exists(socket("s")));
}

TEST_F(Door, half_open_clients_do_not_hold_up_a_stop) {
  const auto daemon = run(listener("ndjson"));
  const std::string script =
      "import socket, time\n"
      "all = []\n"
      "for i in range(50):\n"
      "  s = socket.socket(socket.AF_UNIX); s.connect('" +
      socket("s") +
      "'); all.append(s)\n"
      "  s.send(b'{\"half')\n"
      "print('there', flush=True)\n"
      "for s in all:\n"
      "  assert s.recv(100) == b''\n"
      "print('gone', flush=True)\n";
  Process clients({"python3", "-c", script});
  ASSERT_TRUE(wait_until([&] { return clients.out().find("there") != std::string::npos; })) << clients.err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(clients.wait_exit(), 0) << clients.err();
}

}  // namespace
}  // namespace picket::integration
