// SPDX-License-Identifier: Apache-2.0
//
// Flipped bits in any file of a history. No reader and no store may crash, hang or pass a wrong value off as good; the
// damaged file is named; everything in other files stays readable; collection goes on; and `repair` brings back what
// can be read.
//
// PICKET_BIT_FLIPS in the environment says how many rounds there are, PICKET_BIT_FLIP_SEED with which they begin.
#include <bit>
#include <cstdlib>
#include <fstream>
#include <random>

#include "power_cut_vfs.hpp"
#include "repair.hpp"
#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

constexpr int kSeries = 5;
constexpr int kDefaultRounds = 80;

std::string series_name(int s) {
  return "s" + std::to_string(s);
}

// Full of digits, so that most of a file is data.
double damage_value(int s, std::int64_t time_ns) {
  const std::uint64_t mixed =
      (static_cast<std::uint64_t>(time_ns / kSecond) * 31 + static_cast<std::uint64_t>(s)) * 0x9E3779B97F4A7C15ULL;
  return static_cast<double>(mixed >> 11U) / 8;
}

// Two weeks of raw samples, sealed hours of today, an hour that runs, and logs as a killed daemon leaves them.
class DamageTest : public StoreTest {
 protected:
  ~DamageTest() override { store_.reset(); }

  void make_history() {
    settings_.directory = directory_.path() / "whole";
    settings_.keep_raw_ns = kForever;
    now_ = kStart;
    open();
    write_until(kStart + 3 * kHour);
    now_ = kStart + 6 * kDay;
    write_until(now_ + 2 * kHour + 20 * kMinute);
    ASSERT_TRUE(store_->commit().ok());
    end_ = now_;
    fs::create_directory(directory_.path() / "killed");
    for (const auto& entry : fs::directory_iterator(settings_.directory)) {
      const std::string name = path_text(entry.path().filename());
      if (name != "lock" && !name.ends_with("-shm")) fs::copy(entry.path(), directory_.path() / "killed" / name);
    }
    store_.reset();
  }

  void write_until(std::int64_t end) {
    for (; now_ < end; now_ += 10 * kSecond) {
      std::vector<std::pair<std::string, double>> values;
      for (int s = 0; s < kSeries; ++s) values.emplace_back(series_name(s), damage_value(s, now_));
      ASSERT_TRUE(put(values));
      times_.insert(now_);
      if (now_ % kHour == 5 * kMinute) {
        const EventRow event{now_, "alert", "test", 5, "event " + std::to_string(now_), "{}"};
        ASSERT_TRUE(store_->append_events(std::span(&event, 1)).ok());
        maintain();
      }
    }
  }

  // A fresh copy of the killed history to do harm to.
  void restore() {
    settings_.directory = directory_.path() / "harmed";
    fs::remove_all(settings_.directory);
    fs::copy(directory_.path() / "killed", settings_.directory);
    now_ = end_;
    log_.clear();
  }

  // Flips bits at a random place of a random file; returns its name. Small files are as likely as large ones.
  std::string flip(std::mt19937_64& random) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(settings_.directory)) {
      if (entry.file_size() != 0) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    const fs::path& file = files[random() % files.size()];
    const std::uint64_t size = fs::file_size(file);
    // The first page of a file is what everything hangs on: as often as all others together.
    const std::uint64_t at = random() % 2 == 0 ? random() % std::min<std::uint64_t>(size, 4'096) : random() % size;
    const std::uint64_t length = random() % 3 == 0 ? 1 + random() % 600 : 1;
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    for (std::uint64_t i = at; i < std::min(at + length, size); ++i) {
      stream.seekg(static_cast<std::streamoff>(i));
      const int byte = stream.get();
      stream.seekp(static_cast<std::streamoff>(i));
      stream.put(static_cast<char>(byte ^ (1 << random() % 8)));
    }
    return path_text(file.filename());
  }

  struct Found {
    std::size_t right = 0;
    std::size_t wrong = 0;
    std::string error;
  };
  // All raw samples of all series, from readers that stand alone.
  Found read_all() {
    Found found;
    const HistoryReader reader(settings_.directory);
    std::map<std::string, SeriesId> ids;
    const Result<void> listed = reader.series("", [&](const StoredSeries& one) {
      ids.emplace(one.info.name, one.id);
      return true;
    });
    if (!listed) found.error = listed.error().message;
    for (int s = 0; s < kSeries; ++s) {
      if (!ids.contains(series_name(s))) continue;
      const Result<void> read = reader.points(ids.at(series_name(s)), 0, kForever, 0, [&](auto chunk) {
        for (const picket_history_point& point : chunk) {
          if (point.count != 1 || !times_.contains(point.time_ns)) continue;  // an hour row, or a key that was hit
          const bool right =
              std::bit_cast<std::uint64_t>(point.last) == std::bit_cast<std::uint64_t>(damage_value(s, point.time_ns));
          ++(right ? found.right : found.wrong);
        }
        return true;
      });
      if (!read) found.error = read.error().message;
    }
    return found;
  }
  std::size_t all_samples() const { return times_.size() * kSeries; }

  TestVfs vfs_;  // nothing is really synced, which is quick
  std::set<std::int64_t> times_;
  std::int64_t end_ = 0;
};

