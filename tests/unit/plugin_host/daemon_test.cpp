// SPDX-License-Identifier: Apache-2.0
#include "service/daemon.hpp"

#include <nlohmann/json.hpp>

#include "daemon_fixture.hpp"

namespace picket::plugin_host {
namespace {

using platform::kMillisecond;
using platform::kSecond;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(DaemonTest, an_event_goes_from_a_source_over_a_route_to_a_sink_and_the_answer_comes_back) {
  script("out").is_sink = true;
  script("in").on_start = [](const picket_host* host) { emit_value(host, 42, 7); };
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  EXPECT_THAT(script("out").consumed, ElementsAre(42));
  EXPECT_THAT(script("in").answers, ElementsAre(std::pair{std::uint64_t{7}, PICKET_OK}));
}

TEST_F(DaemonTest, an_instance_that_fails_is_tried_again_with_back_off_and_harms_nobody) {
  script("bad").start_failures = 2;
  add(scripted("bad"));
  add(scripted("good"));
  start();
  EXPECT_EQ(script("good").starts, 1);
  EXPECT_EQ(script("bad").starts, 1);
  EXPECT_THAT(lines_, Contains(HasSubstr("start failed: told to fail at start")));
  executor_->run_for(500 * kMillisecond);
  EXPECT_EQ(script("bad").starts, 2);
  executor_->run_for(900 * kMillisecond);
  EXPECT_EQ(script("bad").starts, 2);
  executor_->run_for(100 * kMillisecond);
  EXPECT_EQ(script("bad").starts, 3);
  EXPECT_EQ(script("bad").destroys, 2);
  EXPECT_EQ(script("good").starts, 1);
}

TEST_F(DaemonTest, a_plugin_that_throws_in_create_or_start_fails_with_its_words_in_the_log) {
  script("thrower").create_throws = true;
  script("late").start_throws = true;
  add(scripted("thrower"));
  add(scripted("late"));
  add(scripted("good"));
  start();
  EXPECT_EQ(script("good").starts, 1);
  EXPECT_THAT(lines_, Contains(HasSubstr("thrown by create")));
  EXPECT_THAT(lines_, Contains(HasSubstr("thrown by start")));
}

TEST_F(DaemonTest, a_sink_that_throws_refuses_the_events_and_stays) {
  script("out").is_sink = true;
  script("out").consume_throws = true;
  script("in").on_start = [](const picket_host* host) { emit_value(host, 1, 1); };
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  EXPECT_THAT(script("in").answers, ElementsAre(std::pair{std::uint64_t{1}, PICKET_REFUSED}));
  EXPECT_EQ(script("out").starts, 1);
}

TEST_F(DaemonTest, events_wait_for_a_sink_that_starts_late) {
  script("out").is_sink = true;
  script("out").start_failures = 1;
  script("in").on_start = [](const picket_host* host) { emit_value(host, 1); };
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  EXPECT_TRUE(script("out").consumed.empty());
  executor_->run_for(kSecond);
  EXPECT_THAT(script("out").consumed, ElementsAre(1));
}

TEST_F(DaemonTest, a_reload_touches_only_what_changed) {
  add(scripted("same"));
  add(scripted("changed"));
  add(scripted("gone"));
  script("out").is_sink = true;
  add(scripted("out"));
  add(plain_route("r", "same", "out"));
  start();
  model_.instances.erase("gone");
  add(scripted("changed", R"(, "more": 1)"));
  add(scripted("new"));
  ASSERT_TRUE(reload().ok());
  EXPECT_EQ(script("same").creates, 1);
  EXPECT_EQ(script("same").stops, 0);
  EXPECT_EQ(script("changed").creates, 2);
  EXPECT_EQ(script("changed").destroys, 1);
  EXPECT_THAT(script("changed").settings, HasSubstr("more"));
  EXPECT_EQ(script("gone").destroys, 1);
  EXPECT_EQ(script("new").starts, 1);
  EXPECT_EQ(script("out").stops, 0);
}

TEST_F(DaemonTest, an_instance_that_can_takes_new_settings_without_a_restart) {
  script("a").has_reload = true;
  add(scripted("a"));
  start();
  add(scripted("a", R"(, "more": 1)"));
  ASSERT_TRUE(reload().ok());
  EXPECT_EQ(script("a").creates, 1);
  EXPECT_EQ(script("a").reloads, 1);
  EXPECT_THAT(script("a").settings, HasSubstr("more"));
}

TEST_F(DaemonTest, an_instance_that_cannot_take_a_change_is_restarted) {
  script("a").has_reload = true;
  script("a").reload_answer = PICKET_UNSUPPORTED;
  add(scripted("a"));
  start();
  add(scripted("a", R"(, "more": 1)"));
  ASSERT_TRUE(reload().ok());
  EXPECT_EQ(script("a").creates, 2);
  EXPECT_EQ(script("a").destroys, 1);
}

TEST_F(DaemonTest, a_bad_configuration_changes_nothing_and_says_why) {
  add(scripted("a"));
  start();
  next_.problems = {"picket.yaml:3:5: unknown key `intervall`"};
  Result<void> result;
  daemon_->reload([&](const Result<void>& answer) { result = answer; });
  executor_->run_ready();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr("picket.yaml:3:5"));
  EXPECT_THAT(lines_, Contains(HasSubstr("picket.yaml:3:5")));
  EXPECT_EQ(script("a").creates, 1);
  EXPECT_THAT(daemon_->status_json(), HasSubstr("last_reload_problem"));
  ASSERT_TRUE(reload().ok());
  EXPECT_THAT(daemon_->status_json(), Not(HasSubstr("last_reload_problem")));
}

TEST_F(DaemonTest, a_storm_of_reloads_is_answered_by_few_and_disturbs_nobody) {
  script("out").is_sink = true;
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  next_.model = model_;
  int answers = 0;
  for (int i = 0; i < 1'000; ++i) {
    daemon_->reload([&](const Result<void>& answer) { answers += answer.ok() ? 1 : 0; });
    if (i % 10 == 0) {
      emit_value(script("in").host, i);
      executor_->run_one();
    }
  }
  executor_->run_ready();
  EXPECT_EQ(answers, 1'000);
  EXPECT_EQ(script("in").creates, 1);
  EXPECT_EQ(script("out").creates, 1);
  EXPECT_EQ(script("out").consumed.size(), 100U);
  const auto status = nlohmann::json::parse(daemon_->status_json());
  EXPECT_LT(status.at("generation").get<int>(), 500);  // requests that wait together share one
}

TEST_F(DaemonTest, a_stop_ends_sources_first_drains_and_flushes_the_sinks) {
  script("out").is_sink = true;
  script("out").consume_answer = PICKET_PENDING;
  script("out").on_stop = [](const picket_host* host) {
    for (const std::uint64_t ticket : script("out").tickets) host->done(host->self, ticket, PICKET_OK, nullptr, 0);
  };
  script("in").on_stop = [](const picket_host* host) { emit_value(host, 3, 3); };  // the last words of a source
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  emit_value(script("in").host, 1, 1);
  EXPECT_FALSE(stop());  // the sink holds what it has not finished
  EXPECT_EQ(script("in").stops, 1);
  EXPECT_EQ(script("out").stops, 0);
  EXPECT_GE(script("out").flushes, 1);
  EXPECT_THAT(script("out").consumed, ElementsAre(1, 3));
  executor_->run_for(11 * kSecond);  // its time is over: stop, and its stop finishes all
  EXPECT_EQ(script("out").stops, 1);
  for (const auto& status : daemon_->core().router.status()) {
    EXPECT_EQ(status.ledger.delivered, 2U);
    EXPECT_EQ(status.ledger.dropped_total(), 0U);
  }
}

TEST_F(DaemonTest, a_second_wish_to_stop_ends_the_drain_at_once) {
  script("out").is_sink = true;
  script("out").consume_answer = PICKET_BUSY;
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  emit_value(script("in").host, 1, 1);
  EXPECT_FALSE(stop());
  daemon_->stop_now();
  executor_->run_ready();
  EXPECT_EQ(script("out").destroys, 1);
  EXPECT_THAT(lines_, Contains(HasSubstr("events were dropped at the stop")));
}

TEST_F(DaemonTest, a_stop_with_nothing_to_drain_is_immediate) {
  script("out").is_sink = true;
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  EXPECT_TRUE(stop());
  EXPECT_TRUE(stop());
}

TEST_F(DaemonTest, instances_in_a_circle_stop_too) {
  script("a").is_sink = true;
  script("b").is_sink = true;
  add(scripted("a"));
  add(scripted("b"));
  add(plain_route("ab", "a", "b"));
  add(plain_route("ba", "b", "a"));
  start();
  EXPECT_TRUE(stop());
}

TEST_F(DaemonTest, a_removed_sink_gets_its_backlog_before_it_goes) {
  script("out").is_sink = true;
  add(scripted("in"));
  add(scripted("out"));
  add(plain_route("r", "in", "out"));
  start();
  emit_value(script("in").host, 1, 1);
  model_.routes.clear();
  model_.instances.erase("out");
  ASSERT_TRUE(reload().ok());
  EXPECT_THAT(script("out").consumed, ElementsAre(1));
  EXPECT_EQ(script("out").destroys, 1);
  executor_->run_ready();
  EXPECT_THAT(script("in").answers, ElementsAre(std::pair{std::uint64_t{1}, PICKET_OK}));
}

TEST_F(DaemonTest, after_its_stop_an_instance_cannot_emit_or_set_timers) {
  add(scripted("a"));
  start();
  stop();
  const picket_host* host = script("a").host;
  (void)host;
  EXPECT_EQ(script("a").destroys, 1);
}

TEST_F(DaemonTest, the_daemon_publishes_its_ledgers_and_the_counters_of_instances) {
  script("out").is_sink = true;
  script("in").on_start = [](const picket_host* host) {
    picket_metric metric{};
    metric.size = sizeof metric;
    metric.name = picket_str_of("beats", 5);
    const std::uint32_t counter = host->register_counter(host->self, &metric);
    host->counter_add(host->self, counter, 5);
  };
  add(scripted("in"));
  add(scripted("out"));
  config::Route route = plain_route("self", "picket", "out");
  route.filter = "name == \"picket.instance.beats\" and instance == \"in\"";
  add(route);
  start();
  executor_->run_for(10 * kSecond);
  EXPECT_THAT(script("out").consumed, ElementsAre(5));
  executor_->run_for(10 * kSecond);
  EXPECT_THAT(script("out").consumed, ElementsAre(5, 5));
}

TEST_F(DaemonTest, a_wall_clock_that_steps_an_hour_neither_bursts_nor_stops_the_metrics) {
  script("out").is_sink = true;
  add(scripted("out"));
  config::Route route = plain_route("self", "picket", "out");
  route.filter = "name == \"picket.names\"";
  add(route);
  start();
  executor_->run_for(30 * kSecond);
  const std::size_t before = script("out").consumed.size();
  EXPECT_EQ(before, 3U);
  executor_->virtual_clock().step_wall(3'600 * kSecond);
  executor_->run_for(30 * kSecond);
  EXPECT_NEAR(static_cast<double>(script("out").consumed.size() - before), 3, 1);
  executor_->virtual_clock().step_wall(-2 * 3'600 * kSecond + 3 * kSecond);
  const std::size_t middle = script("out").consumed.size();
  executor_->run_for(30 * kSecond);
  EXPECT_NEAR(static_cast<double>(script("out").consumed.size() - middle), 3, 1);
}

TEST_F(DaemonTest, status_shows_states_errors_and_ledgers) {
  script("bad").create_failures = 1'000;
  script("out").is_sink = true;
  add(scripted("bad"));
  add(scripted("out"));
  add(plain_route("r", "bad", "out"));
  start();
  const auto status = nlohmann::json::parse(daemon_->status_json());
  EXPECT_EQ(status.at("instances").at(0).at("state"), "failed");
  EXPECT_EQ(status.at("instances").at(0).at("last_error"), "create failed: told to fail at create");
  EXPECT_EQ(status.at("instances").at(1).at("state"), "running");
  EXPECT_EQ(status.at("routes").at(0).at("ledger").at("in"), 0);
}

}  // namespace
}  // namespace picket::plugin_host
