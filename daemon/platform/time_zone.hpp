// SPDX-License-Identifier: Apache-2.0
//
// Local time: what the verbs that look back read times in, print them in, and count days in. Used from main's thread;
// tests put a zone with rules of their own here. All times are nanoseconds; a "local time" is what the clock on the
// wall shows, counted as if it were UTC.
#pragma once

#include <cstdint>
#include <string>

namespace picket::platform {

// Thread-safe.
class TimeZone {
 public:
  virtual ~TimeZone() = default;

  // How far local time is ahead of UTC at the moment `utc_ns`.
  virtual std::int64_t offset_ns(std::int64_t utc_ns) const = 0;
};

// Offset 0, always. Lives for ever.
const TimeZone& utc_zone();

// The operating system's: on Linux TZ or /etc/localtime as they are at the first call. Lives for ever.
const TimeZone& system_zone();

std::int64_t to_local(const TimeZone& zone, std::int64_t utc_ns);

// The moment at which local clocks show `local_ns`. Where clocks are set back and show it twice, the first; where they
// are set forward past it, as much later as they are set forward.
std::int64_t to_utc(const TimeZone& zone, std::int64_t local_ns);

// The first moment of the local day that holds `utc_ns`: midnight, or what clocks are set forward to at midnight.
std::int64_t day_start(const TimeZone& zone, std::int64_t utc_ns);

// The same local time some days later, or earlier when negative: 23, 24 or 25 hours each.
std::int64_t add_days(const TimeZone& zone, std::int64_t utc_ns, std::int64_t days);

// "+02:00", "-03:30", "+00:00".
std::string offset_text(std::int64_t offset_ns);

}  // namespace picket::platform
