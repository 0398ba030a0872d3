// SPDX-License-Identifier: Apache-2.0
//
// The rules that written times are made of, one function each: for the formats of settings (time_format.hpp) and for
// syslog. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "routing/steps/parse/cursor.hpp"
#include "routing/steps/parse/zone.hpp"

namespace picket::routing::parse {

// Each takes what it knows from the cursor; false when that is not there or out of range, and then the cursor may be
// anywhere.
bool read_number(Cursor& cursor, std::size_t digits, int low, int high, int& value);  // exactly so many digits
bool read_day(Cursor& cursor, int& day);                                              // "3", " 3", "03"
bool read_month_name(Cursor& cursor, int& month);                                     // English, three letters or all
bool read_weekday(Cursor& cursor);                                                    // the same
bool read_half_of_day(Cursor& cursor, bool& afternoon);                               // AM, PM
bool read_fraction(Cursor& cursor, std::int64_t& nanosecond);  // any number of digits; the tenth and on do not count
bool read_offset(Cursor& cursor, Civil& civil);                // "Z", "+02:00", "+0200", "+02"
bool read_zone_name(Cursor& cursor, Civil& civil);             // "UTC", "GMT", "Z"
bool read_date(Cursor& cursor, Civil& civil);                  // "2026-09-03"
bool read_time_of_day(Cursor& cursor, Civil& civil);           // "10:00:00"

// The cursor is put behind the time, or left when there is none there. The day may not exist.
// "2026-09-03T10:00:00.25+02:00" (RFC 3339), also with a blank for the T, a comma for the point, and no offset.
std::optional<Civil> read_rfc3339(Cursor& cursor);
// "Sep  3 10:00:00" (RFC 3164, section 4.1.2), also with a year behind the day and a fraction of the second.
std::optional<Civil> read_rfc3164(Cursor& cursor);

}  // namespace picket::routing::parse
