// SPDX-License-Identifier: Apache-2.0
//
// The extension's pages: whatever their size, together they are the rows of one read, in order, and none is too large.
#include "extension/pager.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "store_fixture.hpp"

namespace picket::perf_database::extension {
namespace {

using Key = std::tuple<std::int64_t, std::uint32_t, double, double, std::uint64_t>;

class PagerTest : public StoreTest {
 protected:
  Pager pager(std::int64_t from, std::int64_t to, std::int64_t step, PagerLimits limits) {
    std::vector<Pager::Series> wanted;
    for (const StoredSeries& one : series()) wanted.push_back({one.id, false});
    return {HistoryReader(settings_.directory), wanted, from, to, step, limits};
  }

  std::vector<Key> paged(std::int64_t from, std::int64_t to, std::int64_t step, PagerLimits limits) {
    Pager pages = pager(from, to, step, limits);
    std::vector<Key> found;
    while (const Row* row = pages.next()) {
      found.emplace_back(row->time_ns, row->index, row->minimum, row->last, row->count);
    }
    EXPECT_EQ(pages.problem(), "");
    return found;
  }

  // The same without pages.
  std::vector<Key> whole(std::int64_t from, std::int64_t to, std::int64_t step) {
    std::vector<Key> found;
    std::uint32_t index = 0;
    for (const StoredSeries& one : series()) {
      for (const auto& point : points(one.id, from, to, step)) {
        found.emplace_back(point.time_ns, index, point.minimum, point.last, point.count);
      }
      ++index;
    }
    std::stable_sort(found.begin(), found.end(), [](const Key& a, const Key& b) {
      return std::pair(std::get<0>(a), std::get<1>(a)) < std::pair(std::get<0>(b), std::get<1>(b));
    });
    return found;
  }
};

TEST_F(PagerTest, pages_of_any_size_give_the_rows_of_one_read) {
  open();
  for (; now_ < kStart + 3 * kHour; now_ += 10 * kMinute) {
    ASSERT_TRUE(put({{"a", value_at(now_)}, {"b", value_at(now_ + kSecond)}, {"c", 1}}));
  }
  maintain();
  for (const std::int64_t step : {std::int64_t{0}, kMinute, 7 * kMinute, kHour, 6 * kHour}) {
    for (const PagerLimits limits : {PagerLimits{}, PagerLimits{1, 7}, PagerLimits{10, 40}}) {
      for (const auto& [from, to] :
           std::vector<std::pair<std::int64_t, std::int64_t>>{{kStart, kStart + kDay},
                                                              {kStart + 17 * kMinute + 1, kStart + 2 * kHour + 11},
                                                              {kStart + kDay, kStart}}) {
        SCOPED_TRACE(std::to_string(step / kSecond) + " s, " + std::to_string(limits.max_rows) + " rows");
        EXPECT_EQ(paged(from, to, step, limits), whole(from, to, step));
      }
    }
  }
}

TEST_F(PagerTest, a_burst_that_no_page_can_hold_is_read_in_shorter_ones) {
  open();
  // Three hundred samples within a second, after an hour with one each minute.
  fill("a", kStart + kHour);
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(put({{"a", static_cast<double>(i)}}, now_ + i * kSecond / 300));
  }
  EXPECT_EQ(paged(kStart, kStart + 2 * kHour, 0, {10, 40}), whole(kStart, kStart + 2 * kHour, 0));
  // All at one time: there is nothing shorter.
  now_ += kMinute;
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(put({{"a", static_cast<double>(i)}}));
  EXPECT_EQ(paged(now_, now_ + kSecond, 0, {1, 5}).size(), 60U);
}

TEST_F(PagerTest, long_gaps_are_crossed) {
  open();
  ASSERT_TRUE(put({{"a", 1}}));
  now_ += 25 * kDay;
  ASSERT_TRUE(put({{"a", 2}}));
  maintain();
  EXPECT_EQ(paged(0, kForever, 0, {1, 10}).size(), 2U);
  EXPECT_EQ(paged(0, kForever, kMinute, {1, 10}).size(), 2U);
}

TEST_F(PagerTest, nothing_is_asked_of_no_series) {
  open();
  Pager pages = pager(0, kForever, 0, {});
  EXPECT_EQ(pages.next(), nullptr);
  EXPECT_EQ(pages.next(), nullptr);
  EXPECT_EQ(pages.problem(), "");
}

Row bucket(std::int64_t second, double minimum, double maximum, double last) {
  Row row;
  row.time_ns = second * kSecond;
  row.minimum = minimum;
  row.maximum = maximum;
  row.last = last;
  return row;
}

TEST(Rate, is_the_increase_since_the_row_before_by_the_time_since_then) {
  RateMaker rate;
  EXPECT_TRUE(std::isnan(rate.add(bucket(0, 5, 10, 10))));
  EXPECT_EQ(rate.add(bucket(10, 10, 30, 30)), 2);
  EXPECT_EQ(rate.add(bucket(40, 30, 90, 90)), 2) << "over a gap: the mean of it";
  EXPECT_TRUE(std::isnan(rate.add(bucket(40, 95, 95, 95)))) << "no time has passed";
  EXPECT_EQ(rate.add(bucket(50, 95, 95, 95)), 0);
}

TEST(Rate, of_a_counter_that_began_again_counts_from_zero_and_up_to_its_peak) {
  RateMaker rate;
  rate.add(bucket(0, 100, 100, 100));
  EXPECT_EQ(rate.add(bucket(10, 20, 20, 20)), 2) << "nothing is known of the time before";
  EXPECT_EQ(rate.add(bucket(20, 10, 60, 30)), 7) << "from 20 to 60, and from 0 to 30";
  EXPECT_EQ(rate.add(bucket(30, 0, 50, 50)), 5) << "the highest value is the last: no peak is known";
}

TEST(Rate, leaves_out_what_is_no_number) {
  RateMaker rate;
  rate.add(bucket(0, 10, 10, 10));
  EXPECT_TRUE(std::isnan(rate.add(bucket(10, 10, 10, std::nan("")))));
  EXPECT_TRUE(std::isnan(rate.add(bucket(10, 10, 10, INFINITY))));
  EXPECT_EQ(rate.add(bucket(20, 30, 30, 30)), 1);
}

}  // namespace
}  // namespace picket::perf_database::extension
