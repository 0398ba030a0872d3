// SPDX-License-Identifier: Apache-2.0
//
// The C++ face of picket.process/1 (picket/detail/process.hpp) against the fake programs of picket/testing.hpp.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "picket/plugin.hpp"
#include "picket/testing.hpp"

namespace picket {
namespace {

using std::chrono_literals::operator""s;

// Writes down what it hears, and starts what its settings say.
class Keeper : public Plugin, private ProcessListener {
 public:
  Keeper(Host host, const Config& config) : Plugin(host), command_(config.text("/command", "")) { last = this; }
  void start() override { processes.open(host(), *this); }
  void stop() override { processes.close(); }

  static inline Keeper* last = nullptr;
  Processes processes;
  std::vector<std::string> heard;
  ProgramId program = 0;

 private:
  void note(std::string text) { heard.push_back(std::move(text)); }
  void on_found(const ProgramInfo& info) override {
    note("found " + std::string(to_view(info.key)) + " " + std::string(to_view(info.blob)) + " " +
         std::to_string(info.state));
    program = info.program;
  }
  void on_ready(const ProcessAbility& ability) override {
    note("ready " + std::string(to_view(ability.risk)));
    if (program != 0 || command_.empty()) return;
    program = processes.start({.key = "web",
                               .blob = "hash",
                               .arguments = {command_, "-v"},
                               .environment = {"A=1"},
                               .directory = "/srv",
                               .rlimits = {{"nofile", 10, 20}},
                               .tuning = {.nice = 5, .cpus = std::vector<std::uint32_t>{0, 1}},
                               .limits = {.memory_max = 1 << 20},
                               .notify = true,
                               .output = {.capture = true}});
  }
  void on_lost(std::string_view reason) override { note("lost " + std::string(reason)); }
  void on_started(ProgramId, const ProcessIdentity& leader) override {
    note("started " + std::to_string(leader.pid > 0 ? 1 : 0));
  }
  void on_start_failed(ProgramId, const ProgramFailure& failure) override {
    note("failed at " + std::string(to_view(failure.step)) + " " + std::to_string(failure.system_error));
  }
  void on_output(ProgramId id, const ProgramOutput& output) override {
    note("output " + std::string(to_view(output.data)) + " at " + std::to_string(output.offset) +
         (output.flags & PICKET_OUTPUT_GAP ? " gap of " + std::to_string(output.dropped) : ""));
    processes.acknowledge_output(id, output.stream, output.offset + output.data.length + output.dropped);
  }
  void on_notified(ProgramId, std::int64_t, std::string_view message) override {
    each_notify_assignment(message, [&](std::string_view name, std::string_view value) {
      note("notify " + std::string(name) + " is " + std::string(value));
    });
  }
  void on_exited(ProgramId, const ProgramExit& exit) override {
    note("exited " + std::to_string(exit.how) + " " + std::to_string(exit.value));
  }
  void on_stragglers(ProgramId, std::span<const ProcessMember> members, std::uint32_t) override {
    std::string all = "stragglers";
    for (const ProcessMember& member : members) all += " " + std::string(to_view(member.name));
    note(all);
  }
  void on_emptied(ProgramId, const ProgramTreeEnd& end) override { note("emptied " + std::to_string(end.killed)); }
  void on_request_failed(ProgramId, const ProgramFailure& failure) override {
    note("refused " + std::string(to_view(failure.step)));
  }

