// SPDX-License-Identifier: Apache-2.0
//
// The group `processes`: how many there are in each state, sums over those that a `match` names (or each of them), and
// the programs that use most. No series ever carries a pid. process_source.hpp is the operating system's part.
#pragma once

#include <vector>

#include "group.hpp"
#include "process_match.hpp"
#include "process_top.hpp"

namespace picket::perf_collector {

inline constexpr Metric kProcessesByState{"system.process.count", "{process}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                          "Processes in each state."};
inline constexpr Metric kProcessCpuTime{"process.cpu.time", "s", PICKET_INSTRUMENT_COUNTER, 2,
                                        "CPU time of the processes that belong to the series."};
inline constexpr Metric kProcessCpuUtilization{"process.cpu.utilization", "1", PICKET_INSTRUMENT_GAUGE, 4,
                                               "Share of all logical CPUs since the last reading."};
inline constexpr Metric kProcessMemory{"process.memory.usage", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                       "Physical memory in use (resident size)."};
inline constexpr Metric kProcessVirtual{"process.memory.virtual", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                        "Virtual memory."};
inline constexpr Metric kProcessThreads{"process.thread.count", "{thread}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                        "Threads."};
inline constexpr Metric kProcessCount{"process.count", "{process}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                      "Processes that belong to the series; 0 when none runs."};

struct ProcessesSettings {
  std::vector<MatchSettings> match;
  bool each = false;  // one series for each matching process, else one for their sum
  std::size_t top = 0;
  TopBy by = TopBy::cpu;

  bool operator==(const ProcessesSettings&) const = default;
};

// Throws std::runtime_error if a user of a match is not known.
std::unique_ptr<Group> make_processes(const ProcessesSettings& settings, const Machine& machine,
                                      const Vocabulary& vocabulary);

// The same over another source, made by `source` with the group's faults (for tests).
using SourceMaker = std::function<std::unique_ptr<ProcessSource>(Faults&)>;
std::unique_ptr<Group> make_processes(const ProcessesSettings& settings, const Machine& machine,
                                      const Vocabulary& vocabulary, const SourceMaker& source);

}  // namespace picket::perf_collector
