// SPDX-License-Identifier: Apache-2.0
//
// Times as tables and charts show them: local, as exact as the step needs, with the offset in the title where it is the
// same throughout and behind each time where clocks change. Pure, single thread.
#pragma once

#include <cstdint>
#include <string>

#include "commands/bucket_grid.hpp"
#include "commands/time_range.hpp"
#include "platform/time_zone.hpp"

namespace picket::commands {

class TimeText {
 public:
  // `zone` outlives it.
  TimeText(const TimeRange& range, const BucketGrid& grid, const platform::TimeZone& zone);

  // Shows milliseconds as well, for samples that are not on whole seconds.
  void show_milliseconds();

  // "UTC", "UTC+02:00", "local": what the times are in.
  const std::string& zone_name() const { return zone_name_; }
  // "2026-09-03 10:00:05", "2026-09-03 10:00", "2026-09-03", "2026-10-25 02:30 +01:00"
  std::string operator()(std::int64_t time_ns) const;
  // The whole range: "2026-09-03 10:00 to 11:00".
  std::string range(const TimeRange& range) const;

 private:
  std::string shown(std::int64_t time_ns, std::size_t length) const;

  const platform::TimeZone& zone_;
  std::string zone_name_;
  std::size_t length_;  // of the part of "2026-09-03 10:00:05.123" that is shown
  bool changes_ = false;
};

// As --step takes it: "1m30s", "1d".
std::string step_text(std::int64_t step_ns);

}  // namespace picket::commands
