// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"

#include <array>
#include <limits>
#include <optional>
#include <span>

namespace picket::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t size;
};

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::array kDurations = {  // from large to small
    Unit{"y", 365 * 86'400 * kSecond},
    Unit{"w", 7 * 86'400 * kSecond},
    Unit{"d", 86'400 * kSecond},
    Unit{"h", 3'600 * kSecond},
    Unit{"m", 60 * kSecond},
    Unit{"s", kSecond},
    Unit{"ms", 1'000'000},
    Unit{"us", 1'000},
    Unit{"ns", 1}};
constexpr std::array kSizes = {  // from large to small
    Unit{"TiB", 1LL << 40U},
    Unit{"TB", 1'000'000'000'000},
    Unit{"GiB", 1LL << 30U},
    Unit{"GB", 1'000'000'000},
    Unit{"MiB", 1LL << 20U},
    Unit{"MB", 1'000'000},
    Unit{"KiB", 1LL << 10U},
    Unit{"kB", 1'000},
    Unit{"B", 1}};

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMaxDecimals = 9;

bool is_decimal_digit(char c) {
  return c >= '0' && c <= '9';
}

// A decimal number without a sign: whole + fraction / scale.
struct Decimal {
  std::int64_t whole = 0;
  std::int64_t fraction = 0;
  std::int64_t scale = 1;
};

// Takes the number off the front of `text`; nullopt when there is none or it is too large or too fine.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number;
  std::size_t at = 0;
  for (; at < text.size() && is_decimal_digit(text[at]); ++at) {
    const int digit = text[at] - '0';
    if (number.whole > (kMax - digit) / 10) return std::nullopt;
    number.whole = number.whole * 10 + digit;
  }
  if (at == 0) return std::nullopt;
  if (at < text.size() && text[at] == '.') {
    const std::size_t first = ++at;
    for (; at < text.size() && is_decimal_digit(text[at]); ++at) {
      if (at - first == kMaxDecimals) return std::nullopt;
      number.fraction = number.fraction * 10 + (text[at] - '0');
      number.scale *= 10;
    }
    if (at == first) return std::nullopt;
  }
  text.remove_prefix(at);
  return number;
}

std::string_view take_letters(std::string_view& text) {
  std::size_t at = 0;
  while (at < text.size() && !is_decimal_digit(text[at]) && text[at] != '.') ++at;
  const std::string_view letters = text.substr(0, at);
  text.remove_prefix(at);
  return letters;
}

// nullopt on overflow, and when the fraction is no whole number of the smallest unit.
std::optional<std::int64_t> times(const Decimal& number, std::int64_t size) {
  if (number.whole > kMax / size) return std::nullopt;
  // fraction < scale <= 1e9 and size < 2^55, so the product needs up to 85 bits.
  __extension__ using Wide = __int128;
  const Wide part = static_cast<Wide>(number.fraction) * size;
  if (part % number.scale != 0) return std::nullopt;
  const auto addend = static_cast<std::int64_t>(part / number.scale);
  const std::int64_t whole = number.whole * size;
  if (whole > kMax - addend) return std::nullopt;
  return whole + addend;
}

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

Error bad(std::string_view text, std::string_view what, std::string_view hint) {
  return {"`" + std::string(text.substr(0, 64)) + "` " + std::string(what) + "; " + std::string(hint), PICKET_INVALID};
}

constexpr std::string_view kDurationHint = "write a duration like 250ms, 5s, 1h30m or 2d (units: ns us ms s m h d w y)";
constexpr std::string_view kBytesHint =
    "write a size like 1024, 64MiB, 2GiB or 500kB (units: B kB KiB MB MiB GB GiB TB TiB)";

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  if (text == "0") return std::int64_t{0};
  std::string_view rest = text;
  std::int64_t total = 0;
  const Unit* previous = nullptr;
  do {
    const auto number = take_decimal(rest);
    if (!number) return bad(text, "is not a duration", kDurationHint);
    const std::string_view name = take_letters(rest);
    if (name.empty()) return bad(text, "has no unit", kDurationHint);
    const Unit* unit = find_unit(kDurations, name);
    if (unit == nullptr) return bad(text, "has an unknown unit", kDurationHint);
    if (previous != nullptr && unit <= previous) return bad(text, "has its units out of order", kDurationHint);
    previous = unit;
    const auto part = times(*number, unit->size);
    if (!part || total > kMax - *part) return bad(text, "is too large or too fine", kDurationHint);
    total += *part;
  } while (!rest.empty());
  return total;
}

Result<std::int64_t> parse_bytes(std::string_view text) {
  std::string_view rest = text;
  const auto number = take_decimal(rest);
  if (!number) return bad(text, "is not a size", kBytesHint);
  const Unit* unit = find_unit(kSizes, rest.empty() ? "B" : rest);
  if (unit == nullptr) return bad(text, "has an unknown unit", kBytesHint);
  const auto bytes = times(*number, unit->size);
  if (!bytes) return bad(text, "is too large, or no whole number of bytes", kBytesHint);
  return *bytes;
}

std::string format_duration(std::int64_t nanoseconds) {
  std::string text;
  for (const Unit& unit : kDurations) {
    if (nanoseconds < unit.size) continue;
    text += std::to_string(nanoseconds / unit.size) + std::string(unit.name);
    nanoseconds %= unit.size;
  }
  return text.empty() ? "0s" : text;
}

std::string format_bytes(std::int64_t bytes) {
  for (const Unit& unit : kSizes) {
    if (unit.size > 1 && bytes >= unit.size && bytes % unit.size == 0) {
      return std::to_string(bytes / unit.size) + std::string(unit.name);
    }
  }
  return std::to_string(bytes);
}

}  // namespace picket::config
