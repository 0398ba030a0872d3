// SPDX-License-Identifier: Apache-2.0
//
// Moments the way people say them, for --from and --to. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/time_zone.hpp"

namespace picket::commands {

// What the errors give as examples.
inline constexpr const char* kMomentExamples =
    "expected a time like 2026-09-03T10:00 (local; UTC with a Z at its end, or an offset like +02:00), 2026-09-03, "
    "12:00, today, yesterday 18:30, monday, now-2h, 90m (ago) or seconds since 1970";

// UTC ns since 1970; nothing when it is no moment. What it takes, each local in `zone` unless it says otherwise:
//   now, now-2h, 2h            now, or how long ago (config::parse_duration)
//   today, yesterday, monday   the day's first moment; a weekday is its latest one, today included
//   yesterday 18:30            such a day at a time
//   12:00, 12:00:30            today, also if that is still to come
//   2026-09-03                 the day's first moment
//   2026-09-03T10:00           as platform/utc_time.hpp reads it, but local without a Z or an offset
//   1788429600, @1788429600    seconds since 1970 (9 to 11 digits; any number after an @); 12 to 14: milliseconds
std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now_ns, const platform::TimeZone& zone);

}  // namespace picket::commands
