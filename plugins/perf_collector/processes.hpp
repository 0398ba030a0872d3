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
inline constexpr Metric kProcessShared{"process.memory.shared", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                       "The part of the resident size that other processes could share."};
inline constexpr Metric kProcessPss{"process.memory.pss", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                    "Physical memory, each shared page divided by how many processes map it."};
inline constexpr Metric kProcessThreads{"process.thread.count", "{thread}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                        "Threads."};
inline constexpr Metric kProcessFiles{"process.open_file_descriptor.count", "{file_descriptor}",
                                      PICKET_INSTRUMENT_UPDOWNCOUNTER, 0, "Open descriptors; on Windows handles."};
inline constexpr Metric kProcessIo{"process.disk.io", "By", PICKET_INSTRUMENT_COUNTER, 0,
                                   "Bytes that had to be fetched from storage, and that were sent to it."};
inline constexpr Metric kProcessIoCalls{"process.io.calls", "{call}", PICKET_INSTRUMENT_COUNTER, 0,
                                        "Calls that read and that write, of whatever file, pipe or socket."};
inline constexpr Metric kProcessSwitches{"process.context_switches", "{context_switch}", PICKET_INSTRUMENT_COUNTER, 0,
                                         "Context switches of the first thread of each process."};
inline constexpr Metric kProcessFaults{"process.paging.faults", "{fault}", PICKET_INSTRUMENT_COUNTER, 0,
                                       "Page faults; major ones had to wait for storage."};
inline constexpr Metric kProcessUptime{"process.uptime", "s", PICKET_INSTRUMENT_GAUGE, 2,
                                       "Time since the oldest of the processes was started."};
inline constexpr Metric kProcessCount{"process.count", "{process}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                      "Processes that belong to the series; 0 when none runs."};
inline constexpr Metric kProcessInterval{"process.sample.interval", "s", PICKET_INSTRUMENT_GAUGE, 3,
                                         "Time that the utilization covers, where not all are read at every tick."};

inline constexpr std::size_t kDefaultProcessBudget = 2'500;

struct ProcessesSettings {
  std::vector<MatchSettings> match{};
  std::size_t top = 0;
  TopBy by = TopBy::cpu;
  DetailSet top_details = 0;
  std::size_t budget = kDefaultProcessBudget;  // processes read per tick

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
