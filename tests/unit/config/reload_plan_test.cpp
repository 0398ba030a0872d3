// SPDX-License-Identifier: Apache-2.0
#include "config/reload_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/fingerprint.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ReloadPlanTest : public testing::Test {
 protected:
  ReloadPlanTest() {
    before = nlohmann::ordered_json::parse(R"json({
      "daemon": {"log": {"level": "info", "format": "text"}, "state_dir": "/s", "stop_timeout": "10s", "threads": 2},
      "instances": {"host": {"type": "meter", "interval": "5s"}, "out": {"type": "store", "password": "(secret)"},
                    "extra": {"type": "store"}},
      "routes": {
        "main": {"from": ["host"], "to": [{"instance": "out", "queue": {"events": 10}, "on_full": "block"}]},
        "side": {"from": ["host"], "steps": [{"rate": {}}, {"set": {"a": 1}}],
                 "to": [{"instance": "extra", "queue": {"events": 10}, "on_full": "block"}]}}})json");
    after = before;
    knowledge.step_remembers = [](const std::string& type) { return type == "rate"; };
    knowledge.takes_settings = [](const std::string& name) { return name == "host"; };
    knowledge.other.emplace();
  }

  ReloadPlan plan() const {
    const auto made = plan_reload(before.dump(), after.dump(), knowledge);
    EXPECT_TRUE(made.ok());
    return made.ok() ? *made : ReloadPlan{};
  }
  // "instance host: restart".
  static std::vector<std::string> actions(const ReloadPlan& made) {
    std::vector<std::string> lines;
    for (const PlanItem& item : made.items) {
      if (item.action == PlanAction::keep) continue;
      lines.push_back(std::string(to_string(item.kind)) + " " + item.name + ": " + to_string(item.action));
    }
    return lines;
  }

  nlohmann::ordered_json before, after;
  PlanKnowledge knowledge;
};

TEST_F(ReloadPlanTest, nothing_different_is_nothing_to_do) {
  const ReloadPlan made = plan();
  EXPECT_FALSE(made.changes_something());
  EXPECT_THAT(made.losses, IsEmpty());
  EXPECT_THAT(made.notes, IsEmpty());
  EXPECT_THAT(made.items, SizeIs(5));
  EXPECT_EQ(made.hash_before, made.hash_after);
}

TEST_F(ReloadPlanTest, each_kind_of_change_has_its_action_and_says_what_changed) {
  after["daemon"]["log"]["level"] = "debug";
  after["daemon"]["threads"] = 4;
  after["instances"]["host"]["interval"] = "1s";
  after["instances"]["out"]["url"] = "x";
  after["instances"]["fresh"] = {{"type", "meter"}};
  after["routes"]["main"]["where"] = "value > 1";
  after["routes"]["fresh"] = after["routes"]["main"];
  const ReloadPlan made = plan();
  EXPECT_THAT(actions(made), ElementsAre("daemon log.level: set", "daemon threads: next start", "instance fresh: start",
                                         "instance host: reconfigure", "instance out: restart", "route fresh: add",
                                         "route main: rewire"));
  EXPECT_THAT(made.items[2].changes, IsEmpty()) << "extra is kept";
  EXPECT_THAT(made.items[4].changes, ElementsAre("interval: 5s -> 1s"));
  EXPECT_THAT(made.losses, IsEmpty());
}

TEST_F(ReloadPlanTest, another_type_is_a_restart_even_for_who_takes_settings) {
  after["instances"]["host"]["type"] = "store";
  EXPECT_THAT(actions(plan()), ElementsAre("instance host: restart"));
}

TEST_F(ReloadPlanTest, a_sink_that_goes_may_lose_what_waits_for_it) {
  after["instances"].erase("out");
  after["routes"].erase("main");
  const ReloadPlan made = plan();
  EXPECT_THAT(actions(made), ElementsAre("instance out: stop", "route main: remove"));
  ASSERT_THAT(made.losses, SizeIs(1));
  EXPECT_EQ(made.losses[0].route, "main");
  EXPECT_THAT(made.losses[0].what, HasSubstr("what waits for `out`, which goes"));
  EXPECT_THAT(made.losses[0].what, HasSubstr("daemon.stop_timeout (10s)"));
  EXPECT_EQ(made.losses[0].events, std::nullopt);
}

TEST_F(ReloadPlanTest, who_knows_the_queue_says_how_many_and_an_empty_one_loses_nothing) {
  after["instances"].erase("out");
  after["routes"].erase("main");
  std::uint64_t waiting = 7;
  knowledge.waiting = [&](const std::string& route, const std::string& instance) {
    EXPECT_EQ(route, "main");
    EXPECT_EQ(instance, "out");
    return waiting;
  };
  ASSERT_THAT(plan().losses, SizeIs(1));
  EXPECT_EQ(plan().losses[0].events, 7U);
  waiting = 0;
  EXPECT_THAT(plan().losses, IsEmpty());
}

TEST_F(ReloadPlanTest, the_queue_of_a_command_is_asked_for_by_instance_and_command) {
  before["routes"]["main"]["to"][0]["command"] = "restart";
  after["instances"].erase("out");
  after["routes"].erase("main");
  std::string asked;
  knowledge.waiting = [&](const std::string& /*route*/, const std::string& destination) {
    asked = destination;
    return std::uint64_t{3};
  };
  const ReloadPlan made = plan();
  ASSERT_THAT(made.losses, SizeIs(1));
  EXPECT_EQ(asked, "out.restart");
  EXPECT_EQ(made.losses[0].events, 3U);
  EXPECT_THAT(made.losses[0].what, HasSubstr("3 events wait for `out`, which goes"));
}

