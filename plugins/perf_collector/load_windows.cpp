// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `load`: there is no load average.
#include "absent_group.hpp"
#include "load.hpp"

namespace picket::perf_collector {

bool has_load() {
  return false;
}

std::unique_ptr<Group> make_load(const Machine& /*machine*/, const Vocabulary& vocabulary) {
  for (const Metric* metric : {&kLoad1, &kLoad5, &kLoad15}) vocabulary.metric(*metric);
  return std::make_unique<AbsentGroup>("groups.load",
                                       "Windows has no load average; remove the group `load` from the settings");
}

}  // namespace picket::perf_collector
