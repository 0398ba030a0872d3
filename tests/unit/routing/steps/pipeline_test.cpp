// SPDX-License-Identifier: Apache-2.0
//
// The pipeline by itself: scripted steps between an inlet and two outlets, under the virtual clock.
#include "routing/steps/pipeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../fakes.hpp"
#include "platform/virtual_executor.hpp"
#include "routing/steps/event_writer.hpp"

namespace picket::routing {
namespace {

using platform::kSecond;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Does what the test says; passes everything when the test says nothing.
class ScriptedStep final : public Step {
 public:
  void process(const Events& in, Output& out) override {
    ++calls;
    if (on_process) {
      on_process(in, out);
    } else {
      out.pass(in);
    }
  }
  std::int64_t due_ns() const override { return due; }
  void tick(std::int64_t now, Output& out) override {
    ++ticks;
    due = kNever;
    if (on_tick) on_tick(now, out);
  }
  void finish(Output& out) override {
    ++finishes;
    if (on_finish) on_finish(out);
  }
  std::uint64_t held() const override { return holds; }

  std::function<void(const Events&, Output&)> on_process;
  std::function<void(std::int64_t, Output&)> on_tick;
  std::function<void(Output&)> on_finish;
  std::int64_t due = kNever;
  std::uint64_t holds = 0;
  int calls = 0;
  int ticks = 0;
  int finishes = 0;
};

class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() {
    host_->on_failure = [this](const std::string& route, const std::string& step, const std::string& what) {
      failures_.push_back(route + ": " + step + ": " + what);
    };
    inlet_->attach(pipeline_);
    pipeline_->set_outlets({outlet_});
    outlet_->attach(sink_);
  }

  std::shared_ptr<Destination> destination(std::uint32_t id, const char* instance, bool steps,
                                           std::uint64_t events = 100'000) {
    config::QueueSettings queue;
    queue.events = events;
    return std::make_shared<Destination>(Destination::Identity{id, names_.intern("r"), "r", instance, steps}, queue,
                                         executor_);
  }

  // The list of steps; each is the one of its number, or new.
  ScriptedStep* add_step() {
    std::vector<NextStep> next;
    for (std::size_t i = 0; i < steps_; ++i) next.push_back({"scripted", nullptr, i});
    auto step = std::make_unique<ScriptedStep>();
    ScriptedStep* const raw = step.get();
    next.push_back({"scripted", std::move(step)});
    ++steps_;
    pipeline_->set_steps(std::move(next));
    executor_->run_ready();
    return raw;
  }

  void emit(const std::vector<std::int64_t>& values, std::uint64_t token = 0) {
    Offer offer;
    offer.batch = BatchRef::adopt(make_batch(names_, values));
    for (std::uint32_t i = 0; i < offer.batch->event_count; ++i) offer.batch->events[i].sequence = ++sequence_;
    offer.total = offer.selected = static_cast<std::uint32_t>(values.size());
    if (token != 0) offer.acknowledgement = std::make_shared<Acknowledgement>(source_, token);
    ASSERT_EQ(inlet_->reserve(offer.selected, batch_cost(offer.batch.get()), source_, 0), Destination::Room::reserved);
    inlet_->commit(offer, true);
    offer = {};
    executor_->run_ready();
    check();
  }
  void check() {
    EXPECT_TRUE(inlet_->ledger().balanced());
    EXPECT_TRUE(outlet_->ledger().balanced());
  }
  // A batch of one event, as fakes.hpp reads it.
  void create(Output& out, std::int64_t value) {
    EventWriter writer(out);
    writer.begin(names_.intern("metric"));
    writer.set_name(names_.intern("name"), names_.intern("test"));
    writer.set_integer(names_.intern("value"), value);
    writer.flush();
  }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  Names names_;
  std::shared_ptr<PipelineHost> host_ = std::make_shared<PipelineHost>(executor_, names_);
  std::vector<std::string> failures_;
  std::shared_ptr<FakeSource> source_ = std::make_shared<FakeSource>();
  std::shared_ptr<FakeSink> sink_ = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  std::shared_ptr<Destination> inlet_ = destination(1, "(steps)", true);
  std::shared_ptr<Destination> outlet_ = destination(2, "out", false);
  std::shared_ptr<Pipeline> pipeline_ = Pipeline::make(host_, inlet_);
  std::size_t steps_ = 0;
  std::uint64_t sequence_ = 0;
};

TEST_F(PipelineTest, a_delivery_is_answered_when_the_sink_behind_the_steps_answers) {
  add_step();
  sink_->next = {PICKET_PENDING};
  emit({1, 2, 3}, 7);
  EXPECT_THAT(sink_->taken, ElementsAre(1, 2, 3));
  EXPECT_THAT(source_->answers[7], IsEmpty());
  EXPECT_EQ(inlet_->ledger().in_flight, 3U);
  outlet_->done(sink_->pending.front().first, PICKET_OK, {});
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_OK));
  EXPECT_EQ(inlet_->ledger().delivered, 3U);
  EXPECT_TRUE(inlet_->empty());
}