  std::string command_;
};

const picket_plugin_type kKeeper = plugin_type<Keeper>({"keeper", "1", "keeps", "{\"type\":\"object\"}"});

using Heard = std::vector<std::string>;

Heard taken() {
  return std::exchange(Keeper::last->heard, {});
}

struct ProcessesTest : ::testing::Test {
  void begin() {
    ASSERT_TRUE(host.start().ok());
    host.advance(0s);
    host.advance(0s);
  }
  testing::FakeHost host{&kKeeper, R"({"command": "/bin/web"})"};
};

TEST_F(ProcessesTest, a_start_carries_its_whole_specification) {
  begin();
  EXPECT_EQ(taken(), (Heard{"ready ", "started 1"}));
  ASSERT_EQ(host.processes().starts().size(), 1U);
  const ProgramSpec spec = host.processes().starts()[0].spec;
  EXPECT_EQ(spec.arguments, (std::vector<std::string>{"/bin/web", "-v"}));
  EXPECT_EQ(spec.environment, std::vector<std::string>{"A=1"});
  EXPECT_EQ(spec.directory, "/srv");
  EXPECT_EQ(spec.rlimits.at(0).hard, 20U);
  EXPECT_EQ(spec.tuning.nice, 5);
  EXPECT_EQ(spec.tuning.cpus, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(spec.limits.memory_max, 1 << 20);
  EXPECT_TRUE(spec.notify);
  EXPECT_TRUE(spec.output.capture);
}

TEST_F(ProcessesTest, a_program_speaks_notifies_and_exits) {
  begin();
  auto& programs = host.processes();
  const ProgramId id = programs.program("web");
  taken();
  programs.output(id, PICKET_STDOUT, "one");
  programs.gap(id, PICKET_STDOUT, 7);
  programs.output(id, PICKET_STDOUT, "two");
  programs.notify(id, "READY=1\nSTATUS=at work");
  programs.exits(id, 3);
  EXPECT_EQ(taken(), (Heard{"output one at 0", "output  at 3 gap of 7", "output two at 10", "notify READY is 1",
                            "notify STATUS is at work", "exited 0 3", "emptied 0"}));
  EXPECT_EQ(programs.acknowledged(id, PICKET_STDOUT), 13U);
  EXPECT_EQ(Keeper::last->processes.forget(id), PICKET_OK);
  EXPECT_TRUE(programs.forgotten(id));
  EXPECT_TRUE(host.misuses().empty());
}

TEST_F(ProcessesTest, a_start_fails_at_a_step) {
  host.processes().behave("web", {.fails_at = "directory", .system_error = 2});
  begin();
  EXPECT_EQ(taken(), (Heard{"ready ", "failed at directory 2"}));
}

TEST_F(ProcessesTest, a_stubborn_program_is_killed_when_the_time_is_up) {
  host.processes().behave("web", {.ignores_signals = true, .leaves_behind = {"helper"}});
  begin();
  taken();
  Keeper::last->processes.end(Keeper::last->program, 15, 5s);
  host.advance(4s);
  EXPECT_EQ(taken(), Heard{});
  host.advance(1s);
  EXPECT_EQ(taken(), (Heard{"stragglers web helper", "exited 1 9", "emptied 2"}));
}

TEST_F(ProcessesTest, a_leader_that_leaves_a_tree_behind_is_not_the_end) {
  host.processes().behave("web", {.leaves_behind = {"child"}});
  begin();
  taken();
  host.processes().dies(host.processes().program("web"), 11);
  EXPECT_EQ(taken(), (Heard{"exited 1 11", "stragglers child"}));
  EXPECT_EQ(Keeper::last->processes.forget(Keeper::last->program), PICKET_REFUSED);
  host.processes().empties(Keeper::last->program);
  EXPECT_EQ(taken(), Heard{"emptied 0"});
}

TEST_F(ProcessesTest, what_ran_before_is_found_with_its_blob_and_its_exit) {
  testing::FakeRunning before{.key = "web", .blob = "old", .state = PICKET_PROGRAM_EMPTY};
  before.exit.value = 4;
  host.processes().add_running(before);
  begin();
  EXPECT_EQ(taken(), (Heard{"found web old 2", "ready ", "exited 0 4", "emptied 0"}));
}

TEST_F(ProcessesTest, a_refused_request_is_said) {
  host.processes().behave("web", {.refuses_requests = 1});
  begin();
  taken();
  EXPECT_EQ(Keeper::last->processes.signal(Keeper::last->program, 10), PICKET_OK);
  host.advance(0s);
  EXPECT_EQ(taken(), Heard{"refused signal"});
}

TEST_F(ProcessesTest, a_lost_holder_is_busy_until_it_returns) {
  begin();
  taken();
  host.processes().lose_holder("killed");
  EXPECT_EQ(Keeper::last->processes.signal(Keeper::last->program, 10), PICKET_BUSY);
  host.processes().holder_returns();
  EXPECT_EQ(taken(), (Heard{"lost killed", "found web hash 0", "ready "}));
}

TEST_F(ProcessesTest, nothing_is_heard_after_close) {
  begin();
  taken();
  Keeper::last->processes.close();
  host.processes().exits(Keeper::last->program, 0);
  EXPECT_EQ(taken(), Heard{});
}

TEST(Processes, a_daemon_without_them_is_said) {
  testing::Options options;
  options.without = {PICKET_EXT_PROCESS};
  testing::FakeHost host(&kKeeper, "{}", options);
  const Result<void> started = host.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().status, PICKET_UNSUPPORTED);
}

}  // namespace
}  // namespace picket
