// SPDX-License-Identifier: Apache-2.0
#include "routing/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.hpp"
#include "platform/virtual_executor.hpp"

namespace picket::routing {
namespace {

using platform::kMillisecond;
using platform::kSecond;
using testing::ElementsAre;
using testing::IsEmpty;

class RouterTest : public testing::Test {
 protected:
  std::shared_ptr<FakeSink> attach(const std::string& instance) {
    auto sink = std::make_shared<FakeSink>(platform::Lane::make(executor_));
    router_.attach(instance, sink);
    return sink;
  }

  // Emits one batch from `instance`; gives the batch back on anything but OK.
  picket_status emit(const std::string& instance, const std::vector<std::int64_t>& values, std::uint64_t token = 0,
                     const std::string& port = {}) {
    picket_batch* batch = make_batch(names_, values);
    const picket_status status =
        router_.emit(router_.source(instance), port.empty() ? 0 : names_.intern(port), batch, token, source_);
    if (status != PICKET_OK) batch_release(batch);
    return status;
  }

  void apply(const std::vector<config::Route>& list) { ASSERT_TRUE(router_.apply(routes(list)).ok()); }

  Ledger ledger(const std::string& route, const std::string& instance) {
    for (const DestinationStatus& status : router_.status()) {
      if (status.route == route && status.instance == instance) return status.ledger;
    }
    ADD_FAILURE() << "no destination " << route << " -> " << instance;
    return {};
  }

  void TearDown() override {
    executor_->run_ready();
    for (const DestinationStatus& status : router_.status()) EXPECT_TRUE(status.ledger.balanced()) << status.route;
    router_.close();
    executor_->run_for(kSecond);
  }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  Names names_;
  Router router_{executor_, names_};
  std::shared_ptr<FakeSource> source_ = std::make_shared<FakeSource>();
};

TEST_F(RouterTest, an_event_goes_to_every_destination_of_every_matching_route) {
  apply({route("all", {"in"}, "", {"a", "b"}), route("big", {"in"}, "value > 10", {"c"})});
  const auto a = attach("a");
  const auto b = attach("b");
  const auto c = attach("c");
  EXPECT_EQ(emit("in", {5, 15}), PICKET_OK);
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(5, 15));
  EXPECT_THAT(b->taken, ElementsAre(5, 15));
  EXPECT_THAT(c->taken, ElementsAre(15));
  const Ledger big = ledger("big", "c");
  EXPECT_EQ(big.in, 2U);
  EXPECT_EQ(big.filtered, 1U);
  EXPECT_EQ(big.delivered, 1U);
}

TEST_F(RouterTest, a_route_from_one_port_does_not_see_the_others) {
  config::Route alerts = route("alerts", {"in"}, "", {"a"});
  alerts.from[0].port = "alerts";
  apply({alerts});
  const auto a = attach("a");
  emit("in", {1});
  emit("in", {2}, 0, "alerts");
  emit("in", {3}, 0, "other");
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(2));
}

TEST_F(RouterTest, the_host_stamps_time_sequence_and_source) {
  apply({route("r", {"in"}, "source == \"in\" and time > 0", {"a"})});
  const auto a = attach("a");
  picket_batch* batch = make_batch(names_, {1, 2});
  batch_retain(batch);
  ASSERT_EQ(router_.emit(router_.source("in"), 0, batch, 0, source_), PICKET_OK);
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(1, 2));
  EXPECT_EQ(batch->events[0].time_ns, executor_->clock().wall_ns());
  EXPECT_EQ(batch->events[1].sequence, batch->events[0].sequence + 1);
  EXPECT_EQ(names_.text(batch->events[0].source), "in");
  batch_release(batch);
}

TEST_F(RouterTest, a_batch_whose_records_contradict_each_other_is_refused) {
  apply({route("r", {"in"}, "", {"a"})});
  picket_batch* batch = make_batch(names_, {1});
  batch->events[0].field_count = 100;
  EXPECT_EQ(router_.emit(router_.source("in"), 0, batch, 0, source_), PICKET_INVALID);
  batch_release(batch);
  EXPECT_EQ(router_.emit(router_.source("in"), 0, nullptr, 0, source_), PICKET_INVALID);
}

TEST_F(RouterTest, nobody_keeps_a_batch_that_no_route_wants) {
  const std::int64_t before = live_batches();
  apply({route("r", {"other"}, "", {"a"})});
  EXPECT_EQ(emit("in", {1}, 7), PICKET_OK);
  EXPECT_EQ(live_batches(), before);
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_OK));
}

