// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `pressure`: there is none.
#include "absent_group.hpp"
#include "pressure.hpp"

namespace picket::perf_collector {

bool has_pressure() {
  return false;
}

std::unique_ptr<Group> make_pressure(const Choice& /*resources*/, bool /*asked*/, const Machine& /*machine*/,
                                     const Vocabulary& vocabulary) {
  for (const Metric* metric : {&kPressureTime, &kPressure10, &kPressure60, &kPressure300}) vocabulary.metric(*metric);
  return std::make_unique<AbsentGroup>(
      "groups.pressure", "Windows does not measure pressure; remove the group `pressure` from the settings");
}

}  // namespace picket::perf_collector
