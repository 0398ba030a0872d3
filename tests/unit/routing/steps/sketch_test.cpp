// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/sketch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace picket::routing {
namespace {

constexpr double kQuantiles[] = {0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};

double exact(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

// Every percentile is within the error that was asked for.
void expect_bound(std::vector<double> values, double error) {
  const SketchShape shape(error, 4'096);
  Sketch sketch;
  for (const double value : values) sketch.add(shape, value);
  ASSERT_EQ(sketch.count(), values.size());
  std::sort(values.begin(), values.end());
  for (const double q : kQuantiles) {
    const double wanted = exact(values, q);
    EXPECT_NEAR(sketch.quantile(shape, q), wanted, std::fabs(wanted) * error * (1 + 1e-9))
        << "q " << q << " error " << error;
  }
}

TEST(Sketch, keeps_its_error_bound_for_all_kinds_of_data) {
  std::mt19937_64 random(3);
  const std::function<double()> kinds[] = {
      [&] { return std::uniform_real_distribution(0.0, 1.0)(random); },
      [&] { return std::lognormal_distribution(0.0, 3.0)(random); },
      [&] { return std::normal_distribution(0.0, 5.0)(random); },
      [&] { return std::floor(std::exponential_distribution(0.3)(random)); },
      [&] { return std::uniform_real_distribution(-1e9, -1e3)(random); },
      [&] { return 42.0; },
  };
  for (const auto& draw : kinds) {
    for (const std::size_t count : {1U, 2U, 17U, 6'000U}) {
      std::vector<double> values(count);
      std::generate(values.begin(), values.end(), draw);
      expect_bound(values, 0.01);
      expect_bound(values, 0.05);
    }
  }
}

TEST(Sketch, takes_every_finite_number_at_every_error) {
  for (const double error : {SketchShape::kLeastError, 0.01, SketchShape::kLargestError}) {
    expect_bound({-1.7976931348623157e308, -1e-299, 0, 1e-299, 1, 1.7976931348623157e308}, error);
  }
  const SketchShape shape(0.01, 64);
  EXPECT_EQ(shape.bucket_of(4.9e-324), 0) << "counts as zero";
  EXPECT_EQ(shape.bucket_of(-0.0), 0);
  EXPECT_EQ(shape.bucket_of(-2), -shape.bucket_of(2));
}

TEST(Sketch, counts_past_what_a_narrow_bucket_holds) {
  std::vector<double> values(5'000, 1.0);
  values.insert(values.end(), 10'000, 2.0);
  values.insert(values.end(), 10, 3.0);
  expect_bound(values, 0.01);
}

TEST(Sketch, beyond_its_buckets_only_the_lowest_numbers_are_blurred) {
  const SketchShape shape(0.01, 16);
  std::mt19937_64 random(5);
  for (const std::size_t repeats : {std::size_t{1}, std::size_t{5'000}}) {  // narrow and wide
    std::vector<double> values;
    for (int i = 0; i < 200; ++i) values.push_back(std::pow(1.1, i));
    std::shuffle(values.begin(), values.end(), random);
    Sketch sketch;
    for (const double value : values) {
      for (std::size_t i = 0; i < repeats; ++i) sketch.add(shape, value);
    }
    EXPECT_EQ(sketch.buckets(), 16U);
    EXPECT_EQ(sketch.count(), 200 * repeats);
    std::sort(values.begin(), values.end());
    for (const double q : {0.93, 0.96, 0.99, 1.0}) {
      const auto rank = static_cast<std::uint64_t>(q * static_cast<double>(200 * repeats - 1));
      const double wanted = values[rank / repeats];
      EXPECT_NEAR(sketch.quantile(shape, q), wanted, wanted * 0.0100001) << q;
    }
    EXPECT_GE(sketch.quantile(shape, 0), values.front()) << "low ones move up, never down";
  }
}

TEST(Sketch, takes_little_memory) {
  const SketchShape shape(0.01, 1'024);
  Sketch sketch;
  EXPECT_EQ(sketch.bytes(), 0U);
  for (int i = 0; i < 60; ++i) sketch.add(shape, 0.9 + 0.001 * i);
  EXPECT_LE(sketch.bytes(), 24U);
  EXPECT_LE(sizeof sketch, 16U);
}

}  // namespace
}  // namespace picket::routing
