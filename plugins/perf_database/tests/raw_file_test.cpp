// SPDX-License-Identifier: Apache-2.0
//
// A week of raw samples on its own: merging, parts, sums, dropping.
#include "raw_file.hpp"

#include <bit>
#include <cmath>
#include <random>

#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

class RawFileTest : public ::testing::Test {
 protected:
  void put(SeriesId series, const std::vector<TimedValue>& samples, std::int64_t hour = kStart) {
    std::vector<std::int64_t> times;
    std::vector<double> numbers;
    for (const TimedValue& sample : samples) {
      times.push_back(sample.time_ns);
      numbers.push_back(sample.value);
    }
    raw_.begin();
    row_ = raw_.put(hour, series, {"box", "host", "m" + std::to_string(series), "{}", "", 0, -1}, times, numbers);
    raw_.commit();
  }
  // One a second, each with a full mantissa: what packs worst.
  static std::vector<TimedValue> noise(std::size_t count, std::int64_t from = kStart) {
    std::mt19937_64 random(1);
    std::vector<TimedValue> samples;
    for (std::size_t i = 0; i < count; ++i) {
      samples.push_back(
          {from + static_cast<std::int64_t>(i) * kSecond, std::sqrt(static_cast<double>(random() % 1'000'000'007))});
    }
    return samples;
  }
  std::int64_t number(const std::string& sql) { return open_for_reading(file_, FileKind::raw).number(sql); }

  TempDirectory directory_;
  const std::filesystem::path file_ = directory_.path() / raw_file_name(kStart);
  RawFile raw_{file_, Open::create};
  SealedSeries row_;
};

TEST_F(RawFileTest, what_packs_badly_is_stored_in_parts_and_read_as_one) {
  const std::vector<TimedValue> samples = noise(3'600);
  put(1, samples);
  put(2, samples);
  EXPECT_EQ(number("SELECT count(*) FROM chunk"), 16);
  EXPECT_LT(number("SELECT max(length(data)) FROM chunk"), 5'000);
  EXPECT_EQ(number("SELECT count(*) FROM times"), 8) << "shared part by part";
  std::vector<TimedValue> back;
  EXPECT_TRUE(raw_.read(kStart, 2, back));
  ASSERT_EQ(back.size(), samples.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ(back[i].time_ns, samples[i].time_ns);
    EXPECT_EQ(back[i].value, samples[i].value);
  }
  const auto summary = raw_.summary(kStart, 2);
  ASSERT_TRUE(summary.has_value());
  EXPECT_EQ(summary->sum.count, 3'600U);
  EXPECT_EQ(summary->sum.sum, row_.sum.sum);
  EXPECT_EQ(summary->sum.last, samples.back().value);
  EXPECT_EQ(summary->first_ns, samples.front().time_ns);
  EXPECT_EQ(summary->last_ns, samples.back().time_ns);
}

TEST_F(RawFileTest, putting_a_series_again_replaces_all_its_parts) {
  put(1, noise(3'600));
  put(1, {{kStart, 1}, {kStart + kSecond, 2}});
  EXPECT_EQ(number("SELECT count(*) FROM chunk"), 1);
  raw_.drop_unused_times(kStart);
  EXPECT_EQ(number("SELECT count(*) FROM times"), 1);
  EXPECT_EQ(raw_.totals(kStart).first, 2U);
}

TEST_F(RawFileTest, an_hour_is_dropped_without_its_neighbours_and_gives_its_bytes_back) {
  for (std::int64_t hour = kStart; hour < kStart + 3 * kHour; hour += kHour) {
    for (SeriesId series = 1; series <= 20; ++series) put(series, noise(3'600, hour), hour);
  }
  raw_.shrink();
  const std::uint64_t before_drop = file_bytes(file_);
  EXPECT_EQ(raw_.first_hour(), kStart);
  raw_.drop_hour(kStart);
  raw_.shrink();
  EXPECT_EQ(raw_.first_hour(), kStart + kHour);
  EXPECT_LT(file_bytes(file_), before_drop * 7 / 8);
  EXPECT_FALSE(raw_.has_hour(kStart));
  EXPECT_TRUE(raw_.has_hour(kStart + kHour));
  std::vector<TimedValue> back;
  EXPECT_FALSE(raw_.read(kStart, 7, back));
  EXPECT_TRUE(raw_.read(kStart + 2 * kHour, 7, back));
  EXPECT_EQ(back.size(), 3'600U);
  put(3, noise(10), kStart);
  EXPECT_EQ(raw_.series_in(kStart, kStart + kHour), std::vector<SeriesId>{3});
  EXPECT_EQ(raw_.series_in(kStart, kStart + kDay).size(), 20U);
}

TEST(SortAndMerge, drops_repetitions_and_keeps_the_order_of_arrival) {
  std::vector<TimedValue> samples = {{5, 1}, {3, 2}, {5, 1}, {3, 9}, {3, 2}, {4, 0.0}, {4, -0.0}, {5, 3}, {5, 1}};
  sort_and_merge(samples);
  std::vector<std::pair<std::int64_t, double>> found;
  for (const TimedValue& sample : samples) found.emplace_back(sample.time_ns, sample.value);
  EXPECT_EQ(found, (std::vector<std::pair<std::int64_t, double>>{{3, 2}, {3, 9}, {4, 0}, {4, -0.0}, {5, 1}, {5, 3}}));
  EXPECT_TRUE(std::signbit(samples[3].value)) << "negative zero is another value";
}

TEST(SortAndMerge, many_values_of_one_time_are_each_kept_once) {
  std::vector<TimedValue> samples;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 200'000; ++i) samples.push_back({7, static_cast<double>(i)});
  }
  sort_and_merge(samples);  // comparing each with each would take minutes
  ASSERT_EQ(samples.size(), 200'000U);
  EXPECT_EQ(samples[199'999].value, 199'999);
}

TEST(SortAndMerge, nothing_and_not_a_number) {
  std::vector<TimedValue> none;
  sort_and_merge(none);
  EXPECT_TRUE(none.empty());
  std::vector<TimedValue> nan = {{1, std::nan("")}, {1, std::nan("")}, {1, std::nan("7")}};
  sort_and_merge(nan);
  EXPECT_EQ(nan.size(),
            std::bit_cast<std::uint64_t>(std::nan("")) == std::bit_cast<std::uint64_t>(std::nan("7")) ? 1U : 2U);
}

}  // namespace
}  // namespace picket::perf_database
