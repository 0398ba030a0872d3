// SPDX-License-Identifier: Apache-2.0
//
// A reload after it was applied: it proves itself, is confirmed, or is rolled back; and what is told of all that.
#include "service/reload.hpp"

#include <nlohmann/json.hpp>

#include "daemon_fixture.hpp"
#include "picket/batch.h"

namespace picket::plugin_host {
namespace {

using platform::kSecond;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Everything that the source `picket` says of its configuration: "applied 1".
class ConfigListener final : public routing::SinkPort {
 public:
  ConfigListener(std::shared_ptr<platform::Lane> lane, routing::Names& names)
      : SinkPort(std::move(lane)), names_(names) {}
  picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
    for (std::uint32_t i = 0; i < delivery.count; ++i) {
      const picket_event& event = delivery.batch->events[delivery.selection == nullptr ? i : delivery.selection[i]];
      const std::string generation = std::to_string(number(*delivery.batch, event, "generation"));
      heard.push_back(text(*delivery.batch, event, "outcome") + " " + generation);
      problems = text(*delivery.batch, event, "problems");
      hash = text(*delivery.batch, event, "hash");
      started = number(*delivery.batch, event, "started");
      restarted = number(*delivery.batch, event, "restarted");
    }
    return PICKET_OK;
  }

  std::vector<std::string> heard;
  std::string problems, hash;  // of the last
  std::int64_t started = 0, restarted = 0;

 private:
  const picket_field* find(const picket_batch& batch, const picket_event& event, const char* key) const {
    return picket_batch_find(&batch, &event, names_.intern(key));
  }
  std::string text(const picket_batch& batch, const picket_event& event, const char* key) const {
    const picket_field* field = find(batch, event, key);
    if (field == nullptr) return {};
    const picket_str bytes = picket_batch_field_bytes(&batch, field);
    return {bytes.data, bytes.length};
  }
  std::int64_t number(const picket_batch& batch, const picket_event& event, const char* key) const {
    const picket_field* field = find(batch, event, key);
    return field == nullptr ? -1 : field->value.i;
  }

  routing::Names& names_;
};

class ReloadTest : public DaemonTest {
 protected:
  void begin() {
    make_daemon();
    auto& core = daemon_->core();
    listener_ = std::make_shared<ConfigListener>(platform::Lane::make(executor_), core.names);
    auto filter = routing::Filter::compile("kind == \"config\"", core.names);
    core.router.subscribe({"picket"}, std::move(filter).value(), {}, listener_);
    bool started = false;
    daemon_->start([&] { started = true; });
    executor_->run_ready();
    EXPECT_TRUE(started);
  }
  nlohmann::json status() const { return nlohmann::json::parse(daemon_->status_json()); }

  // What a command of `picket` answers; "..." while it does not.
  std::string call(const std::string& command, const std::string& args = "{}") {
    const auto answer = std::make_shared<std::string>("...");
    daemon_->core().commands.call("picket", command, args, 0, [answer](picket_status status, const std::string& text) {
      *answer = (status == PICKET_OK ? "" : "error: ") + text;
    });
    executor_->run_ready();
    return *answer;
  }
  // A reload by command, with what model_ holds now.
  std::string reload_by_command(const std::string& args) {
    next_.model = model_;
    return call("reload", args);
  }

