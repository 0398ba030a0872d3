// SPDX-License-Identifier: Apache-2.0
//
// Destinations that call commands, in a whole daemon under the virtual clock.
#include <nlohmann/json.hpp>

#include "daemon_fixture.hpp"

namespace picket::plugin_host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CommandDestinations : public DaemonTest {
 protected:
  CommandDestinations() {
    add(scripted("meter"));
    add(scripted("jobs"));
    script("jobs").has_commands = true;
  }

  static config::Route calling(const std::string& name, const std::string& from, const std::string& instance,
                               config::CommandCall call) {
    config::Route route = plain_route(name, from, instance);
    route.to.front().call = std::move(call);
    return route;
  }
  static config::CommandCall echo() { return {.command = "echo", .args = R"({"text": "{value}"})"}; }

  void emit(std::int64_t value, std::uint64_t token = 0) {
    ASSERT_EQ(emit_value(script("meter").host, value, token), PICKET_OK);
    executor_->run_ready();
  }

  routing::DestinationStatus status(const std::string& route, const std::string& destination) {
    for (const auto& each : daemon_->core().router.status()) {
      if (each.route == route && each.instance == destination) return each;
    }
    ADD_FAILURE() << "no destination " << destination;
    return {};
  }

  // Gathers the outcomes' events as "outcome instance.command" with some fields.
  class Onlooker final : public routing::SinkPort {
   public:
    Onlooker(std::shared_ptr<platform::Lane> lane, routing::Names& names) : SinkPort(std::move(lane)), names_(names) {}
    picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
      for (std::uint32_t i = 0; i < delivery.count; ++i) {
        const picket_event& event = delivery.batch->events[delivery.selection == nullptr ? i : delivery.selection[i]];
        if (names_.text(event.kind) != "command") continue;
        nlohmann::json json;
        for (std::uint32_t f = 0; f < event.field_count; ++f) {
          const picket_field& field = delivery.batch->fields[event.first_field + f];
          const std::string key(names_.text(field.key));
          if (field.type == PICKET_TYPE_INT) {
            json[key] = field.value.i;
          } else {
            const picket_str text = picket_batch_field_bytes(delivery.batch, &field);
            json[key] = std::string(text.data, text.length);
          }
        }
        json["severity"] = event.severity;
        json["source"] = std::string(names_.text(event.source));
        told.push_back(std::move(json));
      }
      return PICKET_OK;
    }
    std::vector<nlohmann::json> told;

   private:
    routing::Names& names_;
  };
  std::shared_ptr<Onlooker> watch() {
    auto onlooker = std::make_shared<Onlooker>(platform::Lane::make(executor_), daemon_->core().names);
    daemon_->core().router.subscribe({"picket"}, std::nullopt, {}, onlooker);
    return onlooker;
  }
};

TEST_F(CommandDestinations, each_event_is_one_call_in_order_and_the_outcome_an_event) {
  add(calling("r", "meter", "jobs", echo()));
  start();
  const auto onlooker = watch();
  for (int i = 1; i <= 3; ++i) emit(i, static_cast<std::uint64_t>(i));
  EXPECT_THAT(script("jobs").executed, ElementsAre(R"({"text":1})", R"({"text":2})", R"({"text":3})"));
  EXPECT_EQ(status("r", "jobs.echo").ledger.delivered, 3U);
  EXPECT_EQ(status("r", "jobs.echo").calls->done, 3U);
  EXPECT_THAT(script("meter").answers,
              ElementsAre(std::pair(1, PICKET_OK), std::pair(2, PICKET_OK), std::pair(3, PICKET_OK)));
  ASSERT_THAT(onlooker->told, SizeIs(3));
  const nlohmann::json& told = onlooker->told.front();
  EXPECT_EQ(told["route"], "r");
  EXPECT_EQ(told["instance"], "jobs");
  EXPECT_EQ(told["command"], "echo");
  EXPECT_EQ(told["outcome"], "done");
  EXPECT_EQ(told["status"], "ok");
  EXPECT_EQ(told["reply"], R"({"text":1})");
  EXPECT_EQ(told["cause.source"], "meter");
  EXPECT_GT(told["cause.sequence"], 0);
  EXPECT_EQ(told["source"], "picket");
  EXPECT_EQ(told["severity"], PICKET_SEVERITY_INFO);
}

TEST_F(CommandDestinations, a_command_that_fails_is_dead_and_a_warning) {
  add(calling("r", "meter", "jobs", {.command = "failing"}));
  start();
  const auto onlooker = watch();
  emit(1, 9);
  EXPECT_EQ(status("r", "jobs.failing").ledger.dead, 1U);
  EXPECT_THAT(script("meter").answers, ElementsAre(std::pair(9, PICKET_REFUSED)));
  ASSERT_THAT(onlooker->told, SizeIs(1));
  EXPECT_EQ(onlooker->told[0]["outcome"], "failed");
  EXPECT_EQ(onlooker->told[0]["message"], "jobs failing: told to fail");
  EXPECT_EQ(onlooker->told[0]["severity"], PICKET_SEVERITY_WARNING);
}

