// SPDX-License-Identifier: Apache-2.0
//
// The `--last`, `--from`, `--to` and `--step` of the verbs that look back. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "picket/result.hpp"
#include "platform/time_zone.hpp"

namespace picket::commands {

// As given; each may be absent.
struct RangeWords {
  std::optional<std::string> last;  // a duration: "5m"
  std::optional<std::string> from;  // as parse_moment reads it
  std::optional<std::string> to;    // the same
};

// [from_ns, to_ns), UTC ns since 1970; from < to.
struct TimeRange {
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;

  std::int64_t length_ns() const { return to_ns - from_ns; }
};

// Without any of them the last hour; without `to`, until now; `last` and `from` exclude each other. The error names
// the option, says what was read and gives examples.
Result<TimeRange> resolve_range(const RangeWords& words, std::int64_t now_ns, const platform::TimeZone& zone);

// The value of --step: a duration, 0 for every sample; a day or more in whole days, up to ten years. The error names
// the option.
Result<std::int64_t> parse_step(const std::string& text);

// A step of round length (1 2 5 10 15 30 s, as many min, 1 2 3 6 12 h, days) that cuts the range into at most
// `points` buckets. At least 1 s.
std::int64_t round_step(const TimeRange& range, std::int64_t points);

}  // namespace picket::commands
