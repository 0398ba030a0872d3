// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong: ends at every step of sealing, damaged files, a full disk, a directory that vanishes, a second
// daemon. Nothing that was acknowledged may be lost, and nothing may stop the rest.
#include <sqlite3.h>

#include <fstream>

#include "hot_reader.hpp"
#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

class StoreFaultTest : public StoreTest {
 protected:
  void overwrite(const std::string& file, std::size_t from, std::size_t size) {
    std::fstream out(settings_.directory / file, std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(out.good());
    out.seekp(static_cast<std::streamoff>(from));
    for (std::size_t i = 0; i < size; ++i) out.put(static_cast<char>(0xA5));
  }
  std::string only(const std::string& prefix) {
    const auto names = files(prefix);
    EXPECT_EQ(names.size(), 1U);
    return names.empty() ? "" : *names.begin();
  }
};

TEST_F(StoreFaultTest, sealing_that_ends_at_any_step_is_repaired_by_doing_it_again) {
  // 300 series: more than one commit of chunks, and of minutes.
  std::vector<std::pair<std::string, double>> tick;
  for (int s = 0; s < 300; ++s) tick.emplace_back("s" + std::to_string(s), s);
  bool ended = true;
  int steps = 0;
  for (int end_at = 1; ended; ++end_at) {
    SCOPED_TRACE(end_at);
    settings_.directory = directory_.path() / std::to_string(end_at);
    now_ = kStart;
    open();
    for (int i = 0; i < 5; ++i, now_ += kSecond) {
      for (auto& [name, value] : tick) value += i;
      ASSERT_TRUE(put(tick));
    }
    const auto expected = values(points(id("s299")));
    ASSERT_EQ(expected.size(), 5U);
    now_ = kStart + kDay + kHour;
    int step = 0;
    ended = false;
    hook_ = [&](std::string_view) {
      if (++step != end_at) return;
      ended = true;
      throw std::runtime_error("the end");
    };
    const Result<std::size_t> first = store_->maintain(false);
    EXPECT_EQ(first.ok(), !ended);
    hook_ = nullptr;
    steps = step;
    EXPECT_EQ(values(points(id("s299"))), expected) << "a reader sees everything once, also half way";
    open();
    maintain();
    EXPECT_TRUE(files("hot-").empty());
    for (const int s : {0, 255, 256, 299}) {
      EXPECT_EQ(values(points(id("s" + std::to_string(s)))).size(), 5U);
    }
    EXPECT_EQ(values(points(id("s299"))), expected);
    EXPECT_EQ(meta().number("SELECT count(*) FROM hour WHERE count = 5"), 300);
    EXPECT_EQ(meta().number("SELECT count(*) FROM day WHERE count = 5"), 300);
  }
  EXPECT_EQ(points(id("s299"), kStart, kStart + kMinute, kMinute).at(0).count, 5U);
  EXPECT_GE(steps, 11) << "chunks and rows twice, the mark, the removal, minutes thrice, the day's rows and its mark";
}

TEST_F(StoreFaultTest, an_append_that_fails_keeps_nothing_and_can_be_repeated) {
  open();
  ASSERT_TRUE(put({{"a", 1}}));
  now_ += kSecond;
  hook_ = [](std::string_view step) {
    if (step == "ticks written") throw SqlError(SQLITE_FULL, "hot", "database or disk is full");
  };
  EXPECT_FALSE(put({{"a", 2}}));
  EXPECT_FALSE(store_->is_open());
  EXPECT_EQ(store_->health().state, StoreState::closed);
  EXPECT_NE(store_->health().message.find("disk is full"), std::string::npos);
  hook_ = nullptr;
  ASSERT_TRUE(store_->open().ok());
  EXPECT_EQ(store_->health().state, StoreState::good);
  ASSERT_TRUE(put({{"a", 2}}));
  EXPECT_EQ(values(points(id("a"))), (std::vector<double>{1, 2}));
}

TEST_F(StoreFaultTest, a_place_where_nothing_can_be_made_is_named_and_tried_again) {
  open();
  ASSERT_TRUE(put({{"a", 1}}));
  ASSERT_TRUE(store_->commit().ok());
  // A file in place of the directory: nothing can be made there.
  store_->close();
  const std::filesystem::path aside = directory_.path() / "aside";
  std::filesystem::rename(settings_.directory, aside);
  std::ofstream(settings_.directory).put('x');
  const Result<void> opened = store_->open();
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find(path_text(settings_.directory)), std::string::npos);
  std::filesystem::remove(settings_.directory);
  std::filesystem::rename(aside, settings_.directory);
  ASSERT_TRUE(store_->open().ok());
  EXPECT_EQ(points(id("a")).size(), 1U);
}

