// SPDX-License-Identifier: Apache-2.0
#include "platform/utc_time.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace picket::platform {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMinuteNs = 60 * kSecondNs;

// Eats text from the front, one method per piece of the grammar.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }

  bool take(char wanted) {
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  // Exactly `count` digits.
  std::optional<int> digits(std::size_t count) {
    if (text_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : text_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    text_.remove_prefix(count);
    return value;
  }

  // One to nine digits behind the decimal point, as nanoseconds.
  std::optional<std::int64_t> fraction() {
    std::int64_t value = 0;
    std::size_t count = 0;
    while (const auto digit = count < 9 ? digits(1) : std::nullopt) {
      value = value * 10 + *digit;
      ++count;
    }
    if (count == 0) return std::nullopt;
    for (; count < 9; ++count) value *= 10;
    return value;
  }

 private:
  std::string_view text_;
};

// The nanoseconds of "hh:mm[:ss[.fff]]" since midnight.
std::optional<std::int64_t> read_time_of_day(Reader& reader) {
  const auto hour = reader.digits(2);
  if (!hour || *hour > 23 || !reader.take(':')) return std::nullopt;
  const auto minute = reader.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t time = (*hour * 60 + *minute) * kMinuteNs;
  if (!reader.take(':')) return time;
  const auto second = reader.digits(2);
  if (!second || *second > 59) return std::nullopt;
  time += *second * kSecondNs;
  if (!reader.take('.')) return time;
  const auto fraction = reader.fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

// The nanoseconds by which local time is ahead of UTC.
std::optional<std::int64_t> read_offset(Reader& reader) {
  if (reader.at_end() || reader.take('Z') || reader.take('z')) return 0;
  const bool ahead = reader.take('+');
  if (!ahead && !reader.take('-')) return std::nullopt;
  const auto hour = reader.digits(2);
  if (!hour || *hour > 23 || !reader.take(':')) return std::nullopt;
  const auto minute = reader.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  return (ahead ? 1 : -1) * (*hour * 60 + *minute) * kMinuteNs;
}

}  // namespace

std::string format_utc(std::int64_t wall_ns, int decimals) {
  using std::chrono::days;
  using std::chrono::nanoseconds;
  const std::chrono::sys_time<nanoseconds> time{nanoseconds(wall_ns)};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  // Not `time - day`: the beginning of the first day of all cannot be said in nanoseconds.
  const nanoseconds within_day = (nanoseconds(wall_ns) % days(1) + days(1)) % days(1);
  const std::chrono::hh_mm_ss<nanoseconds> clock(within_day);
  std::array<char, 48> buffer{};
  const int length =
      std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09lld", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<long long>(clock.subseconds().count()));
  std::string text(buffer.data(), static_cast<std::size_t>(length));
  text.resize(text.size() - 9 + static_cast<std::size_t>(decimals) - (decimals == 0 ? 1 : 0));
  return text + 'Z';
}

std::optional<std::int64_t> parse_utc(std::string_view text) {
  Reader reader(text);
  const auto year = reader.digits(4);
  if (!year || *year < 1678 || *year > 2261 || !reader.take('-')) return std::nullopt;
  const auto month = reader.digits(2);
  if (!month || !reader.take('-')) return std::nullopt;
  const auto day = reader.digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  std::int64_t time = std::chrono::nanoseconds(std::chrono::sys_days(date).time_since_epoch()).count();
  if (reader.at_end()) return time;
  if (!reader.take('T') && !reader.take('t') && !reader.take(' ')) return std::nullopt;
  const auto time_of_day = read_time_of_day(reader);
  if (!time_of_day) return std::nullopt;
  const auto offset = read_offset(reader);
  if (!offset || !reader.at_end()) return std::nullopt;
  return time + *time_of_day - *offset;
}

}  // namespace picket::platform
