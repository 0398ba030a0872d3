// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/timers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "platform/asio_executor.hpp"
#include "platform/virtual_executor.hpp"

namespace picket::plugin_host {
namespace {

using platform::kSecond;

picket_timer_spec every(std::int64_t period) {
  picket_timer_spec spec{};
  spec.size = sizeof spec;
  spec.delay_ns = period;
  spec.period_ns = period;
  return spec;
}

void count(void* context, const picket_tick* /*tick*/) {
  ++*static_cast<int*>(context);
}

class TimersTest : public ::testing::Test {
 protected:
  TimersTest() { timers_->open(); }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  std::vector<std::string> exceptions_;
  std::shared_ptr<Timers> timers_ = std::make_shared<Timers>(
      platform::Lane::make(executor_), this, [this](const char* what) { exceptions_.emplace_back(what); });
  int runs_ = 0;
};

TEST_F(TimersTest, a_timer_runs_each_period_until_it_is_cancelled) {
  const picket_timer timer = timers_->schedule(every(kSecond), &count, &runs_);
  ASSERT_NE(timer, 0U);
  executor_->run_for(3 * kSecond);
  EXPECT_EQ(runs_, 3);
  timers_->cancel(timer);
  executor_->run_for(3 * kSecond);
  EXPECT_EQ(runs_, 3);
}

TEST_F(TimersTest, closing_ends_every_timer_and_refuses_new_ones) {
  timers_->schedule(every(kSecond), &count, &runs_);
  timers_->schedule(every(2 * kSecond), &count, &runs_);
  timers_->close();
  executor_->run_for(10 * kSecond);
  EXPECT_EQ(runs_, 0);
  EXPECT_EQ(timers_->schedule(every(kSecond), &count, &runs_), 0U);
}

TEST_F(TimersTest, a_timer_may_cancel_itself) {
  struct Self {
    Timers& timers;
    picket_timer id = 0;
    int runs = 0;
  } self{*timers_};
  self.id = timers_->schedule(
      every(kSecond),
      [](void* context, const picket_tick*) {
        auto* me = static_cast<Self*>(context);
        ++me->runs;
        me->timers.cancel(me->id);
      },
      &self);
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(self.runs, 1);
}

TEST_F(TimersTest, senseless_timers_and_too_many_are_refused) {
  EXPECT_EQ(timers_->schedule(every(kSecond), nullptr, nullptr), 0U);
  picket_timer_spec negative = every(kSecond);
  negative.delay_ns = -1;
  EXPECT_EQ(timers_->schedule(negative, &count, &runs_), 0U);
  picket_timer_spec aligned_once{};
  aligned_once.size = sizeof aligned_once;
  aligned_once.flags = PICKET_TIMER_ALIGNED;
  EXPECT_EQ(timers_->schedule(aligned_once, &count, &runs_), 0U);
  for (std::size_t i = 0; i < Timers::kMax; ++i) ASSERT_NE(timers_->schedule(every(kSecond), &count, &runs_), 0U);
  EXPECT_EQ(timers_->schedule(every(kSecond), &count, &runs_), 0U);
  timers_->close();
}

TEST_F(TimersTest, a_timer_that_throws_goes_on) {
  picket_timer_spec spec{};
  spec.size = sizeof spec;
  spec.delay_ns = spec.period_ns = platform::kSecond;
  const auto throws = [](void*, const picket_tick*) { throw std::runtime_error("too bad"); };
  ASSERT_NE(timers_->schedule(spec, throws, nullptr), 0U);
  executor_->run_for(2 * platform::kSecond);
  EXPECT_EQ(exceptions_, (std::vector<std::string>{"too bad", "too bad"}));
  timers_->close();
}

TEST_F(TimersTest, a_timer_of_centuries_does_not_fire_at_once) {
  picket_timer_spec spec{};
  spec.size = sizeof spec;
  spec.delay_ns = spec.period_ns = INT64_MAX;
  int runs = 0;
  const auto count = [](void* context, const picket_tick*) { ++*static_cast<int*>(context); };
  ASSERT_NE(timers_->schedule(spec, count, &runs), 0U);
  spec.flags = PICKET_TIMER_ALIGNED;
  ASSERT_NE(timers_->schedule(spec, count, &runs), 0U);
  executor_->run_for(3'600 * platform::kSecond);
  EXPECT_EQ(runs, 0);
  timers_->close();
}

TEST(TimersOnThreadsTest, cancel_waits_for_a_callback_that_is_running) {
  const auto executor = std::make_shared<platform::AsioExecutor>("test", 2);
  const auto timers = std::make_shared<Timers>(platform::Lane::make(executor), nullptr, [](const char*) {});
  timers->open();
  struct Shared {
    std::promise<void> entered;
    std::promise<void> leave;
    std::atomic<bool> left{false};
  } shared;
  picket_timer_spec soon{};
  soon.size = sizeof soon;
  const picket_timer timer = timers->schedule(
      soon,
      [](void* context, const picket_tick*) {
        auto* state = static_cast<Shared*>(context);
        state->entered.set_value();
        state->leave.get_future().wait();
        state->left = true;
      },
      &shared);
  shared.entered.get_future().wait();
  auto cancelled = std::async(std::launch::async, [&] {
    timers->cancel(timer);
    return shared.left.load();
  });
  shared.leave.set_value();
  EXPECT_TRUE(cancelled.get());  // the callback had ended when cancel returned
  executor->stop();
}

}  // namespace
}  // namespace picket::plugin_host
