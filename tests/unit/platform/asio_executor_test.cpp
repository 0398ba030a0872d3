// SPDX-License-Identifier: Apache-2.0
#include "platform/asio_executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace picket::platform {
namespace {

using namespace std::chrono_literals;

// Who sets a promise may still be inside it when the future's owner goes on, so what a task uses is declared before the
// executor, which joins its threads when it goes, or is shared with the task.

constexpr auto kDeadline = 30s;  // far beyond what any machine needs; reached only by a failure

template <typename Future>
bool arrives(Future& future) {
  return future.wait_for(kDeadline) == std::future_status::ready;
}

TEST(AsioExecutor, runs_posted_tasks_on_threads_of_its_own) {
  std::promise<std::thread::id> ran;
  AsioExecutor executor("test", 2);
  executor.post([&] { ran.set_value(std::this_thread::get_id()); });
  auto future = ran.get_future();
  ASSERT_TRUE(arrives(future));
  EXPECT_NE(future.get(), std::this_thread::get_id());
}

TEST(AsioExecutor, two_threads_run_two_tasks_at_once) {
  std::promise<void> first;
  std::promise<void> second;
  auto first_began = first.get_future();
  auto second_began = second.get_future();
  std::promise<bool> met;
  AsioExecutor executor("test", 2);
  executor.post([&] {
    first.set_value();
    met.set_value(arrives(second_began));
  });
  executor.post([&] {
    second.set_value();
    arrives(first_began);
  });
  EXPECT_TRUE(met.get_future().get());
}

TEST(AsioExecutor, calls_run_in_order_of_their_times_and_not_before_them) {
  std::vector<int> order;
  std::promise<std::int64_t> last;
  AsioExecutor executor("test", 1);
  const std::int64_t start = executor.clock().monotonic_ns();
  executor.call_at(start + 20 * kMillisecond, [&] {
    order.push_back(3);
    last.set_value(executor.clock().monotonic_ns());
  });
  executor.call_at(start + 10 * kMillisecond, [&] { order.push_back(2); });
  executor.call_at(start - kSecond, [&] { order.push_back(1); });
  auto future = last.get_future();
  ASSERT_TRUE(arrives(future));
  EXPECT_GE(future.get(), start + 20 * kMillisecond);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(AsioExecutor, a_cancelled_call_never_runs_and_a_finished_one_cannot_be_cancelled) {
  std::atomic<bool> ran = false;
  std::promise<void> later;
  AsioExecutor executor("test", 1);
  const std::int64_t now = executor.clock().monotonic_ns();
  const CallId doomed = executor.call_at(now + 5 * kMillisecond, [&] { ran = true; });
  const CallId kept = executor.call_at(now + 10 * kMillisecond, [&] { later.set_value(); });
  EXPECT_TRUE(executor.cancel(doomed));
  EXPECT_FALSE(executor.cancel(doomed));
  auto future = later.get_future();
  ASSERT_TRUE(arrives(future));
  EXPECT_FALSE(ran);
  EXPECT_FALSE(executor.cancel(kept));
  EXPECT_FALSE(executor.cancel(0));
}

TEST(AsioExecutor, stop_runs_what_was_posted_and_drops_what_is_not_due) {
  std::promise<void> gate;
  auto open = gate.get_future();
  std::atomic<int> ran = 0;
  AsioExecutor executor("test", 1);
  executor.post([&] { arrives(open); });
  for (int i = 0; i < 10; ++i) executor.post([&] { ++ran; });
  const auto kept_alive = std::make_shared<int>(0);
  executor.call_at(executor.clock().monotonic_ns() + 3600 * kSecond, [&ran, kept_alive] { ran = 1000; });
  gate.set_value();
  executor.stop();
  EXPECT_EQ(ran, 10);
  EXPECT_EQ(kept_alive.use_count(), 1);
  executor.post([&] { ran = 1000; });
  EXPECT_EQ(executor.call_at(0, [&] { ran = 1000; }), 0U);
  executor.stop();
  EXPECT_EQ(ran, 10);
}

TEST(AsioExecutor, a_call_that_posts_to_a_stopping_executor_does_not_deadlock_it) {
  auto executor = std::make_shared<AsioExecutor>("test", 1);
  // The dropped call's captures call back while they are destroyed.
  const std::shared_ptr<void> caller(nullptr, [raw = executor.get()](void*) { raw->post([] {}); });
  executor->call_at(executor->clock().monotonic_ns() + 3600 * kSecond, [caller] {});
  executor->stop();
  SUCCEED();
}

TEST(AsioExecutor, the_last_reference_may_be_dropped_from_one_of_its_own_tasks) {
  auto root = std::make_shared<AsioExecutor>("root", 1);
  std::promise<void> ended;
  for (int round = 0; round < 50; ++round) {
    std::promise<void> gate;
    auto open = gate.get_future().share();
    auto dedicated = root->make_dedicated("dedicated", 2);
    Executor& bare = *dedicated;
    bare.post([open, last = dedicated]() mutable {
      open.wait();
      last.reset();
    });
    dedicated.reset();
    gate.set_value();
  }
  root->stop();  // joins all hundred threads; a leak checker sees those it forgets
  root.reset();
  SUCCEED();
}

TEST(AsioExecutor, even_the_root_may_be_dropped_from_its_own_task) {
  const auto after = std::make_shared<std::promise<void>>();
  auto future = after->get_future();
  {
    auto root = std::make_shared<AsioExecutor>("root", 2);
    Executor& bare = *root;
    std::promise<void> gate;
    bare.post([open = gate.get_future().share(), last = std::move(root), after]() mutable {
      open.wait();
      last.reset();
      after->set_value();
    });
    gate.set_value();
  }
  EXPECT_TRUE(arrives(future));
}

TEST(AsioExecutor, a_lane_keeps_its_order_on_many_threads) {
  std::vector<int> order;  // guarded by the lane
  std::promise<void> done;
  auto executor = std::make_shared<AsioExecutor>("test", 4);
  const auto lane = Lane::make(executor);
  for (int i = 0; i < 1'000; ++i) lane->post([&order, i] { order.push_back(i); });
  lane->post([&] { done.set_value(); });
  auto future = done.get_future();
  ASSERT_TRUE(arrives(future));
  ASSERT_EQ(order.size(), 1'000U);
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
  executor->stop();
}

}  // namespace
}  // namespace picket::platform
