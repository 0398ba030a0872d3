// SPDX-License-Identifier: Apache-2.0
#include "commands/time_range.hpp"

#include <algorithm>
#include <array>

#include "commands/moment.hpp"
#include "config/units.hpp"
#include "platform/clock.hpp"
#include "platform/utc_time.hpp"

namespace picket::commands {
namespace {

using platform::kDay;
using platform::kHour;
using platform::kMinute;
using platform::kSecond;

Result<std::int64_t> moment_of(const char* option, const std::string& text, std::int64_t now_ns,
                               const platform::TimeZone& zone) {
  if (const auto moment = parse_moment(text, now_ns, zone)) return *moment;
  return Error{std::string(option) + " " + text + ": " + kMomentExamples, PICKET_INVALID};
}

Result<std::int64_t> duration_of(const char* option, const std::string& text) {
  auto duration = config::parse_duration(text);
  if (!duration) return Error{std::string(option) + ": " + duration.error().message, PICKET_INVALID};
  return duration;
}

constexpr std::int64_t kLongestStep = 10 * 365 * kDay;

}  // namespace

Result<TimeRange> resolve_range(const RangeWords& words, std::int64_t now_ns, const platform::TimeZone& zone) {
  if (words.last && words.from) return Error{"--last and --from exclude each other", PICKET_INVALID};
  TimeRange range;
  range.to_ns = now_ns;
  if (words.to) {
    const auto to = moment_of("--to", *words.to, now_ns, zone);
    if (!to) return to.error();
    range.to_ns = *to;
  }
  if (words.from) {
    const auto from = moment_of("--from", *words.from, now_ns, zone);
    if (!from) return from.error();
    range.from_ns = *from;
  } else {
    std::int64_t length = kHour;
    if (words.last) {
      const auto last = duration_of("--last", *words.last);
      if (!last) return last.error();
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

Result<std::int64_t> parse_step(const std::string& text) {
  auto step = duration_of("--step", text);
  if (step && *step > kDay && *step % kDay != 0) {
    return Error{"--step " + text + ": buckets longer than a day are whole days, as in 2d or 1w", PICKET_INVALID};
  }
  if (step && *step > kLongestStep) {
    return Error{"--step " + text + ": a bucket is at most 10y long", PICKET_INVALID};
  }
  return step;
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
