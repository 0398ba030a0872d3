// SPDX-License-Identifier: Apache-2.0
//
// The history store beside the tables that one would write first: the same 1,000 series at one second as plain SQLite
// rows, in the three usual layouts. `rows/...` print how many times more bytes on disk, time and device writes they
// take than the store with the same samples; `store/86400` is a day, `store_recorded` the recorded /proc counters,
// and their numbers include every file and log. Linux only (device writes are from /proc/self/io); makes directories
// below the system's temporary one (TMPDIR; a memory file system shows no device writes) and removes them.
// Run: build/release/bin/sqlite_rows_bench
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "host_series.hpp"
#include "proc_recording.hpp"
#include "sql.hpp"
#include "store.hpp"

namespace {

using namespace picket::bench;
using namespace picket::perf_database;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kSyntheticSeries = 1'000;
constexpr std::size_t kTicksPerHour = 3'600;
constexpr std::size_t kTicksPerCommit = 5;
constexpr std::int64_t kFirstTick = 20'000 * kDay;

// Fills the samples of one tick and returns its time.
using Source = std::function<std::int64_t(std::size_t tick, std::vector<Sample>& samples)>;

Source synthetic_source() {
  return [source = HostSeries(kSyntheticSeries)](std::size_t tick, std::vector<Sample>& samples) mutable {
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i].value = source.next(i);
    return kFirstTick + static_cast<std::int64_t>(tick) * kSecond + source.jitter();
  };
}

// The recording again and again; what only ever grew in it goes on growing.
Source recorded_source(const ProcRecording& recording) {
  std::vector<double> growth;
  for (const auto& series : recording.series) {
    const bool grows = std::is_sorted(series.values.begin(), series.values.end());
    growth.push_back(grows ? series.values.back() - series.values.front() : 0);
  }
  return [&recording, growth](std::size_t tick, std::vector<Sample>& samples) {
    const std::size_t ticks = recording.times_ns.size();
    const std::size_t round = tick / ticks;
    for (std::size_t i = 0; i < samples.size(); ++i)
      samples[i].value = recording.series[i].values[tick % ticks] + static_cast<double>(round) * growth[i];
    return kFirstTick + static_cast<std::int64_t>(round * ticks) * kSecond + recording.times_ns[tick % ticks] -
           recording.times_ns[0];
  };
}

double device_writes() {
  std::ifstream io("/proc/self/io");
  std::string name;
  double written = 0;
  double value = 0;
  while (io >> name >> value) {
    if (name == "write_bytes:") written += value;
    if (name == "cancelled_write_bytes:") written -= value;
  }
  return written;
}

struct Outcome {
  double samples = 0;
  double seconds = 0;    // of wall time, without making the samples
  double processor = 0;  // seconds of it that this process computed
  double bytes = 0;      // of all files at the end
  double written = 0;    // to the device
};

// An empty directory that goes away again.
class Directory {
 public:
  explicit Directory(const std::string& name) : path_(std::filesystem::temp_directory_path() / name) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  double bytes() const {
    double sum = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      if (entry.is_regular_file()) sum += static_cast<double>(entry.file_size());
    }
    return sum;
  }

 private:
  std::filesystem::path path_;
};

// Runs `work`, adding its time.
template <typename Work>
void timed(Outcome& outcome, Work work) {
  const Steady::time_point start = Steady::now();
  const std::clock_t computed = std::clock();
  work();
  outcome.processor += static_cast<double>(std::clock() - computed) / CLOCKS_PER_SEC;
  outcome.seconds += std::chrono::duration<double>(Steady::now() - start).count();
}

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

// Hours are sealed as they end, and the last one at the end.
Outcome fill_store(std::size_t series, std::size_t ticks, Source source) {
  const Directory directory("picket-rows-bench-store");
  Outcome outcome{static_cast<double>(series * ticks)};
  const double before = device_writes();
  std::int64_t now = kFirstTick;
  StoreSettings settings;
  settings.directory = directory.path();
  std::optional<Store> store(
      std::in_place, settings, [&now] { return now; }, [](std::uint32_t, const std::string&) {});
  require(store->open().ok(), "the store does not open");
  Tick tick{};
  for (std::size_t i = 0; i < series; ++i) {
    const auto id = store->resolve({"box", "host", "metric." + std::to_string(i), "{}", "1", 0, -1});
    require(id.ok(), "no id for a series");
    tick.samples.push_back({*id, 0});
  }
  for (std::size_t i = 0; i < ticks; ++i) {
    now = tick.time_ns = source(i, tick.samples);
    timed(outcome, [&] {
      require(store->append(store->epoch(), std::span(&tick, 1)).ok(), "a tick was not taken");
      if (i % kTicksPerCommit == kTicksPerCommit - 1) require(store->commit().ok(), "a commit failed");
      if (i + 1 == ticks || (i + 1) % kTicksPerHour == 0) {
        now = kFirstTick + (static_cast<std::int64_t>(i / kTicksPerHour) + 1) * kHour;
        require(store->maintain(true).ok(), "sealing failed");
      }
    });
  }
  timed(outcome, [&] { store.reset(); });
  outcome.bytes = directory.bytes();
  outcome.written = device_writes() - before;
  return outcome;
}

