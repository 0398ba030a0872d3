// SPDX-License-Identifier: Apache-2.0
//
// Minutes, hours and days: every sample counts in exactly one bucket of each tier, whatever the clock and the senders
// do, and where there was nothing there is no bucket.
#include <cmath>
#include <limits>

#include "minute_file.hpp"
#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

class TierTest : public StoreTest {
 protected:
  // Past everything that waits, with all made that can be.
  void settle() {
    now_ = floor_to(now_, kDay) + kDay + settings_.late_ns;
    maintain();
  }

  // All tiers of a series agree with these samples.
  void expect_tiers(const std::string& name, std::vector<picket_history_point> samples) {
    for (const std::int64_t step : {kMinute, 5 * kMinute, kHour, kDay}) {
      SCOPED_TRACE(name + " by " + std::to_string(step / kMinute) + " minutes");
      expect_same(points(id(name), 0, kForever, step), summed(samples, step));
    }
  }

  // What a minute read finds when there is nothing else to read.
  std::vector<picket_history_point> minutes_alone(const std::string& name) {
    const SeriesId series = id(name);
    store_->close();
    for (const std::string& file : files("raw-")) std::filesystem::remove(settings_.directory / file);
    return points(series, 0, kForever, kMinute);
  }

  std::int64_t chunks() {
    std::int64_t count = 0;
    for (const std::string& file : files("minute-")) {
      count += open_for_reading(settings_.directory / file, FileKind::minute).number("SELECT count(*) FROM chunk");
    }
    return count;
  }
};

