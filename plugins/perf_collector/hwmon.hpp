// SPDX-License-Identifier: Apache-2.0
//
// The group `hwmon`: what the sensors of the machine show. Windows has no common way to read them. Names are those of
// the hardware conventions, but for the current, which they do not have.
#pragma once

#include "choice.hpp"
#include "group.hpp"

namespace picket::perf_collector {

inline constexpr Metric kTemperature{"hw.temperature", "Cel", PICKET_INSTRUMENT_GAUGE, 3, "Temperature."};
inline constexpr Metric kFanSpeed{"hw.fan.speed", "rpm", PICKET_INSTRUMENT_GAUGE, 0, "Turns of a fan in a minute."};
inline constexpr Metric kVoltage{"hw.voltage", "V", PICKET_INSTRUMENT_GAUGE, 3, "Voltage."};
inline constexpr Metric kCurrent{"hw.current", "A", PICKET_INSTRUMENT_GAUGE, 3, "Electric current."};
inline constexpr Metric kPower{"hw.power", "W", PICKET_INSTRUMENT_GAUGE, 6, "Power that is drawn now."};
inline constexpr Metric kEnergy{"hw.energy", "J", PICKET_INSTRUMENT_COUNTER, 6, "Energy that was drawn."};

// Whether this operating system can have it, so that the group is on by default.
bool has_hwmon();

// `sensors`: of the attribute hw.id, "coretemp@coretemp.0/temp1". `asked`: a machine without any is a fault.
std::unique_ptr<Group> make_hwmon(const Choice& sensors, bool asked, const Machine& machine,
                                  const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
