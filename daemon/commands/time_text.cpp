// SPDX-License-Identifier: Apache-2.0
#include "commands/time_text.hpp"

#include "config/units.hpp"
#include "platform/clock.hpp"
#include "platform/utc_time.hpp"

namespace picket::commands {
namespace {

constexpr std::size_t kToDay = 10;
constexpr std::size_t kToMinute = 16;
constexpr std::size_t kToSecond = 19;
constexpr std::size_t kToMillisecond = 23;

std::size_t length_for(std::int64_t step_ns) {
  if (step_ns == 0) return kToSecond;
  if (step_ns % platform::kSecond != 0) return kToMillisecond;
  if (step_ns % platform::kDay == 0) return kToDay;
  return step_ns % platform::kMinute == 0 ? kToMinute : kToSecond;
}

}  // namespace

TimeText::TimeText(const TimeRange& range, const BucketGrid& grid, const platform::TimeZone& zone)
    : zone_(zone), length_(length_for(grid.step_ns())) {
  const std::int64_t first = zone.offset_ns(range.from_ns);
  changes_ = zone.offset_ns(range.to_ns) != first;
  // No zone keeps an offset for less than a week.
  for (std::int64_t time = range.from_ns; time < range.to_ns && !changes_; time += 7 * platform::kDay) {
    changes_ = zone.offset_ns(time) != first;
  }
  // A day needs no offset: it is named by its date.
  if (changes_) {
    zone_name_ = "local";
  } else {
    zone_name_ = first == 0 ? "UTC" : "UTC" + platform::offset_text(first);
  }
}

void TimeText::show_milliseconds() {
  length_ = kToMillisecond;
}

std::string TimeText::shown(std::int64_t time_ns, std::size_t length) const {
  std::string text = platform::format_utc(platform::to_local(zone_, time_ns), 3);
  text[kToDay] = ' ';
  text.resize(length);
  if (changes_ && length > kToDay) text += " " + platform::offset_text(zone_.offset_ns(time_ns));
  return text;
}

std::string TimeText::operator()(std::int64_t time_ns) const {
  return shown(time_ns, length_);
}

std::string TimeText::range(const TimeRange& range) const {
  const std::size_t length = range.length_ns() < platform::kMinute * 10 ? kToSecond : kToMinute;
  const std::string from = shown(range.from_ns, length);
  std::string to = shown(range.to_ns, length);
  if (to.substr(0, kToDay) == from.substr(0, kToDay)) to.erase(0, kToDay + 1);
  return from + " to " + to + (changes_ ? "" : " " + zone_name_);
}

std::string step_text(std::int64_t step_ns) {
  return config::format_duration(step_ns);
}

}  // namespace picket::commands