TEST_F(PipelineTest, each_step_sees_what_the_one_before_it_handed_on) {
  ScriptedStep* const first = add_step();
  ScriptedStep* const second = add_step();
  first->on_process = [](const Events& in, Output& out) {
    const std::uint32_t two[] = {in.index(0), in.index(2)};
    out.pass(in, two);
  };
  second->on_process = [](const Events& in, Output& out) {
    EXPECT_EQ(in.count(), 2U);
    const std::uint32_t last[] = {in.index(1)};
    out.pass(in, last);
  };
  emit({1, 2, 3}, 7);
  EXPECT_THAT(sink_->taken, ElementsAre(3));
  EXPECT_EQ(inlet_->ledger().absorbed, 2U);
  EXPECT_EQ(inlet_->ledger().delivered, 1U);
}

TEST_F(PipelineTest, what_a_step_absorbs_is_answered_at_once) {
  add_step()->on_process = [](const Events&, Output&) {};
  emit({1, 2}, 7);
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_OK));
  EXPECT_EQ(inlet_->ledger().absorbed, 2U);
  EXPECT_TRUE(inlet_->empty());
}

TEST_F(PipelineTest, refusals_behind_the_steps_are_told_to_the_source) {
  add_step();
  sink_->next = {PICKET_PENDING};
  emit({1, 2, 3}, 7);
  const std::uint32_t refused[] = {1};
  outlet_->done(sink_->pending.front().first, PICKET_OK, refused);
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_REFUSED));
  EXPECT_EQ(inlet_->ledger().dead, 1U);
  EXPECT_EQ(inlet_->ledger().delivered, 2U);
  check();
}

TEST_F(PipelineTest, drops_behind_the_steps_are_told_to_the_source) {
  add_step();
  config::QueueSettings small;
  small.events = 1;
  small.on_full = config::OnFull::drop_newest;
  outlet_->set_settings(small);
  outlet_->pause();
  emit({1}, 7);
  emit({2, 3}, 8);
  EXPECT_THAT(source_->answers[8], ElementsAre(PICKET_DROPPED));
  EXPECT_EQ(inlet_->ledger().dropped[static_cast<int>(DropReason::full)], 2U);
  EXPECT_THAT(source_->answers[7], IsEmpty());
}

TEST_F(PipelineTest, a_full_destination_holds_the_steps_and_no_event_meets_them_twice) {
  ScriptedStep* const step = add_step();
  config::QueueSettings small;
  small.events = 2;
  outlet_->set_settings(small);
  sink_->otherwise = PICKET_BUSY;
  for (std::int64_t value = 1; value <= 6; ++value) emit({value}, static_cast<std::uint64_t>(value));
  EXPECT_EQ(step->calls, 3) << "two are in the queue behind, one is held, the rest wait before the steps";
  EXPECT_THAT(sink_->taken, IsEmpty());
  EXPECT_EQ(inlet_->ledger().queued, 3U);
  sink_->otherwise = PICKET_OK;
  executor_->run_for(20 * kSecond);
  EXPECT_EQ(step->calls, 6);
  EXPECT_THAT(sink_->taken, ElementsAre(1, 2, 3, 4, 5, 6));
  for (std::uint64_t token = 1; token <= 6; ++token) EXPECT_THAT(source_->answers[token], ElementsAre(PICKET_OK));
  EXPECT_TRUE(inlet_->empty());
  check();
}

TEST_F(PipelineTest, a_restart_behind_the_steps_delivers_again_without_running_them_again) {
  ScriptedStep* const step = add_step();
  sink_->next = {PICKET_PENDING};
  emit({1, 2}, 7);
  outlet_->pause();
  outlet_->detach();
  outlet_->attach(sink_);
  executor_->run_ready();
  EXPECT_EQ(step->calls, 1);
  EXPECT_THAT(sink_->flags, ElementsAre(0U, PICKET_DELIVERY_AGAIN));
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_OK));
  check();
}

