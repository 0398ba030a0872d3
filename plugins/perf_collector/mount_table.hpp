// SPDX-License-Identifier: Apache-2.0
//
// The mounted filesystems as /proc/self/mountinfo lists them (proc(5)), and which of them can be asked for their room
// (Linux only). Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "filesystems.hpp"

namespace picket::perf_collector {

struct Mount {
  int id = 0, parent = 0;
  std::string number;  // "254:0", the same for all mounts of one filesystem
  std::string mount_point, device, type;
  bool read_only = false;
};

// The mounts of `text`, in its order; `malformed` is how many lines were no mounts.
std::vector<Mount> parse_mounts(std::string_view text, std::size_t& malformed);

// The first mount of each wanted filesystem. Left out are mounts that others hide: asking for their path would ask
// another filesystem; and those below a mount of a network filesystem that is not wanted: the path to them leads
// through it, and may hang there.
std::vector<Mount> choose_mounts(const std::vector<Mount>& mounts, const FilesystemsSettings& settings);

}  // namespace picket::perf_collector
