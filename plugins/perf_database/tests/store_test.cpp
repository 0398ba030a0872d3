// SPDX-License-Identifier: Apache-2.0
//
// Writing and sealing: what went in comes out, once, whatever the order and the clock do.
#include <bit>
#include <cmath>
#include <limits>

#include "codec/column_codec.hpp"
#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

TEST_F(StoreTest, samples_are_readable_at_once_and_the_same_after_sealing) {
  open();
  const std::vector<double> odd = {1.5, -0.0, std::numeric_limits<double>::infinity(), 5e-324, 0.1, 1e300};
  for (const double value : odd) {
    ASSERT_TRUE(put({{"a", value}, {"b", 2 * value}}));
    now_ += kSecond;
  }
  const SeriesId a = id("a");
  const auto hot = points(a);
  ASSERT_EQ(hot.size(), odd.size());
  for (std::size_t i = 0; i < odd.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(hot[i].mean), std::bit_cast<std::uint64_t>(odd[i]));
    EXPECT_EQ(hot[i].time_ns, kStart + static_cast<std::int64_t>(i) * kSecond);
    EXPECT_EQ(hot[i].count, 1U);
  }
  now_ = kStart + kHour + kLateness;
  EXPECT_EQ(maintain(), 1U);
  EXPECT_TRUE(files("hot-").empty());
  const auto sealed = points(a);
  ASSERT_EQ(sealed.size(), hot.size());
  for (std::size_t i = 0; i < odd.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(sealed[i].last), std::bit_cast<std::uint64_t>(odd[i]));
    EXPECT_EQ(sealed[i].time_ns, hot[i].time_ns);
  }
}

TEST_F(StoreTest, an_hour_is_sealed_only_after_the_time_for_late_samples) {
  open();
  fill("a", kStart + kHour);
  now_ = kStart + kHour + kLateness - 1;
  EXPECT_EQ(maintain(), 0U);
  EXPECT_EQ(store_->maintain(true).value(), 1U) << "unless asked to";
}

// Else every page of the last stretch of an hour is written to the device twice.
TEST_F(StoreTest, sealing_reads_the_log_of_the_hour_and_does_not_copy_it_into_the_file) {
  open();
  const std::filesystem::path hot = settings_.directory / hot_file_name(kStart, 0);
  const std::filesystem::path log = settings_.directory / (hot_file_name(kStart, 0) + "-wal");
  fill("a", kStart + kHour);
  ASSERT_TRUE(store_->commit().ok());
  const std::uintmax_t before = std::filesystem::file_size(hot);
  std::uintmax_t file_while_sealing = 0, log_while_sealing = 0;
  hook_ = [&](std::string_view) {
    if (!std::filesystem::exists(log)) return;
    file_while_sealing = std::filesystem::file_size(hot);
    log_while_sealing = std::filesystem::file_size(log);
  };
  now_ = kStart + kHour + kLateness;
  EXPECT_EQ(maintain(), 1U);
  hook_ = nullptr;
  EXPECT_EQ(file_while_sealing, before);
  EXPECT_GT(log_while_sealing, before);
  EXPECT_EQ(points(id("a")).size(), 60U);
  EXPECT_FALSE(std::filesystem::exists(log));
}

TEST_F(StoreTest, what_is_committed_is_there_when_the_store_opens_again) {
  open();
  fill("a", kStart + 30 * kMinute);
  ASSERT_TRUE(store_->commit().ok());
  const auto before_close = values(points(id("a")));
  open();
  EXPECT_EQ(values(points(id("a"))), before_close);
  fill("a", kStart + 40 * kMinute);
  EXPECT_EQ(points(id("a")).size(), 40U) << "the hot file goes on";
  EXPECT_EQ(files("hot-").size(), 1U);
}

TEST_F(StoreTest, a_repeated_delivery_stores_nothing_twice) {
  open();
  ASSERT_TRUE(put({{"a", 1}}));
  ASSERT_TRUE(put({{"a", 1}}));
  EXPECT_EQ(points(id("a")).size(), 1U);
  now_ += 2 * kHour;
  maintain();
  ASSERT_TRUE(put({{"a", 1}}, kStart));
  maintain();
  EXPECT_EQ(points(id("a")).size(), 1U);
  EXPECT_EQ(meta().number("SELECT count FROM hour"), 1);
}

TEST_F(StoreTest, a_clock_that_steps_back_overwrites_nothing) {
  open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(put({{"a", i}}, kStart + 600 * kSecond + i * kSecond));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(put({{"a", 100 + i}}, kStart + 605 * kSecond + i * kSecond));
  const auto hot = points(id("a"));
  ASSERT_EQ(hot.size(), 20U);
  EXPECT_TRUE(std::is_sorted(hot.begin(), hot.end(), [](auto& x, auto& y) { return x.time_ns < y.time_ns; }));
  now_ = kStart + 2 * kHour;
  maintain();
  EXPECT_EQ(values(points(id("a"))), values(hot));
}

