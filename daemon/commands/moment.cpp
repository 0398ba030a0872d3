// SPDX-License-Identifier: Apache-2.0
//
// One function per form; the first that reads the whole text wins.
#include "commands/moment.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/units.hpp"
#include "platform/clock.hpp"
#include "platform/utc_time.hpp"

namespace picket::commands {
namespace {

using platform::kDay;
using platform::kMillisecond;
using platform::kSecond;
using Moment = std::optional<std::int64_t>;

constexpr std::array<std::string_view, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                       "friday", "saturday", "sunday"};

Moment ago(std::string_view text, std::int64_t now_ns) {
  const auto duration = config::parse_duration(text);
  if (!duration || *duration > now_ns) return std::nullopt;
  return now_ns - *duration;
}

Moment relative(std::string_view text, std::int64_t now_ns) {
  if (text == "now") return now_ns;
  return ago(text.starts_with("now-") ? text.substr(4) : text, now_ns);
}

Moment epoch(std::string_view text) {
  const bool marked = text.starts_with('@');
  if (marked) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  if (text.size() >= 12 && text.size() <= 14) return value * kMillisecond;
  // Shorter numbers without the mark are likelier to be a slip, such as a year.
  if (text.size() > 11 || value > INT64_MAX / kSecond || (!marked && text.size() < 9)) return std::nullopt;
  return value * kSecond;
}

// "hh:mm[:ss[.fff]]" as nanoseconds since midnight.
Moment time_of_day(std::string_view text) {
  if (text.find_first_not_of("0123456789:.") != std::string_view::npos) return std::nullopt;
  return platform::parse_utc("1970-01-01T" + std::string(text));
}

// Days before today.
std::optional<int> days_back(std::string_view word, std::int64_t now_ns, const platform::TimeZone& zone) {
  if (word == "today") return 0;
  if (word == "yesterday") return 1;
  const auto* const found = std::find(kWeekdays.begin(), kWeekdays.end(), word);
  if (found == kWeekdays.end()) return std::nullopt;
  const std::int64_t days = platform::to_local(zone, now_ns) / kDay;
  const auto today = static_cast<int>((days + 3) % 7);  // 1970 began on a Thursday
  return (today - static_cast<int>(found - kWeekdays.begin()) + 7) % 7;
}

Moment named_day(std::string_view text, std::int64_t now_ns, const platform::TimeZone& zone) {
  const std::size_t blank = text.find(' ');
  const auto days = days_back(text.substr(0, blank), now_ns, zone);
  if (!days) return std::nullopt;
  const Moment time = blank == std::string_view::npos ? 0 : time_of_day(text.substr(blank + 1));
  if (!time) return std::nullopt;
  const std::int64_t midnight = platform::to_local(zone, now_ns) / kDay * kDay - *days * kDay;
  return platform::to_utc(zone, midnight + *time);
}

Moment today_at(std::string_view text, std::int64_t now_ns, const platform::TimeZone& zone) {
  const Moment time = time_of_day(text);
  if (!time) return std::nullopt;
  return platform::to_utc(zone, platform::to_local(zone, now_ns) / kDay * kDay + *time);
}

Moment calendar_time(std::string_view text, const platform::TimeZone& zone) {
  const Moment time = platform::parse_utc(text);
  if (!time) return std::nullopt;
  constexpr std::size_t kDate = 10;  // behind the date, a sign can only be an offset's
  const bool says_zone = text.size() > kDate && text.find_first_of("Zz+-", kDate) != std::string_view::npos;
  return says_zone ? *time : platform::to_utc(zone, *time);
}

}  // namespace

std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now_ns, const platform::TimeZone& zone) {
  if (const Moment found = relative(text, now_ns)) return found;
  if (const Moment found = named_day(text, now_ns, zone)) return found;
  if (const Moment found = today_at(text, now_ns, zone)) return found;
  if (const Moment found = calendar_time(text, zone)) return found;
  return epoch(text);
}

}  // namespace picket::commands
