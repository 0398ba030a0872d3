// SPDX-License-Identifier: Apache-2.0
//
// Which processes belong to which `match` entry of the settings. Used by the group `processes` on the [control] thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "process_source.hpp"

namespace picket::perf_collector {

inline constexpr std::size_t kMostMatches = 64;  // one bit each in a MatchSet

// Every criterion that is given must hold; at least one is.
struct MatchSettings {
  std::string name;        // what its series are called
  std::string executable;  // glob over the name of the process; with a slash, over the path of its program file
  std::string command;     // glob over its arguments, parted by single blanks
  std::string user;        // name or id
  std::string pid_file;    // path of a file that holds its pid
  std::string cgroup{};    // glob over its control group: "/system.slice/*"
  std::string unit{};      // glob over each part of its control group: "ssh.service"
  bool each = false;       // one series for each process, else one for their sum
  DetailSet details = kFreeDetails;

  bool operator==(const MatchSettings&) const = default;
};

using MatchSet = std::uint64_t;

class ProcessMatcher {
 public:
  // At most kMostMatches entries. Throws std::runtime_error if a user is not known. `source` and `faults` outlive this.
  ProcessMatcher(const std::vector<MatchSettings>& matches, ProcessSource& source, Faults& faults);

  std::size_t size() const { return rules_.size(); }

  // The entries of which all but the pid file holds. Asks the operating system: for new processes only.
  MatchSet evaluate(const ProcessStat& process);

  // Reads the pid files again: once a tick.
  void read_pid_files();

  // Those of `candidates`, a result of evaluate(), whose pid file, if any, names `pid`.
  MatchSet select(MatchSet candidates, std::int64_t pid) const;

  // What any entry of `set` wants to know about a process.
  DetailSet details(MatchSet set) const;

 private:
  struct Rule {
    MatchSettings settings;
    std::string owner;
    std::int64_t pid = 0;  // what the pid file says; 0: nothing
    Faults::Slot fault = 0;
  };

  bool holds(const Rule& rule, const ProcessStat& process);
  bool executable_holds(const Rule& rule, const ProcessStat& process);

  std::vector<Rule> rules_;
  MatchSet with_pid_file_ = 0;
  ProcessSource& source_;
  Faults& faults_;
};

}  // namespace picket::perf_collector
