// SPDX-License-Identifier: Apache-2.0
//
// `picket jobs`, against a daemon that the test plays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "commands/exit_codes.hpp"
#include "commands/live_jobs.hpp"
#include "fake_daemon.hpp"

namespace picket::commands {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Jobs : public testing::Test {
 protected:
  Jobs() { has_instances({{"jobs", "process_supervisor"}, {"door", "pipe_server"}}); }
  void has_instances(const std::vector<std::pair<std::string, std::string>>& instances) {
    ClientJson list = ClientJson::array();
    for (const auto& [name, type] : instances) list.push_back({{"name", name}, {"type", type}});
    daemon_.on_command("picket", "status", {{"instances", list}});
  }
  static ClientJson program(const std::string& name, const std::string& state, int failures = 0) {
    return {
        {"program", name},   {"state", state}, {"note", "a note"}, {"for_s", 61.5}, {"pid", 42},
        {"memory", 1048576}, {"cpu_s", 1.5},   {"processes", 3},   {"restarts", 7}, {"failures_in_a_row", failures}};
  }

  std::ostringstream out_, err_;
  const Surroundings surroundings_{
      out_, err_, {}, [](const std::string&) { return std::nullopt; }, platform::system_clock()};
  FakeDaemon daemon_;
};

TEST_F(Jobs, the_table_shows_what_is_known) {
  daemon_.on_command("jobs", "status",
                     {{"programs", {program("web", "running")}},
                      {"watched", {{{"watch", "ssh"}, {"state", "running"}, {"pids", {7, 8}}, {"note", ""}}}},
                      {"problems", ClientJson::object()},
                      {"risk", "no control groups"}});
  Client client = daemon_.client();
  EXPECT_EQ(jobs_status({}, client, surroundings_), kExitOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("web"), HasSubstr("running"), HasSubstr("1 MiB"), HasSubstr("a note"),
                                HasSubstr("7 8"), HasSubstr("no control groups")));
}

TEST_F(Jobs, what_is_not_well_has_an_exit_code) {
  for (const ClientJson& one : {program("web", "failed"), program("web", "degraded"), program("web", "ready", 2)}) {
    daemon_.on_command("jobs", "status", {{"programs", {one}}});
    Client client = daemon_.client();
    EXPECT_EQ(jobs_status({}, client, surroundings_), kExitNotWell);
  }
  daemon_.on_command("jobs", "status",
                     {{"programs", ClientJson::array()}, {"problems", {{"web", "there is no signal"}}}});
  Client client = daemon_.client();
  EXPECT_EQ(jobs_status({}, client, surroundings_), kExitNotWell);
  EXPECT_THAT(out_.str(), HasSubstr("web: there is no signal"));
}

TEST_F(Jobs, the_supervisor_must_be_clear) {
  has_instances({{"door", "pipe_server"}});
  Client none = daemon_.client();
  EXPECT_EQ(jobs_status({}, none, surroundings_), kExitUnavailable);
  has_instances({{"a", "process_supervisor"}, {"b", "process_supervisor"}});
  Client several = daemon_.client();
  EXPECT_EQ(jobs_status({}, several, surroundings_), kExitUsage);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("no instance of process_supervisor"), HasSubstr("--instance: a, b")));
  daemon_.on_command("b", "status", {{"programs", ClientJson::array()}});
  JobsOptions options;
  options.instance = "b";
  Client named = daemon_.client();
  EXPECT_EQ(jobs_status(options, named, surroundings_), kExitOk);
}

TEST_F(Jobs, a_restart_carries_what_was_asked_and_waits) {
  daemon_.on_command("jobs", "restart",
                     {{"programs", {{{"program", "web"}, {"state", "backoff"}, {"well", false}, {"note", "why"}}}}});
  JobsOptions options;
  options.programs = {"web"};
  options.reason = "upgrade";
  options.drain = true;
  Client client = daemon_.client();
  EXPECT_EQ(jobs_change("restart", options, client, surroundings_), kExitNotWell);
  EXPECT_EQ(out_.str(), "web is backoff: why\n");
  const ClientJson args = daemon_.last()["params"]["args"];
  EXPECT_EQ(args, (ClientJson{{"wait", true}, {"reason", "upgrade"}, {"drain", true}, {"program", "web"}}));
}

TEST_F(Jobs, logs_are_lines_and_following_leaves_out_what_was_printed) {
  daemon_.on_command("jobs", "status", {{"programs", {program("web", "running")}}});
  daemon_.on_command(
      "jobs", "logs",
      {{"lines", {{{"time_ns", 1'000'000'000}, {"program", "web"}, {"stream", "stdout"}, {"text", "one"}}}}});
  daemon_.on("subscribe", [](const ClientJson&) { return ClientJson{{"result", 1}}; });
  const auto event = [](const char* time, const char* text) {
    return ClientJson{
        {"jsonrpc", "2.0"},
        {"method", "event"},
        {"params",
         {{"subscription", 1}, {"event", {{"time", time}, {"message", text}, {"fields", {{"program", "web"}}}}}}}}
        .dump();
  };
  JobsOptions options;
  options.programs = {"web"};
  Client client = daemon_.client();
  EXPECT_EQ(jobs_logs(options, client, surroundings_), kExitOk);
  EXPECT_EQ(out_.str(), "1970-01-01T00:00:01.000000000Z web: one\n");

  out_.str("");
  options.follow = true;
  Client follower = daemon_.client();
  daemon_.say_then_close(
      {event("1970-01-01T00:00:01.000000000Z", "one"), event("1970-01-01T00:00:02.000000000Z", "two")});
  EXPECT_EQ(jobs_logs(options, follower, surroundings_), kExitUnavailable);
  for (const ClientJson& request : daemon_.requests()) {
    if (request["method"] != "subscribe") continue;
    EXPECT_EQ(request["params"]["where"], "kind == \"log\" and program in [\"web\"]");
  }
}

TEST_F(Jobs, why_prints_the_sentence_and_the_transitions) {
  daemon_.on_command(
      "jobs", "why",
      {{"programs",
        {{{"program", "web"},
          {"why", "web is failed for 3s: given up"},
          {"transitions", {{{"time_ns", 0}, {"from", "ready"}, {"to", "failed"}, {"reason", "given up"}}}}}}}});
  JobsOptions options;
  options.programs = {"web"};
  Client client = daemon_.client();
  EXPECT_EQ(jobs_why(options, client, surroundings_), kExitOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("web is failed for 3s: given up\n"), HasSubstr("1970-01-01T00:00:00.000Z")));
}

TEST_F(Jobs, an_unknown_program_is_the_daemons_error) {
  daemon_.fail_command("jobs", "signal", -32003, "there is no program \"nobody\"");
  JobsOptions options;
  options.programs = {"nobody"};
  options.signal = "HUP";
  Client client = daemon_.client();
  EXPECT_NE(jobs_signal(options, client, surroundings_), kExitOk);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("picket jobs signal: there is no program"), Not(HasSubstr("sent"))));
}

}  // namespace
}  // namespace picket::commands
