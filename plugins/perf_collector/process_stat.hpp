// SPDX-License-Identifier: Apache-2.0
//
// One process at one moment, and the parsers of the files of /proc/PID that it comes from (proc(5)). Pure: written by
// the sources, read by the group `processes`, tested on every operating system.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace picket::perf_collector {

// The values of the attribute system.process.status. blocked, idle and unknown are ours.
enum ProcessState : std::uint8_t {
  kRunning,
  kSleeping,
  kBlocked,
  kIdleThread,
  kStopped,
  kDefunct,
  kUnknown,
  kProcessStates
};

// What only grows while a process lives.
enum ProcessCounter : std::uint8_t {
  kUserTime,    // units of Machine::ticks_per_second
  kSystemTime,  // the same
  kMinorFaults,
  kMajorFaults,
  kReadBytes,
  kWrittenBytes,
  kReadCalls,
  kWriteCalls,
  kVoluntarySwitches,
  kInvoluntarySwitches,
  kProcessCounters
};

enum ProcessGauge : std::uint8_t {
  kResidentBytes,
  kVirtualBytes,
  kThreadCount,
  kSharedBytes,
  kProportionalBytes,
  kOpenFiles,
  kProcessGauges
};

// What the settings call `detail`: figures beyond CPU time and memory. The first three come with every reading, each of
// the others costs a file of its own.
enum ProcessDetail : std::uint8_t {
  kDetailThreads,
  kDetailFaults,
  kDetailUptime,
  kDetailIo,
  kDetailShared,
  kDetailSwitches,
  kDetailFiles,
  kDetailPss,
  kProcessDetails
};
inline constexpr std::array<std::string_view, kProcessDetails> kDetailNames{"threads", "faults",   "uptime", "io",
                                                                            "shared",  "switches", "files",  "pss"};

using DetailSet = std::uint16_t;  // one bit for each ProcessDetail
constexpr DetailSet detail_bit(ProcessDetail detail) {
  return static_cast<DetailSet>(1U << detail);
}
inline constexpr DetailSet kFreeDetails =
    detail_bit(kDetailThreads) | detail_bit(kDetailFaults) | detail_bit(kDetailUptime);

// pid + start is the identity of a process: the system gives a pid again, but never with the same start.
struct ProcessStat {
  std::int64_t pid = 0;
  std::uint64_t start = 0;  // later processes have a larger one; the unit is the system's
  std::uint64_t image = 0;  // changes when it executes another program, as far as the system shows that
  std::array<std::uint64_t, kProcessCounters> counters{};
  std::array<std::int64_t, kProcessGauges> gauges{};
  DetailSet have = 0;     // the details that this reading has
  DetailSet refused = 0;  // those that it was asked for and could not get
  ProcessState state = kUnknown;
  bool kernel = false;  // a thread of the Linux kernel
  std::uint8_t name_length = 0;
  std::array<char, 64> name_bytes{};

  std::string_view name() const { return {name_bytes.data(), name_length}; }
  void set_name(std::string_view name) {  // cut at 64 bytes
    name_length = static_cast<std::uint8_t>(name.copy(name_bytes.data(), name_bytes.size()));
  }
};

// The detail that a counter belongs to; CPU time belongs to none and is always there (nothing is set).
constexpr DetailSet detail_of(ProcessCounter counter) {
  constexpr std::array<DetailSet, kProcessCounters> kOwners{0,
                                                            0,
                                                            detail_bit(kDetailFaults),
                                                            detail_bit(kDetailFaults),
                                                            detail_bit(kDetailIo),
                                                            detail_bit(kDetailIo),
                                                            detail_bit(kDetailIo),
                                                            detail_bit(kDetailIo),
                                                            detail_bit(kDetailSwitches),
                                                            detail_bit(kDetailSwitches)};
  return kOwners[counter];
}

// Each takes the text of one file of /proc/PID; false if it is malformed, `process` is then partly written.
bool parse_process_stat(std::string_view line, std::int64_t page_bytes, ProcessStat& process);  // stat
bool parse_process_io(std::string_view text, ProcessStat& process);                             // io
bool parse_process_statm(std::string_view line, std::int64_t page_bytes, ProcessStat& process);
bool parse_process_status(std::string_view text, ProcessStat& process);  // the context switches of status
bool parse_smaps_rollup(std::string_view text, ProcessStat& process);    // the proportional size

// The control group of a process out of /proc/PID/cgroup, "/system.slice/ssh.service": its place in the unified
// hierarchy, or in systemd's own where that is still version 1. Empty if there is none. Points into `text`.
std::string_view parse_process_cgroup(std::string_view text);

}  // namespace picket::perf_collector
