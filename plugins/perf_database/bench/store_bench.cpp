// SPDX-License-Identifier: Apache-2.0
//
// What the store does on this machine: samples a second taken in and sealed, bytes a sample on disk, and how long
// questions take. Run by hand: store_bench [SERIES [HOURS [DIRECTORY]]]; the directory is made and removed.
//
// The series are those that hosts have: constants, ratios computed from jiffies, multiples of pages, bursty and steady
// counters, mostly zero, half-degree temperatures, full-mantissa rates, loads. Timestamps jitter by up to 2 ms.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "files.hpp"
#include "history_reader.hpp"
#include "store.hpp"

namespace {

using namespace picket::perf_database;
using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

class Generator {
 public:
  explicit Generator(std::size_t series) : state_(series) {
    for (double& value : state_) value = static_cast<double>(random_() % 1'000);
  }

  double next(std::size_t series) {
    double& state = state_[series];
    switch (series * 20 / state_.size()) {
      case 0:
      case 1:
      case 2:
        return state;  // 15 % constant
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:  // 25 % ratios of jiffies
        return static_cast<double>(random_() % 30) / (99.0 + static_cast<double>(random_() % 3));
      case 8:
      case 9:
      case 10:  // 15 % pages
        return (state += static_cast<double>(random_() % 41) - 20) * 4'096;
      case 11:
      case 12:
      case 13:  // 15 % bursty counters
        return state += random_() % 10 == 0 ? static_cast<double>(random_() % 100'000) : 0;
      case 14:
      case 15:  // 10 % steady counters
        return state += 900 + static_cast<double>(random_() % 200);
      case 16:
      case 17:  // 10 % mostly zero
        return random_() % 200 == 0 ? static_cast<double>(random_() % 50) : 0;
      case 18:  // 5 % temperatures
        return 40 + std::floor((state = 0.98 * state + static_cast<double>(random_() % 20)) / 10) / 2;
      default:  // 5 % rates with a full mantissa
        return std::sqrt(static_cast<double>(random_() % 1'000'003));
    }
  }

  std::int64_t jitter() { return static_cast<std::int64_t>(random_() % 2'000) * 1'000; }

 private:
  std::mt19937_64 random_{42};
  std::vector<double> state_;
};

void time_query(const char* what, const std::filesystem::path& directory, SeriesId first, SeriesId last,
                std::int64_t from, std::int64_t to, std::int64_t step) {
  std::size_t found = 0;
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const Steady::time_point start = Steady::now();
    found = 0;
    for (SeriesId id = first; id <= last; ++id) {
      const auto read = HistoryReader(directory).points(id, from, to, step, [&](auto points) {
        found += points.size();
        return true;
      });
      if (!read) std::printf("%s\n", read.error().message.c_str());
    }
    best = std::min(best, seconds_since(start));
  }
  std::printf("%-44s %9.2f ms  %9zu points\n", what, best * 1e3, found);
}

int run(std::size_t series, int hours, const std::filesystem::path& directory) {
  StoreSettings settings;
  settings.directory = directory;
  settings.max_series = static_cast<std::uint32_t>(series);
  const std::int64_t begin = 20'000 * kDay;
  std::int64_t now = begin;
  Store store(
      settings, [&] { return now; }, [](std::uint32_t, const std::string& line) { std::puts(line.c_str()); });
  if (const auto opened = store.open(); !opened) {
    std::printf("%s\n", opened.error().message.c_str());
    return 1;
  }
  picket::perf_database::Tick tick;
  for (std::size_t i = 0; i < series; ++i) {
    const auto id = store.resolve({"box", "host", "metric." + std::to_string(i), "{}", "1", 0, -1});
    tick.samples.push_back({*id, 0});
  }
  Generator generator(series);
  double ingest = 0;
  double seal = 0;
  const double samples = static_cast<double>(series) * 3'600 * hours;
  for (int hour = 0; hour < hours; ++hour) {
    for (int second = 0; second < 3'600; ++second, now += kSecond) {
      tick.time_ns = now + generator.jitter();
      for (std::size_t i = 0; i < series; ++i) tick.samples[i].value = generator.next(i);
      const Steady::time_point start = Steady::now();
      bool good = store.append(store.epoch(), std::span(&tick, 1)).ok();
      if (second % 5 == 4) good = good && store.commit().ok();
      ingest += seconds_since(start);
      if (!good) return 1;
    }
    const std::int64_t real = now;
    now += kLateness;
    const Steady::time_point start = Steady::now();
    if (!store.maintain(false)) return 1;
    seal += seconds_since(start);
    now = real;
  }
  std::uint64_t raw = 0;
  for (const auto& [week, file] : list_files(directory).raw) raw += file_bytes(file);
  const auto stats = store.stats();
  std::printf("%zu series, %d h: %.1f M samples\n", series, hours, samples / 1e6);
  std::printf("taken in, a commit to the device each 5 ticks %9.2f M samples/s\n", samples / ingest / 1e6);
  std::printf("taken in and sealed                           %9.2f M samples/s\n", samples / (ingest + seal) / 1e6);
  std::printf("sealing one hour                              %9.2f s\n", seal / hours);
  std::printf("chunks and timestamps                         %9.3f bytes/sample\n",
              static_cast<double>(stats->sealed_bytes) / samples);
  std::printf("raw partitions on disk                        %9.3f bytes/sample\n", static_cast<double>(raw) / samples);
  const auto last = static_cast<SeriesId>(series);
  time_query("one series, everything, raw", directory, last / 3, last / 3, 0, kForever, 0);
  time_query("one series, everything, by minute", directory, last / 3, last / 3, 0, kForever, kMinute);
  time_query("one series, five minutes, raw", directory, last / 3, last / 3, begin + kMinute, begin + 6 * kMinute, 0);
  time_query("one series, everything, by hour", directory, last / 3, last / 3, 0, kForever, kHour);
  time_query("all series, one hour, by minute", directory, 1, last, begin, begin + kHour, kMinute);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t series = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000;
  const int hours = argc > 2 ? std::atoi(argv[2]) : 2;
  const std::filesystem::path directory =
      argc > 3 ? std::filesystem::path(argv[3]) : std::filesystem::temp_directory_path() / "picket-store-bench";
  if (series < 20 || hours < 1 || std::filesystem::exists(directory)) {
    std::fprintf(stderr, "usage: store_bench [SERIES >= 20 [HOURS [a DIRECTORY that is not there]]]\n");
    return 64;
  }
  const int result = run(series, hours, directory);
  std::filesystem::remove_all(directory);
  return result;
}