  std::shared_ptr<ConfigListener> listener_;
};

TEST_F(ReloadTest, every_configuration_has_a_generation_and_a_hash_and_is_told) {
  add(scripted("a"));
  begin();
  EXPECT_THAT(listener_->heard, ElementsAre("applied 1"));
  EXPECT_EQ(listener_->started, 1);
  const std::string hash = status().at("hash");
  EXPECT_EQ(hash.size(), 12U);
  EXPECT_EQ(listener_->hash, hash);
  ASSERT_TRUE(reload().ok());
  EXPECT_EQ(status().at("hash"), hash) << "the same configuration";
  EXPECT_EQ(status().at("generation"), 2);
  add(scripted("b"));
  ASSERT_TRUE(reload().ok());
  EXPECT_NE(status().at("hash"), hash);
  EXPECT_THAT(listener_->heard, ElementsAre("applied 1", "applied 2", "applied 3"));
}

TEST_F(ReloadTest, a_refused_configuration_is_told_with_its_problems) {
  begin();
  next_.problems = {"picket.yaml:3:5: unknown key `intervall`", "picket.yaml:4:5: another"};
  daemon_->reload([](const Result<void>&) {});
  executor_->run_ready();
  EXPECT_THAT(listener_->heard, ElementsAre("applied 1", "refused 1"));
  EXPECT_EQ(listener_->problems, next_.problems[0] + "\n" + next_.problems[1]);
}

TEST_F(ReloadTest, an_instance_that_does_not_start_within_the_deadline_rolls_the_reload_back) {
  script("bad").start_failures = 1'000;
  add(scripted("same"));
  add(scripted("gone"));
  begin();
  const std::string hash = status().at("hash");
  model_.instances.erase("gone");
  add(scripted("bad"));
  const Result<void> early = reload();
  EXPECT_EQ(early.error().message, "no answer") << "it has its time";
  executor_->run_for(9 * kSecond);
  EXPECT_EQ(status().at("generation"), 2);
  executor_->run_for(2 * kSecond);
  EXPECT_EQ(status().at("generation"), 3) << "the one that is rolled back counts on";
  EXPECT_EQ(status().at("hash"), hash);
  EXPECT_THAT(status().at("last_reload_problem").get<std::string>(),
              HasSubstr("generation 2 is rolled back: `bad` does not run (failed): start failed: told to fail"));
  EXPECT_THAT(lines_, Contains(HasSubstr("generation 2 is rolled back")));
  EXPECT_THAT(listener_->heard, ElementsAre("applied 1", "applied 2", "rolled_back 3"));
  EXPECT_THAT(listener_->problems, HasSubstr("`bad` does not run"));
  EXPECT_EQ(script("same").creates, 1);
  EXPECT_EQ(script("same").stops, 0);
  EXPECT_EQ(script("gone").starts, 2) << "it is back";
  EXPECT_EQ(status().at("instances").size(), 2U);
}

TEST_F(ReloadTest, an_instance_that_gets_well_within_the_deadline_is_kept) {
  script("slow").start_failures = 3;  // half a second, one, two
  begin();
  add(scripted("slow"));
  static_cast<void>(reload());
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(status().at("generation"), 2);
  EXPECT_THAT(lines_, Contains(HasSubstr("configuration reloaded")));
  executor_->run_for(20 * kSecond);
  EXPECT_EQ(status().at("generation"), 2);
}

TEST_F(ReloadTest, bad_health_rolls_back_and_degraded_does_not) {
  add(scripted("a"));
  begin();
  script("a").health = PICKET_HEALTH_DEGRADED;
  add(scripted("a", R"(, "more": 1)"));
  ASSERT_TRUE(reload().ok());
  script("a").health = PICKET_HEALTH_BAD;
  script("a").health_message = "no peer";
  add(scripted("a", R"(, "more": 2)"));
  static_cast<void>(reload());
  executor_->run_for(11 * kSecond);
  EXPECT_THAT(status().at("last_reload_problem").get<std::string>(), HasSubstr("`a` is of bad health: no peer"));
  EXPECT_THAT(script("a").settings, HasSubstr("\"more\": 1"));
  EXPECT_EQ(status().at("generation"), 4);
}

TEST_F(ReloadTest, who_was_of_bad_health_before_and_is_not_touched_hinders_nobody) {
  script("ill").health = PICKET_HEALTH_BAD;
  add(scripted("ill"));
  begin();
  add(scripted("b"));
  EXPECT_TRUE(reload().ok());
}

TEST_F(ReloadTest, without_a_deadline_a_failing_instance_is_only_tried_again) {
  model_.daemon.reload_health_deadline_ns = 0;
  script("bad").start_failures = 1'000;
  begin();
  add(scripted("bad"));
  EXPECT_TRUE(reload().ok());
  executor_->run_for(60 * kSecond);
  EXPECT_EQ(status().at("generation"), 2);
}

TEST_F(ReloadTest, reloads_that_come_while_one_proves_itself_are_answered_after_it) {
  script("bad").start_failures = 1'000;
  begin();
  add(scripted("bad"));
  static_cast<void>(reload());
  model_.instances.erase("bad");
  add(scripted("good"));
  EXPECT_FALSE(reload().ok());
  executor_->run_for(11 * kSecond);
  EXPECT_EQ(status().at("generation"), 4);  // bad, back, good
  EXPECT_EQ(script("good").starts, 1);
  EXPECT_FALSE(status().contains("last_reload_problem"));
}

TEST_F(ReloadTest, a_confirmed_reload_stays) {
  begin();
  add(scripted("a"));
  EXPECT_THAT(reload_by_command(R"({"confirm": "60s"})"), HasSubstr("\"confirm_within_s\":60"));
  EXPECT_TRUE(status().contains("confirm_within_s"));
  executor_->run_for(59 * kSecond);
  EXPECT_THAT(call("confirm"), HasSubstr("\"generation\":2"));
  executor_->run_for(60 * kSecond);
  EXPECT_EQ(status().at("generation"), 2);
  EXPECT_FALSE(status().contains("confirm_within_s"));
  EXPECT_THAT(listener_->heard, ElementsAre("applied 1", "applied 2", "confirmed 2"));
  EXPECT_THAT(call("confirm"), HasSubstr("error: no reload awaits a confirmation"));
}

TEST_F(ReloadTest, without_the_confirmation_the_previous_configuration_comes_back) {
  add(scripted("a"));
  add(scripted("same"));
  begin();
  add(scripted("a", R"(, "more": 1)"));
  EXPECT_THAT(reload_by_command(R"({"confirm": "60s"})"), HasSubstr("generation"));
  executor_->run_for(61 * kSecond);
  EXPECT_EQ(status().at("generation"), 3);
  EXPECT_THAT(script("a").settings, Not(HasSubstr("more")));
  EXPECT_EQ(script("same").creates, 1);
  EXPECT_THAT(status().at("last_reload_problem").get<std::string>(),
              HasSubstr("generation 2 is rolled back: it was not confirmed within 1m"));
  EXPECT_THAT(listener_->heard, ElementsAre("applied 1", "applied 2", "rolled_back 3"));
  EXPECT_EQ(listener_->restarted, 1);
}

TEST_F(ReloadTest, while_a_confirmation_is_awaited_another_reload_is_refused) {
  begin();
  add(scripted("a"));
  reload_by_command(R"({"confirm": "60s"})");
  add(scripted("b"));
  EXPECT_THAT(reload().error().message,
              HasSubstr("generation 2 awaits its confirmation for another 1m; `confirm` or `rollback` it first"));
  EXPECT_EQ(script("b").creates, 0);
  EXPECT_THAT(call("confirm"), HasSubstr("\"generation\":2"));
  EXPECT_TRUE(reload().ok());
  EXPECT_EQ(script("b").starts, 1);
}

TEST_F(ReloadTest, a_roll_back_can_be_asked_for) {
  begin();
  EXPECT_THAT(call("rollback"), HasSubstr("error: no reload awaits a confirmation"));
  add(scripted("a"));
  reload_by_command(R"({"confirm": "60s"})");
  EXPECT_THAT(call("rollback"), HasSubstr("\"generation\":3"));
  EXPECT_EQ(script("a").destroys, 1);
  executor_->run_for(120 * kSecond);
  EXPECT_EQ(status().at("generation"), 3);
}

TEST_F(ReloadTest, a_reload_that_changes_nothing_needs_no_confirmation) {
  begin();
  EXPECT_THAT(reload_by_command(R"({"confirm": "60s"})"), Not(HasSubstr("confirm_within_s")));
}

TEST_F(ReloadTest, a_time_that_is_none_is_refused_before_anything_happens) {
  begin();
  for (const char* args : {R"({"confirm": "soon"})", R"({"confirm": "-5s"})", R"({"confirm": "0s"})",
                           R"({"confirm": "2d"})", R"({"confirm": 5})"}) {
    EXPECT_THAT(call("reload", args), HasSubstr("error: ")) << args;
  }
  EXPECT_EQ(status().at("generation"), 1);
}

TEST_F(ReloadTest, a_stop_waits_for_no_confirmation_and_rolls_nothing_back) {
  begin();
  add(scripted("a"));
  reload_by_command(R"({"confirm": "60s"})");
  EXPECT_TRUE(stop());
  EXPECT_EQ(script("a").starts, 1);
  executor_->run_for(120 * kSecond);
  EXPECT_EQ(script("a").starts, 1);
  EXPECT_THAT(lines_, Contains(HasSubstr("stops before its configuration was confirmed")));
}

TEST_F(ReloadTest, a_stop_ends_the_proof_of_a_reload_at_once) {
  script("bad").start_failures = 1'000;
  add(scripted("a"));
  begin();
  add(scripted("bad"));
  static_cast<void>(reload());
  EXPECT_TRUE(stop());
  EXPECT_EQ(script("a").destroys, 1);
  executor_->run_for(120 * kSecond);
  EXPECT_EQ(script("a").creates, 1) << "nothing was rolled back after the stop";
}

TEST_F(ReloadTest, queued_events_of_an_untouched_route_survive_reload_and_roll_back) {
  script("out").is_sink = true;
  script("out").consume_answer = PICKET_BUSY;
  script("bad").start_failures = 1'000;
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  begin();
  for (int i = 0; i < 10; ++i) emit_value(script("in").host, i);
  executor_->run_ready();
  add(scripted("bad"));
  static_cast<void>(reload());
  executor_->run_for(11 * kSecond);
  EXPECT_EQ(status().at("generation"), 3);
  script("out").consume_answer = PICKET_OK;
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(script("out").consumed.size(), 10U);
  EXPECT_EQ(script("out").creates, 1);
}

TEST_F(ReloadTest, the_daemons_plan_knows_what_waits_and_who_takes_settings) {
  script("out").is_sink = true;
  script("out").consume_answer = PICKET_BUSY;
  script("in").has_reload = true;
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  begin();
  for (int i = 0; i < 10; ++i) emit_value(script("in").host, i);
  executor_->run_ready();
  next_.model = model_;
  EXPECT_EQ(nlohmann::json::parse(call("plan")).at("changes"), false);
  next_.model->instances["in"] = scripted("in", R"(, "more": 1)");
  next_.model->instances.erase("out");
  next_.model->routes.clear();
  const auto plan = nlohmann::json::parse(call("plan"));
  EXPECT_EQ(plan.at("items").at(0).at("action"), "reconfigure");
  EXPECT_EQ(plan.at("items").at(1).at("action"), "stop");
  EXPECT_EQ(plan.at("losses").at(0).at("events"), 10);
  EXPECT_EQ(script("out").stops, 0) << "a plan changes nothing";
  next_.model.reset();
  next_.problems = {"picket.yaml:1:1: no"};
  EXPECT_THAT(call("plan"), HasSubstr("error: the configuration is not good; a reload would be refused\npicket.yaml"));
}

TEST_F(ReloadTest, the_daemons_plan_sees_a_secret_that_changed_and_does_not_show_it) {
  config::Instance instance = scripted("a", R"(, "password": "old")");
  instance.meanings["/password"] = config::Meaning::secret;
  add(instance);
  begin();
  const std::string hash = status().at("hash");
  instance.settings = scripted("a", R"(, "password": "fresh")").settings;
  add(instance);
  next_.model = model_;
  const std::string plan = call("plan");
  EXPECT_THAT(plan, HasSubstr("a secret"));
  EXPECT_THAT(plan, Not(HasSubstr("fresh")));
  ASSERT_TRUE(reload().ok());
  EXPECT_THAT(script("a").settings, HasSubstr("fresh"));
  EXPECT_EQ(status().at("hash"), hash) << "nothing of a secret is in the hash";
}

TEST_F(ReloadTest, an_event_that_a_full_queue_does_not_take_is_offered_again) {
  script("out").is_sink = true;
  script("out").consume_answer = PICKET_BUSY;
  add(scripted("out"));
  config::Route route = plain_route("config", "picket", "out");
  route.filter = "kind == \"config\"";
  route.to[0].queue.events = 1;
  add(route);
  begin();
  ASSERT_TRUE(reload().ok());
  ASSERT_TRUE(reload().ok());
  const auto in = [&] { return status().at("routes").at(0).at("ledger").at("in").get<int>(); };
  EXPECT_EQ(in(), 1);
  script("out").consume_answer = PICKET_OK;
  executor_->run_for(60 * kSecond);
  EXPECT_EQ(in() - status().at("routes").at(0).at("ledger").at("filtered").get<int>(), 3);
}

}  // namespace
}  // namespace picket::plugin_host
