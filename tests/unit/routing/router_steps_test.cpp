// SPDX-License-Identifier: Apache-2.0
//
// Routes with steps in the router: how they start, change and end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.hpp"
#include "platform/virtual_executor.hpp"

namespace picket::routing {
namespace {

using platform::kSecond;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const config::Step kEverySecond{"sample", R"({"by":[],"one_in":2})", {}};
const config::Step kOnce{"dedupe", R"({"by":["value"],"for":60000000000,"max_keys":100,"report":true})", {}};
const config::Step kSite{"set", R"({"fields":{"site":"north"}})", {}};

class RouterStepsTest : public ::testing::Test {
 protected:
  RouterStepsTest() {
    for (const char* name : {"a", "b"}) {
      sinks_[name] = std::make_shared<FakeSink>(platform::Lane::make(executor_));
      router_.attach(name, sinks_[name]);
    }
  }
  static config::Route with_steps(config::Route route, std::vector<config::Step> steps) {
    route.steps = std::move(steps);
    return route;
  }
  void apply(const std::vector<config::Route>& list) {
    ASSERT_TRUE(router_.apply(routes(list)).ok());
    executor_->run_ready();
  }
  picket_status emit(const std::vector<std::int64_t>& values, std::uint64_t token = 0) {
    picket_batch* const batch = make_batch(names_, values);
    const picket_status status = router_.emit(router_.source("in"), 0, batch, token, source_);
    if (status != PICKET_OK) batch_release(batch);
    executor_->run_ready();
    return status;
  }
  const DestinationStatus* find(const std::string& instance) {
    status_ = router_.status();
    for (const DestinationStatus& each : status_) {
      if (each.instance == instance) return &each;
    }
    return nullptr;
  }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  Names names_;
  Router router_{executor_, names_};
  std::shared_ptr<FakeSource> source_ = std::make_shared<FakeSource>();
  std::map<std::string, std::shared_ptr<FakeSink>> sinks_;
  std::vector<DestinationStatus> status_;
};

TEST_F(RouterStepsTest, events_go_through_the_steps_to_every_destination) {
  apply({with_steps(route("r", {"in"}, "value != 3", {"a", "b"}), {kEverySecond})});
  EXPECT_EQ(emit({1, 2, 3, 4}, 7), PICKET_OK);
  EXPECT_THAT(sinks_["a"]->taken, ElementsAre(1, 4));
  EXPECT_THAT(sinks_["b"]->taken, ElementsAre(1, 4));
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_OK));
  const DestinationStatus* const steps = find(kStepsName);
  ASSERT_NE(steps, nullptr);
  EXPECT_EQ(steps->ledger.in, 4U);
  EXPECT_EQ(steps->ledger.filtered, 1U);
  EXPECT_EQ(steps->ledger.absorbed, 1U);
  EXPECT_EQ(steps->ledger.delivered, 2U);
  ASSERT_EQ(steps->steps.size(), 1U);
  EXPECT_EQ(steps->steps[0].type, "sample");
  EXPECT_EQ(find("a")->ledger.in, 2U);
}

TEST_F(RouterStepsTest, the_queue_before_the_steps_is_that_of_the_route) {
  config::Route model = with_steps(route("r", {"in"}, "", {"a"}), {kSite});
  model.queue.events = 17;
  apply({model});
  EXPECT_EQ(find(kStepsName)->settings.events, 17U);
  model.queue.events = 18;
  apply({model});
  EXPECT_EQ(find(kStepsName)->settings.events, 18U);
}

TEST_F(RouterStepsTest, steps_keep_their_state_when_the_rest_of_the_route_changes) {
  apply({with_steps(route("r", {"in"}, "", {"a"}), {kOnce})});
  emit({1});
  apply({with_steps(route("r", {"in", "other"}, "value < 100", {"b"}), {kSite, kOnce})});
  emit({1, 2});
  EXPECT_THAT(sinks_["a"]->taken, ElementsAre(1));
  EXPECT_THAT(sinks_["b"]->taken, ElementsAre(2)) << "1 is remembered";
  EXPECT_EQ(find(kStepsName)->steps.at(1).held, 2U);
}

TEST_F(RouterStepsTest, steps_that_cannot_be_made_change_nothing) {
  apply({route("r", {"in"}, "", {"a"})});
  const auto refused = router_.apply(routes({with_steps(route("r", {"in"}, "", {"b"}), {{"nothing", "{}", {}}})}));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "route r: step 1 (nothing): there is no such type");
  emit({1});
  EXPECT_THAT(sinks_["a"]->taken, ElementsAre(1));
}

TEST_F(RouterStepsTest, a_route_that_goes_drains_through_its_steps) {
  apply({with_steps(route("r", {"in"}, "", {"a"}), {kOnce})});
  router_.pause("a");
  emit({1, 1, 1}, 7);
  apply({});
  EXPECT_TRUE(find("a")->retired);
  router_.attach("a", sinks_["a"]);
  executor_->run_for(kSecond);
  EXPECT_EQ(sinks_["a"]->flags.size(), 2U) << "the event, and the one that tells of its repeats";
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_OK));
  apply({});
  EXPECT_THAT(router_.status(), IsEmpty());
}

