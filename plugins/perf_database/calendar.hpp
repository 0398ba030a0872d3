// SPDX-License-Identifier: Apache-2.0
//
// Hours, days, ISO weeks and months of UTC, as the store counts them, and the file names made of them. Pure functions.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace picket::perf_database {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr std::int64_t kWeek = 7 * kDay;
inline constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

// Rounds towards the past, also before 1970. REQUIRES: step > 0
constexpr std::int64_t floor_to(std::int64_t time, std::int64_t step) {
  const std::int64_t rest = time % step;
  return time - (rest < 0 ? rest + step : rest);
}

// `time` - `span`, but never before 1970; kForever reaches back to it.
constexpr std::int64_t before(std::int64_t time, std::int64_t span) {
  return time > span ? time - span : 0;
}

// Weeks begin on Monday, 00:00 UTC (ISO 8601).
std::int64_t week_start(std::int64_t time_ns);

// "raw-2026-W48.db" for any time of that week.
std::string raw_file_name(std::int64_t time_ns);

// The first instant of the month of `time_ns`, and of the month after it.
std::int64_t month_start(std::int64_t time_ns);
std::int64_t next_month(std::int64_t time_ns);

// "minute-2026-11.db" for any time of that month.
std::string minute_file_name(std::int64_t time_ns);

// "hot-2026112304.db" for any time of that hour; later generations "hot-2026112304.1.db", ...
std::string hot_file_name(std::int64_t time_ns, unsigned generation);

// The start of the week, month or hour that a file name speaks of; nothing for every other name.
std::optional<std::int64_t> raw_file_week(std::string_view name);
std::optional<std::int64_t> minute_file_month(std::string_view name);
struct HotName {
  std::int64_t hour_ns;
  unsigned generation;
};
std::optional<HotName> hot_file_hour(std::string_view name);

// "2026-11-23T04:00:00Z", for messages.
std::string utc_text(std::int64_t time_ns);

}  // namespace picket::perf_database
