// SPDX-License-Identifier: Apache-2.0
//
// max_size: what goes when the history is too large, in which order, and what never goes.
#include <cmath>

#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

class SizeLimitTest : public StoreTest {
 protected:
  // The same at every run, and nothing that a codec could find a rule in: bytes come quickly.
  static double noise(std::int64_t time_ns, int series) {
    auto bits = static_cast<std::uint64_t>(time_ns) + static_cast<std::uint64_t>(series) * 0x9E3779B97F4A7C15ULL;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBULL;
    return std::sqrt(static_cast<double>((bits ^ (bits >> 31U)) >> 11U));
  }

  void fill_noise(std::int64_t end, int series = 16) {
    std::vector<Tick> ticks;
    for (; now_ < end; now_ += 10 * kSecond) {
      Tick tick{now_, {}};
      for (int s = 0; s < series; ++s) {
        tick.samples.push_back({id("noise" + std::to_string(s)), noise(now_, s)});
      }
      ticks.push_back(std::move(tick));
    }
    ASSERT_TRUE(store_->append(store_->epoch(), ticks).ok());
    now_ = end;
  }

  std::uint64_t bytes() { return directory_bytes(settings_.directory); }

  // Anew, with a limit that is so much less than there is.
  void reopen_smaller_by(std::uint64_t less) {
    store_->close();  // logs are folded in
    settings_.max_bytes = bytes() - less;
    open();
  }

  std::size_t lines_with(const std::string& text) const {
    return static_cast<std::size_t>(
        std::count_if(log_.begin(), log_.end(), [&](const std::string& line) { return line.find(text) != line.npos; }));
  }
};

