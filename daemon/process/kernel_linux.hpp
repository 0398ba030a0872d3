// SPDX-License-Identifier: Apache-2.0
//
// What the kernel says of processes: /proc/PID/stat, the identity of a process, pidfds. Any thread; no state.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/model.hpp"

namespace picket::process {

// One line of /proc/PID/stat, see proc_pid_stat(5). Times in clock ticks.
struct ProcessFacts {
  pid_t pid = 0, parent = 0, session = 0;
  char state = '?';
  std::string name;
  std::uint64_t start_time = 0, user_ticks = 0, system_ticks = 0, waited_user_ticks = 0, waited_system_ticks = 0;
  std::int64_t threads = 0, resident_pages = 0;
  std::int32_t exit_status = 0;  // as wait(2) has it; of a zombie
};

std::optional<ProcessFacts> parse_stat(std::string_view line);
std::optional<ProcessFacts> read_facts(pid_t pid);

// The whole of a small file; nothing when it cannot be read.
std::optional<std::string> read_small_file(const std::string& path);

// Every process of the system.
std::vector<ProcessFacts> all_processes();

const std::array<std::uint8_t, 16>& this_boot();

// Of a process that is there now; nothing when there is none of that pid.
std::optional<Identity> identify(pid_t pid);

// A descriptor of that very process, closed on exec; -1 when it has gone, was never there, or its pid is another's now.
int open_identified(const Identity& wanted);

// 0, or errno.
int signal_process(int pidfd, int signal);

// How a process ended that is no child of ours: what PIDFD_GET_INFO (Linux 6.15) or its zombie says. As wait(2) has it.
std::optional<int> foreign_status(int pidfd, pid_t pid);
// Whether this kernel keeps exit statuses for pidfds.
bool foreign_statuses_are_kept();

// "ENOENT", or the number.
std::string errno_name(int error);
// "No such file or directory (ENOENT)".
std::string errno_text(int error);

}  // namespace picket::process
