// SPDX-License-Identifier: Apache-2.0
//
// Times as calendars and clocks show them, and what they are in UTC. A Zone remembers its last answer: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "platform/time_zone.hpp"

namespace picket::routing::parse {

// Of the Gregorian calendar; what a text said. Not checked.
struct Civil {
  std::optional<int> year;
  int month = 1;                             // 1..12
  int day = 1;                               // 1..31
  int hour = 0;                              // 0..23
  int minute = 0;                            // 0..59
  int second = 0;                            // 0..60: 60 is a leap second, counted as the next one
  std::int64_t nanosecond = 0;               // of the second
  std::optional<std::int64_t> ahead_of_utc;  // ns; nothing: the text does not say
};

class Zone {
 public:
  // "utc", "local" (this machine's, with its rules for summer time) or "+02:00".
  // Nothing when the text is none of these.
  static std::optional<Zone> parse(std::string_view text);
  // A zone with rules, which outlive it.
  explicit Zone(const platform::TimeZone& rules) : rules_(&rules) {}

  // UTC in ns since 1970. Nothing when there is no such day or the year is not in 1678..2261.
  // Without a year: the latest one that puts the time at most one day after `near_ns`. A sender's clock may be ahead; a
  // log that is read late is not.
  std::optional<std::int64_t> to_utc(const Civil& civil, std::int64_t near_ns);

 private:
  explicit Zone(std::int64_t ahead_ns) : ahead_ns_(ahead_ns) {}
  std::optional<std::int64_t> in_year(const Civil& civil, int year);
  // How far the zone is ahead of UTC when its clocks show `local_ns`.
  std::int64_t ahead_at(std::int64_t local_ns);

  const platform::TimeZone* rules_ = nullptr;  // null: ahead_ns_ at all times
  std::int64_t ahead_ns_ = 0;
  std::optional<std::int64_t> asked_;  // with rules: the quarter of an hour of local time that ahead_ns_ holds for
};

}  // namespace picket::routing::parse
