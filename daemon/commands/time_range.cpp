// SPDX-License-Identifier: Apache-2.0
#include "commands/time_range.hpp"

#include <algorithm>
#include <array>

#include "config/units.hpp"
#include "platform/clock.hpp"
#include "platform/utc_time.hpp"

namespace picket::commands {
namespace {

using platform::kDay;
using platform::kHour;
using platform::kMinute;
using platform::kSecond;

// A time, or a duration before now.
Result<std::int64_t> parse_moment(const char* option, const std::string& text, std::int64_t now_ns) {
  if (text == "now") return now_ns;
  if (const auto time = platform::parse_utc(text)) return *time;
  const auto ago = config::parse_duration(text);
  if (ago && *ago <= now_ns) return now_ns - *ago;
  return Error{std::string(option) + " " + text +
                   ": expected a time like 2026-09-03T10:00 (UTC unless it ends in an offset like +02:00), or how "
                   "long ago, like 90m",
               PICKET_INVALID};
}

}  // namespace

Result<TimeRange> resolve_range(const RangeWords& words, std::int64_t now_ns) {
  if (words.last && words.from) return Error{"--last and --from exclude each other", PICKET_INVALID};
  TimeRange range;
  range.to_ns = now_ns;
  if (words.to) {
    const auto to = parse_moment("--to", *words.to, now_ns);
    if (!to) return to.error();
    range.to_ns = *to;
  }
  if (words.from) {
    const auto from = parse_moment("--from", *words.from, now_ns);
    if (!from) return from.error();
    range.from_ns = *from;
  } else {
    std::int64_t length = kHour;
    if (words.last) {
      const auto last = config::parse_duration(*words.last);
      if (!last) return Error{"--last: " + last.error().message, PICKET_INVALID};
      length = *last;
    }
    range.from_ns = length > range.to_ns ? 0 : range.to_ns - length;
  }
  if (range.from_ns >= range.to_ns) {
    return Error{"the range is empty: it would begin at " + platform::format_utc(range.from_ns, 0) + " and end at " +
                     platform::format_utc(range.to_ns, 0),
                 PICKET_INVALID};
  }
  return range;
}

std::int64_t round_step(const TimeRange& range, std::int64_t points) {
  constexpr std::array<std::int64_t, 17> kSteps = {kSecond,      2 * kSecond,  5 * kSecond, 10 * kSecond, 15 * kSecond,
                                                   30 * kSecond, kMinute,      2 * kMinute, 5 * kMinute,  10 * kMinute,
                                                   15 * kMinute, 30 * kMinute, kHour,       2 * kHour,    3 * kHour,
                                                   6 * kHour,    12 * kHour};
  const std::int64_t wanted = range.length_ns() / std::max<std::int64_t>(points, 1) +
                              (range.length_ns() % std::max<std::int64_t>(points, 1) == 0 ? 0 : 1);
  const auto found = std::lower_bound(kSteps.begin(), kSteps.end(), wanted);
  if (found != kSteps.end()) return *found;
  return (wanted + kDay - 1) / kDay * kDay;
}

}  // namespace picket::commands
