// SPDX-License-Identifier: Apache-2.0
//
// A store in a directory of its own, under a clock that the test moves.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "history_reader.hpp"
#include "store.hpp"

namespace picket::perf_database {

// A Friday, 00:00 UTC.
inline constexpr std::int64_t kStart = 20'000 * kDay;

class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { settings_.directory = directory_.path() / "history"; }

  // Closes the one before.
  Store& open() {
    store_.reset();
    store_ = std::make_unique<Store>(
        settings_, [this] { return now_; }, [this](std::uint32_t, const std::string& line) { log_.push_back(line); },
        [this](std::string_view step) {
          if (hook_) hook_(step);
        });
    const Result<void> opened = store_->open();
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().message);
    return *store_;
  }

  static SeriesInfo info(const std::string& name) { return {"box", "host", name, "{}", "By", 0, -1}; }

  SeriesId id(const std::string& name) {
    Result<SeriesId> found = store_->resolve(info(name));
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : 0;
  }

  // One tick of these series, at the current time of the clock unless said otherwise.
  bool put(const std::vector<std::pair<std::string, double>>& values, std::int64_t time_ns = 0) {
    Tick tick{time_ns != 0 ? time_ns : now_, {}};
    for (const auto& [name, value] : values) tick.samples.push_back({id(name), value});
    return store_->append(store_->epoch(), std::span(&tick, 1)).ok();
  }

  // A sample of `name` each `step` from the current time on, up to `end`, which the clock then shows.
  void fill(const std::string& name, std::int64_t end, std::int64_t step = kMinute) {
    for (; now_ < end; now_ += step) {
      ASSERT_TRUE(put({{name, value_at(now_)}}));
    }
  }
  // The same of several series in few commits, for long times; the clock stands at `end` afterwards.
  void fill_all(const std::vector<std::string>& names, std::int64_t end, std::int64_t step) {
    std::vector<Tick> ticks;
    for (; now_ < end; now_ += step) {
      Tick tick{now_, {}};
      for (std::size_t i = 0; i < names.size(); ++i) {
        tick.samples.push_back({id(names[i]), value_at(now_) + static_cast<double>(i)});
      }
      ticks.push_back(std::move(tick));
    }
    ASSERT_TRUE(store_->append(store_->epoch(), ticks).ok());
  }
  static double value_at(std::int64_t time_ns) { return static_cast<double>((time_ns / kSecond * 7919) % 1'000) / 10; }

  std::size_t maintain(bool early = false) {
    Result<std::size_t> sealed = store_->maintain(early);
    EXPECT_TRUE(sealed.ok()) << (sealed.ok() ? "" : sealed.error().message);
    return sealed.ok() ? *sealed : 0;
  }

  std::vector<picket_history_point> points(SeriesId series, std::int64_t from = 0, std::int64_t to = kForever,
                                           std::int64_t step = 0) {
    std::vector<picket_history_point> found;
    const Result<void> read = HistoryReader(settings_.directory)
                                  .points(series, from, to, step, [&](std::span<const picket_history_point> chunk) {
                                    found.insert(found.end(), chunk.begin(), chunk.end());
                                    return true;
                                  });
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message);
    return found;
  }

  // Of many series in one read, by place in `ids`.
  std::vector<std::vector<picket_history_point>> points_of(const std::vector<SeriesId>& ids, std::int64_t from,
                                                           std::int64_t to, std::int64_t step) {
    std::vector<std::vector<picket_history_point>> found(ids.size());
    const Result<void> read =
        HistoryReader(settings_.directory).points_of(ids, {from, to, step}, [&](std::size_t slot, auto chunk) {
          found[slot].insert(found[slot].end(), chunk.begin(), chunk.end());
          return true;
        });
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message);
    return found;
  }

  std::vector<StoredSeries> series(const std::string& glob = "") {
    std::vector<StoredSeries> found;
    const Result<void> read = HistoryReader(settings_.directory).series(glob, [&](const StoredSeries& one) {
      found.push_back(one);
      return true;
    });
    EXPECT_TRUE(read.ok());
    return found;
  }

  // Names of the files whose name begins like this.
  std::set<std::string> files(const std::string& prefix) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(settings_.directory)) {
      const std::string name = path_text(entry.path().filename());
      if (name.starts_with(prefix) && !name.ends_with("-wal") && !name.ends_with("-shm")) names.insert(name);
    }
    return names;
  }

  bool logged(const std::string& text) const {
    for (const std::string& line : log_) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

  Database meta() { return open_for_reading(settings_.directory / kMetaFile, FileKind::meta); }

  TempDirectory directory_;
  StoreSettings settings_;
  std::int64_t now_ = kStart;
  std::vector<std::string> log_;
  StepHook hook_;
  std::unique_ptr<Store> store_;
};

// Buckets worked out from raw points, the long way.
std::vector<picket_history_point> summed(const std::vector<picket_history_point>& raw, std::int64_t step);
// Whether two lists of points are the same; means up to rounding.
void expect_same(const std::vector<picket_history_point>& found, const std::vector<picket_history_point>& expected);

// The values of raw points.
std::vector<double> values(const std::vector<picket_history_point>& points);

}  // namespace picket::perf_database
