// SPDX-License-Identifier: Apache-2.0
//
// Changes that meet an emit: what was promised room is kept or answered for, whatever a reload does meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.hpp"
#include "platform/virtual_executor.hpp"

namespace picket::routing {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DestinationTest : public testing::Test {
 protected:
  Offer offer(std::uint64_t token) {
    Offer result;
    result.batch = BatchRef::adopt(make_batch(names_, {1}));
    result.total = 1;
    result.selected = 1;
    result.acknowledgement = std::make_shared<Acknowledgement>(source_, token);
    return result;
  }
  bool reserve(const Offer& offer) {
    return destination_->reserve(1, batch_cost(offer.batch.get()), source_, 0) == Destination::Room::reserved;
  }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  Names names_;
  std::shared_ptr<FakeSource> source_ = std::make_shared<FakeSource>();
  std::shared_ptr<FakeSink> sink_ = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  std::shared_ptr<Destination> destination_ = std::make_shared<Destination>(
      Destination::Identity{1, names_.intern("r"), "r", "out"}, config::QueueSettings{}, executor_);
};

TEST_F(DestinationTest, a_retired_queue_takes_what_it_gave_room_to_and_nothing_else) {
  Offer late = offer(1);
  ASSERT_TRUE(reserve(late));
  destination_->retire();
  EXPECT_FALSE(destination_->empty());  // something is on its way
  EXPECT_EQ(destination_->reserve(1, 1, source_, 0), Destination::Room::gone);
  destination_->attach(sink_);
  destination_->commit(std::exchange(late, Offer{}), true);
  executor_->run_ready();
  EXPECT_THAT(sink_->taken, ElementsAre(1));
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_OK));
  EXPECT_EQ(destination_->ledger().in, 1U);
  EXPECT_TRUE(destination_->empty());
}

TEST_F(DestinationTest, what_comes_to_a_queue_that_closed_meanwhile_is_counted_and_answered_as_dropped) {
  Offer late = offer(1);
  ASSERT_TRUE(reserve(late));
  destination_->close(DropReason::shutdown);
  destination_->commit(std::exchange(late, Offer{}), true);
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_DROPPED));
  const Ledger ledger = destination_->ledger();
  EXPECT_EQ(ledger.in, 1U);
  EXPECT_EQ(ledger.dropped[static_cast<int>(DropReason::shutdown)], 1U);
  EXPECT_TRUE(ledger.balanced());
}

TEST_F(DestinationTest, everyone_who_waits_for_an_empty_queue_hears_of_it_and_not_before) {
  Offer first = offer(0);
  ASSERT_TRUE(reserve(first));
  destination_->commit(std::exchange(first, Offer{}), true);
  int heard = 0;
  // As the router does it: the last reference to go is the call.
  for (int i = 0; i < 2; ++i) {
    const std::shared_ptr<void> last(nullptr, [&](void*) { ++heard; });
    destination_->when_empty([last] { static_cast<void>(last); });
  }
  EXPECT_EQ(heard, 0);
  destination_->attach(sink_);
  executor_->run_ready();
  EXPECT_EQ(heard, 2);
}

class RouterChangesTest : public testing::Test {
 protected:
  picket_status emit(const std::string& port, std::int64_t value, std::uint64_t token = 0) {
    picket_batch* batch = make_batch(names_, {value});
    const picket_status status =
        router_.emit(router_.source("in"), port.empty() ? 0 : names_.intern(port), batch, token, source_);
    if (status != PICKET_OK) batch_release(batch);
    return status;
  }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  Names names_;
  Router router_{executor_, names_};
  std::shared_ptr<FakeSource> source_ = std::make_shared<FakeSource>();
};

TEST_F(RouterChangesTest, a_route_that_names_an_instance_and_a_port_of_it_takes_each_event_once) {
  config::Route both = route("both", {"in", "in", "in"}, "", {"out"});
  both.from[1].port = "alerts";
  both.from[2].port = "alerts";
  config::Route ports = route("ports", {"in", "in"}, "", {"two"});
  ports.from[0].port = "alerts";
  ports.from[1].port = "alerts";
  ASSERT_TRUE(router_.apply(routes({both, ports})).ok());
  const auto sink = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  const auto two = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  router_.attach("out", sink);
  router_.attach("two", two);
  EXPECT_EQ(emit("", 1), PICKET_OK);
  EXPECT_EQ(emit("alerts", 2), PICKET_OK);
  executor_->run_ready();
  EXPECT_THAT(sink->taken, ElementsAre(1, 2));
  EXPECT_THAT(two->taken, ElementsAre(2));
  router_.close();
}

TEST_F(RouterChangesTest, what_a_subscriber_misses_or_delays_is_not_the_sources_concern) {
  config::QueueSettings tiny;
  tiny.events = 1;
  const auto sink = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  router_.subscribe({}, std::nullopt, tiny, sink);
  EXPECT_EQ(emit("", 1, 1), PICKET_OK);
  EXPECT_EQ(emit("", 2, 2), PICKET_OK);
  EXPECT_THAT(source_->answers[1], ElementsAre(PICKET_OK));
  EXPECT_THAT(source_->answers[2], ElementsAre(PICKET_OK));
  executor_->run_ready();
  EXPECT_EQ(emit("", 3), PICKET_OK);
  executor_->run_ready();
  EXPECT_THAT(sink->taken, ElementsAre(1, 3));
  EXPECT_THAT(sink->lost_before, ElementsAre(0U, 1U));
  router_.close();
}

TEST_F(RouterChangesTest, what_is_emitted_after_the_end_is_answered_as_dropped) {
  ASSERT_TRUE(router_.apply(routes({route("r", {"in"}, "", {"out"})})).ok());
  router_.close();
  EXPECT_EQ(emit("", 1, 5), PICKET_OK);
  EXPECT_THAT(source_->answers[5], ElementsAre(PICKET_DROPPED));
}

TEST_F(RouterChangesTest, a_sink_that_is_about_to_stop_gets_nothing_of_a_route_made_meanwhile) {
  const auto sink = std::make_shared<FakeSink>(platform::Lane::make(executor_));
  router_.attach("out", sink);
  router_.pause("out");
  ASSERT_TRUE(router_.apply(routes({route("r", {"in"}, "", {"out"})})).ok());
  EXPECT_EQ(emit("", 1), PICKET_OK);
  executor_->run_ready();
  EXPECT_THAT(sink->taken, IsEmpty());
  router_.detach("out");
  router_.close();
}

}  // namespace
}  // namespace picket::routing