TEST_F(DamageTest, a_header_that_asks_for_a_later_sqlite_is_damage) {
  make_history();
  // Byte 18, 19: versions for writing and reading; 44 to 47: of the schema's format.
  for (const std::streamoff at : {18, 19, 47}) {
    for (const std::string& file : {raw_file_name(kStart), hot_file_name(end_, 0), std::string(kMetaFile)}) {
      SCOPED_TRACE(file + " at " + std::to_string(at));
      restore();
      fs::remove(settings_.directory / (file + "-wal"));  // has a header of its own
      if (fs::file_size(settings_.directory / file) == 0) continue;
      {
        std::fstream stream(settings_.directory / file, std::ios::binary | std::ios::in | std::ios::out);
        stream.seekp(at);
        stream.put(9);
      }
      open();
      EXPECT_EQ(files(file + ".damaged").size(), 1U);
      ASSERT_TRUE(put({{"after", 1}}));
      EXPECT_TRUE(store_->commit().ok());
      store_.reset();
      ASSERT_TRUE(repair_history(settings_.directory, now_, {}).ok());
    }
  }
}

TEST_F(DamageTest, flipped_bits_are_found_named_and_kept_from_spreading) {
  make_history();
  const char* const wanted = std::getenv("PICKET_BIT_FLIPS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : kDefaultRounds;
  int hurt = 0;
  int named = 0;
  const char* const first = std::getenv("PICKET_BIT_FLIP_SEED");
  for (int i = 0; i < rounds; ++i) {
    const int round = i + (first != nullptr ? std::atoi(first) : 0);
    std::mt19937_64 random(static_cast<std::uint64_t>(round));
    restore();
    const std::string file = flip(random);
    SCOPED_TRACE("round " + std::to_string(round) + ", " + file);

    const Found before = read_all();
    EXPECT_EQ(before.wrong, 0U);

    // The daemon starts, works for a few hours, and is asked for everything.
    store_ = std::make_unique<Store>(
        settings_, [this] { return now_; }, [this](std::uint32_t, const std::string& line) { log_.push_back(line); });
    Result<void> opened = store_->open();
    for (int tries = 0; tries < 3 && !opened; ++tries) opened = store_->open();
    if (!opened) {
      // The one thing that is not touched: what looks like a later version.
      EXPECT_NE(opened.error().message.find("format version"), std::string::npos) << opened.error().message;
      store_.reset();
      continue;
    }
    for (int tries = 0; tries < 4; ++tries) {
      now_ = end_ + 3 * kHour + tries * kMinute;
      if (!store_->is_open()) {
        ASSERT_TRUE(store_->open().ok()) << store_->health().message;
      }
      (void)store_->maintain(false);
    }
    if (!store_->is_open()) {
      ASSERT_TRUE(store_->open().ok()) << store_->health().message;
    }
    ASSERT_TRUE(put({{"after", 1}})) << store_->health().message;
    ASSERT_TRUE(store_->commit().ok()) << store_->health().message;
    EXPECT_EQ(points(id("after")).size(), 1U) << "collection goes on";
    const Found during = read_all();
    EXPECT_EQ(during.wrong, 0U);
    store_.reset();

    const Result<RepairReport> repaired = repair_history(settings_.directory, now_, {});
    ASSERT_TRUE(repaired.ok()) << repaired.error().message;
    const Found after = read_all();
    EXPECT_EQ(after.wrong, 0U);
    EXPECT_GE(after.right, during.right) << "repair makes nothing worse";
    EXPECT_EQ(after.error, "");
    EXPECT_GE(after.right, all_samples() / 3) << "the other files";
    if (after.right == all_samples()) continue;
    // A log that is hit ends there for SQLite, as one does whose end was not synced: nobody can tell the two apart.
    if (file.ends_with("-wal")) continue;
    ++hurt;
    bool told = !files("").empty() && log_.size() > 1;
    for (const SalvagedFile& one : repaired->salvaged) told = told || one.unread_parts != 0 || one.lost_samples != 0;
    named += told ? 1 : 0;
  }
  EXPECT_GT(hurt, 0) << "flips that cost nothing test nothing";
  EXPECT_EQ(named, hurt) << "no loss without a word";
}

}  // namespace
}  // namespace picket::perf_database
