// SPDX-License-Identifier: Apache-2.0
//
// Where a chart's axes begin and end and what is written at them. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "commands/time_range.hpp"
#include "platform/time_zone.hpp"

namespace picket::commands {

struct ValueTick {
  double value = 0;
  std::string label;  // with its unit
};

struct ValueAxis {
  double low = 0, high = 1;      // low < high, both with a tick
  std::vector<ValueTick> ticks;  // ascending, evenly spaced

  // From 0 (low) to 1 (high).
  double place(double value) const { return (value - low) / (high - low); }
};

// Ticks at round numbers of the unit: powers of two of bytes, 1 2 5 10 15 30 of seconds and minutes, else 1 2 5 of a
// decade, and quarters of a whole. The axis begins at zero unless the values vary by less than half of their size.
// REQUIRES: both finite, low <= high, most >= 2.
ValueAxis make_value_axis(double low, double high, std::string_view unit, std::size_t most);

struct TimeTick {
  std::int64_t time_ns = 0;
  std::string label;  // "10:30", "10:30:15"; at local midnight "3 Sep"; for long ranges "Sep 2026", "2026"
};

// Round local times within the range; at most `most` (at least 1), each at another moment.
std::vector<TimeTick> make_time_ticks(const TimeRange& range, const platform::TimeZone& zone, std::size_t most);

inline constexpr std::size_t kTimeLabelWidth = 8;

}  // namespace picket::commands