TEST_F(ReloadPlanTest, what_waits_on_disk_is_not_lost) {
  after["instances"].erase("out");
  after["routes"].erase("main");
  for (const char* setting : {R"({"durable": true})", R"({"on_full": "spill"})"}) {
    before["routes"]["main"]["to"][0].update(nlohmann::ordered_json::parse(setting));
    EXPECT_THAT(plan().losses, IsEmpty()) << setting;
    ASSERT_THAT(plan().notes, SizeIs(1));
    EXPECT_THAT(plan().notes[0], HasSubstr("stays in the spool"));
    before["routes"]["main"]["to"][0].erase("durable");
  }
}

TEST_F(ReloadPlanTest, a_route_that_goes_while_its_sink_stays_loses_nothing) {
  after["routes"].erase("main");
  EXPECT_THAT(plan().losses, IsEmpty());
}

TEST_F(ReloadPlanTest, a_step_that_changes_forgets_unless_it_remembers_nothing) {
  after["routes"]["side"]["steps"][1]["set"]["a"] = 2;
  EXPECT_THAT(plan().losses, IsEmpty());
  after["routes"]["side"]["steps"][0]["rate"]["per"] = "1m";
  ASSERT_THAT(plan().losses, SizeIs(1));
  EXPECT_EQ(plan().losses[0].what, "what step 1 (rate) remembers is forgotten");
  knowledge.held = [](const std::string&, std::size_t) { return 3U; };
  EXPECT_EQ(plan().losses[0].what, "what step 1 (rate) remembers of 3 groups is forgotten");
  knowledge.held = [](const std::string&, std::size_t) { return 0U; };
  EXPECT_THAT(plan().losses, IsEmpty());
}

TEST_F(ReloadPlanTest, a_step_that_moves_keeps_what_it_remembers) {
  after["routes"]["side"]["steps"].insert(after["routes"]["side"]["steps"].begin(), {{"unset", {}}});
  const ReloadPlan made = plan();
  EXPECT_THAT(actions(made), ElementsAre("route side: rewire"));
  EXPECT_THAT(made.losses, IsEmpty());
}

TEST_F(ReloadPlanTest, secrets_are_compared_by_who_knows_them_and_else_mentioned) {
  knowledge.other->insert("out");
  EXPECT_THAT(actions(plan()), ElementsAre("instance out: restart"));
  EXPECT_THAT(plan().items[2].changes, ElementsAre("a secret"));
  knowledge.other.reset();
  EXPECT_FALSE(plan().changes_something());
  ASSERT_THAT(plan().notes, SizeIs(1));
  EXPECT_THAT(plan().notes[0], HasSubstr("`out` has a secret"));
}

TEST_F(ReloadPlanTest, what_the_command_line_overruled_is_not_compared) {
  after["daemon"]["log"]["level"] = "debug";
  knowledge.overruled = {"log.level"};
  EXPECT_FALSE(plan().changes_something());
}

TEST_F(ReloadPlanTest, many_changes_and_long_values_are_cut) {
  for (int i = 0; i < 50; ++i) after["instances"]["host"]["k" + std::to_string(i)] = std::string(500, 'x');
  const ReloadPlan made = plan();
  const auto host =
      std::find_if(made.items.begin(), made.items.end(), [](const auto& item) { return item.name == "host"; });
  ASSERT_THAT(host->changes, SizeIs(20));
  EXPECT_EQ(host->changes.back(), "and 31 more");
  EXPECT_LT(host->changes.front().size(), 100U);
}

TEST_F(ReloadPlanTest, a_text_that_is_no_configuration_is_an_error) {
  for (const char* text : {"", "[]", "{}", "{\"daemon\": 1, \"instances\": [], \"routes\": {}}", "nonsense"}) {
    const auto made = plan_reload(text, after.dump(), knowledge);
    if (made.ok()) continue;  // what can be compared may be
    EXPECT_THAT(made.error().message, HasSubstr("no configuration")) << text;
  }
  EXPECT_FALSE(plan_reload("nonsense", after.dump(), knowledge).ok());
}

TEST_F(ReloadPlanTest, the_json_has_everything) {
  after["instances"].erase("out");
  after["routes"].erase("main");
  const auto parsed = nlohmann::json::parse(plan_json(plan()));
  EXPECT_EQ(parsed.at("changes"), true);
  EXPECT_EQ(parsed.at("items").size(), 5U);
  EXPECT_EQ(parsed.at("items").at(2).at("action"), "stop");
  EXPECT_EQ(parsed.at("losses").at(0).at("route"), "main");
  EXPECT_NE(parsed.at("hash_before"), parsed.at("hash_after"));
}

TEST(FingerprintTest, is_that_of_the_published_vectors) {
  EXPECT_EQ(fingerprint(""), 0xcbf29ce484222325ULL);
  EXPECT_EQ(fingerprint("foobar"), 0x85944171f73967e8ULL);
  EXPECT_EQ(fingerprint("bar", fingerprint("foo")), fingerprint("foobar"));
  EXPECT_EQ(short_hash("foobar").size(), 12U);
  EXPECT_NE(short_hash("foobar"), short_hash("foobaz"));
}

}  // namespace
}  // namespace picket::config
