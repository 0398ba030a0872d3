// SPDX-License-Identifier: Apache-2.0
//
// UTC times as text, after RFC 3339. Used by the log and by the verbs that take or print times. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace picket::platform {

// "2026-09-03T10:00:00.000Z" with 0, 3, 6 or 9 `decimals` (cut, not rounded). `wall_ns`: UTC since 1970.
std::string format_utc(std::int64_t wall_ns, int decimals);

// Accepts "2026-09-03", "2026-09-03T10:00", "...:30", "...:30.125", each time with "Z", an offset "+02:00" or nothing
// (which means UTC); a space may stand for the "T". Nothing if it is no such time, or out of the range of nanoseconds
// (1678 to 2261).
std::optional<std::int64_t> parse_utc(std::string_view text);

}  // namespace picket::platform
