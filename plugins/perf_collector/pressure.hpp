// SPDX-License-Identifier: Apache-2.0
//
// The group `pressure`: how long work waited for CPU, memory or disks (pressure stall information of Linux). Windows
// has none.
#pragma once

#include "choice.hpp"
#include "group.hpp"

namespace picket::perf_collector {

inline constexpr Metric kPressureTime{"system.pressure.time", "s", PICKET_INSTRUMENT_COUNTER, 6,
                                      "Time during which some or all tasks waited for a resource."};
inline constexpr Metric kPressure10{
    "system.pressure.average.10s", "1", PICKET_INSTRUMENT_GAUGE, 4,
    "Share of the last 10 seconds during which some or all tasks waited for a resource."};
inline constexpr Metric kPressure60{"system.pressure.average.60s", "1", PICKET_INSTRUMENT_GAUGE, 4,
                                    "Share of the last minute during which some or all tasks waited for a resource."};
inline constexpr Metric kPressure300{
    "system.pressure.average.300s", "1", PICKET_INSTRUMENT_GAUGE, 4,
    "Share of the last 5 minutes during which some or all tasks waited for a resource."};

// Whether this operating system can have it, so that the group is on by default.
bool has_pressure();

// `resources`: of cpu, memory, io, irq. `asked`: a kernel without it is a fault.
std::unique_ptr<Group> make_pressure(const Choice& resources, bool asked, const Machine& machine,
                                     const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