TEST_F(StoreFaultTest, a_second_store_on_the_directory_is_refused_and_names_the_first) {
  open();
  Store second(
      settings_, [this] { return now_; }, [](std::uint32_t, const std::string&) {});
  const Result<void> opened = second.open();
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("in use by process "), std::string::npos) << opened.error().message;
  EXPECT_EQ(opened.error().message.find("(unknown)"), std::string::npos) << opened.error().message;
  store_->close();
  EXPECT_TRUE(second.open().ok());
}

TEST_F(StoreFaultTest, a_damaged_raw_partition_is_set_aside_and_the_rest_goes_on) {
  open();
  fill("a", kStart + kHour);
  now_ = kStart + 8 * kDay;
  maintain();
  fill("a", now_ + kHour);
  now_ += kHour;
  maintain();
  ASSERT_EQ(files("raw-").size(), 2U);
  const std::string first = *files("raw-").begin();
  store_->close();
  overwrite(first, 0, 4'096);
  open();
  EXPECT_EQ(files(first + ".damaged").size(), 1U);
  EXPECT_EQ(store_->health().state, StoreState::degraded);
  EXPECT_NE(store_->health().message.find(first), std::string::npos);
  EXPECT_TRUE(logged(first));
  const auto left = points(id("a"));
  EXPECT_EQ(left.size(), 120U) << "the second week raw, the first by the minute";
  EXPECT_EQ(left.front().time_ns, kStart);
  std::filesystem::remove(settings_.directory / (first + ".damaged"));
  maintain();
  EXPECT_EQ(store_->health().state, StoreState::good) << "once the operator has seen to it";
}

TEST_F(StoreFaultTest, a_chunk_with_a_wrong_checksum_is_reported_and_sets_its_partition_aside_at_the_next_seal) {
  open();
  fill("a", kStart + kHour);
  now_ = kStart + 2 * kHour;
  maintain();
  const std::string raw = only("raw-");
  {
    Database database(settings_.directory / raw, Open::existing);
    database.execute("UPDATE chunk SET data = zeroblob(length(data))");
  }
  std::size_t found = 0;
  const Result<void> read = HistoryReader(settings_.directory).points(id("a"), 0, kForever, 0, [&](auto chunk) {
    found += chunk.size();
    return true;
  });
  EXPECT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find(raw), std::string::npos) << read.error().message;
  EXPECT_EQ(found, 1U) << "the hour row stands in";
  ASSERT_TRUE(put({{"a", 1}}, kStart + kSecond));
  EXPECT_FALSE(store_->maintain(false).ok());
  EXPECT_EQ(files(raw + ".damaged").size(), 1U);
  EXPECT_EQ(maintain(), 1U) << "into a fresh partition";
}

TEST_F(StoreFaultTest, a_damaged_tick_costs_only_what_builds_on_it) {
  open();
  fill("a", kStart + 5 * kMinute, kSecond);
  store_->close();
  const std::string hot = only("hot-");
  {
    Database database(settings_.directory / hot, Open::existing);
    database.execute("UPDATE tick SET data = zeroblob(20) WHERE frame = 50 AND id < (70 * 1000000000 << 21)");
  }
  open();
  now_ = kStart + 2 * kHour;
  maintain();
  EXPECT_EQ(points(id("a")).size(), 290U) << "ten ticks to the next keyframe";
  EXPECT_EQ(files(hot + ".damaged").size(), 1U);
  EXPECT_TRUE(logged("the rest was sealed"));
}

