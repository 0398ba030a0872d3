// SPDX-License-Identifier: Apache-2.0
//
// Control groups (cgroup v2): one for each program, so that the kernel itself keeps its tree together, counts it,
// limits it, kills it at once and says when it is empty. Found out at run time; also where v2 stands beside v1 (a
// hybrid hierarchy), whose controllers are then mostly missing. Everything goes through files, so tests use a plain
// directory.
//
// One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "process/model.hpp"

namespace picket::process {

// Where programs get their groups.
class ControlGroups {
 public:
  // `choice`: "auto" (below the group that this process is in), "none", or the absolute path of a directory in a
  // cgroup2 file system. `name` tells the groups of one holder from those of another. Never fails: without() says why
  // not.
  static ControlGroups find(const std::string& choice, const std::string& name);

  bool usable() const { return !root_.empty(); }
  // PICKET_ABLE_CGROUP, _MEMORY, _CPU, _TASKS, _TREE_KILL as far as they hold.
  std::uint32_t ability() const { return ability_; }
  // Why there is none, or what is missing; empty: nothing.
  const std::string& shortcoming() const { return shortcoming_; }
  // Removes the place of the groups, if none is left in it.
  void leave() const;
  std::string path_of(ProgramId id) const { return root_ + "/" + std::to_string(id); }

 private:
  std::string root_;
  std::uint32_t ability_ = 0;
  std::string shortcoming_;
};

struct GroupFailure {
  std::string file;  // which one could not be written
  int error = 0;
};

struct GroupUsage {
  std::int64_t user_ns = -1, system_ns = -1, memory = -1, peak_memory = -1, read_bytes = -1, written_bytes = -1,
               tasks = -1, oom_kills = -1;
};

// 0, or errno. A left-over group of that name is used again.
int make_group(const std::string& path);
// With the groups that the program made below it. 0, or errno (EBUSY: not empty).
int remove_group(const std::string& path);
// The first limit that could not be set. What is 0 or less is lifted where it was set before (`again`), else not
// touched.
std::optional<GroupFailure> set_group_limits(const std::string& path, const Limits& limits, bool again);
// False where the kernel has no cgroup.kill: kill the members.
bool kill_group(const std::string& path);
// Processes of the group and of those below it.
std::vector<pid_t> group_members(const std::string& path);
GroupUsage group_usage(const std::string& path);
// What cgroup.events says; nothing when the group is gone.
std::optional<bool> parse_populated(const std::string& events);

}  // namespace picket::process