TEST_F(StoreTest, late_samples_land_in_their_hour) {
  open();
  fill("a", kStart + kHour + kMinute);
  ASSERT_TRUE(put({{"a", 777}}, kStart + kHour - kSecond)) << "the hour before is not sealed yet";
  now_ = kStart + kHour + 10 * kMinute;
  EXPECT_EQ(maintain(), 1U);
  EXPECT_EQ(meta().number("SELECT maximum FROM hour WHERE time = " + std::to_string(kStart / kSecond)), 777);
}

TEST_F(StoreTest, samples_for_a_sealed_hour_are_merged_into_it) {
  open();
  fill("a", kStart + kHour);
  now_ = kStart + 3 * kHour;
  EXPECT_EQ(maintain(), 1U);
  ASSERT_TRUE(put({{"a", 5000}, {"new", 1}}, kStart + 90 * kSecond));
  EXPECT_EQ(points(id("a")).size(), 61U) << "seen at once";
  EXPECT_EQ(points(id("a"), kStart, kStart + kHour, kHour).at(0).maximum, 5000);
  EXPECT_EQ(maintain(), 1U);
  EXPECT_EQ(points(id("a")).size(), 61U);
  EXPECT_EQ(meta().number("SELECT count FROM hour WHERE series = 1"), 61);
  EXPECT_EQ(meta().number("SELECT maximum FROM hour WHERE series = 1"), 5000);
  EXPECT_EQ(points(id("new")).size(), 1U);
}

TEST_F(StoreTest, samples_that_come_while_their_hour_is_sealed_are_kept) {
  open();
  fill("a", kStart + kHour);
  now_ = kStart + 2 * kHour;
  bool once = false;
  hook_ = [&](std::string_view step) {
    if (step != "chunks written" || once) return;
    once = true;
    EXPECT_TRUE(put({{"a", 4242}}, kStart + kMinute + kSecond));
  };
  EXPECT_EQ(maintain(), 1U);
  ASSERT_TRUE(once);
  hook_ = nullptr;
  EXPECT_EQ(points(id("a")).size(), 61U);
  EXPECT_EQ(maintain(), 1U) << "the one that came meanwhile has a file of its own";
  EXPECT_EQ(points(id("a")).size(), 61U);
  EXPECT_TRUE(files("hot-").empty());
}

TEST_F(StoreTest, changing_layouts_and_many_of_them_come_back_whole) {
  open();
  std::map<std::string, std::size_t> expected;
  for (int tick = 0; tick < 300; ++tick, now_ += kSecond) {
    std::vector<std::pair<std::string, double>> values;
    for (int s = 0; s < 12; ++s) {
      if ((tick * 31 + s * 17) % 7 < 3) values.emplace_back("s" + std::to_string(s), tick + s);
    }
    for (const auto& [name, value] : values) ++expected[name];
    ASSERT_TRUE(put(values));
  }
  for (const auto& [name, count] : expected) EXPECT_EQ(points(id(name)).size(), count) << name;
  now_ = kStart + 2 * kHour;
  maintain();
  for (const auto& [name, count] : expected) EXPECT_EQ(points(id(name)).size(), count) << name;
}

TEST_F(StoreTest, a_reader_starts_in_the_middle_of_a_chain) {
  open();
  fill("a", kStart + kHour, kSecond);
  const auto part = points(id("a"), kStart + 1'234 * kSecond, kStart + 1'300 * kSecond);
  ASSERT_EQ(part.size(), 66U);
  for (const auto& point : part) EXPECT_EQ(point.last, value_at(point.time_ns));
}

TEST_F(StoreTest, a_column_longer_than_one_part_is_split_and_joined) {
  open();
  const SeriesId a = id("a");
  constexpr std::size_t kCount = kMaxColumn + 1'000;
  std::vector<Tick> ticks;
  for (std::size_t i = 0; i < kCount; ++i) {
    ticks.push_back({kStart + static_cast<std::int64_t>(i) * 50'000'000, {{a, static_cast<double>(i)}}});
  }
  now_ = kStart + kHour + kLateness;
  ASSERT_TRUE(store_->append(store_->epoch(), ticks).ok());
  maintain();
  const auto back = points(a);
  ASSERT_EQ(back.size(), kCount);
  EXPECT_EQ(back.back().last, static_cast<double>(kCount - 1));
  EXPECT_EQ(meta().number("SELECT count FROM hour"), static_cast<std::int64_t>(kCount));
}

TEST_F(StoreTest, nan_is_stored_and_never_summed) {
  open();
  ASSERT_TRUE(put({{"a", 1}}, kStart));
  ASSERT_TRUE(put({{"a", std::nan("")}}, kStart + kSecond));
  ASSERT_TRUE(put({{"a", 3}}, kStart + 2 * kSecond));
  now_ = kStart + 2 * kHour;
  maintain();
  const auto raw = points(id("a"));
  ASSERT_EQ(raw.size(), 3U);
  EXPECT_TRUE(std::isnan(raw[1].last));
  const auto hour = points(id("a"), kStart, kStart + kHour, kHour);
  ASSERT_EQ(hour.size(), 1U);
  EXPECT_EQ(hour[0].count, 2U);
  EXPECT_EQ(hour[0].mean, 2);
}

