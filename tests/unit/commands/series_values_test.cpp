// SPDX-License-Identifier: Apache-2.0
#include "commands/series_values.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "fake_history.hpp"

namespace picket::commands {
namespace {

using platform::kDay;
using platform::kHour;
using platform::kSecond;

constexpr std::int64_t kForever = INT64_MAX;

picket_history_point raw(std::int64_t seconds, double value) {
  return {seconds * kSecond, value, value, value, value, 1};
}

TEST(ValueMaker, a_gauges_points_are_its_values) {
  ValueMaker maker(false, 0, kForever);
  const auto value = maker.add({kSecond, 1, 9, 4, 5, 60});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->minimum, 1);
  EXPECT_EQ(value->maximum, 9);
  EXPECT_EQ(value->mean, 4);
  EXPECT_EQ(value->last, 5);
  EXPECT_EQ(value->count, 60U);
}

TEST(ValueMaker, a_counter_becomes_its_increase_per_second) {
  ValueMaker maker(true, 0, kForever);
  EXPECT_FALSE(maker.add(raw(10, 1'000)));
  const auto value = maker.add(raw(14, 1'200));
  ASSERT_TRUE(value);
  EXPECT_EQ(value->mean, 50);
  EXPECT_EQ(value->time_ns, 14 * kSecond);
}

TEST(ValueMaker, a_counter_that_went_back_counts_from_zero) {
  ValueMaker maker(true, 0, kForever);
  maker.add(raw(0, 1'000'000));
  EXPECT_EQ(maker.add(raw(10, 50))->mean, 5);
  EXPECT_EQ(maker.add(raw(20, 150))->mean, 10);
}

TEST(ValueMaker, two_points_of_one_time_make_no_rate) {
  ValueMaker maker(true, 0, kForever);
  maker.add(raw(1, 1));
  EXPECT_FALSE(maker.add(raw(1, 5)));
}

TEST(ValueMaker, a_gap_makes_no_rate) {
  ValueMaker maker(true, 0, kForever);
  for (int i = 0; i < 5; ++i) maker.add(raw(i * 10, i * 100));
  EXPECT_FALSE(maker.add(raw(100, 10'000))) << "nobody knows when in these 60 s";
  EXPECT_EQ(maker.add(raw(110, 10'100))->mean, 10);
}

TEST(ValueMaker, of_buckets_counts_from_end_to_end) {
  ValueMaker maker(true, 10 * kSecond, kForever);
  maker.add({0, 0, 90, 45, 90, 10});
  const auto value = maker.add({10 * kSecond, 100, 190, 145, 190, 10});
  EXPECT_EQ(value->mean, 10);
  EXPECT_EQ(value->span_ns, 10 * kSecond);
}

TEST(ValueMaker, a_bucket_that_the_range_cuts_short_counts_for_as_long_as_it_is) {
  ValueMaker maker(true, 10 * kSecond, 15 * kSecond);
  maker.add({0, 0, 90, 45, 90, 10});
  EXPECT_EQ(maker.add({10 * kSecond, 100, 140, 120, 140, 5})->mean, 10);
  ValueMaker shorter(true, 10 * kSecond, 12 * kSecond);
  shorter.add({0, 0, 90, 45, 90, 10});
  EXPECT_FALSE(shorter.add({10 * kSecond, 100, 110, 105, 110, 2})) << "too short to say";
}

TEST(ValueMaker, a_restart_within_a_bucket_shows_by_its_minimum) {
  ValueMaker maker(true, 10 * kSecond, kForever);
  maker.add({0, 0, 100, 50, 100, 10});
  // Up to 150, then from zero to 120: 50 and 120.
  EXPECT_EQ(maker.add({10 * kSecond, 0, 150, 70, 120, 10})->mean, 17);
}

TEST(ValueMaker, what_is_no_number_in_a_counter_is_passed_over) {
  ValueMaker maker(true, 0, kForever);
  maker.add(raw(0, 0));
  EXPECT_FALSE(maker.add(raw(10, std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(maker.add(raw(20, 100))->mean, 5);
}

// A counter that restarts now and then: the rates add up to all that was counted; those of buckets never to more, and
// to just as much where no restart hides its highest value within them.
TEST(ValueMaker, rates_add_up_to_what_was_counted_through_any_restarts) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    double counter = 0;
    double counted = 0;
    double sum_of_samples = 0;
    double sum_of_buckets = 0;
    constexpr std::int64_t kStep = 8 * kSecond;
    ValueMaker samples(true, 0, kForever);
    ValueMaker buckets(true, kStep, kForever);
    picket_history_point bucket{};
    const auto add_to = [](double& sum, const std::optional<Value>& value) {
      if (!value) return;
      ASSERT_GE(value->mean, 0);
      sum += value->mean * static_cast<double>(value->span_ns) / 1e9;
    };
    for (std::int64_t second = 0; second < 400; ++second) {
      const bool restarts = counter > 50 && random() % 60 == 0;
      const double more = restarts ? random() % 40 : random() % 100;  // below what it was, so that it shows
      if (restarts) counter = 0;
      counter += more;
      if (second >= 8) counted += more;  // the first bucket only starts the rate
      add_to(sum_of_samples, samples.add(raw(second, counter)));
      if (second == 7) sum_of_samples = 0;
      const std::int64_t start = second * kSecond / kStep * kStep;
      if (bucket.count != 0 && bucket.time_ns != start) {
        add_to(sum_of_buckets, buckets.add(bucket));
        bucket.count = 0;
      }
      if (bucket.count == 0) bucket = {start, counter, counter, 0, 0, 0};
      bucket.minimum = std::min(bucket.minimum, counter);
      bucket.maximum = std::max(bucket.maximum, counter);
      bucket.last = counter;
      ++bucket.count;
    }
    add_to(sum_of_buckets, buckets.add(bucket));
    EXPECT_NEAR(sum_of_samples, counted, 1e-6 * counted) << round;
    EXPECT_LE(sum_of_buckets, counted * (1 + 1e-9)) << round;
    EXPECT_GE(sum_of_buckets, 0.5 * counted) << round;
  }
}

TEST(GapDetector, tells_gaps_by_the_usual_distance) {
  GapDetector gaps;
  for (const int second : {0, 60, 120, 181, 240}) EXPECT_FALSE(gaps.add(second * kSecond)) << second;
  EXPECT_EQ(gaps.usual_ns(), 60 * kSecond);
  EXPECT_FALSE(gaps.add(360 * kSecond)) << "one missing sample is no gap";
  EXPECT_TRUE(gaps.add(1'000 * kSecond));
  EXPECT_FALSE(gaps.add(1'060 * kSecond));
}

TEST(GapDetector, gets_used_to_a_longer_interval) {
  GapDetector gaps;
  for (int second = 0; second < 10; ++second) gaps.add(second * kSecond);
  bool gap = true;
  for (int i = 1; i <= 4; ++i) gap = gaps.add((10 + i * 60) * kSecond);
  EXPECT_FALSE(gap);
}

struct Collected {
  std::vector<Value> buckets;
  std::vector<double> medians;
};

Collected collect(const BucketGrid& grid, bool rate, const std::vector<Value>& values) {
  Collected collected;
  ValueBuckets buckets(grid, rate, true, [&](const Value& bucket, WeightedValues& weighed) {
    collected.buckets.push_back(bucket);
    collected.medians.push_back(weighed.percentile(50));
  });
  for (const Value& value : values) buckets.add(value);
  buckets.finish();
  buckets.finish();
  return collected;
}

TEST(ValueBuckets, gather_what_lies_in_each) {
  const BucketGrid grid(10 * kSecond, platform::utc_zone());
  const auto found = collect(grid, false,
                             {{kSecond, 1, 2, 3, 2, 1, 0, false},
                              {9 * kSecond, 0, 5, 9, 6, 3, 0, false},
                              {30 * kSecond, 4, 4, 4, 4, 1, 0, false}});
  ASSERT_EQ(found.buckets.size(), 2U);
  EXPECT_EQ(found.buckets[0].time_ns, 0);
  EXPECT_EQ(found.buckets[0].minimum, 0);
  EXPECT_EQ(found.buckets[0].maximum, 9);
  EXPECT_EQ(found.buckets[0].mean, 4.25);
  EXPECT_EQ(found.buckets[0].last, 6);
  EXPECT_EQ(found.buckets[0].count, 4U);
  EXPECT_EQ(found.medians[0], 5);
  EXPECT_EQ(found.buckets[1].time_ns, 30 * kSecond);
}

TEST(ValueBuckets, of_rates_weigh_with_time) {
  const BucketGrid grid(100 * kSecond, platform::utc_zone());
  const auto found =
      collect(grid, true,
              {{kSecond, 1, 1, 1, 1, 1, 90 * kSecond, false}, {2 * kSecond, 11, 11, 11, 11, 1, 10 * kSecond, false}});
  ASSERT_EQ(found.buckets.size(), 1U);
  EXPECT_EQ(found.buckets[0].mean, 2);
  EXPECT_EQ(found.buckets[0].span_ns, 100 * kSecond);
}

// Hourly values of the day on which clocks are set back: all 25 in one bucket, and none anywhere else.
TEST(ValueBuckets, a_long_day_has_all_of_its_hours) {
  const BerlinZone zone;
  std::vector<Value> hours;
  for (std::int64_t time = at("2026-10-23T22:00"); time < at("2026-10-26T23:00"); time += kHour) {
    hours.push_back({time, 1, 1, 1, 1, 1, 0, false});
  }
  const auto found = collect(BucketGrid(kDay, zone), false, hours);
  ASSERT_EQ(found.buckets.size(), 3U);
  EXPECT_EQ(found.buckets[0].count, 24U);
  EXPECT_EQ(found.buckets[1].count, 25U);
  EXPECT_EQ(found.buckets[2].count, 24U);
}

TEST(Summary, passes_over_what_is_no_number_but_counts_it) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Summary summary(false);
  summary.add({1, nan, nan, nan, nan, 1, 0, false});
  EXPECT_TRUE(std::isnan(summary.minimum()));
  summary.add({2, 4, 4, 4, 4, 1, 0, false});
  EXPECT_EQ(summary.minimum(), 4);
  EXPECT_EQ(summary.mean(), 4);
  EXPECT_EQ(summary.count(), 2U);
}

TEST(Summary, the_sum_of_a_rate_is_its_whole_increase) {
  Summary summary(true);
  summary.add({1, 5, 5, 5, 5, 1, 10 * kSecond, false});
  summary.add({2, 7, 7, 7, 7, 1, 10 * kSecond, false});
  EXPECT_EQ(summary.sum(), 120);
}

TEST(Summary, the_mean_weighs_values_with_their_samples) {
  Summary summary(false);
  EXPECT_TRUE(summary.empty());
  summary.add({1, 0, 1, 2, 2, 10, 0, false});
  summary.add({2, 5, 7, 9, 6, 20, 0, false});
  EXPECT_EQ(summary.minimum(), 0);
  EXPECT_EQ(summary.maximum(), 9);
  EXPECT_EQ(summary.last(), 6);
  EXPECT_EQ(summary.mean(), 5);
  EXPECT_EQ(summary.count(), 30U);
  EXPECT_EQ(summary.first_time_ns(), 1);
  EXPECT_EQ(summary.last_time_ns(), 2);
}

TEST(Summary, the_mean_of_a_rate_weighs_values_with_their_time) {
  ValueMaker maker(true, 0, kForever);
  Summary summary(true);
  // 10 per second for 10 s, then 1 per second for 30 s.
  for (const auto& point : {raw(0, 0), raw(10, 100), raw(40, 130)}) {
    if (const auto value = maker.add(point)) summary.add(*value);
  }
  EXPECT_EQ(summary.minimum(), 1);
  EXPECT_EQ(summary.maximum(), 10);
  EXPECT_NEAR(summary.mean(), 3.25, 1e-9);
}

TEST(Summary, of_a_single_value_is_that_value) {
  Summary summary(true);
  summary.add({1, 3, 3, 3, 3, 1, 1, false});
  EXPECT_EQ(summary.mean(), 3);
}

TEST(ShownUnit, of_a_rate_is_per_second) {
  EXPECT_EQ(shown_unit("By", true), "By/s");
  EXPECT_EQ(shown_unit("By", false), "By");
}

}  // namespace
}  // namespace picket::commands