struct Layout {
  const char* name;
  const char* schema;
};

constexpr Layout kLayouts[] = {
    {"rowid_and_index",
     "CREATE TABLE sample(series INTEGER, ts INTEGER, value REAL); CREATE INDEX by_series ON sample(series, ts)"},
    {"key_series_time",
     "CREATE TABLE sample(series INTEGER, ts INTEGER, value REAL, PRIMARY KEY(series, ts)) WITHOUT ROWID"},
    {"key_time_series",
     "CREATE TABLE sample(series INTEGER, ts INTEGER, value REAL, PRIMARY KEY(ts, series)) WITHOUT ROWID"}};

// One transaction a tick, as a first version has it; in WAL mode with synchronous=NORMAL, which is SQLite at its best.
Outcome fill_rows(const Layout& layout, std::size_t ticks) {
  const Directory directory("picket-rows-bench-rows");
  Outcome outcome{static_cast<double>(kSyntheticSeries * ticks)};
  const double before = device_writes();
  Source source = synthetic_source();
  {
    Database database(directory.path() / "rows.db", Open::create);
    database.execute("PRAGMA journal_mode = WAL");
    database.execute("PRAGMA synchronous = NORMAL");
    database.execute(layout.schema);
    Statement insert = database.prepare("INSERT INTO sample(series, ts, value) VALUES(?, ?, ?)");
    std::vector<Sample> samples(kSyntheticSeries);
    for (std::size_t i = 0; i < ticks; ++i) {
      const std::int64_t time = source(i, samples) / 1'000'000;
      timed(outcome, [&] {
        database.execute("BEGIN");
        for (std::size_t id = 0; id < samples.size(); ++id)
          insert.bind(1, static_cast<std::int64_t>(id)).bind(2, time).bind(3, samples[id].value).run();
        database.execute("COMMIT");
      });
    }
    timed(outcome, [&] { database.execute("PRAGMA wal_checkpoint(TRUNCATE)"); });
  }
  outcome.bytes = directory.bytes();
  outcome.written = device_writes() - before;
  return outcome;
}

void show(benchmark::State& state, const Outcome& outcome) {
  state.SetIterationTime(outcome.seconds);
  state.counters["bytes_per_sample"] = outcome.bytes / outcome.samples;
  state.counters["samples_per_second"] = outcome.samples / outcome.seconds;
  state.counters["samples_per_cpu_second"] = outcome.samples / outcome.processor;
  state.counters["written_per_sample"] = outcome.written / outcome.samples;
}

std::map<std::size_t, Outcome>& stored() {
  static std::map<std::size_t, Outcome> outcomes;
  return outcomes;
}

void store(benchmark::State& state) {
  const auto ticks = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    stored()[ticks] = fill_store(kSyntheticSeries, ticks, synthetic_source());
    show(state, stored()[ticks]);
  }
}
BENCHMARK(store)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond)->Arg(600)->Arg(3'600)->Arg(86'400);

void store_recorded(benchmark::State& state) {
  const ProcRecording recording = load_proc_recording(PICKET_PROC_RECORDING);
  for (auto _ : state)
    show(state,
         fill_store(recording.series.size(), static_cast<std::size_t>(state.range(0)), recorded_source(recording)));
}
BENCHMARK(store_recorded)->UseManualTime()->Iterations(1)->Unit(benchmark::kSecond)->Arg(1'800)->Arg(86'400);

void rows(benchmark::State& state, const Layout& layout) {
  const auto ticks = static_cast<std::size_t>(state.range(0));
  if (!stored().contains(ticks)) stored()[ticks] = fill_store(kSyntheticSeries, ticks, synthetic_source());
  const Outcome& ours = stored()[ticks];
  for (auto _ : state) {
    const Outcome theirs = fill_rows(layout, ticks);
    show(state, theirs);
    state.counters["times_the_bytes"] = theirs.bytes / ours.bytes;
    state.counters["times_the_seconds"] = theirs.seconds / ours.seconds;
    state.counters["times_the_writes"] = theirs.written / ours.written;
  }
}
BENCHMARK_CAPTURE(rows, rowid_and_index, kLayouts[0])
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->Arg(600);
BENCHMARK_CAPTURE(rows, key_series_time, kLayouts[1])
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->Arg(600);
BENCHMARK_CAPTURE(rows, key_time_series, kLayouts[2])
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->Arg(600);

}  // namespace
