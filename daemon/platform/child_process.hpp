// SPDX-License-Identifier: Apache-2.0
//
// Runs a program of ours to its end, within a time: for work that may crash or hang (`picket plugins check`). Not for
// the programs of operators; those have a holder of their own. Any thread; the caller waits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "picket/result.hpp"

namespace picket::platform {

struct ChildProgram {
  std::filesystem::path program;       // absolute
  std::vector<std::string> arguments;  // without the program's own name, UTF-8
  std::filesystem::path output;        // a file that takes what it prints on both streams; made, or emptied
};

struct ChildEnd {
  enum class Kind { exited, crashed, timed_out };
  Kind kind = Kind::exited;
  int code = 0;  // its exit code; after a crash the signal, on Windows the exception
};

// Starts the program in a group of its own (Windows: a job), with nothing to read, and waits. After `timeout_ns`, and
// in any case at its end, everything in that group is ended. An error when it cannot be started.
Result<ChildEnd> run_child(const ChildProgram& child, std::int64_t timeout_ns);

// A crash in words: "SIGSEGV: it touched memory that is not its own".
std::string describe_crash(int code);

// For such a child, first thing and before its first thread: it ends when its parent does, leaves no core file behind,
// shows no window when it crashes, and its temporary files go into `folder`.
void become_expendable(const std::filesystem::path& folder);

}  // namespace picket::platform
