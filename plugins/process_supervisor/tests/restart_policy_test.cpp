// SPDX-License-Identifier: Apache-2.0
#include "restart_policy.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace picket::process_supervisor {
namespace {

constexpr std::int64_t kMs = 1'000'000, kS = 1'000 * kMs;

TEST(Backoff, grows_by_its_factor_up_to_the_cap) {
  BackoffSettings settings;
  settings.initial_ns = 100 * kMs;
  settings.max_ns = 1 * kS;
  std::vector<std::int64_t> delays;
  for (std::uint32_t failures = 1; failures <= 6; ++failures)
    delays.push_back(backoff_delay(settings, failures, 0) / kMs);
  EXPECT_EQ(delays, (std::vector<std::int64_t>{100, 200, 400, 800, 1'000, 1'000}));
  EXPECT_EQ(backoff_delay(settings, 1'000'000, 0), 1 * kS);
}

TEST(Backoff, jitter_only_shortens) {
  BackoffSettings settings;
  settings.jitter = 0.5;
  EXPECT_EQ(backoff_delay(settings, 1, 0), 100 * kMs);
  EXPECT_EQ(backoff_delay(settings, 1, 0.5), 75 * kMs);
  EXPECT_GE(backoff_delay(settings, 1, 0.999), 50 * kMs);
}

TEST(StartLimiter, serves_the_burst_and_then_its_rate) {
  StartLimiter limiter(10, 3, 0);
  for (std::uint32_t program = 0; program < 5; ++program) limiter.wait(program, 1);
  EXPECT_EQ(limiter.take(0), 0);
  EXPECT_EQ(limiter.take(0), 1);
  EXPECT_EQ(limiter.take(0), 2);
  EXPECT_EQ(limiter.take(0), -1);
  const std::int64_t next = limiter.next_ns(0);
  EXPECT_EQ(next, 100 * kMs);
  EXPECT_EQ(limiter.take(next - 1 * kMs), -1);
  EXPECT_EQ(limiter.take(next), 3);
  EXPECT_EQ(limiter.take(next), -1);
  EXPECT_EQ(limiter.take(next + 100 * kMs), 4);
  EXPECT_EQ(limiter.next_ns(next), INT64_MAX);
}

TEST(StartLimiter, fewest_failures_come_first) {
  StartLimiter limiter(1, 1, 0);
  for (std::uint32_t program = 0; program < 1'000; ++program) limiter.wait(program, 50);
  limiter.wait(5'000, 1);
  EXPECT_EQ(limiter.take(0), 5'000);
  EXPECT_EQ(limiter.take(1 * kS), 0);
}

TEST(StartLimiter, who_waits_already_keeps_its_place_and_can_leave) {
  StartLimiter limiter(1, 2, 0);
  limiter.wait(1, 1);
  limiter.wait(2, 1);
  limiter.wait(1, 1);
  EXPECT_EQ(limiter.waiting(), 2U);
  limiter.forget(1);
  EXPECT_EQ(limiter.take(0), 2);
  EXPECT_EQ(limiter.take(0), -1);
}

TEST(StartLimiter, a_new_rate_keeps_the_debt) {
  StartLimiter limiter(1, 5, 0);
  for (std::uint32_t program = 0; program < 10; ++program) limiter.wait(program, 1);
  while (limiter.take(0) >= 0) {
  }
  limiter.configure(100, 50, 0);
  EXPECT_EQ(limiter.take(0), -1);
  EXPECT_EQ(limiter.take(10 * kMs), 5);
}

}  // namespace
}  // namespace picket::process_supervisor
