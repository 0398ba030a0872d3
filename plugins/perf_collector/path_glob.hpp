// SPDX-License-Identifier: Apache-2.0
//
// The files that a glob over paths names: "/sys/class/hwmon/hwmon*/temp*_input". Each part of the path between slashes
// is a glob of its own (glob.hpp). Used by the group `files` on the [control] thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket::perf_collector {

struct GlobbedPath {
  std::string path;
  std::string label;  // the parts that a glob stood for: "hwmon0/temp1_input"; empty: there was none
};

bool is_glob(std::string_view path);

// What there is, by path, at most `most`; the rest is left out. A path without a glob is itself, whether there is such
// a file or not. What cannot be listed is empty.
std::vector<GlobbedPath> expand_paths(const std::string& pattern, std::size_t most);

}  // namespace picket::perf_collector
