// SPDX-License-Identifier: Apache-2.0
//
// Operations that meet: a stop during a reload, a restart while answers are under way, a retry beside new settings.
#include "daemon_fixture.hpp"

namespace picket::plugin_host {
namespace {

using platform::kMillisecond;
using platform::kSecond;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InterleavingTest : public DaemonTest {
 protected:
  // A route from `in` to a sink that takes nothing.
  void add_stuck_sink(const std::string& name) {
    script(name).is_sink = true;
    script(name).consume_answer = PICKET_BUSY;
    add(scripted(name));
    add(plain_route("to_" + name, "in", name));
  }
  void request_reload() {
    next_.model = model_;
    daemon_->reload([this](const Result<void>& answer) { reloads_ += answer.ok() ? 1 : 0; });
  }
  void request_stop() {
    daemon_->stop([this] { stopped_ = true; });
  }

  int reloads_ = 0;
  bool stopped_ = false;
};

TEST_F(InterleavingTest, a_stop_right_after_a_reload_keeps_its_deadline) {
  add(scripted("in"));
  add_stuck_sink("out");
  start();
  emit_value(script("in").host, 1);
  request_reload();
  request_stop();
  executor_->run_for(11 * kSecond);
  EXPECT_EQ(reloads_, 1);
  EXPECT_TRUE(stopped_);
}

TEST_F(InterleavingTest, a_stop_while_a_reload_drains_a_sink_keeps_its_own_deadline) {
  add(scripted("in"));
  add_stuck_sink("gone");
  add_stuck_sink("stays");
  start();
  emit_value(script("in").host, 1);
  model_.instances.erase("gone");
  model_.routes.erase("to_gone");
  request_reload();
  executor_->run_for(6 * kSecond);
  EXPECT_EQ(reloads_, 0);  // it waits for the sink that goes
  request_stop();
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(reloads_, 1);
  EXPECT_FALSE(stopped_);
  executor_->run_for(6 * kSecond);
  EXPECT_TRUE(stopped_);
  EXPECT_EQ(script("stays").destroys, 1);
}

TEST_F(InterleavingTest, a_second_wish_to_stop_ends_the_drain_of_a_reload_too) {
  add(scripted("in"));
  add_stuck_sink("gone");
  start();
  emit_value(script("in").host, 1);
  model_.instances.erase("gone");
  model_.routes.clear();
  request_reload();
  request_stop();
  executor_->run_ready();
  EXPECT_FALSE(stopped_);
  daemon_->stop_now();
  executor_->run_ready();
  EXPECT_TRUE(stopped_);
}

TEST_F(InterleavingTest, a_stop_during_the_start_stops_what_starts) {
  add(scripted("in"));
  add_stuck_sink("out");
  bool started = false;
  make_daemon();
  daemon_->start([&] { started = true; });
  request_stop();
  executor_->run_ready();
  EXPECT_TRUE(started);
  EXPECT_TRUE(stopped_);
  EXPECT_EQ(script("in").destroys, 1);
  EXPECT_EQ(script("out").destroys, 1);
}

TEST_F(InterleavingTest, an_instance_of_another_type_takes_over_what_waited_for_the_first) {
  picket_plugin_type second = *ScriptedPlugin::type();
  second.id = "second";
  ASSERT_TRUE(catalog_.add(&second).ok());
  add(scripted("in"));
  add_stuck_sink("out");
  start();
  emit_value(script("in").host, 1);
  script("out").on_stop = [](const picket_host*) { script("out").consume_answer = PICKET_OK; };
  model_.instances.at("out").type = "second";
  EXPECT_TRUE(reload().ok());  // without waiting for a queue that others go on filling
  EXPECT_THAT(script("out").consumed, ElementsAre(1));
  EXPECT_EQ(script("out").creates, 2);
}

TEST_F(InterleavingTest, answers_to_what_an_instance_emitted_before_its_restart_do_not_reach_the_new_one) {
  script("in").on_start = [](const picket_host* host) {
    if (script("in").starts == 1) emit_value(host, 1, 1);
  };
  add(scripted("in"));
  add_stuck_sink("out");
  start();
  add(scripted("in", R"(, "more": 1)"));
  ASSERT_TRUE(reload().ok());
  ASSERT_EQ(script("in").starts, 2);
  emit_value(script("in").host, 2, 1);  // a new life counts its tokens from the start
  script("out").consume_answer = PICKET_OK;
  executor_->run_for(10 * kSecond);
  EXPECT_THAT(script("out").consumed, ElementsAre(1, 2));
  EXPECT_EQ(script("in").answers.size(), 1U);
}

TEST_F(InterleavingTest, new_settings_that_meet_a_retry_start_the_instance_once) {
  Core core(executor_, log_, model_.daemon.state_dir,
            [](std::string_view, std::string_view) { return Result<void>(); });
  script("bad").start_failures = 100;
  const auto instance = Instance::make(core, scripted("bad"), **catalog_.find("scripted"));
  // At the very time of the first retry, and just before it.
  executor_->call_at(executor_->clock().monotonic_ns() + 500 * kMillisecond,
                     [&] { instance->reconfigure(scripted("bad"), [] {}); });
  instance->start([] {});
  executor_->run_for(500 * kMillisecond);
  EXPECT_EQ(script("bad").starts, 2);
  executor_->run_for(500 * kMillisecond);
  EXPECT_EQ(script("bad").starts, 3);
  executor_->run_for(kSecond);
  EXPECT_EQ(script("bad").starts, 4);
  instance->stop([] {});
  executor_->run_for(kSecond);
}

TEST_F(InterleavingTest, a_configuration_whose_routes_cannot_be_built_changes_nothing) {
  add(scripted("in"));
  script("out").is_sink = true;
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  const config::Model good = model_;
  config::Route broken = plain_route("broken", "in", "out");
  broken.filter = "value >";
  add(broken);
  add(scripted("new"));
  model_.instances.erase("in");
  const Result<void> answer = reload();
  ASSERT_FALSE(answer.ok());
  EXPECT_THAT(answer.error().message, HasSubstr("broken"));
  EXPECT_EQ(script("new").creates, 0);
  EXPECT_EQ(script("in").stops, 0);
  emit_value(script("in").host, 1);
  executor_->run_ready();
  EXPECT_THAT(script("out").consumed, ElementsAre(1));
  model_ = good;
  EXPECT_TRUE(reload().ok());
}

TEST_F(InterleavingTest, what_waits_for_an_instance_that_could_never_be_made_is_dropped_with_it) {
  config::Instance missing = scripted("missing");
  missing.type = "no_such_plugin";
  script("in").on_start = [](const picket_host* host) { emit_value(host, 1, 1); };
  add(scripted("in"));
  add(missing);
  add(plain_route("r", "in", "missing"));
  start();
  EXPECT_THAT(script("in").answers, IsEmpty());
  model_.instances.erase("missing");
  model_.routes.clear();
  ASSERT_TRUE(reload().ok());
  EXPECT_THAT(script("in").answers, ElementsAre(std::pair{std::uint64_t{1}, PICKET_DROPPED}));
}

TEST_F(InterleavingTest, exceptions_of_a_sink_in_idle_or_flush_stay_with_it) {
  script("out").is_sink = true;
  script("out").flush_throws = true;
  script("out").idle_throws = true;
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  emit_value(script("in").host, 1);
  daemon_->flush();
  executor_->run_ready();
  EXPECT_THAT(script("out").consumed, ElementsAre(1));
  EXPECT_THAT(lines_, Contains(HasSubstr("thrown by idle")));
  EXPECT_THAT(lines_, Contains(HasSubstr("thrown by flush")));
}

TEST_F(InterleavingTest, exceptions_of_timers_and_subscriptions_stay_with_their_instance) {
  script("in").on_start = [](const picket_host* host) {
    picket_timer_spec once{};
    once.size = sizeof once;
    host->schedule(
        host->self, &once, [](void*, const picket_tick*) { throw std::runtime_error("thrown by timer"); }, nullptr);
    const auto* subscribe = static_cast<const picket_subscribe*>(host->extension(host->self, PICKET_EXT_SUBSCRIBE));
    picket_subscription_spec all{};
    all.size = sizeof all;
    subscribe->subscribe(
        host->self, &all,
        [](void*, const picket_batch*, const std::uint32_t*, std::uint32_t, std::uint64_t) {
          throw std::runtime_error("thrown by subscription");
        },
        nullptr, nullptr);
  };
  add(scripted("in"));
  start();
  emit_value(script("in").host, 1);
  executor_->run_ready();
  EXPECT_THAT(lines_, Contains(HasSubstr("thrown by timer")));
  EXPECT_THAT(lines_, Contains(HasSubstr("thrown by subscription")));
}

}  // namespace
}  // namespace picket::plugin_host