TEST_F(RouterTest, emit_is_all_or_nothing_when_one_queue_blocks) {
  config::QueueSettings small;
  small.events = 2;
  apply({route("wide", {"in"}, "", {"a"}), route("narrow", {"in"}, "", {"b"}, small)});
  const auto a = attach("a");
  EXPECT_EQ(emit("in", {1, 2}), PICKET_OK);
  EXPECT_EQ(emit("in", {3}), PICKET_BUSY);
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(1, 2));  // 3 went nowhere: a retry would not double it
  EXPECT_THAT(source_->ready, IsEmpty());
  const auto b = attach("b");
  executor_->run_ready();
  EXPECT_THAT(source_->ready, ElementsAre(0U));
  EXPECT_EQ(emit("in", {3}), PICKET_OK);
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(1, 2, 3));
  EXPECT_THAT(b->taken, ElementsAre(1, 2, 3));
}

TEST_F(RouterTest, an_empty_queue_takes_a_batch_larger_than_its_limit) {
  config::QueueSettings tiny;
  tiny.events = 1;
  tiny.bytes = 1;
  apply({route("r", {"in"}, "", {"a"}, tiny)});
  const auto a = attach("a");
  EXPECT_EQ(emit("in", {1, 2, 3}), PICKET_OK);
  EXPECT_EQ(emit("in", {4}), PICKET_BUSY);
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(1, 2, 3));
}

TEST_F(RouterTest, drop_newest_keeps_what_came_first_and_says_so) {
  config::QueueSettings queue;
  queue.events = 2;
  queue.on_full = config::OnFull::drop_newest;
  apply({route("r", {"in"}, "", {"a"}, queue)});
  for (std::int64_t i = 1; i <= 4; ++i) EXPECT_EQ(emit("in", {i}, static_cast<std::uint64_t>(i)), PICKET_OK);
  EXPECT_THAT(source_->answers[3], ElementsAre(PICKET_DROPPED));
  const auto a = attach("a");
  executor_->run_ready();
  EXPECT_EQ(emit("in", {5}), PICKET_OK);
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(1, 2, 5));
  EXPECT_THAT(a->lost_before, ElementsAre(0U, 0U, 2U));
  EXPECT_EQ(ledger("r", "a").dropped[static_cast<int>(DropReason::full)], 2U);
}

TEST_F(RouterTest, drop_oldest_keeps_what_came_last_and_the_next_delivery_hears_of_the_gap) {
  config::QueueSettings queue;
  queue.events = 2;
  queue.on_full = config::OnFull::drop_oldest;
  apply({route("r", {"in"}, "", {"a"}, queue)});
  for (std::int64_t i = 1; i <= 4; ++i) EXPECT_EQ(emit("in", {i}, static_cast<std::uint64_t>(i)), PICKET_OK);
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_DROPPED));
  const auto a = attach("a");
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(3, 4));
  EXPECT_THAT(a->lost_before, ElementsAre(2U, 0U));
}

TEST_F(RouterTest, a_dead_sink_does_not_delay_its_sibling) {
  config::QueueSettings dropping;
  dropping.events = 1;
  dropping.on_full = config::OnFull::drop_oldest;
  apply({route("dead", {"in"}, "", {"a"}, dropping), route("healthy", {"in"}, "", {"b"})});
  const auto a = attach("a");
  a->otherwise = PICKET_BUSY;
  const auto b = attach("b");
  for (std::int64_t i = 1; i <= 3; ++i) EXPECT_EQ(emit("in", {i}), PICKET_OK);
  executor_->run_ready();
  EXPECT_THAT(b->taken, ElementsAre(1, 2, 3));
  EXPECT_THAT(a->taken, IsEmpty());
}

TEST_F(RouterTest, a_busy_sink_is_offered_the_same_events_again_with_back_off) {
  apply({route("r", {"in"}, "", {"a"})});
  const auto a = attach("a");
  a->next = {PICKET_BUSY, PICKET_BUSY};
  emit("in", {1}, 9);
  emit("in", {2});
  executor_->run_ready();
  EXPECT_EQ(a->flags.size(), 1U);
  executor_->run_for(10 * kMillisecond);
  EXPECT_EQ(a->flags.size(), 2U);
  executor_->run_for(19 * kMillisecond);
  EXPECT_EQ(a->flags.size(), 2U);
  executor_->run_for(1 * kMillisecond);
  EXPECT_THAT(a->taken, ElementsAre(1, 2));
  EXPECT_THAT(a->flags, ElementsAre(0U, PICKET_DELIVERY_AGAIN, PICKET_DELIVERY_AGAIN, 0U));
  EXPECT_THAT(source_->answers[9], ElementsAre(PICKET_OK));
}

