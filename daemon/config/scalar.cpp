// SPDX-License-Identifier: Apache-2.0
#include "config/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace picket::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool any_of(std::string_view text, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

template <typename Number>
std::optional<Number> whole(std::string_view text, int base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const std::size_t before = digits();
  std::size_t after = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    after = digits();
  }
  if (before + after == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

ScalarValue float_value(std::string_view text) {
  if (text.front() == '+') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range || !std::isfinite(number)) return NotFinite{};
  return number;
}

}  // namespace

ScalarValue type_plain(std::string_view text) {
  constexpr std::array<std::string_view, 5> kNull = {"", "~", "null", "Null", "NULL"};
  constexpr std::array<std::string_view, 3> kTrue = {"true", "True", "TRUE"};
  constexpr std::array<std::string_view, 3> kFalse = {"false", "False", "FALSE"};
  constexpr std::array<std::string_view, 12> kNotFinite = {".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf", "+.INF",
                                                           "-.inf", "-.Inf", "-.INF", ".nan",  ".NaN",  ".NAN"};
  if (any_of(text, kNull)) return NullValue{};
  if (any_of(text, kTrue)) return true;
  if (any_of(text, kFalse)) return false;
  if (any_of(text, kNotFinite)) return NotFinite{};
  if (text.starts_with("0x") || text.starts_with("0o")) {
    if (const auto number = whole<std::uint64_t>(text.substr(2), text[1] == 'x' ? 16 : 8)) {
      if (*number <= INT64_MAX) return static_cast<std::int64_t>(*number);
      return *number;
    }
    return text;
  }
  if (!is_float(text)) return text;
  const std::string_view unsigned_text = text.front() == '+' ? text.substr(1) : text;
  if (const auto number = whole<std::int64_t>(unsigned_text, 10)) return *number;
  if (const auto number = whole<std::uint64_t>(unsigned_text, 10)) return *number;
  return float_value(text);
}

}  // namespace picket::config
