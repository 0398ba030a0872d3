// SPDX-License-Identifier: Apache-2.0
#include "rehearsal/rehearsal.hpp"

#include <cmath>

#include "fixture.hpp"
#include "routing/event_json.hpp"

namespace picket::rehearsal {
namespace {

using platform::kSecond;
using testing::ElementsAre;
using testing::IsEmpty;

class RehearsalTest : public testing::Test {
 protected:
  void use(const std::string& text) {
    auto made = Rehearsal::make(model_of(text), {});
    ASSERT_TRUE(made) << made.error().message;
    rehearsal_ = std::move(*made);
  }
  void emit(const std::string& instance, double value, const std::string& name = {}) {
    const auto emitted = rehearsal_->emit(instance, "", batch_of(rehearsal_->names(), value, name));
    EXPECT_TRUE(emitted) << emitted.error().message;
  }
  // "5 route>instance value", the time in seconds.
  std::vector<std::string> arrived() const {
    std::vector<std::string> all;
    for (const Delivery& each : rehearsal_->deliveries()) {
      std::string text =
          std::to_string(each.at_ns / kSecond) + " " + std::string(each.route) + ">" + std::string(each.instance);
      for (std::uint32_t i = 0; i < each.event().field_count; ++i) {
        const picket_field& field = each.batch->fields[each.event().first_field + i];
        if (routing::field_key(*each.batch, field, rehearsal_->names()) != "value") continue;
        text += " " + std::to_string(static_cast<int>(std::lround(field.value.f)));
      }
      all.push_back(std::move(text));
    }
    return all;
  }
  routing::Ledger ledger(const std::string& route, const std::string& to) const {
    for (const auto& status : rehearsal_->status()) {
      if (status.route == route && status.instance == to) return status.ledger;
    }
    ADD_FAILURE() << "no such destination";
    return {};
  }