TEST_F(RouterTest, a_pending_delivery_is_acknowledged_when_it_is_done) {
  apply({route("r", {"in"}, "", {"a"})});
  const auto a = attach("a");
  a->otherwise = PICKET_PENDING;
  emit("in", {1, 2, 3}, 1);
  executor_->run_ready();
  EXPECT_THAT(source_->answers[1], IsEmpty());
  EXPECT_EQ(ledger("r", "a").in_flight, 3U);
  router_.done(a->pending.at(0).first, PICKET_OK, {});
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_OK));
  router_.done(a->pending.at(0).first, PICKET_FAILED, {});  // a second answer changes nothing
  router_.done(0xFFFFFFFFFFFFFFFFU, PICKET_OK, {});
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_OK));
  EXPECT_EQ(ledger("r", "a").delivered, 3U);
}

TEST_F(RouterTest, a_sink_may_refuse_some_events_of_a_delivery) {
  apply({route("r", {"in"}, "", {"a"})});
  const auto a = attach("a");
  a->otherwise = PICKET_PENDING;
  emit("in", {1, 2, 3}, 1);
  executor_->run_ready();
  const std::uint32_t refused[] = {0, 2, 2, 99};  // a repetition and a position out of range count for nothing
  router_.done(a->pending.at(0).first, PICKET_OK, refused);
  EXPECT_EQ(ledger("r", "a").delivered, 1U);
  EXPECT_EQ(ledger("r", "a").dead, 2U);
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_REFUSED));
}

TEST_F(RouterTest, a_drop_outweighs_a_refusal_in_the_answer) {
  config::QueueSettings dropping;
  dropping.events = 1;
  dropping.on_full = config::OnFull::drop_newest;
  apply({route("full", {"in"}, "", {"away"}, dropping), route("refusing", {"in"}, "", {"a"})});
  const auto a = attach("a");
  a->otherwise = PICKET_REFUSED;
  emit("in", {1});
  emit("in", {2}, 2);
  executor_->run_ready();
  EXPECT_THAT(source_->answers[2], ElementsAre(PICKET_DROPPED));
}

TEST_F(RouterTest, what_was_in_flight_returns_to_the_queue_when_the_sink_restarts) {
  apply({route("r", {"in"}, "", {"a"})});
  const auto first = attach("a");
  first->otherwise = PICKET_PENDING;
  emit("in", {1}, 1);
  emit("in", {2}, 2);
  executor_->run_ready();
  router_.pause("a");
  emit("in", {3}, 3);
  executor_->run_ready();
  router_.detach("a");
  const auto second = attach("a");
  executor_->run_ready();
  EXPECT_THAT(second->taken, ElementsAre(1, 2, 3));
  EXPECT_THAT(second->flags, ElementsAre(PICKET_DELIVERY_AGAIN, PICKET_DELIVERY_AGAIN, 0U));
  EXPECT_EQ(source_->answers.size(), 3U);
}

TEST_F(RouterTest, an_unchanged_route_keeps_its_queue_over_a_reload) {
  apply({route("keep", {"in"}, "", {"a"}), route("change", {"in"}, "", {"b"})});
  emit("in", {1}, 1);
  apply({route("keep", {"in"}, "", {"a"}), route("change", {"in"}, "value > 5", {"b", "c"})});
  const auto a = attach("a");
  const auto b = attach("b");
  const auto c = attach("c");
  emit("in", {2, 7});
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(1, 2, 7));
  EXPECT_THAT(b->taken, ElementsAre(1, 7));  // the backlog belongs to the route's name
  EXPECT_THAT(c->taken, ElementsAre(7));
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_OK));
}

TEST_F(RouterTest, a_removed_route_still_delivers_its_backlog) {
  apply({route("r", {"in"}, "", {"a"})});
  emit("in", {1}, 1);
  apply({});
  emit("in", {2});
  const auto a = attach("a");
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(1));
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_OK));
}

