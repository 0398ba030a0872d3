// SPDX-License-Identifier: Apache-2.0
//
// The group `cpu`: time per mode, of the machine and (per_core) of each logical CPU, and the share of each mode since
// the last reading. cpu_linux.cpp and cpu_windows.cpp read; CpuMeter, common to both, turns readings into samples.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "choice.hpp"
#include "group.hpp"

namespace picket::perf_collector {

inline constexpr Metric kCpuTime{"system.cpu.time", "s", PICKET_INSTRUMENT_COUNTER, 2,
                                 "Time that the logical CPUs spent in each mode since the machine started."};
inline constexpr Metric kCpuUtilization{"system.cpu.utilization", "1", PICKET_INSTRUMENT_GAUGE, 4,
                                        "Share of the CPU time since the last reading that was spent in each mode."};
inline constexpr Metric kCpuCount{"system.cpu.logical.count", "{cpu}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                  "Logical CPUs that are online."};

struct CpuSettings {
  bool per_core = false;  // also one series for each logical CPU
  Choice cores{};         // which of them, by number

  bool operator==(const CpuSettings&) const = default;
};

// Modes in the order in which Linux writes them; the values of the attribute cpu.mode.
enum CpuMode : std::size_t { kUser, kNice, kSystem, kIdle, kIowait, kInterrupt, kSteal, kCpuModes };

struct CpuReading {
  int core = -1;  // logical number, -1: the whole machine
  std::array<std::uint64_t, kCpuModes> units{};
};

class CpuMeter {
 public:
  // `modes`: those that this operating system knows, one bit each; `cores`: the wanted ones. `vocabulary` is used here
  // only.
  CpuMeter(const Vocabulary& vocabulary, std::int64_t units_per_second, unsigned modes, Choice cores = {});

  // Appends the times of `reading`, and its shares unless this is the first reading of that core.
  void add(const CpuReading& reading, Samples& samples);
  void add_count(std::int64_t online, Samples& samples) const;

 private:
  struct Previous {
    bool known = false;
    bool wanted = true;
    std::array<std::uint64_t, kCpuModes> units{};
  };
  picket_name time_, utilization_, count_, mode_key_, core_key_;
  std::array<picket_name, kCpuModes> mode_names_{};
  double units_per_second_;
  unsigned modes_;
  Choice cores_;
  std::vector<Previous> previous_;  // [0]: the machine, [n + 1]: core n
};

std::unique_ptr<Group> make_cpu(const CpuSettings& settings, const Machine& machine, const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
