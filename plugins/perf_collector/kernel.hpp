// SPDX-License-Identifier: Apache-2.0
//
// The group `kernel`: how busy the kernel itself is, how long it has run, and how near it is to its limits.
#pragma once

#include "group.hpp"

namespace picket::perf_collector {

inline constexpr Metric kUptime{"system.uptime", "s", PICKET_INSTRUMENT_GAUGE, 2, "Time since the machine started."};
inline constexpr Metric kBootTime{"system.kernel.boot_time", "s", PICKET_INSTRUMENT_GAUGE, 0,
                                  "When the machine started, in seconds since 1970."};
inline constexpr Metric kContextSwitches{"system.kernel.context_switches", "{switch}", PICKET_INSTRUMENT_COUNTER, 0,
                                         "Changes from one thread to another."};
inline constexpr Metric kInterrupts{"system.kernel.interrupts", "{interrupt}", PICKET_INSTRUMENT_COUNTER, 0,
                                    "Interrupts by devices."};
inline constexpr Metric kSoftInterrupts{"system.kernel.soft_interrupts", "{interrupt}", PICKET_INSTRUMENT_COUNTER, 0,
                                        "Work that the kernel put off from interrupts, by kind."};
inline constexpr Metric kProcessesCreated{"system.process.created", "{process}", PICKET_INSTRUMENT_COUNTER, 0,
                                          "Processes and threads that were created."};
inline constexpr Metric kEntropy{"system.kernel.entropy", "bit", PICKET_INSTRUMENT_GAUGE, 0,
                                 "Randomness that the kernel has at hand."};
inline constexpr Metric kFileHandles{"system.kernel.file_handles.usage", "{handle}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                     "Open files of all processes; handles of all objects on Windows."};
inline constexpr Metric kFileHandlesLimit{"system.kernel.file_handles.limit", "{handle}",
                                          PICKET_INSTRUMENT_UPDOWNCOUNTER, 0, "Most open files of all processes."};
inline constexpr Metric kThreads{"system.kernel.threads.usage", "{thread}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                 "Threads of all processes."};
inline constexpr Metric kThreadsLimit{"system.kernel.threads.limit", "{thread}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                      "Most threads of all processes."};
inline constexpr Metric kPidLimit{"system.kernel.pids.limit", "{process}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                  "Where the numbers of processes and threads begin anew."};

std::unique_ptr<Group> make_kernel(const Machine& machine, const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
