// SPDX-License-Identifier: Apache-2.0
//
// The processes of this machine, by name and command line: process_list_linux.cpp, process_list_windows.cpp, and a
// list of the tests' own. [control]
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace picket::process_supervisor {

struct ListedProcess {
  std::int64_t pid = 0;
  std::uint64_t start_time = 0;  // as picket_process_identity has it
  std::string name;              // as the kernel shows it
  std::string command_line;      // arguments joined by blanks, at most 4 KiB; empty: not asked for, or not readable
};

std::vector<ListedProcess> list_processes(bool with_command_lines);

// Whether this system tells command lines of others.
bool has_command_lines();

}  // namespace picket::process_supervisor