TEST_F(StoreTest, a_day_gets_its_row_when_it_is_over_and_again_when_a_sample_comes_late) {
  open();
  fill("a", kStart + kDay, 10 * kMinute);
  now_ = kStart + kDay + kLateness - 1;
  maintain();
  EXPECT_EQ(meta().number("SELECT count(*) FROM day"), 0);
  now_ = kStart + kDay + kLateness;
  maintain();
  EXPECT_EQ(meta().number("SELECT count FROM day"), 144);
  EXPECT_EQ(meta().number("SELECT time FROM day"), kStart / kSecond);
  ASSERT_TRUE(put({{"a", 9'999}}, kStart + 5));
  maintain();
  EXPECT_EQ(meta().number("SELECT count FROM day"), 145);
  EXPECT_EQ(meta().number("SELECT maximum FROM day"), 9'999);
}

TEST_F(StoreTest, hours_left_in_the_future_by_a_corrected_clock_are_sealed) {
  now_ = kStart + 100 * kDay;
  open();
  ASSERT_TRUE(put({{"a", 1}}));
  now_ = kStart;
  ASSERT_TRUE(put({{"a", 2}}));
  EXPECT_EQ(maintain(), 1U);
  EXPECT_EQ(points(id("a")).size(), 2U);
}

TEST_F(StoreTest, samples_with_impossible_times_are_not_admitted) {
  open();
  EXPECT_EQ(store_->admit(now_), Admission::ok);
  EXPECT_EQ(store_->admit(now_ + kMaxAhead), Admission::ok);
  EXPECT_EQ(store_->admit(now_ + kMaxAhead + 1), Admission::too_far_ahead);
  EXPECT_EQ(store_->admit(now_ - settings_.keep_raw_ns - kHour), Admission::too_old);
  EXPECT_EQ(store_->admit(-1), Admission::too_old);
}

TEST_F(StoreTest, more_series_than_the_limit_are_refused_and_the_others_go_on) {
  settings_.max_series = 2;
  open();
  ASSERT_TRUE(put({{"a", 1}, {"b", 1}}));
  const Result<SeriesId> third = store_->resolve(info("c"));
  ASSERT_FALSE(third.ok());
  EXPECT_EQ(third.error().status, PICKET_LIMIT);
  EXPECT_TRUE(put({{"a", 1}, {"b", 1}}));
}

TEST_F(StoreTest, ids_of_an_older_epoch_are_refused) {
  open();
  const std::uint64_t old = store_->epoch();
  const Tick tick{now_, {{id("a"), 1}}};
  store_->close();
  ASSERT_TRUE(store_->open().ok());
  EXPECT_FALSE(store_->append(old, std::span(&tick, 1)).ok());
  EXPECT_TRUE(files("hot-").empty());
}

TEST_F(StoreTest, an_event_that_is_offered_again_is_one_row) {
  open();
  const EventRow crash{now_, "process", "jobs", 6, "web exited", R"({"code":3})"};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(store_->append_events(std::span(&crash, 1)).ok());
  EXPECT_EQ(meta().number("SELECT count(*) FROM events"), 1);
  open();
  ASSERT_TRUE(store_->append_events(std::span(&crash, 1)).ok());
  EXPECT_EQ(meta().number("SELECT count(*) FROM events"), 1) << "also after a restart";
}

TEST_F(StoreTest, events_that_differ_in_anything_are_rows_of_their_own) {
  open();
  const EventRow crash{now_, "process", "jobs", 6, "web exited", R"({"code":3})"};
  std::vector<EventRow> rows(7, crash);
  rows[1].time_ns += 1;
  rows[2].kind = "alert";
  rows[3].source = "other";
  rows[4].severity = 5;
  rows[5].message = "web";
  rows[6].fields = R"({"code":4})";
  EventRow shifted = crash;  // the same letters, in other fields
  shifted.kind = "processj";
  shifted.source = "obs";
  rows.push_back(shifted);
  ASSERT_TRUE(store_->append_events(rows).ok());
  ASSERT_TRUE(store_->append_events(rows).ok());
  EXPECT_EQ(meta().number("SELECT count(*) FROM events"), static_cast<std::int64_t>(rows.size()));
}

TEST_F(StoreTest, kept_events_are_plain_rows_and_the_oldest_go_first) {
  settings_.keep_events = 10;
  open();
  for (int i = 0; i < 25; ++i) {
    const EventRow row{now_ + i, "alert", "jobs", 5, "message " + std::to_string(i), R"({"code":3})"};
    ASSERT_TRUE(store_->append_events(std::span(&row, 1)).ok());
  }
  ASSERT_TRUE(store_->commit().ok());
  maintain();
  EXPECT_EQ(meta().number("SELECT count(*) FROM events"), 10);
  EXPECT_EQ(meta().number("SELECT min(time_ns) FROM events"), kStart + 15);
  EXPECT_EQ(meta().number("SELECT json_extract(fields, '$.code') FROM events"), 3);
}

}  // namespace
}  // namespace picket::perf_database
