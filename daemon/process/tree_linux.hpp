// SPDX-License-Identifier: Apache-2.0
//
// Which processes belong to a program where there is no control group: its leader, what descends from it, what is in
// its session, what carries its mark in the environment, and what was known to belong to it before. Orphans of the
// holder's programs become the holder's children (it is their subreaper), so none leaves its sight; which program such
// an orphan came from is lost only to one that has left the session and cleared its environment between two looks.
//
// Pure but for reading /proc. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "process/kernel_linux.hpp"

namespace picket::process {

// The variable that every program is given; its value is "<holder's name>.<id>".
inline constexpr const char* kMarkVariable = "PICKET_PROGRAM";

// What one look at /proc saw.
class ProcessTable {
 public:
  // Marks are read from /proc/PID/environ, of processes whose chain of parents reaches `holder` or process 1 only
  // through orphans; `with_marks` false: of none.
  static ProcessTable read(pid_t holder, bool with_marks);
  // For tests.
  ProcessTable(std::vector<ProcessFacts> processes, std::map<pid_t, std::string> marks);

  // Living processes (no zombies) that belong to a program with this leader and mark. `known`, pid to start time: what
  // belonged to it before; brought up to date.
  std::vector<const ProcessFacts*> tree(pid_t leader, std::uint64_t leader_start, const std::string& mark,
                                        std::map<pid_t, std::uint64_t>& known) const;

  const ProcessFacts* find(pid_t pid) const;

 private:
  std::map<pid_t, ProcessFacts> processes_;
  std::map<pid_t, std::string> marks_;
};

// The value of `kMarkVariable` in an environment as /proc/PID/environ shows it; empty: none.
std::string mark_in(std::string_view environment);

}  // namespace picket::process
