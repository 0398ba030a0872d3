// SPDX-License-Identifier: Apache-2.0
//
// How long questions to the history take: one series over a year by the hour, by the minute and sample by sample, and a
// thousand series over one hour, sealed and still hot. The histories are made below the system's temporary directory
// (TMPDIR) and removed; making the year takes some ten seconds. Run: build/release/bin/store_query_bench
#include <benchmark/benchmark.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <numeric>
#include <random>
#include <string>

#include "files.hpp"
#include "history_reader.hpp"
#include "minute_maker.hpp"
#include "store.hpp"

namespace {

namespace fs = std::filesystem;
using namespace picket::perf_database;

constexpr std::int64_t kBegin = 20'000 * kDay;

// What a series of each kind shows at some second.
class Wave {
 public:
  double next(SeriesId series) {
    switch (series % 3) {
      case 0:  // a ratio of jiffies
        return static_cast<double>(random_() % 30) / (99.0 + static_cast<double>(random_() % 3));
      case 1:  // memory in pages
        return (pages_ += static_cast<double>(random_() % 41) - 20) * 4'096;
      default:  // a steady counter
        return counter_ += 900 + static_cast<double>(random_() % 200);
    }
  }

 private:
  std::mt19937_64 random_{7};
  double pages_ = 100'000;
  double counter_ = 0;
};

SeriesInfo info_of(SeriesId id) {
  return {"box", "host", "metric." + std::to_string(id), "{}", "1", 0, -1};
}

// Three series of one sample a second over 365 days, as the sealer leaves them. Written to the files directly: a clock
// of a year takes too long even for a fast store.
class Year {
 public:
  static constexpr SeriesId kSeries = 3;
  static constexpr std::int64_t kEnd = kBegin + 365 * kDay;

  Year() : directory_(fs::temp_directory_path() / "picket-year-bench") {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
    MetaStore meta(directory_);
    std::vector<std::pair<SeriesId, SeriesInfo>> all;
    for (SeriesId id = 1; id <= kSeries; ++id) all.emplace_back(id, info_of(id));
    meta.add_series(all);
    for (std::int64_t from = kBegin; from < kEnd; from = week_start(from) + kWeek) {
      write_week(from, std::min(week_start(from) + kWeek, kEnd));
    }
    meta.rebuild_hours(hours_);
    for (std::int64_t day = kBegin; day < kEnd; day += kDay) {
      make_minutes(directory_, day, 0, [](std::string_view) {});
      meta.sum_day(day);
      meta.finish_day(day);
    }
  }
  ~Year() { fs::remove_all(directory_); }
  Year(const Year&) = delete;
  Year& operator=(const Year&) = delete;

  const fs::path& directory() const { return directory_; }

 private:
  void write_week(std::int64_t from, std::int64_t to) {
    RawFile raw(directory_ / raw_file_name(from), Open::create);
    std::vector<std::int64_t> times(3'600);
    std::vector<double> values(3'600);
    raw.begin();
    for (std::int64_t hour = from; hour < to; hour += kHour) {
      for (std::size_t i = 0; i < times.size(); ++i) {
        times[i] = hour + static_cast<std::int64_t>(i) * kSecond + jitter();
      }
      for (SeriesId id = 1; id <= kSeries; ++id) {
        for (double& value : values) value = wave_.next(id);
        const SealedSeries row = raw.put(hour, id, info_of(id), times, values);
        hours_.push_back({id, hour, row.sum});
      }
    }
    raw.commit();
  }
  std::int64_t jitter() { return static_cast<std::int64_t>(random_() % 2'000) * 1'000; }

  const fs::path directory_;
  Wave wave_;
  std::mt19937_64 random_{42};
  std::vector<Bucket> hours_;
};

// A thousand series of one sample a second over one hour.
class Hour {
 public:
  static constexpr SeriesId kSeries = 1'000;

  Hour(const std::string& name, bool sealed) : directory_(fs::temp_directory_path() / name) {
    fs::remove_all(directory_);
    StoreSettings settings;
    settings.directory = directory_;
    std::int64_t now = kBegin;
    Store store(
        settings, [&now] { return now; }, [](std::uint32_t, const std::string&) {});
    good_ = store.open().ok();
    picket::perf_database::Tick tick{};
    for (SeriesId i = 1; good_ && i <= kSeries; ++i) tick.samples.push_back({*store.resolve(info_of(i)), 0});
    std::vector<Wave> waves(kSeries);
    for (int second = 0; good_ && second < 3'600; ++second, now += kSecond) {
      tick.time_ns = now;
      for (std::size_t i = 0; i < kSeries; ++i) tick.samples[i].value = waves[i].next(tick.samples[i].series);
      good_ = store.append(store.epoch(), std::span(&tick, 1)).ok();
    }
    good_ = good_ && store.commit().ok();
    if (good_ && sealed) {
      now += kLateness;
      good_ = store.maintain(false).ok();
    }
  }
  ~Hour() { fs::remove_all(directory_); }
  Hour(const Hour&) = delete;
  Hour& operator=(const Hour&) = delete;

  bool good() const { return good_; }
  const fs::path& directory() const { return directory_; }

 private:
  const fs::path directory_;
  bool good_ = false;
};

void ask(benchmark::State& state, const fs::path& directory, const std::vector<SeriesId>& series,
         const RangeRead::Range& range) {
  std::size_t found = 0;
  for (auto _ : state) {
    found = 0;
    const auto read = HistoryReader(directory).points_of(series, range, [&](std::size_t, auto points) {
      found += points.size();
      return true;
    });
    if (!read) return state.SkipWithError(read.error().message.c_str());
  }
  if (found == 0) state.SkipWithError("nothing was found");
  state.counters["points"] = static_cast<double>(found);
}

void one_year(benchmark::State& state, std::int64_t step) {
  static const Year year;
  ask(state, year.directory(), {static_cast<SeriesId>(state.range(0))}, {kBegin, Year::kEnd, step});
}
BENCHMARK_CAPTURE(one_year, by_day, kDay)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(one_year, by_hour, kHour)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(one_year, by_minute, kMinute)->DenseRange(1, Year::kSeries)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(one_year, raw, 0)->DenseRange(1, Year::kSeries)->Unit(benchmark::kMillisecond);

void thousand_series(benchmark::State& state, const Hour& hour, std::int64_t step) {
  if (!hour.good()) return state.SkipWithError("the store failed");
  std::vector<SeriesId> all(Hour::kSeries);
  std::iota(all.begin(), all.end(), SeriesId{1});
  ask(state, hour.directory(), all, {kBegin, kBegin + kHour, step});
}

const Hour& sealed_hour() {
  static const Hour hour("picket-sealed-bench", true);
  return hour;
}
const Hour& hot_hour() {
  static const Hour hour("picket-hot-bench", false);
  return hour;
}

void thousand_series_sealed(benchmark::State& state, std::int64_t step) {
  thousand_series(state, sealed_hour(), step);
}
BENCHMARK_CAPTURE(thousand_series_sealed, by_minute, kMinute)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(thousand_series_sealed, raw, 0)->Unit(benchmark::kMillisecond);

void thousand_series_hot(benchmark::State& state, std::int64_t step) {
  thousand_series(state, hot_hour(), step);
}
BENCHMARK_CAPTURE(thousand_series_hot, by_minute, kMinute)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(thousand_series_hot, raw, 0)->Unit(benchmark::kMillisecond);

}  // namespace
