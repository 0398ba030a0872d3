// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/parse/time_format.hpp"

#include <charconv>
#include <cmath>

#include "platform/clock.hpp"
#include "routing/steps/parse/time_rules.hpp"

namespace picket::routing::parse {
namespace {

// What the letters of a pattern have found so far.
struct Parts {
  Civil civil;
  bool twelve_hours = false;
  bool afternoon = false;
  std::optional<std::int64_t> seconds;  // since 1970
};

bool read_seconds(Cursor& cursor, std::optional<std::int64_t>& seconds) {
  const std::string_view digits = cursor.take_while(is_digit);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || value > INT64_MAX / platform::kSecond - 1) return false;
  seconds = value;
  return true;
}

bool read_directive(char letter, Cursor& cursor, Parts& parts) {
  Civil& civil = parts.civil;
  int year = 0;
  switch (letter) {
    case 'Y':
      if (!read_number(cursor, 4, 0, 9'999, year)) return false;
      civil.year = year;
      return true;
    case 'y':
      if (!read_number(cursor, 2, 0, 99, year)) return false;
      civil.year = year + (year < 69 ? 2'000 : 1'900);
      return true;
    case 'm':
      return read_number(cursor, 2, 1, 12, civil.month);
    case 'd':
    case 'e':
      return read_day(cursor, civil.day);
    case 'b':
      return read_month_name(cursor, civil.month);
    case 'a':
      return read_weekday(cursor);
    case 'H':
      return read_number(cursor, 2, 0, 23, civil.hour);
    case 'I':
      parts.twelve_hours = true;
      return read_number(cursor, 2, 1, 12, civil.hour);
    case 'p':
      return read_half_of_day(cursor, parts.afternoon);
    case 'M':
      return read_number(cursor, 2, 0, 59, civil.minute);
    case 'S':
      return read_number(cursor, 2, 0, 60, civil.second);
    case 'f':
      return read_fraction(cursor, civil.nanosecond);
    case 'z':
      return read_offset(cursor, civil);
    case 'Z':
      return read_zone_name(cursor, civil);
    case 's':
      return read_seconds(cursor, parts.seconds);
    case 'F':
      return read_date(cursor, civil);
    case 'T':
      return read_time_of_day(cursor, civil);
    default:
      return false;
  }
}

std::int64_t unit_of(std::string_view format) {
  if (format == "unix") return platform::kSecond;
  if (format == "unix_ms") return platform::kMillisecond;
  if (format == "unix_us") return 1'000;
  if (format == "unix_ns") return 1;
  return 0;
}

// "12.5" as so many units; exact up to the nanosecond.
std::optional<std::int64_t> read_decimal(std::string_view text, std::int64_t unit) {
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (text.empty() || !is_digit(text.front()) || error != std::errc() || whole > INT64_MAX / unit - 1)
    return std::nullopt;
  Cursor cursor(text, static_cast<std::size_t>(end - text.data()));
  std::int64_t fraction = 0;  // billionths
  if (cursor.take('.') && !read_fraction(cursor, fraction)) return std::nullopt;
  if (!cursor.at_end()) return std::nullopt;
  return whole * unit + fraction / (platform::kSecond / unit);
}

}  // namespace

TimeFormat::TimeFormat(std::string_view format, Zone zone)
    : zone_(zone), unit_ns_(unit_of(format)), rfc3339_(format == "rfc3339") {
  if (unit_ns_ != 0 || rfc3339_) return;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      parts_.push_back({'\0', format[i]});
    } else if (i + 1 == format.size()) {
      throw TimeFormatError(i, "a % at the end; write %% for a percent sign");
    } else {
      add_directive(format[i + 1], i);
      ++i;
    }
  }
  const auto has = [&](std::string_view letters) {
    for (const Part& part : parts_) {
      if (part.directive != '\0' && letters.find(part.directive) != std::string_view::npos) return true;
    }
    return false;
  };
  if (has("s")) return;
  if (!has("YymbFdeHIT")) {
    throw TimeFormatError(0,
                          "neither a pattern with %Y, %m, %d ... nor one of rfc3339, unix, unix_ms, unix_us, unix_ns");
  }
  if (!has("mbF") || !has("deF"))
    throw TimeFormatError(0, "a time needs a month and a day: %m and %d, %b and %d, or %F");
  if (has("I") != has("p")) throw TimeFormatError(0, "%I (the hour of twelve) and %p (AM or PM) need each other");
}

void TimeFormat::add_directive(char letter, std::size_t offset) {
  constexpr std::string_view kLetters = "YymdebaHIpMSfzZsFT";
  if (letter == '%') {
    parts_.push_back({'\0', '%'});
  } else if (kLetters.find(letter) != std::string_view::npos) {
    parts_.push_back({letter, '\0'});
  } else {
    throw TimeFormatError(offset, std::string("unknown %") + letter +
                                      "; known are %Y %y %m %d %e %b %a %H %I %p %M %S " + "%f %z %Z %s %F %T %%");
  }
}

std::optional<std::int64_t> TimeFormat::read(const Value& value, std::int64_t near_ns) {
  if (unit_ns_ != 0) return read_unix(value);
  if (!value.is_text()) return std::nullopt;
  if (!rfc3339_) return read_pattern(value.as_text(), near_ns);
  Cursor cursor(value.as_text());
  const auto civil = read_rfc3339(cursor);
  if (!civil || !cursor.at_end()) return std::nullopt;
  return zone_.to_utc(*civil, near_ns);
}

std::optional<std::int64_t> TimeFormat::read_pattern(std::string_view text, std::int64_t near_ns) {
  Cursor cursor(text);
  Parts found;
  for (const Part& part : parts_) {
    if (part.directive != '\0') {
      if (!read_directive(part.directive, cursor, found)) return std::nullopt;
    } else if (is_blank(part.byte)) {
      if (!is_blank(cursor.peek())) return std::nullopt;
      cursor.skip_blanks();
    } else if (!cursor.take(part.byte)) {
      return std::nullopt;
    }
  }
  if (!cursor.at_end()) return std::nullopt;
  if (found.seconds) return *found.seconds * platform::kSecond + found.civil.nanosecond;
  if (found.twelve_hours) found.civil.hour = found.civil.hour % 12 + (found.afternoon ? 12 : 0);
  return zone_.to_utc(found.civil, near_ns);
}

std::optional<std::int64_t> TimeFormat::read_unix(const Value& value) const {
  if (value.is_text()) return read_decimal(value.as_text(), unit_ns_);
  if (value.type() == ValueType::integer) {
    const std::int64_t units = value.as_integer();
    if (units < 0 || units > INT64_MAX / unit_ns_) return std::nullopt;
    return units * unit_ns_;
  }
  if (value.type() != ValueType::real) return std::nullopt;
  const double ns = value.as_real() * static_cast<double>(unit_ns_);
  if (!(ns >= 0 && ns < 9.2e18)) return std::nullopt;
  // A double of these days is exact to a quarter of a microsecond.
  return std::llround(ns / 1'000) * 1'000;
}

}  // namespace picket::routing::parse
