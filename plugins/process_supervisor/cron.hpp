// SPDX-License-Identifier: Apache-2.0
//
// Times of the calendar as crontab(5) writes them: "MINUTE HOUR DAY MONTH WEEKDAY", with *, lists, ranges, steps and
// the names of months and weekdays, or @hourly @daily @weekly @monthly @yearly. Local time. Pure but for the zone of
// the process. [control]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <picket/result.hpp>

namespace picket::process_supervisor {

class Cron {
 public:
  // An error names the field.
  static Result<Cron> parse(std::string_view text);

  // The first such time after `wall_ns` (UTC), at second 0; nothing within five years (February 30th). An hour that the
  // change to summer time leaves out is passed over; one that comes twice counts once.
  std::optional<std::int64_t> next(std::int64_t wall_ns) const;

 private:
  std::uint64_t minutes_ = 0;
  std::uint32_t hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;
  bool any_day_ = false, any_weekday_ = false;  // written as *: then the other one alone decides
};

}  // namespace picket::process_supervisor
