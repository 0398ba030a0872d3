// SPDX-License-Identifier: Apache-2.0
//
// What the value codec does with an hour of each kind of series and with real /proc counters: bytes a sample, millions
// of samples a second in and out, and which encodings were chosen. Run: build/release/bin/codec_bench
#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <map>

#include "codec/column_codec.hpp"
#include "host_series.hpp"
#include "proc_recording.hpp"

namespace {

using namespace picket::bench;
using namespace picket::perf_database;

using Columns = std::vector<std::vector<double>>;
constexpr std::size_t kHourLength = 3'600;

Columns synthetic(std::size_t count, const std::function<double(HostSeries&, std::size_t)>& next) {
  HostSeries source(count);
  Columns columns(count);
  for (std::size_t second = 0; second < kHourLength; ++second) {
    for (std::size_t i = 0; i < count; ++i) columns[i].push_back(next(source, i));
  }
  return columns;
}

Columns recorded(bool only_changing) {
  static const ProcRecording recording = load_proc_recording(PICKET_PROC_RECORDING);
  Columns columns;
  for (const auto& series : recording.series) {
    if (!only_changing || series.changes()) columns.push_back(series.values);
  }
  return columns;
}

const Columns& columns_of(const std::string& name) {
  static std::map<std::string, Columns> made;
  Columns& columns = made[name];
  if (!columns.empty()) return columns;
  if (name == "recorded_all" || name == "recorded_changing") return columns = recorded(name == "recorded_changing");
  if (name == "synthetic_all")
    return columns = synthetic(1'000, [](HostSeries& s, std::size_t i) { return s.next(i); });
  const auto kind =
      static_cast<SeriesKind>(std::find(kSeriesKinds.begin(), kSeriesKinds.end(), name) - kSeriesKinds.begin());
  return columns = synthetic(40, [kind](HostSeries& s, std::size_t i) { return s.next(i, kind); });
}

double samples_in(const Columns& columns) {
  return static_cast<double>(columns.size()) * static_cast<double>(columns[0].size());
}

void encode(benchmark::State& state, const std::string& name) {
  const Columns& columns = columns_of(name);
  Compressor compressor;
  double bytes = 0;
  std::map<int, int> codecs;
  for (auto _ : state) {
    bytes = 0;
    codecs.clear();
    for (const auto& column : columns) {
      const Bytes block = encode_values(column, compressor);
      bytes += static_cast<double>(block.size());
      ++codecs[block[0]];
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples_in(columns)));
  state.counters["bytes_per_sample"] = bytes / samples_in(columns);
  for (const auto& [codec, blocks] : codecs) state.counters["codec_" + std::to_string(codec)] = blocks;
}

void decode(benchmark::State& state, const std::string& name) {
  const Columns& columns = columns_of(name);
  Compressor compressor;
  std::vector<Bytes> blocks;
  for (const auto& column : columns) blocks.push_back(encode_values(column, compressor));
  for (auto _ : state) {
    for (const Bytes& block : blocks) {
      auto values = decode_values(block, compressor);
      if (!values) return state.SkipWithError("a block was refused");
      benchmark::DoNotOptimize(values);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples_in(columns)));
}

const bool kRegistered = [] {
  std::vector<std::string> names(kSeriesKinds.begin(), kSeriesKinds.end());
  for (const char* name : {"synthetic_all", "recorded_changing", "recorded_all"}) names.emplace_back(name);
  for (const std::string& name : names) {
    benchmark::RegisterBenchmark(("encode/" + name).c_str(), encode, name)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("decode/" + name).c_str(), decode, name)->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
