// SPDX-License-Identifier: Apache-2.0
//
// Readings into samples, the same on every operating system; see cpu.hpp.
#include "cpu.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace picket::perf_collector {

namespace {

constexpr std::array<std::string_view, kCpuModes> kModeNames{"user",   "nice",      "system", "idle",
                                                             "iowait", "interrupt", "steal"};

// Some kernels let iowait and steal step back: no time has passed then.
std::uint64_t growth(std::uint64_t now, std::uint64_t before) {
  return now > before ? now - before : 0;
}

}  // namespace

CpuMeter::CpuMeter(const Vocabulary& vocabulary, std::int64_t units_per_second, unsigned modes, Choice cores)
    : time_(vocabulary.metric(kCpuTime)),
      utilization_(vocabulary.metric(kCpuUtilization)),
      count_(vocabulary.metric(kCpuCount)),
      mode_key_(vocabulary.name("cpu.mode")),
      core_key_(vocabulary.name("cpu.logical_number")),
      units_per_second_(static_cast<double>(units_per_second)),
      modes_(modes),
      cores_(std::move(cores)) {
  for (std::size_t mode = 0; mode < kCpuModes; ++mode) mode_names_[mode] = vocabulary.name(kModeNames[mode]);
}

void CpuMeter::add(const CpuReading& reading, Samples& samples) {
  const auto index = static_cast<std::size_t>(reading.core + std::int64_t{1});
  while (index >= previous_.size()) {
    Previous& core = previous_.emplace_back();
    core.wanted = previous_.size() == 1 || cores_.wants(std::to_string(previous_.size() - 2));
  }
  Previous& previous = previous_[index];
  if (!previous.wanted) return;

  const auto append = [&](picket_name metric, std::size_t mode, double value) {
    samples.add(metric, value).set(mode_key_, mode_names_[mode]);
    if (reading.core >= 0) samples.set_number(core_key_, reading.core);
  };
  std::uint64_t elapsed = 0;
  for (std::size_t mode = 0; mode < kCpuModes; ++mode) {
    if ((modes_ >> mode & 1U) == 0) continue;
    append(time_, mode, static_cast<double>(reading.units[mode]) / units_per_second_);
    elapsed += growth(reading.units[mode], previous.units[mode]);
  }
  if (previous.known && elapsed > 0) {
    for (std::size_t mode = 0; mode < kCpuModes; ++mode) {
      if ((modes_ >> mode & 1U) == 0) continue;
      const std::uint64_t spent = growth(reading.units[mode], previous.units[mode]);
      append(utilization_, mode, static_cast<double>(spent) / static_cast<double>(elapsed));
    }
  }
  previous.known = true;
  previous.units = reading.units;
}

void CpuMeter::add_count(std::int64_t online, Samples& samples) const {
  samples.add(count_, online);
}

}  // namespace picket::perf_collector
