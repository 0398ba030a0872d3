// SPDX-License-Identifier: Apache-2.0
//
// The virtual executor is what every other deterministic test stands on, so its own promises are pinned here.
#include "platform/virtual_executor.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace picket::platform {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int> order_with_seed(std::uint64_t seed) {
  const auto executor = std::make_shared<VirtualExecutor>(seed);
  std::vector<int> order;
  for (int i = 0; i < 32; ++i) executor->post([&order, i] { order.push_back(i); });
  executor->run_ready();
  return order;
}

class VirtualExecutorTest : public ::testing::Test {
 protected:
  std::function<void()> note(int what) {
    return [this, what] { seen_.push_back(what); };
  }
  std::int64_t now() const { return executor_->clock().monotonic_ns(); }

  const std::shared_ptr<VirtualExecutor> executor_ = std::make_shared<VirtualExecutor>();
  std::vector<int> seen_;
};

TEST_F(VirtualExecutorTest, post_runs_nothing_by_itself) {
  executor_->post(note(1));
  EXPECT_THAT(seen_, IsEmpty());
  EXPECT_TRUE(executor_->has_ready());
}

TEST_F(VirtualExecutorTest, without_a_seed_tasks_run_in_order_of_posting) {
  for (int i = 1; i <= 3; ++i) executor_->post(note(i));
  executor_->run_ready();
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3));
}

TEST_F(VirtualExecutorTest, a_task_posted_by_a_task_runs_in_the_same_round) {
  executor_->post([this] {
    note(1)();
    executor_->post(note(2));
  });
  executor_->run_ready();
  EXPECT_THAT(seen_, ElementsAre(1, 2));
}

TEST_F(VirtualExecutorTest, running_ready_tasks_lets_no_time_pass) {
  const std::int64_t before = now();
  executor_->call_at(before + 1, note(1));
  executor_->post(note(2));
  executor_->run_ready();
  EXPECT_THAT(seen_, ElementsAre(2));
  EXPECT_EQ(now(), before);
}

TEST_F(VirtualExecutorTest, calls_run_in_order_of_their_times_and_see_their_own_time) {
  const std::int64_t start = now();
  std::vector<std::int64_t> times;
  const auto note_time = [&] { times.push_back(now() - start); };
  executor_->call_at(start + 20, note_time);
  executor_->call_at(start + 10, note_time);
  executor_->run_for(30);
  EXPECT_THAT(times, ElementsAre(10, 20));
  EXPECT_EQ(now(), start + 30);
}

TEST_F(VirtualExecutorTest, a_call_that_asks_for_another_gets_it_within_the_same_span) {
  executor_->call_at(now() + 10, [this] { executor_->call_at(now() + 10, note(1)); });
  executor_->run_for(20);
  EXPECT_THAT(seen_, ElementsAre(1));
}

TEST_F(VirtualExecutorTest, a_call_in_the_past_runs_at_once) {
  executor_->call_at(now() - 5, note(1));
  executor_->run_ready();
  EXPECT_THAT(seen_, ElementsAre(1));
}

TEST_F(VirtualExecutorTest, a_cancelled_call_never_runs_and_can_be_cancelled_once) {
  const CallId id = executor_->call_at(now() + 10, note(1));
  EXPECT_TRUE(executor_->cancel(id));
  EXPECT_FALSE(executor_->cancel(id));
  executor_->run_for(20);
  EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(VirtualExecutorTest, wall_time_passes_with_monotonic_time_and_steps_alone) {
  const std::int64_t wall = executor_->clock().wall_ns();
  executor_->run_for(kSecond);
  EXPECT_EQ(executor_->clock().wall_ns(), wall + kSecond);
  const std::int64_t monotonic = now();
  executor_->virtual_clock().step_wall(-60 * kSecond);
  EXPECT_EQ(executor_->clock().wall_ns(), wall - 59 * kSecond);
  EXPECT_EQ(now(), monotonic);
}

TEST_F(VirtualExecutorTest, a_jump_to_the_next_call_says_when_there_is_none) {
  executor_->call_at(now() + kSecond, note(1));
  EXPECT_TRUE(executor_->run_next_call());
  EXPECT_FALSE(executor_->run_next_call());
  EXPECT_THAT(seen_, ElementsAre(1));
}

TEST(VirtualExecutorSeed, the_same_seed_gives_the_same_order_and_another_seed_another) {
  EXPECT_EQ(order_with_seed(7), order_with_seed(7));
  EXPECT_NE(order_with_seed(7), order_with_seed(8));
}

TEST(VirtualExecutorSeed, a_shuffled_order_loses_and_repeats_nothing) {
  std::vector<int> order = order_with_seed(7);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, order_with_seed(0));
}

TEST_F(VirtualExecutorTest, tasks_of_a_lane_keep_their_order_whatever_the_seed) {
  const auto executor = std::make_shared<VirtualExecutor>(42);
  const auto lane = Lane::make(executor);
  for (int i = 1; i <= 4; ++i) lane->post(note(i));
  EXPECT_FALSE(lane->is_current());
  lane->post([&] { EXPECT_TRUE(lane->is_current()); });
  executor->run_ready();
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace picket::platform