TEST_F(CommandDestinations, an_argument_that_the_schema_refuses_is_dead) {
  add(calling("r", "meter", "jobs", {.command = "echo"}));
  start();
  const auto onlooker = watch();
  emit(1);
  EXPECT_THAT(script("jobs").executed, IsEmpty());
  ASSERT_THAT(onlooker->told, SizeIs(1));
  EXPECT_EQ(onlooker->told[0]["status"], "invalid");
}

TEST_F(CommandDestinations, a_command_that_does_not_answer_times_out_and_the_next_is_called) {
  add(calling("r", "meter", "jobs", {.command = "silent", .timeout_ns = 2 * platform::kSecond}));
  start();
  const auto onlooker = watch();
  emit(1);
  emit(2);
  EXPECT_THAT(script("jobs").executed, SizeIs(1));  // one in flight
  EXPECT_EQ(status("r", "jobs.silent").calls->open, 1U);
  executor_->run_for(2 * platform::kSecond);
  EXPECT_THAT(script("jobs").executed, SizeIs(2));
  EXPECT_EQ(script("jobs").abandoned, 1);
  executor_->run_for(2 * platform::kSecond);
  EXPECT_EQ(status("r", "jobs.silent").ledger.dead, 2U);
  ASSERT_THAT(onlooker->told, SizeIs(2));
  EXPECT_EQ(onlooker->told[0]["outcome"], "timed_out");
  EXPECT_EQ(onlooker->told[0]["duration_ns"], 2 * platform::kSecond);
}

TEST_F(CommandDestinations, as_many_are_open_at_once_as_it_says) {
  add(calling("r", "meter", "jobs", {.command = "silent", .parallel = 3}));
  start();
  for (int i = 0; i < 5; ++i) emit(i);
  EXPECT_THAT(script("jobs").executed, SizeIs(3));
}

TEST_F(CommandDestinations, what_exceeds_the_limit_is_counted_and_told_once_in_a_while) {
  config::CommandCall call = echo();
  call.limit_count = 2;
  call.limit_per_ns = 10 * platform::kSecond;
  add(calling("r", "meter", "jobs", call));
  start();
  const auto onlooker = watch();
  for (int i = 1; i <= 50; ++i) emit(i);
  EXPECT_THAT(script("jobs").executed, SizeIs(2));
  EXPECT_EQ(status("r", "jobs.echo").ledger.absorbed, 48U);
  EXPECT_EQ(status("r", "jobs.echo").calls->limited, 48U);
  ASSERT_THAT(onlooker->told, SizeIs(3));
  EXPECT_EQ(onlooker->told[2]["outcome"], "limited");
  EXPECT_FALSE(onlooker->told[2].contains("count"));
  executor_->run_for(10 * platform::kSecond);
  ASSERT_THAT(onlooker->told, SizeIs(4));
  EXPECT_EQ(onlooker->told[3]["count"], 47);
  emit(51);
  EXPECT_THAT(script("jobs").executed, SizeIs(3));
  executor_->run_for(60 * platform::kSecond);
  EXPECT_THAT(onlooker->told, SizeIs(5));  // nothing more to tell
}

TEST_F(CommandDestinations, an_instance_that_is_away_is_tried_again_until_it_is_back) {
  script("jobs").start_failures = 1;
  add(calling("r", "meter", "jobs", echo()));
  start();
  emit(7);
  EXPECT_THAT(script("jobs").executed, IsEmpty());
  executor_->run_for(60 * platform::kSecond);
  EXPECT_THAT(script("jobs").executed, ElementsAre(R"({"text":7})"));
  EXPECT_EQ(status("r", "jobs.echo").ledger.delivered, 1U);
  EXPECT_GT(status("r", "jobs.echo").calls->retries, 0U);
}

TEST_F(CommandDestinations, an_instance_that_stays_away_is_given_up_in_time) {
  script("jobs").start_failures = 1'000'000;
  config::CommandCall call = echo();
  call.retry_for_ns = 5 * platform::kSecond;
  add(calling("r", "meter", "jobs", call));
  start();
  const auto onlooker = watch();
  emit(7);
  executor_->run_for(6 * platform::kSecond);
  EXPECT_EQ(status("r", "jobs.echo").ledger.dead, 1U);
  ASSERT_THAT(onlooker->told, SizeIs(1));
  EXPECT_EQ(onlooker->told[0]["status"], "busy");
  EXPECT_THAT(onlooker->told[0]["message"].get<std::string>(), HasSubstr("given up after 5s"));
}

TEST_F(CommandDestinations, a_command_that_is_not_there_is_told_at_the_start_and_dead) {
  add(calling("r", "meter", "jobs", {.command = "restart"}));
  start();
  EXPECT_THAT(lines_, ::testing::Contains(HasSubstr("a route calls the command `restart`")));
  const auto onlooker = watch();
  emit(1);
  EXPECT_EQ(status("r", "jobs.restart").calls->unknown, 1U);
  ASSERT_THAT(onlooker->told, SizeIs(1));
  EXPECT_EQ(onlooker->told[0]["outcome"], "unknown");
}

TEST_F(CommandDestinations, two_commands_of_one_instance_are_two_queues_and_the_instance_can_be_a_sink_too) {
  script("jobs").is_sink = true;
  config::Route route = calling("r", "meter", "jobs", echo());
  route.to.push_back(route.to.front());
  route.to.back().call = config::CommandCall{.command = "failing"};
  route.to.push_back({"jobs", {}, {}});
  add(route);
  start();
  emit(5);
  EXPECT_EQ(status("r", "jobs.echo").ledger.delivered, 1U);
  EXPECT_EQ(status("r", "jobs.failing").ledger.dead, 1U);
  EXPECT_EQ(status("r", "jobs").ledger.delivered, 1U);
  EXPECT_THAT(script("jobs").consumed, ElementsAre(5));
}

TEST_F(CommandDestinations, the_daemon_itself_can_be_called) {
  script("jobs").is_sink = true;
  add(plain_route("sink", "meter", "jobs"));
  add(calling("r", "meter", "picket", {.command = "flush"}));
  start();
  emit(5);
  EXPECT_EQ(script("jobs").flushes, 1);
  EXPECT_EQ(status("r", "picket.flush").ledger.delivered, 1U);
}

TEST_F(CommandDestinations, an_outcome_never_triggers_the_command_that_it_came_from) {
  // Each would call the other's and its own command for every outcome, for ever.
  config::CommandCall call{.command = "echo", .args = R"({"text": "again"})", .limit_count = 1'000};
  config::Route one = calling("one", "picket", "jobs", call);
  one.from.push_back({"meter", {}, {}});
  one.filter = "not exists name";  // outcomes, and the event; no metrics of the daemon
  config::Route two = calling("two", "picket", "jobs", call);
  two.filter = "kind == \"command\"";
  add(one);
  add(two);
  start();
  emit(1);
  executor_->run_for(5 * platform::kSecond);
  // The event calls `one`; its outcome calls `two`; that outcome is known to both.
  EXPECT_THAT(script("jobs").executed, SizeIs(2));
  EXPECT_EQ(status("one", "jobs.echo").calls->looped, 2U);
  EXPECT_EQ(status("two", "jobs.echo").calls->looped, 1U);
}

TEST_F(CommandDestinations, a_reload_changes_the_argument_and_keeps_the_ledger) {
  add(calling("r", "meter", "jobs", echo()));
  start();
  emit(1);
  model_.routes.at("r").to.front().call->args = R"({"text": "v{value}"})";
  ASSERT_TRUE(reload().ok());
  emit(2);
  EXPECT_THAT(script("jobs").executed, ElementsAre(R"({"text":1})", R"({"text":"v2"})"));
  EXPECT_EQ(status("r", "jobs.echo").ledger.delivered, 2U);
}

TEST_F(CommandDestinations, a_route_that_is_removed_still_calls_what_it_holds) {
  add(calling("r", "meter", "jobs", {.command = "silent", .timeout_ns = platform::kSecond}));
  start();
  emit(1);
  emit(2);
  model_.routes.clear();
  ASSERT_TRUE(reload().ok());
  executor_->run_for(3 * platform::kSecond);
  EXPECT_THAT(script("jobs").executed, SizeIs(2));
}

TEST_F(CommandDestinations, a_stop_waits_for_the_calls_and_ends_those_that_hang) {
  add(calling("r", "meter", "jobs", echo()));
  add(calling("hangs", "meter", "jobs", {.command = "silent"}));
  start();
  ASSERT_EQ(emit_value(script("meter").host, 1), PICKET_OK);
  EXPECT_FALSE(stop());
  EXPECT_THAT(script("jobs").executed, SizeIs(2));
  executor_->run_for(model_.daemon.stop_timeout_ns);
  EXPECT_TRUE(stop());
}

TEST_F(CommandDestinations, status_shows_the_calls) {
  add(calling("r", "meter", "jobs", echo()));
  start();
  emit(1);
  const auto json = nlohmann::json::parse(daemon_->status_json());
  EXPECT_EQ(json["routes"][0]["to"], "jobs.echo");
  EXPECT_EQ(json["routes"][0]["calls"]["done"], 1);
}

}  // namespace
}  // namespace picket::plugin_host
