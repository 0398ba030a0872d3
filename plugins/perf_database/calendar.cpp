// SPDX-License-Identifier: Apache-2.0
#include "calendar.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace picket::perf_database {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::string_view kSuffix = ".db";

sys_days day_of(std::int64_t time_ns) {
  return sys_days(days(floor_to(time_ns, kDay) / kDay));
}

std::int64_t ns_of(sys_days day) {
  return day.time_since_epoch().count() * kDay;
}

// At least `width` digits.
std::string padded(unsigned value, std::size_t width) {
  std::string digits = std::to_string(value);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::string year_text(std::chrono::year year) {
  return padded(static_cast<unsigned>(static_cast<int>(year)), 4);
}

// All of `digits` as a number.
std::optional<unsigned> number(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool strip(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix) || !name.ends_with(kSuffix) || name.size() < prefix.size() + kSuffix.size())
    return false;
  name = name.substr(prefix.size(), name.size() - prefix.size() - kSuffix.size());
  return true;
}

}  // namespace

std::int64_t week_start(std::int64_t time_ns) {
  // 1970-01-01 was a Thursday: the week's Monday lies three days before.
  return floor_to(time_ns + 3 * kDay, kWeek) - 3 * kDay;
}

std::string raw_file_name(std::int64_t time_ns) {
  // A week belongs to the year of its Thursday, and counts from that year's first Thursday.
  const sys_days thursday = day_of(week_start(time_ns)) + days(3);
  const year_month_day date(thursday);
  const sys_days first(date.year() / std::chrono::January / 1);
  const auto week = static_cast<unsigned>((thursday - first).count() / 7 + 1);
  return "raw-" + year_text(date.year()) + "-W" + padded(week, 2) + std::string(kSuffix);
}

std::int64_t month_start(std::int64_t time_ns) {
  const year_month_day date(day_of(time_ns));
  return ns_of(sys_days(date.year() / date.month() / 1));
}

std::int64_t next_month(std::int64_t time_ns) {
  return month_start(month_start(time_ns) + 31 * kDay);
}

std::string minute_file_name(std::int64_t time_ns) {
  const year_month_day date(day_of(time_ns));
  return "minute-" + year_text(date.year()) + "-" + padded(static_cast<unsigned>(date.month()), 2) +
         std::string(kSuffix);
}

std::string hot_file_name(std::int64_t time_ns, unsigned generation) {
  const year_month_day date(day_of(time_ns));
  const auto hour = static_cast<unsigned>((floor_to(time_ns, kHour) - floor_to(time_ns, kDay)) / kHour);
  std::string name = "hot-" + year_text(date.year()) + padded(static_cast<unsigned>(date.month()), 2) +
                     padded(static_cast<unsigned>(date.day()), 2) + padded(hour, 2);
  if (generation != 0) name += "." + std::to_string(generation);
  return name + std::string(kSuffix);
}

std::optional<std::int64_t> raw_file_week(std::string_view name) {
  const std::string whole(name);
  if (!strip(name, "raw-") || name.size() != 8 || name.substr(4, 2) != "-W") return std::nullopt;
  const auto year = number(name.substr(0, 4));
  const auto week = number(name.substr(6));
  if (!year || !week) return std::nullopt;
  // 4 January is always in week 1.
  const sys_days fourth(std::chrono::year(static_cast<int>(*year)) / std::chrono::January / 4);
  const std::int64_t start = week_start(ns_of(fourth)) + (static_cast<std::int64_t>(*week) - 1) * kWeek;
  return raw_file_name(start) == whole ? std::optional(start) : std::nullopt;
}

std::optional<std::int64_t> minute_file_month(std::string_view name) {
  if (!strip(name, "minute-") || name.size() != 7 || name[4] != '-') return std::nullopt;
  const auto year = number(name.substr(0, 4));
  const auto month = number(name.substr(5));
  if (!year || !month) return std::nullopt;
  const year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                            std::chrono::day(1));
  return date.ok() ? std::optional(ns_of(sys_days(date))) : std::nullopt;
}

std::optional<HotName> hot_file_hour(std::string_view name) {
  if (!strip(name, "hot-") || name.size() < 10) return std::nullopt;
  const auto year = number(name.substr(0, 4));
  const auto month = number(name.substr(4, 2));
  const auto day = number(name.substr(6, 2));
  const auto hour = number(name.substr(8, 2));
  std::optional<unsigned> generation = 0;
  if (name.size() > 10) generation = name[10] == '.' ? number(name.substr(11)) : std::nullopt;
  if (!year || !month || !day || !hour || *hour > 23 || !generation) return std::nullopt;
  const year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                            std::chrono::day(*day));
  if (!date.ok()) return std::nullopt;
  return HotName{ns_of(sys_days(date)) + static_cast<std::int64_t>(*hour) * kHour, *generation};
}

std::string utc_text(std::int64_t time_ns) {
  const year_month_day date(day_of(time_ns));
  const auto seconds = static_cast<unsigned>((floor_to(time_ns, kSecond) - floor_to(time_ns, kDay)) / kSecond);
  return year_text(date.year()) + "-" + padded(static_cast<unsigned>(date.month()), 2) + "-" +
         padded(static_cast<unsigned>(date.day()), 2) + "T" + padded(seconds / 3'600, 2) + ":" +
         padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2) + "Z";
}

}  // namespace picket::perf_database