TEST_F(PipelineTest, every_destination_behind_the_steps_has_its_own_queue) {
  add_step();
  const auto other = destination(3, "other", false);
  const auto stalled = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  stalled->otherwise = PICKET_BUSY;
  other->attach(stalled);
  pipeline_->set_outlets({other, outlet_});
  emit({1}, 7);
  emit({2}, 8);
  EXPECT_THAT(sink_->taken, ElementsAre(1, 2));
  EXPECT_THAT(source_->answers[7], IsEmpty()) << "the other has not answered";
  stalled->otherwise = PICKET_OK;
  executor_->run_for(20 * kSecond);
  EXPECT_THAT(stalled->taken, ElementsAre(1, 2));
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_OK));
}

TEST_F(PipelineTest, created_events_are_numbered_stamped_and_speak_for_the_route) {
  ScriptedStep* const step = add_step();
  step->on_process = [this](const Events& in, Output& out) {
    out.pass(in);
    create(out, 9);
  };
  ScriptedStep* const probe = add_step();
  std::vector<picket_event> seen;
  probe->on_process = [&](const Events& in, Output& out) {
    for (std::uint32_t i = 0; i < in.count(); ++i) seen.push_back(in[i]);
    out.pass(in);
  };
  emit({1}, 7);
  EXPECT_THAT(sink_->taken, ElementsAre(1, 9));
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].time_ns, executor_->clock().wall_ns());
  EXPECT_EQ(names_.text(seen[1].source), "r");
  EXPECT_EQ(inlet_->ledger().created, 1U);
  EXPECT_EQ(inlet_->ledger().delivered, 2U);
  EXPECT_EQ(host_->next_sequence, 2U) << "one number was taken";
}

TEST_F(PipelineTest, a_copy_in_place_of_an_event_is_neither_created_nor_absorbed) {
  add_step()->on_process = [](const Events& in, Output& out) {
    EventWriter writer(out);
    for (std::uint32_t i = 0; i < in.count(); ++i) writer.copy(in.batch(), in[i]);
    writer.flush();
  };
  emit({1, 2}, 7);
  EXPECT_THAT(sink_->taken, ElementsAre(1, 2));
  EXPECT_EQ(inlet_->ledger().created, 0U);
  EXPECT_EQ(inlet_->ledger().absorbed, 0U);
  EXPECT_EQ(inlet_->ledger().delivered, 2U);
}

TEST_F(PipelineTest, events_of_a_step_that_throws_pass_unchanged_and_it_is_told_once) {
  ScriptedStep* const step = add_step();
  step->on_process = [this](const Events& in, Output& out) {
    out.pass(in);  // is taken back
    create(out, 9);
    throw std::runtime_error("no luck");
  };
  emit({1}, 7);
  emit({2}, 8);
  EXPECT_THAT(sink_->taken, ElementsAre(1, 2));
  EXPECT_THAT(failures_, ElementsAre("r: 1 scripted: no luck"));
  EXPECT_EQ(pipeline_->status().at(0).failures, 2U);
  EXPECT_THAT(source_->answers[8], ElementsAre(PICKET_OK));
}

TEST_F(PipelineTest, a_step_is_called_when_it_is_due_and_its_events_go_through_the_steps_behind_it) {
  ScriptedStep* const step = add_step();
  ScriptedStep* const behind = add_step();
  step->on_process = [&](const Events&, Output&) { step->due = executor_->clock().monotonic_ns() + 3 * kSecond; };
  step->on_tick = [this](std::int64_t, Output& out) { create(out, 5); };
  emit({1}, 7);
  executor_->run_for(2 * kSecond);
  EXPECT_EQ(step->ticks, 0);
  executor_->run_for(1 * kSecond);
  EXPECT_EQ(step->ticks, 1);
  EXPECT_EQ(behind->calls, 1);
  EXPECT_THAT(sink_->taken, ElementsAre(5));
  check();
}

TEST_F(PipelineTest, while_a_destination_is_full_no_step_is_called_by_time) {
  ScriptedStep* const step = add_step();
  config::QueueSettings small;
  small.events = 1;
  outlet_->set_settings(small);
  outlet_->pause();
  emit({1});
  emit({2});
  step->due = executor_->clock().monotonic_ns() + kSecond;
  emit({3});
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(step->ticks, 0);
  outlet_->attach(sink_);
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(step->ticks, 1);
  EXPECT_THAT(sink_->taken, ElementsAre(1, 2, 3));
}

