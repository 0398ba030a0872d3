// SPDX-License-Identifier: Apache-2.0
//
// Where processes come from: a seam with one half per operating system (process_source_linux.cpp,
// process_source_windows.cpp) and a scripted one in the tests. Used on the [control] thread.
#pragma once

#include <picket/result.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "faults.hpp"
#include "machine.hpp"

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

// One process at one moment. pid + start is its identity: the system gives a pid again, but never with the same start.
struct ProcessStat {
  std::int64_t pid = 0;
  std::uint64_t start = 0;                         // later processes have a larger one; the unit is the system's
  std::uint64_t user_units = 0, system_units = 0;  // CPU time, in units of Machine::ticks_per_second
  std::int64_t resident_bytes = 0, virtual_bytes = 0, threads = 0;
  ProcessState state = kUnknown;
  bool kernel = false;  // a thread of the Linux kernel
  std::uint8_t name_length = 0;
  std::array<char, 64> name_bytes{};

  std::string_view name() const { return {name_bytes.data(), name_length}; }
  void set_name(std::string_view name) {  // cut at 64 bytes
    name_length = static_cast<std::uint8_t>(name.copy(name_bytes.data(), name_bytes.size()));
  }
};

// One line of /proc/PID/stat (proc(5)); false if it is malformed. Pure.
bool parse_process_stat(std::string_view line, std::int64_t page_bytes, ProcessStat& process);

class ProcessSource {
 public:
  virtual ~ProcessSource() = default;

  // Replaces `processes` by all that live now, pids ascending. False if there is no list; what single processes
  // refuse is left out. Both go to the faults.
  virtual bool read(std::vector<ProcessStat>& processes) = 0;

  // The arguments, parted by single blanks; empty for kernel threads and processes that are gone. Cut at 4,096 bytes.
  // Valid until the next call.
  virtual std::string_view command_line(std::int64_t pid) = 0;

  // Who it runs as, as owner_key() writes it; empty if that is not known.
  virtual std::string owner(std::int64_t pid) = 0;

  // The key of a user: a numeric id on Linux, a SID on Windows. `user` is a name or such a key.
  virtual Result<std::string> owner_key(const std::string& user) = 0;
};

// `faults` outlives the source.
std::unique_ptr<ProcessSource> make_process_source(const Machine& machine, Faults& faults);

}  // namespace picket::perf_collector
