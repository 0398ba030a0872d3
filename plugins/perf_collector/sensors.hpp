// SPDX-License-Identifier: Apache-2.0
//
// Which sensors there are below /sys/class/hwmon (Documentation/hwmon/sysfs-interface.rst of the kernel; Linux only).
// Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "choice.hpp"

namespace picket::perf_collector {

enum class SensorKind : std::size_t { temperature, fan, voltage, current, power, energy };
inline constexpr std::size_t kSensorKinds = 6;
inline constexpr std::size_t kMostSensors = 500;

struct SensorPlace {
  std::string id;    // "coretemp@coretemp.0/temp1", the same after a restart of the machine
  std::string name;  // the label that the driver gives it, else "temp1"
  std::string path;  // of the file with its value
  SensorKind kind = SensorKind::temperature;

  bool operator==(const SensorPlace&) const = default;
};

// The chosen sensors below `folder` in the order of their ids, at most kMostSensors of them (`left_out` is how many
// were more). None if there is no such folder.
std::vector<SensorPlace> find_sensors(const std::string& folder, const Choice& choice, std::size_t& left_out);

}  // namespace picket::perf_collector
