// SPDX-License-Identifier: Apache-2.0
#include "commands/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "commands/human_units.hpp"
#include "config/units.hpp"

namespace picket::commands {

Result<Comparison> Comparison::parse(const std::string& text, const platform::TimeZone& zone) {
  Comparison made;
  made.zone_ = &zone;
  if (text == "yesterday" || text == "last-week") {
    made.name_ = text == "yesterday" ? "yesterday" : "last week";
    made.days_ = text == "yesterday" ? 1 : 7;
    return made;
  }
  const auto duration = config::parse_duration(text);
  if (!duration || *duration == 0) {
    return Error{"--compare " + text + ": expected yesterday, last-week, or how much earlier, like 1h or 52w",
                 PICKET_INVALID};
  }
  made.name_ = text + " before";
  made.duration_ = *duration;
  return made;
}

std::int64_t Comparison::earlier(std::int64_t time_ns) const {
  if (days_ == 0) return std::max<std::int64_t>(time_ns - duration_, 0);
  return std::max<std::int64_t>(platform::add_days(*zone_, time_ns, -days_), 0);
}

std::int64_t Comparison::later(std::int64_t time_ns) const {
  return days_ == 0 ? time_ns + duration_ : platform::add_days(*zone_, time_ns, days_);
}

double relative_change(double now, double then) {
  if (now == then) return 0;
  if (then == 0) return std::numeric_limits<double>::quiet_NaN();
  const double change = (now - then) / std::fabs(then);
  return std::isfinite(change) ? change : std::numeric_limits<double>::quiet_NaN();
}

std::string change_text(double change) {
  constexpr double kManyfold = 100;
  if (std::isnan(change)) return "-";
  if (change >= kManyfold) return "x" + human_value(std::round(change + 1), "");
  // Tenths of a percent: more is noise.
  const double tenths = std::round(change * 1'000) / 1'000;
  return (tenths > 0 ? "+" : "") + human_value(tenths, "1");
}

}  // namespace picket::commands
