// SPDX-License-Identifier: Apache-2.0
#include "proc_recording.hpp"

#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "codec/bytes.hpp"

namespace picket::bench {
namespace {

using perf_database::ByteReader;
using perf_database::unzigzag;

constexpr std::size_t kMaxSeries = 100'000;
constexpr std::size_t kMaxTicks = 100'000;
constexpr std::size_t kMaxUnpacked = 1U << 28U;

std::string read_unpacked(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string packed((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (!file || size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxUnpacked) return {};
  std::string text(static_cast<std::size_t>(size), '\0');
  const std::size_t got = ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size());
  return ZSTD_isError(got) == 0 && got == text.size() ? text : std::string();
}

std::vector<std::int64_t> read_column(ByteReader& in, std::size_t ticks) {
  std::vector<std::int64_t> numbers(ticks);
  std::int64_t last = 0;
  for (std::int64_t& number : numbers) number = last += unzigzag(in.varint());
  return numbers;
}

}  // namespace

bool ProcRecording::Series::changes() const {
  return std::any_of(values.begin(), values.end(), [this](double value) { return value != values[0]; });
}

ProcRecording load_proc_recording(const std::filesystem::path& path) {
  const std::string text = read_unpacked(path);
  std::istringstream head(text);
  std::string word;
  int version = 0;
  std::size_t count = 0;
  std::size_t ticks = 0;
  head >> word >> version >> count >> ticks;
  if (!head || word != "proc-recording" || version != 1 || count == 0 || count > kMaxSeries || ticks == 0 ||
      ticks > kMaxTicks)
    throw std::runtime_error(path.string() + ": no recording of record_proc");

  ProcRecording recording;
  recording.series.resize(count);
  std::vector<double> scales(count);
  for (std::size_t i = 0; i < count; ++i) {
    int decimals = 0;
    head >> decimals;
    head.get();
    std::getline(head, recording.series[i].name);
    scales[i] = std::pow(10.0, decimals);
  }
  if (!head) throw std::runtime_error(path.string() + ": the list of series is cut short");
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  ByteReader in(perf_database::ByteView(bytes, text.size()).subspan(static_cast<std::size_t>(head.tellg())));
  recording.times_ns = read_column(in, ticks);
  for (std::int64_t& time : recording.times_ns) time *= 1'000'000;
  for (std::size_t i = 0; i < count; ++i) {
    for (const std::int64_t number : read_column(in, ticks))
      recording.series[i].values.push_back(static_cast<double>(number) / scales[i]);
  }
  if (!in.ok() || !in.rest().empty()) throw std::runtime_error(path.string() + ": not as long as its first line says");
  return recording;
}

}  // namespace picket::bench