  std::unique_ptr<Rehearsal> rehearsal_;
};

TEST_F(RehearsalTest, events_take_the_routes_that_they_fit_at_the_time_at_which_they_are_emitted) {
  use("routes:\n"
      "  all: {from: [a, b], to: [siem, disk]}\n"
      "  large: {from: a, where: value > 5, to: siem}\n");
  emit("a", 1);
  rehearsal_->run_until(5 * kSecond);
  emit("a", 9);
  emit("b", 9);
  emit("siem", 9);
  EXPECT_THAT(arrived(), testing::UnorderedElementsAre("0 all>siem 1", "0 all>disk 1", "5 all>siem 9", "5 all>disk 9",
                                                       "5 large>siem 9", "5 all>siem 9", "5 all>disk 9"));
  EXPECT_EQ(rehearsal_->deliveries().back().event().time_ns, Rehearsal::kDefaultStart + 5 * kSecond);
}

TEST_F(RehearsalTest, time_that_passes_runs_the_timers_of_steps) {
  use("routes: {r: {from: a, to: siem, steps: [threshold: {raise: value > 5, for: 30s}]}}\n");
  emit("a", 9, "cpu");
  rehearsal_->run_until(29 * kSecond);
  EXPECT_THAT(arrived(), IsEmpty());
  rehearsal_->run_until(60 * kSecond);
  ASSERT_EQ(rehearsal_->deliveries().size(), 1U);
  EXPECT_EQ(rehearsal_->deliveries()[0].at_ns, 30 * kSecond);
  EXPECT_EQ(rehearsal_->now_ns(), 60 * kSecond);
}

TEST_F(RehearsalTest, at_the_end_steps_hand_on_what_they_hold) {
  use("routes: {r: {from: a, to: siem, steps: [aggregate: {window: 1h, functions: [max]}]}}\n");
  emit("a", 9, "cpu");
  rehearsal_->run_until(60 * kSecond);
  EXPECT_THAT(arrived(), IsEmpty());
  rehearsal_->finish();
  EXPECT_THAT(arrived(), ElementsAre("60 r>siem 9"));
  EXPECT_EQ(rehearsal_->now_ns(), 60 * kSecond) << "nothing had to be waited for";
}

TEST_F(RehearsalTest, a_busy_sink_gets_its_events_later_and_in_order) {
  use("routes: {r: {from: a, to: siem}}\n");
  rehearsal_->set_answer("siem", SinkAnswer::busy);
  emit("a", 1);
  emit("a", 2);
  rehearsal_->run_until(10 * kSecond);
  EXPECT_THAT(arrived(), IsEmpty());
  rehearsal_->set_answer("siem", SinkAnswer::taken);
  rehearsal_->run_until(60 * kSecond);
  ASSERT_EQ(arrived().size(), 2U);
  EXPECT_EQ(ledger("r", "siem").delivered, 2U);
}

TEST_F(RehearsalTest, a_sink_that_is_away_gets_its_events_when_it_comes_back) {
  use("routes: {r: {from: a, to: siem}}\n");
  rehearsal_->set_answer("siem", SinkAnswer::away);
  emit("a", 1);
  rehearsal_->run_until(100 * kSecond);
  EXPECT_EQ(ledger("r", "siem").queued, 1U);
  rehearsal_->set_answer("siem", SinkAnswer::taken);
  EXPECT_THAT(arrived(), ElementsAre("100 r>siem 1"));
}

TEST_F(RehearsalTest, what_a_sink_refuses_is_dead) {
  use("routes: {r: {from: a, to: siem}}\n");
  rehearsal_->set_answer("siem", SinkAnswer::refused);
  emit("a", 1);
  EXPECT_THAT(arrived(), IsEmpty());
  EXPECT_EQ(ledger("r", "siem").dead, 1U);
}

TEST_F(RehearsalTest, a_full_queue_holds_its_source_as_a_real_one) {
  use("routes: {r: {from: a, to: siem, queue: {events: 2}}}\n");
  rehearsal_->set_answer("siem", SinkAnswer::away);
  for (int i = 0; i < 5; ++i) emit("a", i);
  EXPECT_EQ(rehearsal_->waiting(), 3U);
  EXPECT_EQ(ledger("r", "siem").queued, 2U);
  rehearsal_->set_answer("siem", SinkAnswer::taken);
  rehearsal_->run_until(10 * kSecond);
  EXPECT_EQ(rehearsal_->waiting(), 0U);
  EXPECT_THAT(arrived(), ElementsAre("0 r>siem 0", "0 r>siem 1", "0 r>siem 2", "0 r>siem 3", "0 r>siem 4"));
}

TEST_F(RehearsalTest, a_queue_with_a_spool_takes_everything_without_a_disk) {
  use("routes: {r: {from: a, to: siem, queue: {events: 2}, on_full: spill, durable: true}}\n");
  rehearsal_->set_answer("siem", SinkAnswer::away);
  for (int i = 0; i < 5; ++i) emit("a", i);
  EXPECT_EQ(rehearsal_->waiting(), 0U);
  EXPECT_EQ(ledger("r", "siem").queued, 5U);
}

TEST_F(RehearsalTest, a_port_that_no_route_names_leads_nowhere) {
  use("routes: {r: {from: a.slow, to: siem}}\n");
  EXPECT_TRUE(rehearsal_->emit("a", "fast", batch_of(rehearsal_->names(), 1)).ok());
  EXPECT_TRUE(rehearsal_->emit("a", "slow", batch_of(rehearsal_->names(), 2)).ok());
  EXPECT_THAT(arrived(), ElementsAre("0 r>siem 2"));
}

TEST_F(RehearsalTest, commands_are_recorded_and_their_outcomes_are_events) {
  use("routes:\n"
      "  act: {from: a, to: {instance: b, command: restart, args: {program: \"{name}\", n: 5}}}\n"
      "  outcomes: {from: picket, where: kind == \"command\", to: siem}\n");
  rehearsal_->run_until(3 * kSecond);
  emit("a", 1, "cache");
  ASSERT_EQ(rehearsal_->calls().size(), 1U);
  const Call& call = rehearsal_->calls()[0];
  EXPECT_EQ(call.at_ns, 3 * kSecond);
  EXPECT_EQ(call.instance + "." + call.command, "b.restart");
  EXPECT_EQ(nlohmann::json::parse(call.args), nlohmann::json::parse(R"({"program": "cache", "n": 5})"));
  EXPECT_THAT(arrived(), ElementsAre("3 outcomes>siem"));
}

TEST_F(RehearsalTest, a_command_of_an_instance_that_is_away_is_called_when_it_comes_back) {
  use("routes: {act: {from: a, to: {instance: b, command: restart}}}\n");
  rehearsal_->set_answer("b", SinkAnswer::away);
  emit("a", 1);
  rehearsal_->run_until(20 * kSecond);
  EXPECT_TRUE(rehearsal_->calls().empty());
  rehearsal_->set_answer("b", SinkAnswer::taken);
  rehearsal_->run_until(60 * kSecond);
  EXPECT_EQ(rehearsal_->calls().size(), 1U);
}

TEST_F(RehearsalTest, the_same_calls_give_the_same_deliveries) {
  const auto run = [&] {
    use("routes:\n"
        "  r: {from: [a, b], to: [siem, disk], steps: [sample: {one_in: 3}, set: {compute: {value: value * 2}}]}\n"
        "  s: {from: a, to: siem, steps: [aggregate: {window: 10s, functions: [mean, p95]}]}\n");
    for (int i = 0; i < 200; ++i) {
      emit(i % 3 == 0 ? "a" : "b", i, "n" + std::to_string(i % 7));
      rehearsal_->run_until(i * kSecond / 4);
    }
    rehearsal_->finish();
    return arrived();
  };
  const auto first = run();
  EXPECT_GT(first.size(), 100U);
  EXPECT_EQ(run(), first);
}

TEST_F(RehearsalTest, deliveries_beyond_the_limit_are_counted) {
  Rehearsal::Options options;
  options.max_deliveries = 2;
  rehearsal_ = std::move(*Rehearsal::make(model_of("routes: {r: {from: a, to: siem}}\n"), options));
  for (int i = 0; i < 5; ++i) emit("a", i);
  EXPECT_EQ(rehearsal_->deliveries().size(), 2U);
  EXPECT_EQ(rehearsal_->unrecorded(), 3U);
}

TEST_F(RehearsalTest, a_filter_that_does_not_compile_is_an_error) {
  config::Model model = model_of("routes: {r: {from: a, to: siem}}\n");
  model.routes.at("r").filter = "value >";
  EXPECT_FALSE(Rehearsal::make(model, {}).ok());
}

}  // namespace
}  // namespace picket::rehearsal
