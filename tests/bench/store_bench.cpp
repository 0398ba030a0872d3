// SPDX-License-Identifier: Apache-2.0
//
// What the history store does: samples a second taken in (with a commit to the device each five ticks) and sealed,
// bytes a sample on disk, and how long questions take. One thousand series at one second; the directory is made below
// the system's temporary one (TMPDIR) and removed. Run: build/release/bin/store_bench
//
// The series are those of host_series.hpp. Timestamps jitter by up to 2 ms.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "files.hpp"
#include "history_reader.hpp"
#include "host_series.hpp"
#include "store.hpp"

namespace {

using namespace picket::perf_database;
using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

// What this process made the system write to its devices so far (Linux only; elsewhere 0).
double device_bytes_written() {
  std::ifstream io("/proc/self/io");
  for (std::string word; io >> word;) {
    if (word != "write_bytes:") continue;
    double bytes = 0;
    io >> bytes;
    return bytes;
  }
  return 0;
}

double cpu_now() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

constexpr std::size_t kSeries = 1'000;
// PICKET_BENCH_HOURS: 24 and more also make the minutes and the rows of the day.
const int kHours = [] {
  const char* text = std::getenv("PICKET_BENCH_HOURS");
  return text == nullptr ? 2 : std::max(std::atoi(text), 1);
}();
constexpr std::int64_t kBegin = 20'000 * kDay;

// A history of kHours in a directory of its own.
class Filled {
 public:
  Filled() : directory_(std::filesystem::temp_directory_path() / "picket-store-bench") {
    std::filesystem::remove_all(directory_);
    StoreSettings settings;
    settings.directory = directory_;
    settings.max_series = kSeries;
    store_ = std::make_unique<Store>(
        settings, [this] { return now_; }, [](std::uint32_t, const std::string&) {});
    good_ = store_->open().ok();
    for (std::size_t i = 0; good_ && i < kSeries; ++i) {
      const auto id = store_->resolve({"box", "host", "metric." + std::to_string(i), "{}", "1", 0, -1});
      tick_.samples.push_back({*id, 0});
    }
    for (int hour = 0; good_ && hour < kHours; ++hour) fill_hour();
  }
  ~Filled() {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;

  bool good() const { return good_; }
  double ingest_seconds() const { return ingest_; }
  double seal_seconds() const { return seal_; }
  static double samples() { return static_cast<double>(kSeries) * 3'600 * kHours; }
  double chunk_bytes() const { return static_cast<double>(store_->stats()->sealed_bytes); }
  double raw_file_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& [week, file] : list_files(directory_).raw) bytes += file_bytes(file);
    return static_cast<double>(bytes);
  }
  // Everything, once the store is closed and its logs are folded in.
  double directory_bytes() {
    store_.reset();
    double sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      sum += static_cast<double>(entry.file_size());
    }
    return sum;
  }
  double cpu_seconds() const { return cpu_; }
  const std::filesystem::path& directory() const { return directory_; }

 private:
  void fill_hour() {
    for (int second = 0; second < 3'600; ++second, now_ += kSecond) {
      tick_.time_ns = now_ + generator_.jitter();
      for (std::size_t i = 0; i < kSeries; ++i) tick_.samples[i].value = generator_.next(i);
      const Steady::time_point start = Steady::now();
      const double cpu = cpu_now();
      good_ = good_ && store_->append(store_->epoch(), std::span(&tick_, 1)).ok();
      if (second % 5 == 4) good_ = good_ && store_->commit().ok();
      ingest_ += seconds_since(start);
      cpu_ += cpu_now() - cpu;
    }
    const std::int64_t real = now_;
    now_ += kLateness;
    const Steady::time_point start = Steady::now();
    const double cpu = cpu_now();
    good_ = good_ && store_->maintain(false).ok();
    seal_ += seconds_since(start);
    cpu_ += cpu_now() - cpu;
    now_ = real;
  }

  const std::filesystem::path directory_;
  std::int64_t now_ = kBegin;
  std::unique_ptr<Store> store_;
  picket::perf_database::Tick tick_;
  picket::bench::HostSeries generator_{kSeries};
  double ingest_ = 0;
  double seal_ = 0;
  double cpu_ = 0;
  bool good_ = false;
};

// Each iteration fills two hours anew; the time is that of appending, committing and sealing alone.
void ingest_and_seal(benchmark::State& state) {
  double taken_in = 0;
  double sealed = 0;
  double rounds = 0;
  for (auto _ : state) {
    const double written = device_bytes_written();
    Filled filled;
    if (!filled.good()) return state.SkipWithError("the store failed");
    state.SetIterationTime(filled.ingest_seconds() + filled.seal_seconds());
    taken_in += filled.ingest_seconds();
    sealed += filled.seal_seconds();
    rounds += 1;
    state.counters["chunk_bytes_per_sample"] = filled.chunk_bytes() / Filled::samples();
    state.counters["file_bytes_per_sample"] = filled.raw_file_bytes() / Filled::samples();
    state.counters["samples_per_cpu_second"] = Filled::samples() / filled.cpu_seconds();
    state.counters["directory_bytes_per_sample"] = filled.directory_bytes() / Filled::samples();
    state.counters["device_bytes_per_sample"] = (device_bytes_written() - written) / Filled::samples();
  }
  state.counters["samples_per_second_in"] = rounds * Filled::samples() / taken_in;
  state.counters["samples_per_second_in_and_sealed"] = rounds * Filled::samples() / (taken_in + sealed);
}
BENCHMARK(ingest_and_seal)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond);

const Filled& shared_history() {
  static const Filled filled;
  return filled;
}

void question(benchmark::State& state, SeriesId first, SeriesId last, std::int64_t from, std::int64_t to,
              std::int64_t step) {
  const Filled& filled = shared_history();
  std::size_t found = 0;
  for (auto _ : state) {
    found = 0;
    for (SeriesId id = first; id <= last; ++id) {
      const auto read = HistoryReader(filled.directory()).points(id, from, to, step, [&](auto points) {
        found += points.size();
        return true;
      });
      if (!read) return state.SkipWithError(read.error().message.c_str());
    }
  }
  if (found == 0) state.SkipWithError("nothing was found");
  state.counters["points"] = static_cast<double>(found);
}
BENCHMARK_CAPTURE(question, one_series_raw, 333, 333, 0, kForever, 0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(question, one_series_by_minute, 333, 333, 0, kForever, kMinute)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(question, one_series_five_minutes_raw, 333, 333, kBegin + kMinute, kBegin + 6 * kMinute, 0)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(question, one_series_by_hour, 333, 333, 0, kForever, kHour)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(question, all_series_one_hour_by_minute, 1, kSeries, kBegin, kBegin + kHour, kMinute)
    ->Unit(benchmark::kMillisecond);

}  // namespace
