// SPDX-License-Identifier: Apache-2.0
//
// Starts one program. clone3 with the semantics of vfork: no copy of the holder's memory, and when it returns, the
// program runs or the step that failed is known, with its errno. Between the two the child makes system calls only.
//
// One thread (the holder's): the child shares its memory until exec.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "process/model.hpp"

namespace picket::process {

// Everything is prepared before the child exists.
struct SpawnPlan {
  const Start* order = nullptr;
  int output = -1, error_output = -1;  // -1: /dev/null
  std::vector<int> sockets;            // become 3, 4, ...
  int group = -1;                      // the directory of its control group; -1: none
  bool group_is_born_in = true;        // CLONE_INTO_CGROUP; else the child moves itself
  int record = -1;                     // takes pid and start time (two u64) before exec, at `record_offset`; -1: none
  std::int64_t record_offset = 0;
  std::vector<std::string> extra_environment;  // beyond the order's
  rlimit descriptors{};                        // RLIMIT_NOFILE as the holder found it
};

struct SpawnResult {
  pid_t pid = -1;  // -1: failed
  std::uint64_t start_time = 0;
  const char* step = nullptr;  // of a failure, as picket_program_failure has them
  int error = 0;
};

SpawnResult spawn(const SpawnPlan& plan);

// RLIMIT_... by name ("nofile"); -1: there is none.
int rlimit_number(const std::string& name);

}  // namespace picket::process