TEST_F(RouterStepsTest, events_do_not_overtake_those_that_wait_before_steps_that_went) {
  config::QueueSettings small;
  small.events = 1;
  apply({with_steps(route("r", {"in"}, "", {"a"}, small), {kSite})});
  sinks_["a"]->otherwise = PICKET_BUSY;
  for (std::int64_t value = 1; value <= 3; ++value) emit({value});
  apply({route("r", {"in"}, "", {"a"})});
  for (std::int64_t value = 4; value <= 6; ++value) emit({value});
  sinks_["a"]->otherwise = PICKET_OK;
  executor_->run_for(30 * kSecond);
  EXPECT_THAT(sinks_["a"]->taken, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(RouterStepsTest, what_is_held_for_a_destination_that_goes_is_still_delivered_to_it) {
  config::QueueSettings small;
  small.events = 1;
  apply({with_steps(route("r", {"in"}, "", {"a"}, small), {kSite})});
  sinks_["a"]->otherwise = PICKET_BUSY;
  emit({1}, 1);
  emit({2}, 2);  // held by the steps
  emit({3}, 3);  // before the steps
  apply({with_steps(route("r", {"in"}, "", {"b"}, small), {kSite})});
  sinks_["a"]->otherwise = PICKET_OK;
  executor_->run_for(30 * kSecond);
  EXPECT_THAT(sinks_["a"]->taken, ElementsAre(1, 2));
  EXPECT_THAT(sinks_["b"]->taken, ElementsAre(3));
  for (std::uint64_t token = 1; token <= 3; ++token) EXPECT_THAT(source_->answers[token], ElementsAre(PICKET_OK));
}

TEST_F(RouterStepsTest, what_is_held_for_an_instance_that_is_gone_for_good_is_told_as_dropped) {
  config::QueueSettings small;
  small.events = 1;
  apply({with_steps(route("r", {"in"}, "", {"a"}, small), {kSite})});
  sinks_["a"]->otherwise = PICKET_BUSY;
  emit({1}, 1);
  emit({2}, 2);
  apply({with_steps(route("r", {"in"}, "", {"b"}, small), {kSite})});
  router_.pause("a");
  router_.detach("a");
  router_.forget_sink("a");
  executor_->run_for(30 * kSecond);
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_DROPPED));
  EXPECT_THAT(source_->answers[2], ElementsAre(PICKET_DROPPED));
  emit({3}, 3);
  EXPECT_THAT(sinks_["b"]->taken, ElementsAre(3));
}

TEST_F(RouterStepsTest, a_route_can_lose_and_gain_steps) {
  apply({with_steps(route("r", {"in"}, "", {"a"}), {kEverySecond})});
  emit({1, 2});
  apply({route("r", {"in"}, "", {"a"})});
  emit({3, 4});
  EXPECT_TRUE(find(kStepsName)->retired);
  apply({with_steps(route("r", {"in"}, "", {"a"}), {kEverySecond})});
  emit({5, 6});
  EXPECT_THAT(sinks_["a"]->taken, ElementsAre(1, 3, 4, 5));
}

TEST_F(RouterStepsTest, a_sink_is_drained_when_the_steps_before_it_have_handed_on_what_they_hold) {
  apply({with_steps(route("r", {"in"}, "", {"a"}), {kOnce})});
  emit({1, 1});
  sinks_["a"]->otherwise = PICKET_PENDING;
  bool drained = false;
  router_.when_drained("a", [&] { drained = true; });
  executor_->run_ready();
  EXPECT_FALSE(drained) << "the event that tells of the repeat is not answered";
  ASSERT_EQ(sinks_["a"]->pending.size(), 1U);
  router_.done(sinks_["a"]->pending[0].first, PICKET_OK, {});
  executor_->run_ready();
  EXPECT_TRUE(drained);
}

TEST_F(RouterStepsTest, a_blocking_destination_holds_the_source_through_both_queues) {
  config::QueueSettings small;
  small.events = 2;
  config::Route model = with_steps(route("r", {"in"}, "", {"a"}, small), {kSite});
  model.queue = small;
  apply({model});
  sinks_["a"]->otherwise = PICKET_BUSY;
  std::int64_t taken = 0;
  while (taken < 50 && emit({taken}) == PICKET_OK) ++taken;
  EXPECT_EQ(taken, 5) << "two behind the steps, one held by them, two before them";
  sinks_["a"]->otherwise = PICKET_OK;
  executor_->run_for(30 * kSecond);
  EXPECT_THAT(sinks_["a"]->taken, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(source_->ready.size(), 1U);
}

TEST_F(RouterStepsTest, what_is_dropped_at_the_end_counts_once_wherever_it_waited) {
  config::QueueSettings small;
  small.events = 2;
  apply({with_steps(route("r", {"in"}, "", {"a"}, small), {kSite})});
  sinks_["a"]->otherwise = PICKET_PENDING;
  for (std::int64_t value = 0; value < 5; ++value) EXPECT_EQ(emit({value}), PICKET_OK);
  EXPECT_EQ(router_.close(), 5U) << "two behind the steps, one held by them, two before them";
  executor_->run_ready();
  EXPECT_EQ(find("a")->ledger.dropped[static_cast<int>(DropReason::shutdown)], 3U) << "also the one that was held";
  EXPECT_EQ(find(kStepsName)->ledger.dropped[static_cast<int>(DropReason::shutdown)], 5U) << "those behind once more";
}

TEST_F(RouterStepsTest, closing_the_router_accounts_for_everything) {
  apply({with_steps(route("r", {"in"}, "", {"nowhere"}), {kOnce})});
  emit({1, 1}, 7);
  router_.close();
  executor_->run_ready();
  for (const DestinationStatus& each : router_.status()) {
    EXPECT_TRUE(each.ledger.balanced());
    EXPECT_EQ(each.ledger.queued + each.ledger.in_flight, 0U);
  }
  EXPECT_THAT(source_->answers[7], ElementsAre(PICKET_DROPPED));
}

}  // namespace
}  // namespace picket::routing
