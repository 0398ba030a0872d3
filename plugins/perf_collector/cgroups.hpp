// SPDX-License-Identifier: Apache-2.0
//
// The group `cgroups`: CPU, memory, I/O, tasks and pressure of control groups version 2, which on a machine with
// systemd are its services, scopes and slices. Linux only: on Windows the group says so. The conventions have no names
// for these.
#pragma once

#include "choice.hpp"
#include "group.hpp"

namespace picket::perf_collector {

inline constexpr Metric kCgroupCpuTime{"cgroup.cpu.time", "s", PICKET_INSTRUMENT_COUNTER, 6,
                                       "CPU time of the processes of the control group."};
inline constexpr Metric kCgroupCpuUtilization{"cgroup.cpu.utilization", "1", PICKET_INSTRUMENT_GAUGE, 4,
                                              "Share of all logical CPUs since the last reading."};
inline constexpr Metric kCgroupThrottledTime{"cgroup.cpu.throttled.time", "s", PICKET_INSTRUMENT_COUNTER, 6,
                                             "Time that it was kept from running because its CPU quota was used up."};
inline constexpr Metric kCgroupPeriods{"cgroup.cpu.periods", "{period}", PICKET_INSTRUMENT_COUNTER, 0,
                                       "Periods of the CPU quota in which it wanted to run."};
inline constexpr Metric kCgroupThrottled{"cgroup.cpu.throttled.periods", "{period}", PICKET_INSTRUMENT_COUNTER, 0,
                                         "Periods in which it used up its CPU quota."};
inline constexpr Metric kCgroupMemory{"cgroup.memory.usage", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                      "Memory that is charged to it, cached files included."};
inline constexpr Metric kCgroupMemoryPeak{"cgroup.memory.peak", "By", PICKET_INSTRUMENT_GAUGE, 0,
                                          "Most memory that it ever had."};
inline constexpr Metric kCgroupMemoryLimit{"cgroup.memory.limit", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                           "Most memory that it may have; left out where there is no limit."};
inline constexpr Metric kCgroupSwap{"cgroup.memory.swap", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                    "Swap space that it uses."};
inline constexpr Metric kCgroupMemoryEvents{"cgroup.memory.events", "{event}", PICKET_INSTRUMENT_COUNTER, 0,
                                            "How often its memory ran out, and how many processes were killed for it."};
inline constexpr Metric kCgroupIo{"cgroup.io", "By", PICKET_INSTRUMENT_COUNTER, 0, "Bytes moved, over all devices."};
inline constexpr Metric kCgroupIoOperations{"cgroup.io.operations", "{operation}", PICKET_INSTRUMENT_COUNTER, 0,
                                            "Reads and writes, over all devices."};
inline constexpr Metric kCgroupTasks{"cgroup.task.count", "{task}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                     "Processes and threads in it."};
inline constexpr Metric kCgroupPressure{"cgroup.pressure.time", "s", PICKET_INSTRUMENT_COUNTER, 6,
                                        "Time during which some or all of its tasks waited for a resource."};
inline constexpr Metric kCgroupCount{"cgroup.count", "{cgroup}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                     "Control groups that are shown."};

inline constexpr std::size_t kDefaultCgroupLimit = 200;
inline constexpr std::size_t kMostCgroups = 10'000;
inline constexpr int kDefaultCgroupDepth = 2;
inline constexpr int kMostCgroupDepth = 16;

struct CgroupsSettings {
  Choice paths{};                           // of the paths below the root: "system.slice/*"
  int depth = kDefaultCgroupDepth;          // parts of a path, at most
  std::size_t limit = kDefaultCgroupLimit;  // control groups, at most

  bool operator==(const CgroupsSettings&) const = default;
};

std::unique_ptr<Group> make_cgroups(const CgroupsSettings& settings, const Machine& machine,
                                    const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
