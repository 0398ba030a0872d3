// SPDX-License-Identifier: Apache-2.0
#include "commands/plot_axis.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>

#include "commands/human_units.hpp"
#include "platform/clock.hpp"
#include "platform/utc_time.hpp"

namespace picket::commands {
namespace {

using platform::kDay;
using platform::kHour;
using platform::kMinute;
using platform::kSecond;

constexpr std::array<std::int64_t, 19> kClockSteps = {
    kSecond,     2 * kSecond, 5 * kSecond,  10 * kSecond, 15 * kSecond, 30 * kSecond, kMinute,
    2 * kMinute, 5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute, kHour,        2 * kHour,
    3 * kHour,   6 * kHour,   12 * kHour,   kDay,         2 * kDay};
constexpr std::array<int, 7> kMonthSteps = {1, 3, 6, 12, 24, 60, 120};

double decimal_step(double wanted, bool quarters = false) {
  const double decade = std::pow(10, std::floor(std::log10(wanted)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor == 2.5 && !quarters) continue;
    if (factor * decade >= wanted * (1 - 1e-9)) return factor * decade;
  }
  return 10 * decade;
}

double value_step(double wanted, std::string_view unit) {
  if (unit.starts_with("By") && wanted > 0.5) return std::exp2(std::ceil(std::log2(wanted) - 1e-9));
  if (unit == "s" && wanted > 1) {
    for (const std::int64_t step : kClockSteps) {
      const double seconds = static_cast<double>(step) / 1e9;
      if (seconds >= wanted) return seconds;
    }
    return 86'400 * decimal_step(wanted / 86'400);
  }
  return decimal_step(wanted, unit == "1");
}

std::string month_name(const std::chrono::year_month_day& date) {
  constexpr std::array<const char*, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return kNames[static_cast<unsigned>(date.month()) - 1];
}

std::chrono::year_month_day date_of(std::int64_t local_ns) {
  return std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(local_ns)));
}

std::string clock_label(std::int64_t local_ns, std::int64_t step) {
  const bool midnight = local_ns % kDay == 0;
  if (midnight) {
    const auto date = date_of(local_ns);
    return std::to_string(static_cast<unsigned>(date.day())) + " " + month_name(date);
  }
  return platform::format_utc(local_ns, 0).substr(11, step < kMinute ? 8 : 5);
}

std::vector<TimeTick> clock_ticks(const TimeRange& range, const platform::TimeZone& zone, std::int64_t step) {
  std::vector<TimeTick> ticks;
  const std::int64_t end = platform::to_local(zone, range.to_ns) + kHour;  // clocks may be set back on the way
  for (std::int64_t local = platform::to_local(zone, range.from_ns) / step * step; local <= end; local += step) {
    const std::int64_t time = platform::to_utc(zone, local);
    // What the clocks left out comes to lie on a time that has a tick of its own, or none.
    const bool known = !ticks.empty() && time <= ticks.back().time_ns;
    if (time < range.from_ns || time > range.to_ns || known || platform::to_local(zone, time) != local) continue;
    ticks.push_back({time, clock_label(local, step)});
  }
  return ticks;
}

std::vector<TimeTick> month_ticks(const TimeRange& range, const platform::TimeZone& zone, int step) {
  using std::chrono::months;
  std::vector<TimeTick> ticks;
  const auto first = date_of(platform::to_local(zone, range.from_ns));
  // Years begin a count of months, so that every step falls on January.
  std::chrono::year_month month = first.year() / std::chrono::January;
  const int decade = static_cast<int>(first.year()) % std::max(step / 12, 1);
  month -= std::chrono::years(decade);
  while (true) {
    const std::chrono::sys_days day(month / 1);
    const std::int64_t time = platform::to_utc(zone, std::chrono::nanoseconds(day.time_since_epoch()).count());
    if (time > range.to_ns) return ticks;
    if (time >= range.from_ns) {
      const std::string year = std::to_string(static_cast<int>(month.year()));
      ticks.push_back({time, step >= 12 ? year : month_name(month / 1) + " " + year});
    }
    month += months(step);
  }
}

}  // namespace

ValueAxis make_value_axis(double low, double high, std::string_view unit, std::size_t most) {
  if (low > 0 && low <= high / 2) low = 0;
  if (high < 0 && high >= low / 2) high = 0;
  if (low == high) {  // a flat line stands in the middle, or on the ground
    low = std::min(0.0, 2 * low);
    high = high == 0 ? 1 : std::max(0.0, 2 * high);
  }
  ValueAxis axis;
  double step = value_step((high - low) / static_cast<double>(most - 1), unit);
  double first = std::floor(low / step);
  double last = std::ceil(high / step);
  // Rounding outwards may cost a tick more than there is room for.
  for (int tries = 0; last - first > static_cast<double>(most - 1) && tries < 4; ++tries) {
    step = value_step(step * 1.01, unit);
    first = std::floor(low / step);
    last = std::ceil(high / step);
  }
  axis.low = first * step;
  axis.high = last * step;
  bool same = false;
  const auto steps = static_cast<int>(last - first);
  for (int i = 0; i <= steps; ++i) {
    const double value = (first + i) * step;
    axis.ticks.push_back({value, human_value(value, unit)});
    const std::size_t count = axis.ticks.size();
    same = same || (count > 1 && axis.ticks[count - 1].label == axis.ticks[count - 2].label);
  }
  if (same) {  // four digits do not tell them apart
    for (ValueTick& tick : axis.ticks) {
      std::array<char, 32> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "%.12g", tick.value);
      tick.label = buffer.data();
    }
  }
  return axis;
}

std::vector<TimeTick> make_time_ticks(const TimeRange& range, const platform::TimeZone& zone, std::size_t most) {
  const auto fits = [&](std::int64_t step) { return range.length_ns() / step <= static_cast<std::int64_t>(most); };
  for (const std::int64_t step : kClockSteps) {
    if (!fits(step)) continue;
    std::vector<TimeTick> ticks = clock_ticks(range, zone, step);
    if (ticks.size() <= most) return ticks;  // both ends may have one
  }
  // Weeks stand on Mondays: 1970 began on a Thursday.
  for (const std::int64_t days : {7, 14}) {
    if (!fits(days * kDay)) continue;
    std::vector<TimeTick> ticks = clock_ticks(range, zone, kDay);
    std::erase_if(
        ticks, [&](const TimeTick& tick) { return (platform::to_local(zone, tick.time_ns) / kDay + 3) % days != 0; });
    return ticks;
  }
  for (const int months : kMonthSteps) {
    if (!fits(months * 28 * kDay)) continue;
    std::vector<TimeTick> ticks = month_ticks(range, zone, months);
    if (ticks.size() <= most) return ticks;
  }
  return month_ticks(range, zone, kMonthSteps.back());
}

}  // namespace picket::commands
