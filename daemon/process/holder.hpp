// SPDX-License-Identifier: Apache-2.0
//
// The holder: the small process that is the parent of all programs. `picket hold-processes`, which the daemon starts by
// itself; not for hands.
#pragma once

#include <iosfwd>
#include <string>

namespace picket::process {

struct HolderOptions {
  std::string directory;                // absolute, private; for its socket, its lock and its records
  std::string control_groups = "auto";  // "none", or a directory in a cgroup2 file system
};

// Makes the holder and returns in its parent as soon as it listens: 0, or an exit code with a message on `err`. In the
// holder itself it returns when there is nothing left to hold.
int hold_processes(const HolderOptions& options, std::ostream& err);

// Names within `directory`.
inline constexpr const char* kHolderSocket = "holder.sock";
inline constexpr const char* kHolderLock = "holder.lock";

}  // namespace picket::process
