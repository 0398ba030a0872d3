// SPDX-License-Identifier: Apache-2.0
#include "support.hpp"

namespace picket::process_supervisor {
namespace {

class SupervisorReload : public Supervised {
 protected:
  void reload(const std::string& all) {
    const auto done = host->reload(all);
    ASSERT_TRUE(done.ok()) << done.error().message;
    settle();
  }
};

TEST_F(SupervisorReload, touches_what_differs_and_nothing_else) {
  begin(settings(program("same") + "," + program("changed") + "," + program("removed")));
  const ProgramId same = id("same");
  reload(settings(program("same") + "," + program("changed", R"("environment": {"A": "1"})") + "," + program("added")));
  EXPECT_EQ(id("same"), same);
  EXPECT_EQ(starts("same"), 1U);
  EXPECT_EQ(starts("changed"), 2U);
  EXPECT_EQ(status("changed")["restarts_by_cause"], json({{"settings", 1}}));
  EXPECT_EQ(state("added"), "ready");
  EXPECT_EQ(host->execute("status", R"({"program": "removed"})").status, PICKET_NOT_FOUND);
  EXPECT_EQ(processes().running(), 3U);
}

TEST_F(SupervisorReload, a_wrong_program_keeps_what_it_had_and_leaves_the_others_alone) {
  begin(settings(program("web") + "," + program("db")));
  reload(settings(program("web", R"("stop_signal": "NONE")") + "," + program("db", R"("environment": {"A": "1"})")));
  EXPECT_EQ(state("web"), "ready");
  EXPECT_EQ(starts("web"), 1U);
  EXPECT_THAT(note("web"), HasSubstr("new settings refused: stop_signal"));
  EXPECT_EQ(starts("db"), 2U);
  EXPECT_EQ(host->health().state, PICKET_HEALTH_DEGRADED);
  reload(settings(program("web") + "," + program("db", R"("environment": {"A": "1"})")));
  EXPECT_EQ(note("web"), "");
  EXPECT_EQ(starts("web"), 1U);
  EXPECT_EQ(host->health().state, PICKET_HEALTH_GOOD);
}

TEST_F(SupervisorReload, what_can_change_in_place_does) {
  begin(settings(program("web", R"("nice": 1)")));
  reload(settings(
      program("web", R"("nice": 5, "limits": {"memory": 1048576}, "restart": "never", "stop_timeout": 1000000000)")));
  EXPECT_EQ(starts("web"), 1U);
  EXPECT_EQ(processes().requests("tune").at(0).tuning.nice, 5);
  EXPECT_TRUE(processes().requests("tune").at(0).tuning.whole_tree);
  EXPECT_EQ(processes().requests("limit").at(0).limits.memory_max, 1'048'576);
  exits("web", 1);
  EXPECT_EQ(state("web"), "failed");
}

TEST_F(SupervisorReload, a_new_check_is_in_force_at_once) {
  scene().seen["1"] = {false, "refused", 0};
  begin(settings(program("web")));
  reload(settings(program("web", R"("healthy": {"port": 1, "every": 1000000000})")));
  EXPECT_EQ(starts("web"), 1U);
  run(1s);
  EXPECT_EQ(state("web"), "degraded");
}

TEST_F(SupervisorReload, fewer_instances_stop_the_others) {
  const auto with = [](int count) {
    return R"({"programs": {"web": {"command": ["/bin/web"], "count": )" + std::to_string(count) + "}}}";
  };
  begin(with(3));
  reload(with(1));
  EXPECT_EQ(processes().running(), 1U);
  EXPECT_EQ(state("web@1"), "ready");
  reload(with(2));
  EXPECT_EQ(starts("web@2"), 2U);
  EXPECT_EQ(starts("web@1"), 1U);
}

TEST_F(SupervisorReload, a_removed_program_takes_its_time_to_stop_and_can_come_back) {
  make(settings(program("web", R"("stop_timeout": 3000000000)") + "," + program("db")));
  processes().behave("web", {.ignores_signals = true});
  begin("");
  reload(settings(program("db")));
  EXPECT_EQ(state("web"), "stopping");
  reload(settings(program("web", R"("stop_timeout": 3000000000)") + "," + program("db")));
  run(4s);
  EXPECT_EQ(state("web"), "stopped");
  tell("start", "web");
  EXPECT_EQ(state("web"), "ready");
}

TEST(SupervisorValidate, a_host_that_only_looks_hears_of_every_mistake) {
  testing::FakeHost host(&kTestSupervisor,
                         R"({"programs": {"a": {"command": ["a"], "stop_signal": "X"}, "b": {"command": []}}})",
                         {.without = {PICKET_EXT_PROCESS}});
  const auto made = host.create();
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message, AllOf(HasSubstr("a: stop_signal"), HasSubstr("b: command")));
}

}  // namespace
}  // namespace picket::process_supervisor
