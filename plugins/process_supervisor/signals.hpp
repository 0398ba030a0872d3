// SPDX-License-Identifier: Apache-2.0
//
// Signals by name, and how a process ended, in words. Pure. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace picket::process_supervisor {

// "TERM", "SIGTERM" and, on Linux, "15", "RTMIN+3" are signals; case does not matter. Windows has TERM, INT, BREAK and
// KILL, which are the ways that a program can be asked or made to end there.
std::optional<int> signal_number(std::string_view text);
// "SIGTERM"; "signal 99" for one without a name.
std::string signal_name(int number);

// How a main process ended.
struct ExitStatus {
  bool signalled = false;
  int code = 0;                // the exit code, or the signal's number
  bool core = false;           // it left a core
  bool out_of_memory = false;  // the system killed it, or one of its tree, for memory

  bool operator==(const ExitStatus&) const = default;
};

// "exited with code 3", "killed by SIGSEGV, core dumped", "killed by SIGKILL: out of memory".
std::string describe(const ExitStatus& status);

}  // namespace picket::process_supervisor