TEST_F(StoreFaultTest, a_hot_file_that_is_no_database_is_set_aside) {
  open();
  fill("a", kStart + kMinute, kSecond);
  store_->close();
  const std::string hot = only("hot-");
  overwrite(hot, 0, 2'000);
  open();
  EXPECT_EQ(files(hot + ".damaged").size(), 1U);
  EXPECT_TRUE(put({{"a", 1}}));
}

TEST_F(StoreFaultTest, an_empty_file_left_by_a_crash_is_no_damage) {
  std::filesystem::create_directories(settings_.directory);
  std::ofstream(settings_.directory / hot_file_name(now_, 0)).flush();
  std::ofstream(settings_.directory / kMetaFile).flush();
  open();
  ASSERT_TRUE(put({{"a", 1}}));
  EXPECT_EQ(store_->health().state, StoreState::good);
  EXPECT_EQ(points(id("a")).size(), 1U);
}

TEST_F(StoreFaultTest, a_lost_catalogue_is_made_again_from_the_partitions) {
  open();
  ASSERT_TRUE(put({{"zero", 0}}));
  fill("a", kStart + kDay, 10 * kMinute);
  now_ = kStart + kDay + kHour;
  maintain();
  ASSERT_TRUE(put({{"fresh", 1}}));
  const SeriesId a = id("a");
  const SeriesId fresh = id("fresh");
  const auto before = points(a, 0, kForever, kHour);
  ASSERT_EQ(before.size(), 24U);
  store_->close();
  overwrite(kMetaFile, 0, 4'096);
  open();
  EXPECT_EQ(files("meta.db.damaged").size(), 1U);
  EXPECT_EQ(id("a"), a);
  EXPECT_EQ(id("fresh"), fresh);
  const auto after = points(a, 0, kForever, kHour);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].count, before[i].count);
    EXPECT_EQ(after[i].maximum, before[i].maximum);
    EXPECT_EQ(after[i].last, before[i].last);
  }
  maintain();
  EXPECT_EQ(points(a, 0, kForever, kDay).at(0).count, 144U) << "the day is summed again";
}

TEST_F(StoreFaultTest, a_catalogue_found_damaged_while_running_is_replaced) {
  open();
  fill("a", kStart + kHour);
  now_ += 2 * kHour;
  maintain();
  store_->close();
  {
    // Damage that opening does not see: the pages of the tiers, not those of the schema.
    std::error_code ignored;
    const auto size = std::filesystem::file_size(settings_.directory / kMetaFile, ignored);
    ASSERT_GT(size, 8'192U);
    overwrite(kMetaFile, 4'096, static_cast<std::size_t>(size) - 4'096);
  }
  Store& store = open();
  EXPECT_EQ(id("a"), 1U);
  for (int i = 0; i < 3 && !store.maintain(false).ok(); ++i) {
    if (!store.is_open()) {
      ASSERT_TRUE(store.open().ok());
    }
  }
  EXPECT_TRUE(store.is_open());
  ASSERT_TRUE(put({{"a", 1}}));
  EXPECT_EQ(points(id("a")).size(), 61U);
}

TEST_F(StoreFaultTest, a_history_of_a_later_version_is_left_alone) {
  open();
  store_->close();
  {
    Database database(settings_.directory / kMetaFile, Open::existing);
    database.execute("PRAGMA user_version = 99");
  }
  const Result<void> opened = store_->open();
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("format version 99"), std::string::npos);
  EXPECT_EQ(files("meta.db"), std::set<std::string>{"meta.db"});
}

TEST_F(StoreFaultTest, what_a_crash_left_half_made_is_swept) {
  open();
  store_->close();
  std::ofstream(settings_.directory / "hot-2024010100.db-wal").put('x');
  std::ofstream(settings_.directory / "hot-2024010101.db.new").put('x');
  open();
  EXPECT_FALSE(std::filesystem::exists(settings_.directory / "hot-2024010101.db.new")) << "a crash while it was made";
  EXPECT_FALSE(std::filesystem::exists(settings_.directory / "hot-2024010100.db-wal"));
}

}  // namespace
}  // namespace picket::perf_database
