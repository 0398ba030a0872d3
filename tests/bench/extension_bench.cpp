// SPDX-License-Identifier: Apache-2.0
//
// How long questions in SQL take through the extension: one series over a day by minute, and a thousand series over an
// hour by minute, sealed and hot. The history is made below the system's temporary directory (TMPDIR) and removed: one
// day of 10 series and, in a directory of its own, two hours of 1,000, at one second. Run:
// build/release/bin/extension_bench
#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "history_reader.hpp"
#include "store.hpp"

namespace {

using namespace picket::perf_database;

constexpr std::int64_t kBegin = 20'000 * kDay;

// A history of counters and ratios, whose last hour is not sealed.
class Filled {
 public:
  Filled(std::size_t series, std::int64_t hours)
      : directory_(std::filesystem::temp_directory_path() / ("picket-extension-bench-" + std::to_string(series))) {
    std::filesystem::remove_all(directory_);
    StoreSettings settings;
    settings.directory = directory_;
    store_ = std::make_unique<Store>(
        settings, [this] { return now_; }, [](std::uint32_t, const std::string&) {});
    if (!store_->open()) return;
    picket::perf_database::Tick tick;
    for (std::size_t i = 0; i < series; ++i) {
      const auto id = store_->resolve({"box", "host", "metric." + std::to_string(i), "{}", "1", 1, -1});
      tick.samples.push_back({*id, 0});
    }
    std::mt19937 random(42);
    good_ = true;
    for (; good_ && now_ < kBegin + hours * kHour; now_ += kSecond) {
      tick.time_ns = now_;
      for (std::size_t i = 0; i < series; ++i) tick.samples[i].value += static_cast<double>(random() % (i + 2));
      good_ = store_->append(store_->epoch(), std::span(&tick, 1)).ok();
      if ((now_ - kBegin) % kHour == 5 * kMinute) good_ = good_ && store_->maintain(false).ok();
    }
    good_ = good_ && store_->commit().ok();
  }
  ~Filled() {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;

  bool good() const { return good_; }
  std::string meta() const { return path_text(directory_ / kMetaFile); }

 private:
  const std::filesystem::path directory_;
  std::int64_t now_ = kBegin;
  std::unique_ptr<Store> store_;
  bool good_ = false;
};

const Filled& few_series() {
  static const Filled filled(10, 25);
  return filled;
}

const Filled& many_series() {
  static const Filled filled(1'000, 2);
  return filled;
}

std::string between(std::int64_t from, std::int64_t to) {
  return std::to_string((kBegin + from) / kSecond) + ", " + std::to_string((kBegin + to) / kSecond);
}

// Every row and column is fetched, as a program would.
std::size_t run(sqlite3* connection, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) return 0;
  std::size_t rows = 0;
  for (; sqlite3_step(statement) == SQLITE_ROW; ++rows) {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      benchmark::DoNotOptimize(sqlite3_column_double(statement, i));
    }
  }
  return sqlite3_finalize(statement) == SQLITE_OK ? rows : 0;
}

void ask(benchmark::State& state, const Filled& (*history)(), const std::string& sql) {
  if (!history().good()) return state.SkipWithError("the store failed");
  sqlite3* connection = nullptr;
  sqlite3_open(history().meta().c_str(), &connection);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, nullptr);
  if (sqlite3_load_extension(connection, PICKET_HISTORY_EXTENSION, nullptr, nullptr) != SQLITE_OK) {
    state.SkipWithError(sqlite3_errmsg(connection));
  }
  std::size_t rows = 0;
  for (auto _ : state) rows = run(connection, sql);
  if (rows == 0) state.SkipWithError(sqlite3_errmsg(connection));
  state.counters["rows"] = static_cast<double>(rows);
  sqlite3_close(connection);
}

BENCHMARK_CAPTURE(ask, one_series_a_day_by_minute, few_series,
                  "SELECT time, mean, rate FROM buckets(3, " + between(0, kDay) + ", 60)")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, one_series_a_day_of_samples, few_series,
                  "SELECT time, value FROM samples(3, " + between(0, kDay) + ")")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, one_series_the_first_sample, few_series, "SELECT time, value FROM samples(3) LIMIT 1")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, many_series_a_sealed_hour_by_minute, many_series,
                  "SELECT time, series, mean, rate FROM history('*', " + between(0, kHour) + ", 60)")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, many_series_a_hot_hour_by_minute, many_series,
                  "SELECT time, series, mean, rate FROM history('*', " + between(kHour, 2 * kHour) + ", 60)")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ask, many_series_one_by_one_a_sealed_hour_by_minute, many_series,
                  "SELECT b.time, s.id, b.mean, b.rate FROM series s JOIN buckets(s.id, " + between(0, kHour) +
                      ", 60) b")
    ->Unit(benchmark::kMillisecond);

}  // namespace
