// SPDX-License-Identifier: Apache-2.0
//
// The two forms of a syslog message behind its priority. Called by syslog.cpp only.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "routing/steps/parse/cursor.hpp"
#include "routing/steps/parse/format.hpp"

namespace picket::routing::parse {

// RFC 5424 from TIMESTAMP on: the cursor is behind "<PRI>1 ".
std::optional<Failure> read_syslog_5424(Cursor& cursor, Reading& reading, Zone& zone);

// RFC 3164 from TIMESTAMP on, and what is written to files: without a priority, times of RFC 3339, no host. Everything
// is a message when nothing else is recognised; whether that will do is `needs_time`'s to say.
std::optional<Failure> read_syslog_3164(Cursor& cursor, Reading& reading, Zone& zone, bool needs_time);

// A process id is a number mostly; any other text stays one.
std::string_view add_pid(Reading& reading, std::string_view text);

}  // namespace picket::routing::parse
