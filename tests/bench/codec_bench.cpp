// SPDX-License-Identifier: Apache-2.0
//
// What the value codec does with an hour of each kind of series and with real /proc counters: bytes a sample, millions
// of samples a second in and out, and which encodings were chosen; `alone/...` is what single encodings would make of
// all of them. Run: build/release/bin/codec_bench
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <map>

#include "codec/column_codec.hpp"
#include "codec/number_map.hpp"
#include "codec/planes.hpp"
#include "codec/token_coder.hpp"
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

// One encoding for everything, as one would write it without a choice; none keeps more than the numbers.
using Encoding = Bytes (*)(const std::vector<double>& values, Compressor& compressor);
constexpr int kAloneLevel = 3;

std::vector<std::uint64_t> bit_patterns(const std::vector<double>& values) {
  std::vector<std::uint64_t> words;
  for (const double value : values) words.push_back(std::bit_cast<std::uint64_t>(value));
  return words;
}

Bytes byte_planes(const std::vector<double>& values, Compressor& compressor) {
  Bytes planes;
  Bytes out;
  split_planes(bit_patterns(values), planes);
  compressor.compress(planes, kAloneLevel, out);
  return out;
}

Bytes byte_planes_of_xor(const std::vector<double>& values, Compressor& compressor) {
  std::vector<std::uint64_t> words = bit_patterns(values);
  for (std::size_t i = words.size(); i-- > 1;) words[i] ^= words[i - 1];
  Bytes planes;
  Bytes out;
  split_planes(words, planes);
  compressor.compress(planes, kAloneLevel, out);
  return out;
}

std::vector<std::uint64_t> differences(const std::vector<double>& values) {
  std::vector<std::int64_t> integers;
  map_numbers(values, integers);
  std::vector<std::uint64_t> out;
  std::uint64_t last = 0;
  for (const std::int64_t integer : integers) {
    const auto now = static_cast<std::uint64_t>(integer);
    out.push_back(zigzag(static_cast<std::int64_t>(now - last)));
    last = now;
  }
  return out;
}

Bytes varints_of_differences(const std::vector<double>& values, Compressor& compressor) {
  Bytes raw;
  Bytes out;
  for (const std::uint64_t number : differences(values)) put_varint(raw, number);
  compressor.compress(raw, kAloneLevel, out);
  return out;
}

Bytes tokens_of_differences(const std::vector<double>& values, Compressor&) {
  Bytes out;
  encode_tokens(differences(values), out);
  return out;
}

void alone(benchmark::State& state, const std::string& name, Encoding encoding) {
  const Columns& columns = columns_of(name);
  Compressor compressor;
  double bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    for (const auto& column : columns) bytes += static_cast<double>(encoding(column, compressor).size());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples_in(columns)));
  state.counters["bytes_per_sample"] = bytes / samples_in(columns);
}

constexpr std::array<std::pair<const char*, Encoding>, 4> kAlone = {{{"byte_planes", byte_planes},
                                                                     {"byte_planes_of_xor", byte_planes_of_xor},
                                                                     {"varints_of_differences", varints_of_differences},
                                                                     {"tokens_of_differences", tokens_of_differences}}};

const bool kRegistered = [] {
  std::vector<std::string> names(kSeriesKinds.begin(), kSeriesKinds.end());
  for (const char* name : {"synthetic_all", "recorded_changing", "recorded_all"}) names.emplace_back(name);
  for (const std::string& name : names) {
    benchmark::RegisterBenchmark(("encode/" + name).c_str(), encode, name)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("decode/" + name).c_str(), decode, name)->Unit(benchmark::kMillisecond);
  }
  for (const auto& [encoding_name, encoding] : kAlone) {
    for (const char* name : {"synthetic_all", "recorded_changing", "recorded_all"}) {
      benchmark::RegisterBenchmark(("alone/" + std::string(encoding_name) + "/" + name).c_str(), alone,
                                   std::string(name), encoding)
          ->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace
