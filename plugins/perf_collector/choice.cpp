// SPDX-License-Identifier: Apache-2.0
//
// See choice.hpp.
#include "choice.hpp"

#include <algorithm>

#include "glob.hpp"

namespace picket::perf_collector {

bool Choice::wants(std::string_view name) const {
  const auto matches = [name](const std::string& pattern) { return glob_match(pattern, name); };
  return (include.empty() || std::any_of(include.begin(), include.end(), matches)) &&
         std::none_of(exclude.begin(), exclude.end(), matches);
}

}  // namespace picket::perf_collector
