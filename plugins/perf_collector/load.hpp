// SPDX-License-Identifier: Apache-2.0
//
// The group `load`: the load averages. They are no part of the semantic conventions; the names are those of the
// OpenTelemetry collector's host metrics receiver. Windows has none: there the group reports that, and nothing else.
#pragma once

#include "group.hpp"

namespace picket::perf_collector {

inline constexpr Metric kLoad1{"system.cpu.load_average.1m", "{thread}", PICKET_INSTRUMENT_GAUGE, 2,
                               "Threads that ran or waited to run, averaged over one minute."};
inline constexpr Metric kLoad5{"system.cpu.load_average.5m", "{thread}", PICKET_INSTRUMENT_GAUGE, 2,
                               "Threads that ran or waited to run, averaged over five minutes."};
inline constexpr Metric kLoad15{"system.cpu.load_average.15m", "{thread}", PICKET_INSTRUMENT_GAUGE, 2,
                                "Threads that ran or waited to run, averaged over fifteen minutes."};

// Whether this operating system has load averages, so that the group is on by default.
bool has_load();

std::unique_ptr<Group> make_load(const Machine& machine, const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
