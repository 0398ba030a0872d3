// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/parse/zone.hpp"

#include <chrono>

#include "platform/clock.hpp"
#include "routing/steps/parse/cursor.hpp"

namespace picket::routing::parse {
namespace {

// Years of which every nanosecond fits into 64 bits.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

// Zones change their offset at such times only.
constexpr std::int64_t kQuarterHour = 15 * platform::kMinute;

// How far back the year of a 29 February may be: 1896 to 1904 had none between them.
constexpr int kYearsBack = 8;

}  // namespace

std::optional<Zone> Zone::parse(std::string_view text) {
  if (text == "local") return Zone(platform::system_zone());
  if (text == "utc") return Zone(std::int64_t{0});
  Cursor cursor(text);
  const bool ahead = cursor.take('+');
  if (!ahead && !cursor.take('-')) return std::nullopt;
  const auto hours = cursor.digits(2);
  if (!hours || *hours > 23 || !cursor.take(':')) return std::nullopt;
  const auto minutes = cursor.digits(2);
  if (!minutes || *minutes > 59 || !cursor.at_end()) return std::nullopt;
  return Zone((ahead ? 1 : -1) * (*hours * platform::kHour + *minutes * platform::kMinute));
}

std::int64_t Zone::ahead_at(std::int64_t local_ns) {
  if (rules_ == nullptr) return ahead_ns_;
  const std::int64_t quarter = local_ns / kQuarterHour - (local_ns % kQuarterHour < 0 ? 1 : 0);
  if (asked_ != quarter) {
    ahead_ns_ = local_ns - platform::to_utc(*rules_, local_ns);
    asked_ = quarter;
  }
  return ahead_ns_;
}

std::optional<std::int64_t> Zone::in_year(const Civil& civil, int year) {
  using std::chrono::day;
  using std::chrono::month;
  const std::chrono::year_month_day date(std::chrono::year(year), month(static_cast<unsigned>(civil.month)),
                                         day(static_cast<unsigned>(civil.day)));
  if (!date.ok() || year < kFirstYear || year > kLastYear) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t local =
      (((days * 24 + civil.hour) * 60 + civil.minute) * 60 + civil.second) * platform::kSecond + civil.nanosecond;
  return local - (civil.ahead_of_utc ? *civil.ahead_of_utc : ahead_at(local));
}

std::optional<std::int64_t> Zone::to_utc(const Civil& civil, std::int64_t near_ns) {
  if (civil.year) return in_year(civil, *civil.year);
  const auto today = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(near_ns)));
  const int newest = static_cast<int>(std::chrono::year_month_day(today).year()) + 1;
  for (int year = newest; year >= newest - 1 - kYearsBack; --year) {
    const auto time = in_year(civil, year);
    // In seconds: a peer's event may be of the last nanosecond that there is.
    if (time && *time / platform::kSecond <= (near_ns / platform::kSecond) + platform::kDay / platform::kSecond)
      return time;
  }
  return std::nullopt;
}

}  // namespace picket::routing::parse
