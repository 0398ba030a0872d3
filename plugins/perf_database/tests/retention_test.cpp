// SPDX-License-Identifier: Apache-2.0
//
// What is let go of, and when.
#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

class RetentionTest : public StoreTest {
 protected:
  // A sample each `step` for some days, sealed. Never a week without a pass: that would be a clock that jumped.
  void fill_days(int days, std::int64_t step = kDay) {
    const std::int64_t end = now_ + days * kDay;
    std::int64_t last_pass = now_;
    for (; now_ < end; now_ += step) {
      ASSERT_TRUE(put({{"a", value_at(now_)}}));
      if (now_ - last_pass < 5 * kDay) continue;
      maintain();
      last_pass = now_;
    }
    maintain();
  }
};

TEST_F(RetentionTest, raw_samples_older_than_the_limit_go_and_their_sums_stay) {
  settings_.keep_raw_ns = 10 * kDay;
  open();
  fill_days(40);
  const auto raw = files("raw-");
  EXPECT_LE(raw.size(), 3U) << "whole weeks go";
  EXPECT_GE(raw.size(), 2U);
  EXPECT_FALSE(raw.contains(raw_file_name(kStart)));
  EXPECT_EQ(meta().number("SELECT count(*) FROM hour"), 40);
  const auto all = points(id("a"));
  EXPECT_EQ(all.size(), 40U) << "hour rows stand in for what is gone";
  EXPECT_EQ(all.front().time_ns, kStart);
  EXPECT_EQ(series().at(0).first_ns, kStart);
}

TEST_F(RetentionTest, samples_for_a_dropped_week_are_not_admitted) {
  settings_.keep_raw_ns = 10 * kDay;
  open();
  fill_days(40);
  EXPECT_EQ(store_->admit(kStart + kHour), Admission::too_old);
  EXPECT_EQ(store_->admit(now_ - 2 * kDay), Admission::ok);
  open();
  EXPECT_EQ(store_->admit(kStart + kHour), Admission::too_old);
}

TEST_F(RetentionTest, over_the_byte_limit_the_oldest_week_goes_first) {
  open();
  fill_days(30);
  const auto all = files("raw-");
  ASSERT_GE(all.size(), 4U);
  store_->close();
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(settings_.directory)) bytes += entry.file_size();
  settings_.max_bytes = bytes - 1;
  open();
  maintain();
  auto expected = all;
  expected.erase(expected.begin());
  EXPECT_EQ(files("raw-"), expected);
  EXPECT_TRUE(logged("max_size"));
}

TEST_F(RetentionTest, hour_and_day_rows_follow_their_own_limits) {
  settings_.keep_raw_ns = 3 * kDay;
  settings_.keep_minute_ns = kDay;
  settings_.keep_hour_ns = 14 * kDay;
  settings_.keep_day_ns = 30 * kDay;
  open();
  fill_days(40, 12 * kHour);
  now_ += kDay;
  maintain();
  const std::string now = std::to_string(now_ / kSecond);
  EXPECT_EQ(meta().number("SELECT count(*) FROM hour WHERE time < " + now + " - 14 * 86400"), 0);
  EXPECT_GT(meta().number("SELECT count(*) FROM hour"), 20);
  EXPECT_EQ(meta().number("SELECT count(*) FROM day WHERE time < " + now + " - 30 * 86400"), 0);
  EXPECT_GT(meta().number("SELECT count(*) FROM day"), 25);
  const auto all = points(id("a"));
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front().count, 2U) << "a day row where nothing finer is kept";
  EXPECT_EQ(all.back().count, 1U);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](auto& x, auto& y) { return x.time_ns < y.time_ns; }));
}

TEST_F(RetentionTest, minutes_go_by_whole_months_and_stand_in_for_samples_until_then) {
  settings_.keep_raw_ns = 3 * kDay;
  settings_.keep_minute_ns = 30 * kDay;
  open();
  fill_days(3, 4 * kHour);
  fill_days(11, 2 * kDay);
  EXPECT_FALSE(files("raw-").contains(raw_file_name(kStart)));
  EXPECT_EQ(points(id("a"), kStart, kStart + kDay).size(), 6U) << "minutes with one sample each";
  EXPECT_EQ(files("minute-"), std::set<std::string>{"minute-2024-10.db"});
  fill_days(47, 2 * kDay);
  EXPECT_EQ(files("minute-"), (std::set<std::string>{"minute-2024-11.db", "minute-2024-12.db"}));
  EXPECT_EQ(points(id("a"), kStart, kStart + kDay).size(), 6U) << "hour rows from here on";
  EXPECT_EQ(store_->counts().dropped.minute_days, 31U);
  EXPECT_GT(store_->counts().dropped.samples, 18U);
  EXPECT_TRUE(logged("minute-2024-10.db: removed"));
}

TEST_F(RetentionTest, a_clock_that_is_set_years_ahead_costs_no_history_in_the_first_hour) {
  settings_.keep_raw_ns = 10 * kDay;
  open();
  fill_days(5);
  const auto raw = files("raw-");
  const std::int64_t right = now_;
  now_ += 3'000 * kDay;
  for (int pass = 0; pass < 30; ++pass, now_ += kMinute) maintain();
  EXPECT_TRUE(logged("the clock went from"));
  now_ = right + 31 * kMinute;
  maintain();
  EXPECT_EQ(files("raw-"), raw);
  now_ += 3'000 * kDay;
  for (int pass = 0; pass < 61; ++pass, now_ += kMinute) maintain();
  EXPECT_TRUE(files("raw-").empty()) << "in the end it is believed";
}

TEST_F(RetentionTest, hour_rows_stay_as_long_as_a_late_sample_may_make_their_day_again) {
  settings_.keep_raw_ns = 20 * kDay;
  settings_.keep_hour_ns = kDay;
  open();
  fill_days(10, 2 * kHour);
  now_ += kDay;
  maintain();
  ASSERT_TRUE(put({{"a", 1e6}}, kStart + 1));
  maintain();
  const auto days = points(id("a"), kStart, kStart + kDay, kDay);
  ASSERT_EQ(days.size(), 1U);
  EXPECT_EQ(days[0].count, 13U);
}

TEST_F(RetentionTest, partitions_are_listed_for_sql) {
  open();
  fill_days(10);
  EXPECT_EQ(meta().number("SELECT count(*) FROM partitions WHERE tier = 'raw' AND state = 'open'"),
            static_cast<std::int64_t>(files("raw-").size()));
  EXPECT_GT(meta().number("SELECT min(bytes) FROM partitions"), 0);
}

}  // namespace
}  // namespace picket::perf_database