TEST_F(PipelineTest, a_step_that_is_always_due_does_not_spin) {
  ScriptedStep* const step = add_step();
  step->on_tick = [step](std::int64_t, Output&) { step->due = 0; };
  step->due = 0;
  emit({1});
  executor_->run_for(10 * platform::kMillisecond);
  EXPECT_GE(step->ticks, 5);
  EXPECT_LE(step->ticks, 11);
}

TEST_F(PipelineTest, draining_hands_on_what_the_steps_hold_before_it_is_over) {
  ScriptedStep* const step = add_step();
  step->on_process = [](const Events&, Output&) {};
  step->on_finish = [this](Output& out) { create(out, 4); };
  emit({1});
  int drained = 0;
  pipeline_->drain([&] {
    ++drained;
    EXPECT_EQ(outlet_->ledger().in, 1U);
  });
  executor_->run_ready();
  EXPECT_EQ(drained, 1);
  EXPECT_THAT(sink_->taken, ElementsAre(4));
  pipeline_->drain([&] { ++drained; });
  executor_->run_ready();
  EXPECT_EQ(drained, 2);
  EXPECT_EQ(step->finishes, 1) << "nothing came since";
}

TEST_F(PipelineTest, steps_that_go_hand_on_what_they_hold_and_those_that_stay_are_left_alone) {
  ScriptedStep* const goes = add_step();
  ScriptedStep* const stays = add_step();
  stays->holds = 3;
  goes->on_finish = [this](Output& out) { create(out, 8); };
  std::vector<NextStep> next;
  next.push_back({"scripted", nullptr, 1});
  pipeline_->set_steps(std::move(next));
  executor_->run_ready();
  EXPECT_THAT(sink_->taken, ElementsAre(8));
  EXPECT_EQ(stays->calls, 1);
  EXPECT_EQ(stays->finishes, 0);
  emit({1});
  EXPECT_EQ(stays->calls, 2);
  ASSERT_EQ(pipeline_->status().size(), 1U);
  EXPECT_EQ(pipeline_->status()[0].held, 3U);
}

TEST_F(PipelineTest, closing_accounts_for_what_is_held) {
  ScriptedStep* const step = add_step();
  step->on_process = [this](const Events& in, Output& out) {
    out.pass(in);
    create(out, 9);
  };
  config::QueueSettings small;
  small.events = 1;
  outlet_->set_settings(small);
  outlet_->pause();
  emit({1}, 7);
  emit({2}, 8);
  outlet_->close(DropReason::shutdown);
  inlet_->close(DropReason::shutdown);
  pipeline_->close();
  executor_->run_ready();
  check();
  EXPECT_EQ(inlet_->ledger().in_flight + inlet_->ledger().queued, 0U);
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_DROPPED));
  EXPECT_THAT(source_->answers[8], ElementsAre(PICKET_DROPPED));
}

TEST(PlanSteps, keeps_what_is_the_same_in_the_same_order) {
  Names names;
  const platform::VirtualExecutor executor;
  const StepContext context{names, executor.clock(), 0};
  const config::Step sample{"sample", R"({"by":[],"one_in":2})", {}};
  const config::Step other{"sample", R"({"by":[],"one_in":3})", {}};
  const auto plan = plan_steps({sample, other}, {other, sample, other}, context);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->size(), 3U);
  EXPECT_EQ((*plan)[0].kept, 1U);
  EXPECT_EQ((*plan)[1].kept, NextStep::kNone);
  EXPECT_NE((*plan)[1].step, nullptr);
  EXPECT_EQ((*plan)[2].kept, NextStep::kNone);
}

TEST(PlanSteps, a_step_that_cannot_be_made_is_named) {
  Names names;
  const platform::VirtualExecutor executor;
  const StepContext context{names, executor.clock(), 0};
  EXPECT_EQ(plan_steps({}, {{"smple", "{}", {}}}, context).error().message, "step 1 (smple): there is no such type");
  const auto bad = plan_steps({}, {{"sample", R"({"by":["1 +"],"fraction":0.5})", {}}}, context);
  ASSERT_FALSE(bad.ok());
  EXPECT_THAT(bad.error().message, ::testing::StartsWith("step 1 (sample): "));
}

}  // namespace
}  // namespace picket::routing
