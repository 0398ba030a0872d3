// SPDX-License-Identifier: Apache-2.0
//
// Times of events as text: RFC 3339 with up to nanoseconds, in and out. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace picket::pipe_server {

// "2026-12-01T10:00:00.123456789Z", with an offset instead of Z, with fewer or no digits of a second. Nanoseconds of
// UTC since 1970; nothing when it is another text, or before 1678 or after 2261.
std::optional<std::int64_t> parse_time(std::string_view text);
// Whether a number of nanoseconds is within what the text can say.
bool is_event_time(std::int64_t time_ns);
// Appends it with nine digits and Z.
void append_time(std::int64_t time_ns, std::string& out);
// The same from its parts, without an offset; nothing when one is out of its range. `year` as written, month and day
// from 1.
std::optional<std::int64_t> time_of(int year, int month, int day, int hour, int minute, int second);

}  // namespace picket::pipe_server
