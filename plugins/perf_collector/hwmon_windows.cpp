// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `hwmon`: without a driver of the maker's, Windows shows no sensors.
#include "absent_group.hpp"
#include "hwmon.hpp"

namespace picket::perf_collector {

bool has_hwmon() {
  return false;
}

std::unique_ptr<Group> make_hwmon(const Choice& /*sensors*/, bool /*asked*/, const Machine& /*machine*/,
                                  const Vocabulary& vocabulary) {
  for (const Metric* metric : {&kTemperature, &kFanSpeed, &kVoltage, &kCurrent, &kPower, &kEnergy}) {
    vocabulary.metric(*metric);
  }
  return std::make_unique<AbsentGroup>(
      "groups.hwmon", "Windows has no common way to read sensors; remove the group `hwmon` from the settings");
}

}  // namespace picket::perf_collector
