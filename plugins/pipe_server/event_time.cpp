// SPDX-License-Identifier: Apache-2.0
#include "event_time.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace picket::pipe_server {
namespace {

constexpr std::int64_t kNsOfSecond = 1'000'000'000;
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

constexpr std::int64_t year_ns(int year) {
  using std::chrono::January, std::chrono::sys_days;
  return sys_days(std::chrono::year(year) / January / 1).time_since_epoch().count() * 86'400 * kNsOfSecond;
}
constexpr std::int64_t kFirstTime = year_ns(kFirstYear);
constexpr std::int64_t kLastTime = year_ns(kLastYear + 1) - 1;

// Two and four digits; less than 0 if they are none. REQUIRES: so many characters are there.
int two_digits(const char* text) {
  const auto tens = static_cast<unsigned>(text[0] - '0');
  const auto ones = static_cast<unsigned>(text[1] - '0');
  return tens > 9 || ones > 9 ? -1 : static_cast<int>(tens * 10 + ones);
}
int four_digits(const char* text) {
  const int high = two_digits(text);
  const int low = two_digits(text + 2);
  return high < 0 || low < 0 ? -1 : high * 100 + low;
}

// "Z" or "+01:00", as seconds to subtract.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text.size() == 1) return text[0] == 'Z' || text[0] == 'z' ? std::optional<std::int64_t>(0) : std::nullopt;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hours = two_digits(text.data() + 1);
  const int minutes = two_digits(text.data() + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t seconds = std::int64_t{hours} * 3600 + std::int64_t{minutes} * 60;
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::optional<std::int64_t> time_of(int year, int month, int day, int hour, int minute, int second) {
  if (year < kFirstYear || year > kLastYear || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (month < 1 || day < 1 || !date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (days * 86'400 + std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second) * kNsOfSecond;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  // yyyy-mm-ddThh:mm:ss, then the fraction and the offset.
  constexpr std::size_t kSeconds = 19;
  if (text.size() <= kSeconds || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const char* const at_year = text.data();
  const auto whole = time_of(four_digits(at_year), two_digits(at_year + 5), two_digits(at_year + 8),
                             two_digits(at_year + 11), two_digits(at_year + 14), two_digits(at_year + 17));
  if (!whole) return std::nullopt;
  std::size_t at = kSeconds;
  std::int64_t fraction = 0;
  if (text[at] == '.') {
    ++at;
    constexpr std::array<std::int64_t, 10> kScale{kNsOfSecond, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                                  10'000,      1'000,       100,        10,        1};
    const std::size_t first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      if (at - first < kScale.size() - 1)
        fraction = fraction * 10 + (text[at] - '0');  // what is finer counts for nothing
    }
    if (at == first) return std::nullopt;
    fraction *= kScale[std::min(at - first, kScale.size() - 1)];
  }
  const auto offset = parse_offset(text.substr(at));
  if (!offset) return std::nullopt;
  const std::int64_t time_ns = *whole + fraction - *offset * kNsOfSecond;
  return is_event_time(time_ns) ? std::optional(time_ns) : std::nullopt;
}

bool is_event_time(std::int64_t time_ns) {
  return time_ns >= kFirstTime && time_ns <= kLastTime;
}

void append_time(std::int64_t time_ns, std::string& out) {
  const std::chrono::sys_time<std::chrono::nanoseconds> time{std::chrono::nanoseconds(time_ns)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09lldZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<long long>(clock.subseconds().count()));
  out.append(text.data(), static_cast<std::size_t>(length));
}

}  // namespace picket::pipe_server
