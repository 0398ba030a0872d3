// SPDX-License-Identifier: Apache-2.0
#include "test_plugin.hpp"

namespace picket::testing {
namespace {

class Listener : public Tracked<Listener> {
 public:
  using Tracked::Tracked;
  auto noting() {
    return [this](const Events& events, std::uint64_t dropped) {
      lost += dropped;
      for (const EventView event : events) seen.push_back(event.find("n")->integer().value());
    };
  }
  std::vector<std::int64_t> seen;
  std::uint64_t lost = 0;
};

class SubscriptionTest : public ::testing::Test {
 protected:
  SubscriptionTest() { EXPECT_TRUE(host.start().ok()); }
  Listener& plugin() { return *Listener::last; }
  static Event numbered(std::int64_t n) { return {.kind = "log", .fields = {{"n", n}}}; }
  FakeHost host{type_of<Listener>()};
};

TEST_F(SubscriptionTest, events_and_losses_reach_the_function) {
  const Subscription subscription = plugin().host().subscribe(
      {.from = "web,db", .filter = "severity >= error", .events = 10, .bytes = 1000}, plugin().noting());
  ASSERT_EQ(host.subscriptions().size(), 1U);
  EXPECT_EQ(host.subscriptions()[0].from, "web,db");
  EXPECT_EQ(host.subscriptions()[0].filter, "severity >= error");
  EXPECT_EQ(host.subscriptions()[0].events, 10U);
  EXPECT_EQ(host.subscriptions()[0].bytes, 1000U);
  EXPECT_TRUE(host.publish(host.subscriptions()[0].id, {numbered(1), numbered(2)}, 5));
  EXPECT_EQ(plugin().seen, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(plugin().lost, 5U);
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(SubscriptionTest, destroying_it_ends_it) {
  {
    Subscription first = plugin().host().subscribe({}, plugin().noting());
    const Subscription second = std::move(first);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what a move leaves behind is promised
    EXPECT_EQ(host.subscriptions().size(), 1U);
  }
  EXPECT_TRUE(host.subscriptions().empty());
  EXPECT_FALSE(host.publish(1, {numbered(1)}));
}

TEST_F(SubscriptionTest, a_refusal_says_why) {
  host.refuse_subscriptions("filter: 'sevrity' is no part of an event");
  try {
    static_cast<void>(plugin().host().subscribe({.filter = "sevrity"}, plugin().noting()));
    FAIL() << "subscribed";
  } catch (const Failure& failure) {
    EXPECT_STREQ(failure.what(), "filter: 'sevrity' is no part of an event");
    EXPECT_EQ(failure.status(), PICKET_INVALID);
  }
}

TEST_F(SubscriptionTest, an_exception_in_the_function_is_logged) {
  const Subscription subscription =
      plugin().host().subscribe({}, [](const Events&, std::uint64_t) { throw std::runtime_error("cannot parse"); });
  host.publish(host.subscriptions()[0].id, {numbered(1)});
  EXPECT_TRUE(host.logged(PICKET_LOG_ERROR, "cannot parse"));
}

}  // namespace
}  // namespace picket::testing