TEST_F(RouterTest, the_backlog_of_a_removed_sink_is_dropped_and_answered) {
  apply({route("r", {"in"}, "", {"a"})});
  emit("in", {1}, 1);
  apply({});
  router_.forget_sink("a");
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_DROPPED));
  EXPECT_THAT(router_.status(), IsEmpty());
}

TEST_F(RouterTest, a_reload_to_a_larger_queue_lets_a_held_source_go_on) {
  config::QueueSettings small;
  small.events = 1;
  apply({route("r", {"in"}, "", {"a"}, small)});
  emit("in", {1});
  EXPECT_EQ(emit("in", {2}), PICKET_BUSY);
  apply({route("r", {"in"}, "", {"a"})});
  EXPECT_THAT(source_->ready, ElementsAre(0U));
  EXPECT_EQ(emit("in", {2}), PICKET_OK);
}

TEST_F(RouterTest, a_filter_that_does_not_compile_changes_nothing) {
  apply({route("r", {"in"}, "", {"a"})});
  EXPECT_FALSE(router_.apply(routes({route("r", {"in"}, "value >", {"b"})})).ok());
  const auto a = attach("a");
  emit("in", {1});
  executor_->run_ready();
  EXPECT_THAT(a->taken, ElementsAre(1));
}

TEST_F(RouterTest, when_drained_calls_once_the_last_pending_delivery_is_done) {
  apply({route("r", {"in"}, "", {"a"}), route("s", {"in"}, "", {"a"})});
  const auto a = attach("a");
  a->otherwise = PICKET_PENDING;
  emit("in", {1});
  executor_->run_ready();
  int calls = 0;
  router_.when_drained("a", [&] { ++calls; });
  router_.done(a->pending.at(0).first, PICKET_OK, {});
  EXPECT_EQ(calls, 0);
  router_.done(a->pending.at(1).first, PICKET_OK, {});
  EXPECT_EQ(calls, 1);
}

TEST_F(RouterTest, a_draining_sink_is_flushed_each_time_it_runs_empty) {
  apply({route("r", {"in"}, "", {"a"})});
  const auto a = attach("a");
  emit("in", {1});
  executor_->run_ready();
  EXPECT_EQ(a->flushes, 0);
  EXPECT_EQ(a->idles, 1);
  router_.drain("a");
  executor_->run_ready();
  EXPECT_EQ(a->flushes, 1);
  emit("in", {2});
  executor_->run_ready();
  EXPECT_EQ(a->flushes, 2);
}

TEST_F(RouterTest, closing_answers_every_token) {
  apply({route("r", {"in"}, "", {"a"})});
  const auto a = attach("a");
  a->otherwise = PICKET_PENDING;
  emit("in", {1}, 1);
  executor_->run_ready();
  router_.pause("a");
  emit("in", {2}, 2);
  router_.detach("a");
  router_.close();
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_DROPPED));
  EXPECT_THAT(source_->answers[2], ElementsAre(PICKET_DROPPED));
  EXPECT_EQ(ledger("r", "a").dropped[static_cast<int>(DropReason::shutdown)], 2U);
}

TEST_F(RouterTest, a_subscription_sees_what_it_asks_for_and_never_holds_a_source) {
  auto sink = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  config::QueueSettings queue;
  queue.events = 2;
  auto filter = Filter::compile("value > 1", names_);
  ASSERT_TRUE(filter.ok());
  const std::uint64_t id = router_.subscribe({"in"}, filter.value(), queue, sink);
  for (std::int64_t i = 1; i <= 5; ++i) EXPECT_EQ(emit("in", {i}), PICKET_OK);
  EXPECT_EQ(emit("other", {9}), PICKET_OK);
  executor_->run_ready();
  EXPECT_THAT(sink->taken, ElementsAre(2, 3));
  emit("in", {6});
  executor_->run_ready();
  EXPECT_THAT(sink->lost_before, ElementsAre(0U, 0U, 2U));
  router_.unsubscribe(id);
  emit("in", {7});
  executor_->run_ready();
  EXPECT_THAT(sink->taken, ElementsAre(2, 3, 6));
}

TEST_F(RouterTest, a_subscription_to_everything_hears_sources_that_come_later) {
  auto sink = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  router_.subscribe({}, std::nullopt, {}, sink);
  emit("newcomer", {1});
  executor_->run_ready();
  EXPECT_THAT(sink->taken, ElementsAre(1));
}

}  // namespace
}  // namespace picket::routing
