// SPDX-License-Identifier: Apache-2.0
#include "service/rate_limit.hpp"

#include <gtest/gtest.h>

#include "platform/clock.hpp"

namespace picket::service {
namespace {

using platform::kSecond;

RateLimiter::Message from(std::string_view instance, std::uint32_t line = 1) {
  return {instance, "file.cpp", line, 2, "text"};
}

int allowed(RateLimiter& limiter, const RateLimiter::Message& message, int count, std::int64_t now) {
  int result = 0;
  for (int i = 0; i < count; ++i) result += limiter.allow(message, now) ? 1 : 0;
  return result;
}

TEST(RateLimiter, a_site_gets_its_burst_and_the_rest_is_counted) {
  RateLimiter limiter({});
  EXPECT_EQ(allowed(limiter, from("a"), 15, 0), 10);
  EXPECT_TRUE(limiter.take_ended(10 * kSecond - 1).empty());
  const auto ended = limiter.take_ended(10 * kSecond);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].instance, "a");
  EXPECT_EQ(ended[0].file, "file.cpp");
  EXPECT_EQ(ended[0].count, 5U);
  EXPECT_EQ(ended[0].example, "text");
  EXPECT_TRUE(limiter.take_ended(10 * kSecond).empty());
}

TEST(RateLimiter, sites_differ_by_instance_and_by_place) {
  RateLimiter limiter({});
  EXPECT_EQ(allowed(limiter, from("a", 1), 20, 0), 10);
  EXPECT_EQ(allowed(limiter, from("a", 2), 20, 0), 10);
  EXPECT_EQ(allowed(limiter, from("b", 1), 20, 0), 10);
}

TEST(RateLimiter, a_new_window_begins_with_the_first_message_after_the_old_one) {
  RateLimiter limiter({});
  EXPECT_EQ(allowed(limiter, from("a"), 12, 0), 10);
  EXPECT_EQ(allowed(limiter, from("a"), 12, 25 * kSecond), 10);
  EXPECT_EQ(limiter.next_end_ns(), 35 * kSecond);
  const auto ended = limiter.take_ended(25 * kSecond);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].count, 2U);
}

TEST(RateLimiter, nothing_is_due_while_nothing_is_suppressed) {
  RateLimiter limiter({});
  EXPECT_EQ(allowed(limiter, from("a"), 10, 0), 10);
  EXPECT_EQ(limiter.next_end_ns(), RateLimiter::kNever);
  limiter.allow(from("a"), 0);
  EXPECT_EQ(limiter.next_end_ns(), 10 * kSecond);
}

TEST(RateLimiter, the_highest_suppressed_level_and_a_short_example_are_kept) {
  RateLimiter limiter({.burst = 1, .window_ns = kSecond});
  const std::string text(5'000, 'x');
  limiter.allow({"a", "f", 1, 2, text}, 0);
  limiter.allow({"a", "f", 1, 2, text}, 0);
  limiter.allow({"a", "f", 1, 4, text}, 0);
  limiter.allow({"a", "f", 1, 3, text}, 0);
  const auto ended = limiter.take_all();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].level, 4U);
  EXPECT_EQ(ended[0].example.size(), RateLimiter::kMaxExample);
}

TEST(RateLimiter, the_number_of_sites_is_bounded_and_nothing_counted_is_lost_to_that) {
  RateLimiter limiter({.burst = 1, .window_ns = kSecond, .max_sites = 10});
  std::uint64_t suppressed = 0;
  for (std::uint32_t line = 0; line < 100; ++line) {
    suppressed += limiter.allow(from("a", line), 0) ? 0 : 1;
    suppressed += limiter.allow(from("a", line), 0) ? 0 : 1;
  }
  EXPECT_LE(limiter.sites(), 11U);  // and the one that the rest shares
  // After the window the old sites make room for new ones.
  EXPECT_TRUE(limiter.allow(from("b"), 2 * kSecond));
  std::uint64_t reported = 0;
  for (const auto& site : limiter.take_all()) reported += site.count;
  EXPECT_EQ(reported, suppressed);
}

TEST(RateLimiter, a_burst_of_zero_limits_nothing) {
  RateLimiter limiter({.burst = 0});
  EXPECT_EQ(allowed(limiter, from("a"), 1'000, 0), 1'000);
  EXPECT_EQ(limiter.sites(), 0U);
}

}  // namespace
}  // namespace picket::service
