// SPDX-License-Identifier: Apache-2.0
//
// Reading: buckets agree with the samples behind them whatever tier they come from, and no reader disturbs the writer.
#include <atomic>
#include <cmath>
#include <map>
#include <thread>

#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

class ReaderTest : public StoreTest {};

TEST_F(ReaderTest, buckets_of_every_step_and_range_agree_with_the_samples) {
  open();
  fill("a", kStart + 3 * kDay + 5 * kHour, 7 * kMinute);
  maintain();
  const SeriesId a = id("a");
  ASSERT_GT(meta().number("SELECT count(*) FROM day"), 2);
  for (const std::int64_t step : {kMinute, 30 * kMinute, kHour, 6 * kHour, kDay, 2 * kDay, 90 * kMinute}) {
    for (const auto& [from, to] : std::vector<std::pair<std::int64_t, std::int64_t>>{
             {0, kForever},
             {kStart, kStart + 3 * kDay},
             {kStart + 17 * kMinute, kStart + 2 * kDay + 11 * kMinute + 1},
             {kStart + kDay, kStart + kDay + kHour},
             {kStart + 3 * kDay, kStart + 4 * kDay}}) {
      SCOPED_TRACE(std::to_string(step / kMinute) + " minutes, " + std::to_string(from) + " to " + std::to_string(to));
      const auto expected = summed(points(a, from, to), step);
      expect_same(points(a, from, to, step), expected);
    }
  }
}

TEST_F(ReaderTest, the_row_of_a_day_does_not_stand_in_for_a_part_of_it_that_is_empty) {
  open();
  now_ = kStart + 15 * kHour;
  fill("a", kStart + 16 * kHour, 10 * kMinute);
  now_ = kStart + 2 * kDay;
  maintain();
  ASSERT_EQ(meta().number("SELECT count(*) FROM day"), 1);
  const SeriesId a = id("a");
  EXPECT_TRUE(points(a, kStart, kStart + 12 * kHour).empty());
  EXPECT_TRUE(points(a, kStart, kStart + 12 * kHour, kMinute).empty());
  EXPECT_EQ(points(a, kStart, kStart + kDay).size(), 6U);
}

TEST_F(ReaderTest, an_empty_directory_and_an_unknown_series_are_not_found) {
  const HistoryReader reader(settings_.directory);
  const auto none = [](auto&&) { return true; };
  Result<void> read = reader.series("", none);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().status, PICKET_NOT_FOUND);
  EXPECT_NE(read.error().message.find(path_text(settings_.directory)), std::string::npos);
  EXPECT_EQ(reader.points(1, 0, 1, 0, none).error().status, PICKET_NOT_FOUND);
  open();
  EXPECT_EQ(reader.points(1, 0, 1, 0, none).error().status, PICKET_NOT_FOUND);
  EXPECT_EQ(reader.points(1, 0, 1, -5, none).error().status, PICKET_INVALID);
  EXPECT_FALSE(std::filesystem::exists(settings_.directory.parent_path() / "other")) << "reading makes nothing";
}

TEST_F(ReaderTest, a_closed_history_reads_as_an_open_one_does) {
  open();
  fill("a", kStart + 90 * kMinute);
  now_ += kHour;
  maintain();
  const SeriesId a = id("a");
  const auto open_points = values(points(a));
  store_->close();
  EXPECT_EQ(values(points(a)), open_points);
  EXPECT_EQ(series().size(), 1U);
}

TEST_F(ReaderTest, series_come_in_order_with_their_extent_and_match_globs) {
  open();
  ASSERT_TRUE(put({{"system.memory.usage", 1}, {"system.cpu.time", 2}, {"web.requests", 3}}));
  now_ += 3 * kHour;
  maintain();
  ASSERT_TRUE(put({{"system.cpu.time", 3}}));
  const auto all = series();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].info.name, "system.cpu.time");
  EXPECT_EQ(all[0].first_ns, kStart);
  EXPECT_EQ(all[0].last_ns, now_);
  EXPECT_EQ(all[1].info.name, "system.memory.usage");
  EXPECT_EQ(all[1].last_ns, kStart);
  EXPECT_EQ(all[1].info.unit, "By");
  EXPECT_EQ(series("system.*").size(), 2U);
  EXPECT_EQ(series("*.time").size(), 1U);
  EXPECT_EQ(series("web.request?").size(), 1U);
  EXPECT_EQ(series("web").size(), 0U);
}

TEST_F(ReaderTest, a_reader_that_has_enough_ends_the_read) {
  open();
  fill("a", kStart + kHour, kSecond);
  std::size_t calls = 0;
  const Result<void> read = HistoryReader(settings_.directory).points(id("a"), 0, kForever, 0, [&](auto) {
    ++calls;
    return false;
  });
  EXPECT_EQ(read.error().status, PICKET_CANCELLED);
  EXPECT_EQ(calls, 1U);
}

