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
#include "process_stat.hpp"

namespace picket::perf_collector {

// What a source keeps open for one process between readings: descriptors of its files on Linux, nothing on Windows.
// Belongs to whoever follows the process; only the source uses it.
struct KeptFiles {
  std::array<int, 4> descriptors{-1, -1, -1, -1};
};

enum class ReadResult : std::uint8_t {
  good,
  gone,     // it ended after it was listed: no fault
  refused,  // it cannot be read, or makes no sense: a fault that the source counts
};

class ProcessSource {
 public:
  virtual ~ProcessSource() = default;

  // Starts a reading: replaces `pids` by all that live now, ascending. False if there is no list, which is a fault.
  virtual bool list(std::vector<std::int64_t>& pids) = 0;

  // Reads one process of the list. `files` belong to the process that had this pid at the last reading; if that has
  // ended, they are released.
  virtual ReadResult read(std::int64_t pid, KeptFiles& files, ProcessStat& process) = 0;

  // Adds what `wanted` asks for beyond what read() brought, to `have` or else to `refused`. Right after read().
  virtual void read_details(DetailSet wanted, KeptFiles& files, ProcessStat& process) = 0;

  // Ends a reading. `all`: since the last such end every process was read, so that what no longer failed is good again.
  virtual void end(bool all) = 0;

  // Before a process is forgotten.
  virtual void release(KeptFiles& files) = 0;

  // The details that this system can give at all.
  virtual DetailSet supported() const = 0;

  // Seconds since a process that has this `start` was started.
  virtual double age_seconds(std::uint64_t start) const = 0;

  // All of these ask the system anew and are valid until the next call; empty for kernel threads, processes that are
  // gone, and where we may not look.
  // The arguments, parted by single blanks. Cut at 4,096 bytes.
  virtual std::string_view command_line(std::int64_t pid) = 0;
  // The path of the program file; with slashes on Windows, too.
  virtual std::string_view program(std::int64_t pid) = 0;
  // The control group: "/system.slice/ssh.service". Always empty on Windows.
  virtual std::string_view cgroup(std::int64_t pid) = 0;
  // Who it runs as, as owner_key() writes it.
  virtual std::string owner(std::int64_t pid) = 0;

  // The key of a user: a numeric id on Linux, a SID on Windows. `user` is a name or such a key.
  virtual Result<std::string> owner_key(const std::string& user) = 0;
};

// `faults` outlives the source.
std::unique_ptr<ProcessSource> make_process_source(const Machine& machine, Faults& faults);

}  // namespace picket::perf_collector