TEST_F(SizeLimitTest, the_oldest_hours_of_the_running_week_go_and_their_sums_stay) {
  now_ = week_start(kStart) + kWeek;
  const std::int64_t monday = now_;
  open();
  fill_noise(monday + kDay + 4 * kHour);
  now_ += settings_.late_ns;
  maintain();
  const auto minutes = points(id("noise3"), 0, kForever, kMinute);
  const auto hours = points(id("noise3"), 0, kForever, kHour);
  ASSERT_EQ(files("raw-").size(), 1U);
  reopen_smaller_by(300'000);
  maintain();
  EXPECT_LE(bytes(), settings_.max_bytes);
  EXPECT_EQ(lines_with("dropped"), 1U);
  EXPECT_TRUE(logged("from " + utc_text(monday)));
  const std::uint64_t lost = store_->counts().dropped.samples;
  EXPECT_GT(lost, 0U);
  EXPECT_EQ(lost % (360 * 16), 0U) << "whole hours";
  const auto gone = static_cast<std::int64_t>(lost / (360 * 16)) * kHour;
  EXPECT_EQ(store_->admit(monday + gone - 1), Admission::too_old);
  EXPECT_EQ(store_->admit(monday + gone), Admission::ok);
  expect_same(points(id("noise3"), 0, kForever, kHour), hours);
  expect_same(points(id("noise3"), 0, kForever, kMinute), minutes);
  EXPECT_EQ(points(id("noise3"), monday + gone, monday + gone + kHour).size(), 360U);
  EXPECT_EQ(points(id("noise3"), monday, monday + kHour).size(), 60U) << "minutes stand in";
  maintain();
  EXPECT_EQ(lines_with("dropped"), 1U) << "and that was enough";
}

TEST_F(SizeLimitTest, hours_of_a_day_that_is_not_over_leave_their_minutes_behind) {
  now_ = week_start(kStart) + kWeek;
  const std::int64_t monday = now_;
  open();
  fill_noise(monday + 10 * kHour, 64);
  now_ += settings_.late_ns;
  maintain();
  EXPECT_TRUE(files("minute-").empty());
  const auto minutes = points(id("noise0"), 0, kForever, kMinute);
  reopen_smaller_by(50'000);
  maintain();
  EXPECT_GT(store_->counts().dropped.samples, 0U);
  EXPECT_EQ(files("minute-").size(), 1U);
  expect_same(points(id("noise0"), 0, kForever, kMinute), minutes);
  settings_.max_bytes = 1U << 30U;
  open();
  now_ = monday + kDay + settings_.late_ns;
  maintain();
  expect_same(points(id("noise0"), 0, kForever, kMinute), minutes);
  EXPECT_EQ(points(id("noise0"), 0, kForever, kDay).at(0).count, 3'600U);
}

TEST_F(SizeLimitTest, minutes_go_when_no_raw_samples_are_left_and_then_it_is_said) {
  open();
  fill_noise(kStart + 2 * kDay);
  now_ += settings_.late_ns;
  maintain();
  ASSERT_TRUE(put({{"noise0", 1}}));
  ASSERT_TRUE(store_->commit().ok());
  const auto hours = points(id("noise0"), 0, kForever, kHour);
  store_->close();
  settings_.max_bytes = 1'000;
  open();
  const Result<std::size_t> pass = store_->maintain(false);
  ASSERT_FALSE(pass.ok());
  EXPECT_NE(pass.error().message.find("raise max_size"), std::string::npos) << pass.error().message;
  EXPECT_EQ(store_->health().state, StoreState::degraded);
  EXPECT_EQ(store_->counts().dropped.minute_days, 2U);
  EXPECT_EQ(store_->counts().dropped.samples, 2U * 8'640 * 16);
  EXPECT_EQ(files("hot-").size(), 1U) << "what may not be acknowledged yet never goes";
  EXPECT_EQ(values(points(id("noise0"), now_)), std::vector<double>{1});
  const auto left = points(id("noise0"), 0, kForever, kHour);
  ASSERT_EQ(left.size(), hours.size()) << "rows are no part of it";
}

TEST_F(SizeLimitTest, a_file_that_cannot_shrink_is_filled_again_before_more_goes) {
  now_ = week_start(kStart) + kWeek;
  open();
  fill_noise(now_ + kDay + 4 * kHour);
  now_ += settings_.late_ns;
  maintain();
  store_->close();
  {
    // As daemons of version 1 made them.
    Database database(settings_.directory / *files("raw-").begin(), Open::existing);
    database.execute("PRAGMA journal_mode=DELETE");
    database.execute("PRAGMA auto_vacuum=NONE");
    database.execute("VACUUM");
    database.execute("PRAGMA journal_mode=WAL");
  }
  reopen_smaller_by(200'000);
  maintain();
  const std::uint64_t lost = store_->counts().dropped.samples;
  EXPECT_GT(lost, 0U);
  EXPECT_LT(lost, 20U * 360 * 16) << "not all of it";
}

TEST_F(SizeLimitTest, a_late_sample_for_what_was_dropped_changes_no_row) {
  now_ = week_start(kStart) + kWeek;
  const std::int64_t monday = now_;
  open();
  fill_noise(monday + 10 * kHour, 64);
  now_ += settings_.late_ns;
  maintain();
  const auto hours = points(id("noise0"), 0, kForever, kHour);
  const auto minutes = points(id("noise0"), 0, kForever, kMinute);
  reopen_smaller_by(50'000);
  ASSERT_TRUE(put({{"noise0", 1e9}}, monday + 1)) << "taken before its hour goes";
  hook_ = [this, monday](std::string_view step) {
    if (step == "hour dropped") {
      EXPECT_EQ(store_->admit(monday + 2), Admission::too_old);
    }
  };
  (void)store_->maintain(false);
  ASSERT_GT(store_->counts().dropped.samples, 0U);
  ASSERT_TRUE(put({{"noise0", 1e9}}, monday + 3)) << "admitted by somebody just before";
  settings_.max_bytes = 1U << 30U;
  open();
  now_ = monday + kDay + settings_.late_ns;
  maintain();
  const auto after = points(id("noise0"), monday, monday + kDay, kHour);
  ASSERT_EQ(after.size(), hours.size());
  for (std::size_t i = 1; i < after.size(); ++i) EXPECT_EQ(after[i].count, hours[i].count);
  EXPECT_GE(after[0].count, hours[0].count);
  EXPECT_GE(points(id("noise0"), monday, monday + kDay, kMinute).size(), minutes.size());
}

}  // namespace
}  // namespace picket::perf_database
