// SPDX-License-Identifier: Apache-2.0
//
// Questions about many series: in one pass they get what each would get alone.
#include <numeric>

#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

class ManySeriesTest : public StoreTest {
 protected:
  static std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back("s" + std::to_string(i));
    return out;
  }

  // Every series alone and all together agree, and the samples say the same.
  void expect_agreement(const std::vector<SeriesId>& ids, std::int64_t from, std::int64_t to) {
    for (const std::int64_t step : {std::int64_t{0}, 10 * kSecond, kMinute, 90 * kSecond, kHour, 90 * kMinute, kDay}) {
      SCOPED_TRACE("step " + std::to_string(step / kSecond) + " s");
      const auto together = points_of(ids, from, to, step);
      for (std::size_t i = 0; i < ids.size(); ++i) {
        expect_same(together[i], points(ids[i], from, to, step));
        if (step != 0) expect_same(together[i], summed(points(ids[i], from, to), step));
      }
    }
  }
};

TEST_F(ManySeriesTest, sealed_hot_and_both_agree_with_reading_one_by_one) {
  open();
  fill_all(names(40), kStart + kDay + 90 * kMinute, 5 * kMinute);
  now_ = kStart + kDay + kHour + settings_.late_ns;
  maintain();
  now_ = kStart + kDay + 90 * kMinute;
  ASSERT_TRUE(put({{"s3", 1e6}, {"fresh", 5}}, kStart + 7 * kHour + 1)) << "late, for a sealed hour";
  ASSERT_TRUE(put({{"s4", 1e6}}, kStart + kDay + 80 * kMinute + 1)) << "in a layout of its own";
  std::vector<SeriesId> ids(41);
  std::iota(ids.begin(), ids.end(), SeriesId{1});
  expect_agreement(ids, 0, kForever);
  expect_agreement(ids, kStart + 7 * kHour + 30 * kSecond, kStart + kDay + 85 * kMinute + 1);
  maintain();
  expect_agreement(ids, 0, kForever);
}

TEST_F(ManySeriesTest, an_hour_that_runs_is_read_in_one_go_and_repetitions_count_once) {
  open();
  const std::vector<std::string> some = names(50);
  fill_all(some, kStart + 20 * kMinute, kSecond);
  now_ = kStart;
  fill_all(some, kStart + kMinute, kSecond);  // a delivery that was offered twice
  now_ = kStart + 20 * kMinute;
  std::vector<SeriesId> ids(50);
  std::iota(ids.begin(), ids.end(), SeriesId{1});
  const auto minutes = points_of(ids, 0, kForever, kMinute);
  for (const auto& one : minutes) {
    ASSERT_EQ(one.size(), 20U);
    for (const auto& bucket : one) EXPECT_EQ(bucket.count, 60U);
  }
}

TEST_F(ManySeriesTest, ids_come_in_any_order_more_than_once_and_may_not_exist) {
  open();
  fill_all({"a", "b"}, kStart + 2 * kHour, kMinute);
  maintain();
  const SeriesId a = id("a");
  const SeriesId b = id("b");
  const auto found = points_of({b, 99, a, b, 0, kMaxSeriesId}, 0, kForever, kHour);
  EXPECT_EQ(found[0].size(), 2U);
  EXPECT_TRUE(found[1].empty());
  EXPECT_EQ(found[2].size(), 2U);
  expect_same(found[3], found[0]);
  EXPECT_TRUE(found[4].empty());
  EXPECT_TRUE(found[5].empty());
  EXPECT_NE(found[0][0].mean, found[2][0].mean);
  EXPECT_TRUE(points_of({}, 0, kForever, 0).empty());
}

TEST_F(ManySeriesTest, the_reader_may_end_it_at_any_point) {
  open();
  fill_all(names(10), kStart + kHour, kSecond);
  std::vector<SeriesId> ids(10);
  std::iota(ids.begin(), ids.end(), SeriesId{1});
  for (const std::size_t end_after : {std::size_t{1}, std::size_t{7}}) {
    std::size_t calls = 0;
    const Result<void> read =
        HistoryReader(settings_.directory).points_of(ids, {0, kForever, 0}, [&](std::size_t, auto) {
          return ++calls < end_after;
        });
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().status, PICKET_CANCELLED);
    EXPECT_EQ(calls, end_after);
  }
}

TEST_F(ManySeriesTest, sums_of_chunks_answer_where_no_row_does) {
  settings_.keep_raw_ns = kForever;
  open();
  fill_all({"a"}, kStart + 5 * kHour, kMinute);
  maintain();
  const auto expected = points(id("a"), 0, kForever, kHour);
  {
    Database database(settings_.directory / kMetaFile, Open::existing);
    database.execute("DELETE FROM hour");
  }
  {
    // Values that cannot be unpacked: what is right now comes from the sums beside them.
    Database database(settings_.directory / *files("raw-").begin(), Open::existing);
    database.execute("UPDATE chunk SET data = zeroblob(length(data))");
  }
  const auto found = points(id("a"), 0, kForever, kHour);
  ASSERT_EQ(found.size(), expected.size()) << "the fifth hour is hot";
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].mean, expected[i].mean);
}

}  // namespace
}  // namespace picket::perf_database
