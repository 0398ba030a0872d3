// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/parse/time_rules.hpp"

#include <array>

#include "platform/clock.hpp"

namespace picket::routing::parse {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

bool same_letters(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_case[i]) return false;
  }
  return true;
}

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                       "friday", "saturday", "sunday"};

// Three letters of a name or all of it; the answer counts from 1.
template <std::size_t kCount>
std::optional<int> read_name(Cursor& cursor, const std::array<std::string_view, kCount>& names) {
  const std::size_t start = cursor.offset();
  const std::string_view word = cursor.take_while(is_letter);
  for (std::size_t i = 0; i < kCount; ++i) {
    if (same_letters(word, names[i]) || same_letters(word, names[i].substr(0, 3))) return static_cast<int>(i) + 1;
  }
  cursor.go_to(start);
  return std::nullopt;
}

}  // namespace

bool read_number(Cursor& cursor, std::size_t digits, int low, int high, int& value) {
  const auto number = cursor.digits(digits);
  if (!number || *number < low || *number > high) return false;
  value = *number;
  return true;
}

bool read_day(Cursor& cursor, int& day) {
  if (cursor.take(' ')) return read_number(cursor, 1, 1, 9, day);
  const std::string_view digits = cursor.rest().substr(0, 2);
  return read_number(cursor, digits.size() == 2 && is_digit(digits[1]) ? 2 : 1, 1, 31, day);
}

bool read_month_name(Cursor& cursor, int& month) {
  const auto found = read_name(cursor, kMonths);
  if (found) month = *found;
  return found.has_value();
}

bool read_weekday(Cursor& cursor) {
  return read_name(cursor, kWeekdays).has_value();
}

bool read_half_of_day(Cursor& cursor, bool& afternoon) {
  const std::string_view word = cursor.rest().substr(0, 2);
  afternoon = same_letters(word, "pm");
  if (!afternoon && !same_letters(word, "am")) return false;
  cursor.go_to(cursor.offset() + 2);
  return true;
}

bool read_fraction(Cursor& cursor, std::int64_t& nanosecond) {
  const std::string_view digits = cursor.take_while(is_digit);
  if (digits.empty()) return false;
  nanosecond = 0;
  for (std::size_t i = 0; i < 9; ++i) nanosecond = nanosecond * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return true;
}

bool read_offset(Cursor& cursor, Civil& civil) {
  if (cursor.take('Z') || cursor.take('z')) {
    civil.ahead_of_utc = 0;
    return true;
  }
  const bool ahead = cursor.take('+');
  if (!ahead && !cursor.take('-')) return false;
  int hours = 0;
  int minutes = 0;
  if (!read_number(cursor, 2, 0, 23, hours)) return false;
  const bool colon = cursor.take(':');
  if ((colon || is_digit(cursor.peek())) && !read_number(cursor, 2, 0, 59, minutes)) return false;
  civil.ahead_of_utc = (ahead ? 1 : -1) * (hours * platform::kHour + minutes * platform::kMinute);
  return true;
}

bool read_zone_name(Cursor& cursor, Civil& civil) {
  const std::string_view word = cursor.take_while(is_letter);
  if (!same_letters(word, "utc") && !same_letters(word, "gmt") && !same_letters(word, "z")) return false;
  civil.ahead_of_utc = 0;
  return true;
}

bool read_date(Cursor& cursor, Civil& civil) {
  int year = 0;
  if (!read_number(cursor, 4, 0, 9'999, year)) return false;
  civil.year = year;
  return cursor.take('-') && read_number(cursor, 2, 1, 12, civil.month) && cursor.take('-') &&
         read_number(cursor, 2, 1, 31, civil.day);
}

bool read_time_of_day(Cursor& cursor, Civil& civil) {
  return read_number(cursor, 2, 0, 23, civil.hour) && cursor.take(':') && read_number(cursor, 2, 0, 59, civil.minute) &&
         cursor.take(':') && read_number(cursor, 2, 0, 60, civil.second);
}

std::optional<Civil> read_rfc3339(Cursor& cursor) {
  const std::size_t start = cursor.offset();
  Civil civil;
  const bool found = read_date(cursor, civil) && (cursor.take('T') || cursor.take('t') || cursor.take(' ')) &&
                     read_time_of_day(cursor, civil) &&
                     ((!cursor.take('.') && !cursor.take(',')) || read_fraction(cursor, civil.nanosecond));
  const char next = cursor.peek();
  const bool has_offset = next == 'Z' || next == 'z' || next == '+' || next == '-';
  if (found && (!has_offset || read_offset(cursor, civil))) return civil;
  cursor.go_to(start);
  return std::nullopt;
}

std::optional<Civil> read_rfc3164(Cursor& cursor) {
  const std::size_t start = cursor.offset();
  Civil civil;
  bool found =
      read_month_name(cursor, civil.month) && cursor.take(' ') && read_day(cursor, civil.day) && cursor.take(' ');
  if (found) {
    const std::size_t behind_day = cursor.offset();
    const auto year = cursor.digits(4);
    if (year && cursor.take(' ')) {
      civil.year = year;
    } else {
      cursor.go_to(behind_day);
    }
  }
  found = found && read_time_of_day(cursor, civil) && (!cursor.take('.') || read_fraction(cursor, civil.nanosecond));
  if (found) return civil;
  cursor.go_to(start);
  return std::nullopt;
}

}  // namespace picket::routing::parse