TEST_F(ReaderTest, readers_see_every_sample_once_while_the_writer_writes_and_seals) {
  open();
  const SeriesId a = id("a");
  std::atomic<bool> done{false};
  std::atomic<std::int64_t> written{0};
  ASSERT_TRUE(put({{"a", 0}}));
  std::string problem;
  std::size_t reads = 0;
  std::thread reader([&] {
    while (!done || reads == 0) {
      const std::int64_t at_least = written;
      std::int64_t next = 0;
      const Result<void> read = HistoryReader(settings_.directory).points(a, 0, kForever, 0, [&](auto chunk) {
        for (const auto& point : chunk) {
          if (point.time_ns != kStart + next++ * kMinute) problem = "a hole or a repetition";
        }
        return true;
      });
      if (!read.ok()) problem = read.error().message;
      if (next <= at_least) problem = "something is missing";
      ++reads;
    }
  });
  for (std::int64_t i = 1; i < 400; ++i) {
    now_ = kStart + i * kMinute;
    if (!put({{"a", static_cast<double>(i)}}) || (i % 60 == 5 && !store_->maintain(false).ok())) {
      problem = "the writer: " + store_->health().message;
      break;
    }
    written = i;
  }
  done = true;
  reader.join();
  EXPECT_EQ(problem, "");
  EXPECT_GE(reads, 1U);
}

TEST_F(ReaderTest, the_hour_that_runs_is_in_the_plain_view) {
  open();
  fill("a", kStart + 90 * kMinute);
  maintain();
  EXPECT_EQ(meta().number("SELECT count(*) FROM history_1h"), 2);
  EXPECT_EQ(meta().number("SELECT sum(count) FROM history_1h"), 90);
  fill("a", kStart + 100 * kMinute);
  maintain();
  EXPECT_EQ(meta().number("SELECT sum(count) FROM history_1h"), 100);
  open();
  fill("a", kStart + 110 * kMinute);
  maintain();
  EXPECT_EQ(meta().number("SELECT sum(count) FROM history_1h"), 110) << "also after a restart";
  now_ = kStart + 3 * kHour;
  maintain();
  EXPECT_EQ(meta().number("SELECT sum(count) FROM history_1h"), 110);
  EXPECT_EQ(meta().number("SELECT count(*) FROM hour_now"), 0);
}

// What any SQLite tool sees of meta.db.
TEST_F(ReaderTest, hours_days_and_events_are_plain_rows) {
  open();
  for (; now_ < kStart + 2 * kDay + kHour; now_ += 10 * kMinute) {
    ASSERT_TRUE(put({{"system.cpu.utilization", value_at(now_) / 100}, {"system.memory.usage", 1e9}}));
  }
  const EventRow crash{kStart + 5 * kHour + 60 * kSecond, "process", "jobs", 6, "web exited with 1", "{}"};
  ASSERT_TRUE(store_->append_events(std::span(&crash, 1)).ok());
  maintain();
  const Database database = meta();
  Statement busiest = database.prepare(
      "SELECT datetime(time, 'unixepoch') AS hour, source, round(mean, 3), round(maximum, 3) FROM history_1h "
      "WHERE name = 'system.cpu.utilization' ORDER BY mean DESC LIMIT 5");
  ASSERT_TRUE(busiest.step());
  EXPECT_EQ(busiest.text(0).size(), 19U);
  Statement days = database.prepare(
      "SELECT date(time, 'unixepoch') AS day, name, minimum, mean, maximum FROM history_1d "
      "WHERE name LIKE 'system.memory.%' ORDER BY time, name");
  ASSERT_TRUE(days.step());
  EXPECT_EQ(days.real(3), 1e9);
  Statement around = database.prepare(
      "SELECT datetime(e.time_ns / 1000000000, 'unixepoch') AS at, e.message, h.mean AS cpu FROM events e "
      "JOIN history_1h h ON h.name = 'system.cpu.utilization' AND e.time_ns / 1000000000 BETWEEN h.time AND h.time + "
      "3599 "
      "ORDER BY e.time_ns DESC");
  ASSERT_TRUE(around.step());
  EXPECT_EQ(around.text(1), "web exited with 1");
  EXPECT_FALSE(std::isnan(around.real(2)));
}

TEST(Glob, stars_and_question_marks_match_as_in_a_shell) {
  EXPECT_TRUE(matches_glob("anything", ""));
  EXPECT_TRUE(matches_glob("", "*"));
  EXPECT_TRUE(matches_glob("a.b.c", "*.c"));
  EXPECT_TRUE(matches_glob("aXbXc", "a*b*c"));
  EXPECT_TRUE(matches_glob("abcabd", "*ab?"));
  EXPECT_FALSE(matches_glob("abc", "ab"));
  EXPECT_FALSE(matches_glob("ab", "ab?"));
  EXPECT_FALSE(matches_glob("", "?"));
  EXPECT_FALSE(matches_glob(std::string(5'000, 'a'), std::string(2'000, '*') + "b"));
}

}  // namespace
}  // namespace picket::perf_database