TEST_F(TierTest, minutes_are_made_when_the_day_is_over_and_agree_with_the_samples) {
  open();
  fill_all({"a", "b"}, kStart + kDay, 7 * kSecond);
  now_ = kStart + kDay + settings_.late_ns - 1;
  maintain();
  EXPECT_TRUE(files("minute-").empty()) << "the day may still get late samples";
  now_ += 1;
  maintain();
  EXPECT_EQ(files("minute-"), std::set<std::string>{"minute-2024-10.db"});
  EXPECT_EQ(chunks(), 2);
  const auto raw = points(id("b"));
  ASSERT_GT(raw.size(), 12'000U);
  expect_tiers("b", raw);
  const auto expected = summed(raw, kMinute);
  expect_same(minutes_alone("b"), expected);
}

TEST_F(TierTest, a_day_across_two_months_goes_to_the_month_of_its_date) {
  now_ = kStart + 27 * kDay;  // 2024-10-31
  open();
  fill_all({"a"}, now_ + 2 * kDay, kMinute);
  settle();
  EXPECT_EQ(files("minute-"), (std::set<std::string>{"minute-2024-10.db", "minute-2024-11.db"}));
  const auto expected = summed(points(id("a")), kMinute);
  ASSERT_EQ(expected.size(), 2'880U);
  expect_same(minutes_alone("a"), expected);
}

TEST_F(TierTest, a_late_sample_makes_its_day_again) {
  open();
  fill_all({"a"}, kStart + kDay, kMinute);
  settle();
  ASSERT_TRUE(put({{"a", 777}, {"new", 1}}, kStart + 5 * kHour + 30 * kSecond));
  expect_tiers("a", points(id("a")));
  maintain();
  const auto raw = points(id("a"));
  EXPECT_EQ(raw.size(), 1'441U);
  expect_tiers("a", raw);
  expect_tiers("new", points(id("new")));
  EXPECT_EQ(chunks(), 2);
  EXPECT_EQ(minutes_alone("a").at(300).maximum, 777);
}

TEST_F(TierTest, making_a_day_again_changes_nothing) {
  open();
  fill_all({"a", "b"}, kStart + kDay, 30 * kSecond);
  settle();
  const auto expected = points(id("a"), 0, kForever, kMinute);
  for (int i = 0; i < 2; ++i) {
    Database database(settings_.directory / kMetaFile, Open::existing);
    database.execute("UPDATE sealed_hour SET day_done = 0, minute_done = 0");
    maintain();
  }
  EXPECT_EQ(chunks(), 2);
  expect_same(points(id("a"), 0, kForever, kMinute), expected);
  expect_same(minutes_alone("a"), expected);
}

TEST_F(TierTest, until_its_minutes_are_made_again_a_day_is_read_from_samples) {
  open();
  fill_all({"a"}, kStart + kDay, kMinute);
  settle();
  ASSERT_TRUE(put({{"a", 9'999}}, kStart + kHour + kSecond));
  hook_ = [](std::string_view step) {
    if (step == "hot file removed") throw std::runtime_error("the end");
  };
  EXPECT_FALSE(store_->maintain(false).ok());
  hook_ = nullptr;
  EXPECT_TRUE(files("hot-").empty());
  EXPECT_EQ(points(id("a"), kStart, kStart + kDay, kMinute).at(60).maximum, 9'999);
  EXPECT_EQ(points(id("a"), kStart, kStart + kDay, kDay).at(0).count, 1'441U);
}

TEST_F(TierTest, not_a_number_counts_in_no_tier_and_infinities_do) {
  open();
  const double inf = std::numeric_limits<double>::infinity();
  ASSERT_TRUE(put({{"a", std::nan("")}, {"nothing", std::nan("")}}));
  ASSERT_TRUE(put({{"a", 4}, {"nothing", std::nan("")}}, now_ + kSecond));
  ASSERT_TRUE(put({{"a", std::nan("")}}, now_ + 2 * kSecond));
  ASSERT_TRUE(put({{"a", inf}}, now_ + kMinute));
  settle();
  const auto minutes = points(id("a"), 0, kForever, kMinute);
  ASSERT_EQ(minutes.size(), 2U);
  EXPECT_EQ(minutes[0].count, 1U);
  EXPECT_EQ(minutes[0].mean, 4);
  EXPECT_EQ(minutes[0].last, 4);
  EXPECT_EQ(minutes[1].maximum, inf);
  EXPECT_EQ(points(id("nothing")).size(), 2U);
  for (const std::int64_t step : {kMinute, kHour, kDay}) EXPECT_TRUE(points(id("nothing"), 0, kForever, step).empty());
  EXPECT_EQ(points(id("a"), 0, kForever, kDay).at(0).count, 2U);
}

TEST_F(TierTest, a_gap_has_no_buckets) {
  open();
  fill_all({"a"}, kStart + 2 * kHour + 10 * kMinute, kMinute);
  now_ = kStart + 5 * kHour + 30 * kMinute;
  fill_all({"a"}, kStart + 6 * kHour, kMinute);
  now_ = kStart + 3 * kDay;
  fill_all({"a"}, kStart + 3 * kDay + kHour, kMinute);
  settle();
  const auto minutes = points(id("a"), 0, kForever, kMinute);
  ASSERT_EQ(minutes.size(), 130U + 30 + 60);
  EXPECT_EQ(minutes[129].time_ns, kStart + 129 * kMinute);
  EXPECT_EQ(minutes[130].time_ns, kStart + 330 * kMinute);
  EXPECT_EQ(points(id("a"), 0, kForever, kHour).size(), 3U + 1 + 1);
  const auto days = points(id("a"), 0, kForever, kDay);
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[1].time_ns, kStart + 3 * kDay);
}

TEST_F(TierTest, the_bound_for_late_samples_is_a_setting) {
  settings_.late_ns = 20 * kMinute;
  open();
  fill_all({"a"}, kStart + kHour, kMinute);
  now_ = kStart + kHour + 19 * kMinute;
  EXPECT_EQ(maintain(), 0U);
  ASSERT_TRUE(put({{"a", 5}}, kStart + kHour - 1));
  now_ += kMinute;
  EXPECT_EQ(maintain(), 1U);
  EXPECT_EQ(meta().number("SELECT count FROM hour"), 61);
  EXPECT_EQ(meta().number("SELECT last FROM hour"), 5) << "the last in time, not in arrival";
}

TEST_F(TierTest, without_a_bound_an_hour_is_sealed_as_it_ends_and_late_samples_are_merged) {
  settings_.late_ns = 0;
  open();
  fill_all({"a"}, kStart + kHour, kMinute);
  EXPECT_EQ(maintain(), 1U);
  ASSERT_TRUE(put({{"a", 1'000}}, kStart + kHour - 1));
  EXPECT_EQ(maintain(), 1U);
  EXPECT_EQ(meta().number("SELECT count FROM hour"), 61);
}

TEST_F(TierTest, a_clock_that_steps_back_over_a_sealed_hour_loses_and_doubles_nothing) {
  open();
  fill_all({"a"}, kStart + 2 * kHour + 10 * kMinute, kMinute);
  maintain();
  now_ -= 90 * kMinute;  // into an hour that is sealed already
  for (int i = 0; i < 200; ++i, now_ += kMinute) {
    ASSERT_TRUE(put({{"a", 0.5 + i}}));
    if (i % 10 == 0) maintain();
  }
  settle();
  const auto raw = points(id("a"));
  EXPECT_EQ(raw.size(), 130U + 200);
  expect_tiers("a", raw);
  EXPECT_EQ(points(id("a"), 0, kForever, kDay).at(0).count, 330U);
}

TEST_F(TierTest, a_clock_that_steps_ahead_and_returns_loses_and_doubles_nothing) {
  open();
  fill_all({"a"}, kStart + 30 * kMinute, kMinute);
  now_ += 50 * kHour;
  fill_all({"a"}, now_ + 20 * kMinute, kMinute);
  maintain();
  now_ = kStart + 30 * kMinute;
  fill_all({"a"}, kStart + 3 * kHour, kMinute);
  maintain();
  now_ = kStart + 3 * kDay;
  settle();
  const auto raw = points(id("a"));
  EXPECT_EQ(raw.size(), 180U + 20);
  expect_tiers("a", raw);
}

// The store knows no time zone: whatever the machine's is, buckets are those of UTC, and the 23 and 25 hours of a local
// day are 23 and 25 rows.
TEST_F(TierTest, hours_around_a_change_of_daylight_saving_are_all_there_once) {
  now_ = 1'729'900'800 * kSecond;  // 2024-10-26, the day before clocks went back in Europe
  const std::int64_t first = now_;
  open();
  fill_all({"a"}, first + 3 * kDay, 10 * kMinute);
  settle();
  const auto hours = points(id("a"), first, first + 3 * kDay, kHour);
  ASSERT_EQ(hours.size(), 72U);
  for (std::size_t i = 0; i < hours.size(); ++i) {
    EXPECT_EQ(hours[i].time_ns, first + static_cast<std::int64_t>(i) * kHour);
    EXPECT_EQ(hours[i].count, 6U);
  }
  // The local day of Berlin: from 22:00 UTC on the 26th (UTC+2) to 23:00 on the 27th (UTC+1).
  EXPECT_EQ(points(id("a"), first + 22 * kHour, first + 47 * kHour, kHour).size(), 25U);
  EXPECT_EQ(points(id("a"), first, first + 3 * kDay, kDay).size(), 3U);
}

TEST_F(TierTest, a_lost_catalogue_gets_its_hours_from_minutes_where_samples_are_gone) {
  open();
  fill_all({"a"}, kStart + kDay, kMinute);
  settle();
  const auto hours = points(id("a"), 0, kForever, kHour);
  const SeriesId a = id("a");
  store_->close();
  for (const std::string& file : files("raw-")) std::filesystem::remove(settings_.directory / file);
  std::filesystem::remove(settings_.directory / kMetaFile);
  open();
  EXPECT_EQ(id("a"), a);
  expect_same(points(a, 0, kForever, kHour), hours);
  maintain();
  EXPECT_EQ(points(a, 0, kForever, kDay).at(0).count, 1'440U);
  EXPECT_EQ(series().at(0).first_ns, kStart);
}

TEST_F(TierTest, a_damaged_minute_chunk_is_named_and_samples_stand_in) {
  open();
  fill_all({"a"}, kStart + kDay, kMinute);
  settle();
  {
    Database database(settings_.directory / "minute-2024-10.db", Open::existing);
    database.execute("UPDATE chunk SET data = zeroblob(length(data))");
  }
  std::size_t found = 0;
  const Result<void> read = HistoryReader(settings_.directory).points(id("a"), 0, kForever, kMinute, [&](auto chunk) {
    found += chunk.size();
    return true;
  });
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("minute-2024-10.db"), std::string::npos) << read.error().message;
  EXPECT_EQ(found, 1'440U);
  ASSERT_TRUE(put({{"a", 1}}, kStart + 1));
  EXPECT_FALSE(store_->maintain(false).ok());
  EXPECT_EQ(files("minute-2024-10.db.damaged").size(), 1U);
  maintain();
  EXPECT_EQ(points(id("a"), 0, kForever, kMinute).size(), 1'440U) << "made again from the samples";
  EXPECT_EQ(files("minute-2024-10.db").size(), 2U);
}

}  // namespace
}  // namespace picket::perf_database
