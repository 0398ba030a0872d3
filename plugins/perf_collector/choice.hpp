// SPDX-License-Identifier: Apache-2.0
//
// What a setting wants of a set of names: globs (glob.hpp) that let in and globs that keep out. Used for the items of a
// group (devices, interfaces, mount points, sensors) and for its metrics. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket::perf_collector {

struct Choice {
  std::vector<std::string> include;  // empty: everything
  std::vector<std::string> exclude;  // wins over `include`

  // Allocates nothing.
  bool wants(std::string_view name) const;

  bool operator==(const Choice&) const = default;
};

}  // namespace picket::perf_collector
