// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `cgroups`: there are none, and the group says so as long as it is asked for.
#include "absent_group.hpp"
#include "cgroups.hpp"

namespace picket::perf_collector {

std::unique_ptr<Group> make_cgroups(const CgroupsSettings& /*settings*/, const Machine& /*machine*/,
                                    const Vocabulary& /*vocabulary*/) {
  return std::make_unique<AbsentGroup>("groups.cgroups",
                                       "Windows has no control groups; remove the group `cgroups` from the settings");
}

}  // namespace picket::perf_collector
