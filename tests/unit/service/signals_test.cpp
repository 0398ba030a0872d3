// SPDX-License-Identifier: Apache-2.0
#include "service/signals.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "platform/asio_executor.hpp"

namespace picket::service {
namespace {

using Requests = std::vector<SignalRequest>;

// A lane on real threads, and what arrives on it.
class SignalsTest : public testing::Test {
 protected:
  SignalsTest() {
    auto installed = Signals::install(lane_, [this](SignalRequest request) {
      const std::scoped_lock lock(mutex_);
      EXPECT_TRUE(lane_->is_current());
      requests_.push_back(request);
      arrived_.notify_all();
    });
    EXPECT_TRUE(installed);
    if (installed) signals_ = std::move(*installed);
  }
  ~SignalsTest() override {
    signals_.reset();
    executor_->stop();
  }

  // Waits until `count` requests have come.
  Requests wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return requests_.size() >= count; });
    return requests_;
  }

  std::shared_ptr<platform::AsioExecutor> executor_ = std::make_shared<platform::AsioExecutor>("test", 1);
  std::shared_ptr<platform::Lane> lane_ = platform::Lane::make(executor_);
  std::mutex mutex_;
  std::condition_variable arrived_;
  Requests requests_;
  std::unique_ptr<Signals> signals_;
};

TEST_F(SignalsTest, each_signal_becomes_its_request_on_the_lane) {
  raise(SIGHUP);
  raise(SIGUSR1);
  raise(SIGUSR2);
  EXPECT_EQ(wait_for(3), (Requests{SignalRequest::reload, SignalRequest::flush, SignalRequest::dump}));
}

TEST_F(SignalsTest, a_flood_of_one_signal_is_one_request_until_its_turn_comes) {
  std::promise<void> go_on;
  lane_->post([wait = go_on.get_future().share()] { wait.wait(); });
  for (int i = 0; i < 1000; ++i) raise(SIGUSR2);
  raise(SIGHUP);
  signals_.reset();  // all have been turned into tasks
  go_on.set_value();
  EXPECT_EQ(wait_for(2), (Requests{SignalRequest::dump, SignalRequest::reload}));
  EXPECT_EQ(wait_for(2).size(), 2U);
}

TEST_F(SignalsTest, a_signal_that_comes_during_its_request_asks_again) {
  for (std::size_t i = 1; i <= 3; ++i) {
    raise(SIGUSR2);
    EXPECT_EQ(wait_for(i).size(), i);
  }
}

TEST_F(SignalsTest, a_signal_to_the_process_arrives_as_well) {
  kill(getpid(), SIGHUP);
  EXPECT_EQ(wait_for(1), (Requests{SignalRequest::reload}));
}

TEST_F(SignalsTest, the_second_wish_to_stop_means_at_once_whichever_it_is) {
  raise(SIGTERM);
  EXPECT_EQ(wait_for(1), (Requests{SignalRequest::stop}));
  raise(SIGINT);
  EXPECT_EQ(wait_for(2), (Requests{SignalRequest::stop, SignalRequest::stop_now}));
}

TEST_F(SignalsTest, a_peer_that_went_away_is_an_error_and_no_death) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
}

TEST_F(SignalsTest, a_file_that_may_not_grow_is_an_error_and_no_death) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit none = before;
  none.rlim_cur = 0;
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  setrlimit(RLIMIT_FSIZE, &none);
  const ssize_t written = write(fileno(file), "x", 1);
  const int error = errno;
  setrlimit(RLIMIT_FSIZE, &before);
  std::fclose(file);
  EXPECT_EQ(written, -1);
  EXPECT_EQ(error, EFBIG);
}

TEST_F(SignalsTest, there_is_only_one_at_a_time) {
  EXPECT_FALSE(Signals::install(lane_, [](SignalRequest) {}));
  raise(SIGHUP);
  EXPECT_EQ(wait_for(1).size(), 1U);
}

TEST_F(SignalsTest, afterwards_the_signals_belong_to_their_former_handler_again) {
  static volatile sig_atomic_t former;
  former = 0;  // also when the test is repeated
  signals_.reset();
  signal(SIGUSR1, [](int) { former = former + 1; });
  auto again = Signals::install(lane_, [](SignalRequest) {});
  ASSERT_TRUE(again);
  raise(SIGUSR1);
  EXPECT_EQ(former, 0);
  again->reset();
  raise(SIGUSR1);
  EXPECT_EQ(former, 1);
  signal(SIGUSR1, SIG_DFL);
}

// In a process of its own: the lane is stuck, and still the process can be ended.
void stop_three_times_with_a_stuck_lane() {
  auto executor = std::make_shared<platform::AsioExecutor>("test", 1);
  auto lane = platform::Lane::make(executor);
  std::mutex held;
  held.lock();
  lane->post([&held] { held.lock(); });
  auto signals = Signals::install(lane, [](SignalRequest) {});
  for (int i = 0; i < 3; ++i) raise(SIGTERM);
  pause();  // until the end
}

TEST(SignalsDeathTest, a_third_wish_to_stop_ends_the_process_whatever_it_is_doing) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(stop_three_times_with_a_stuck_lane(), testing::ExitedWithCode(kForcedExitCode), "");
}

TEST(StopCounter, counts_stop_stop_now_and_then_nothing_but_the_end) {
  StopCounter counter;
  EXPECT_EQ(counter.next(), SignalRequest::stop);
  EXPECT_EQ(counter.next(), SignalRequest::stop_now);
  EXPECT_EQ(counter.next(), std::nullopt);
  EXPECT_EQ(counter.next(), std::nullopt);
}

}  // namespace
}  // namespace picket::service
