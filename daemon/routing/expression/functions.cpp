// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/functions.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "picket/batch.h"
#include "routing/expression/compare.hpp"

namespace picket::routing::expression {
namespace {

using Arguments = std::span<const Value>;

constexpr std::array<std::string_view, 9> kSeverities = {"trace", "debug",    "info",  "notice",   "warning",
                                                         "error", "critical", "alert", "emergency"};
static_assert(kSeverities.size() == PICKET_SEVERITY_EMERGENCY);

constexpr double kIntegerLimit = 9223372036854775808.0;

Value to_integer(Arguments arguments) {
  Value value = arguments[0];
  if (value.is_text()) value = parse_number(value.as_text());
  if (value.type() == ValueType::boolean) return Value::integer(value.as_boolean() ? 1 : 0);
  if (value.type() != ValueType::real) return value;
  const double whole = std::trunc(value.as_real());
  if (!(whole >= -kIntegerLimit && whole < kIntegerLimit)) return {};
  return Value::integer(static_cast<std::int64_t>(whole));
}

Value to_number(Arguments arguments) {
  if (arguments[0].is_text()) return parse_number(arguments[0].as_text());
  return arguments[0].is_number() ? arguments[0] : to_integer(arguments);
}

// Integers are whole already.
template <double (*kRule)(double)>
Value to_whole(Arguments arguments) {
  return arguments[0].type() == ValueType::integer ? arguments[0] : Value::real(kRule(arguments[0].as_real()));
}

Value round(Arguments arguments) {
  constexpr std::int64_t kMostDigits = 15;
  const std::int64_t digits = arguments.size() > 1 ? arguments[1].as_integer() : 0;
  if (digits < 0 || digits > kMostDigits) return {};
  if (arguments[0].type() == ValueType::integer) return arguments[0];
  const double value = arguments[0].as_real();
  const double scale = std::pow(10.0, static_cast<double>(digits));
  const double rounded = std::round(value * scale) / scale;
  // A value too large to be scaled has no digits after the point.
  return Value::real(std::isfinite(rounded) ? rounded : value);
}

Value absolute(Arguments arguments) {
  if (arguments[0].type() == ValueType::real) return Value::real(std::fabs(arguments[0].as_real()));
  const std::int64_t value = arguments[0].as_integer();
  if (value == std::numeric_limits<std::int64_t>::min()) return {};
  return Value::integer(value < 0 ? -value : value);
}

// The argument that is in `kWanted` order to all others. NaN wins, so that it is not hidden.
template <OrderMask kWanted>
Value extreme(Arguments arguments) {
  Value best = arguments[0];
  for (const Value& value : arguments.subspan(1)) {
    const OrderMask order = order_of_numbers(value, best);
    if (order == kWanted || (order == 0 && value.type() == ValueType::real && std::isnan(value.as_real())))
      best = value;
  }
  return best;
}

Value coalesce(Arguments arguments) {
  const auto found =
      std::find_if(arguments.begin(), arguments.end(), [](const Value& value) { return !value.is_null(); });
  return found == arguments.end() ? Value() : *found;
}

Value severity_name(Arguments arguments) {
  const std::int64_t number = arguments[0].as_integer();
  if (number < 1 || number > static_cast<std::int64_t>(kSeverities.size())) return {};
  return Value::text(kSeverities[static_cast<std::size_t>(number - 1)]);
}

Value type_of(Arguments arguments) {
  return Value::text(type_name(arguments[0].type()));
}

constexpr TypeSet kPrintable = kBoolean | kNumber | kText;
constexpr TypeSet kMaybeText = kText | kNull;
constexpr TypeSet kMaybeNumber = kNumber | kNull;
constexpr TypeSet kMaybeBoolean = kBoolean | kNull;
constexpr TypeSet kMaybeInteger = kInteger | kNull;
constexpr std::uint8_t kMany = kMaxArguments;

// In alphabetic order, as in README.md.
constexpr std::array<Function, 23> kFunctions = {{
    {"abs", 1, 1, {kNumber}, kMaybeNumber, false, absolute},
    {"ceil", 1, 1, {kNumber}, kMaybeNumber, false, to_whole<std::ceil>},
    {"coalesce", 1, kMany, {kAny}, kAny, false, coalesce},
    {"concat", 1, kMany, {kPrintable}, kMaybeText, true, text_functions::concat},
    {"contains", 2, 2, {kText}, kMaybeBoolean, false, text_functions::contains},
    {"ends_with", 2, 2, {kText}, kMaybeBoolean, false, text_functions::ends_with},
    {"floor", 1, 1, {kNumber}, kMaybeNumber, false, to_whole<std::floor>},
    {"int", 1, 1, {kPrintable}, kMaybeInteger, false, to_integer},
    {"length", 1, 1, {kText | kBytes}, kMaybeInteger, false, text_functions::length},
    {"lower", 1, 1, {kText}, kMaybeText, true, text_functions::lower},
    {"max", 1, kMany, {kNumber}, kMaybeNumber, false, extreme<kGreater>},
    {"min", 1, kMany, {kNumber}, kMaybeNumber, false, extreme<kLess>},
    {"number", 1, 1, {kPrintable}, kMaybeNumber, false, to_number},
    {"replace", 3, 3, {kText}, kMaybeText, true, text_functions::replace},
    {"round", 1, 2, {kNumber, kInteger}, kMaybeNumber, false, round},
    {"severity_name", 1, 1, {kInteger}, kMaybeText, false, severity_name},
    {"starts_with", 2, 2, {kText}, kMaybeBoolean, false, text_functions::starts_with},
    {"substring", 2, 3, {kText, kInteger}, kMaybeText, false, text_functions::substring},
    {"text", 1, 1, {kPrintable}, kMaybeText, true, text_functions::text},
    {"trim", 1, 1, {kText}, kMaybeText, false, text_functions::trim},
    {"trunc", 1, 1, {kNumber}, kMaybeNumber, false, to_whole<std::trunc>},
    {"type_of", 1, 1, {kAny}, kText, false, type_of},
    {"upper", 1, 1, {kText}, kMaybeText, true, text_functions::upper},
}};

}  // namespace

std::span<const Function> functions() {
  return kFunctions;
}

const Function* find_function(std::string_view name) {
  const auto* const found =
      std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Function& known) { return known.name == name; });
  return found == kFunctions.end() ? nullptr : found;
}

std::span<const std::string_view> severity_names() {
  return kSeverities;
}

std::uint32_t severity_number(std::string_view name) {
  if (name == "warn") return PICKET_SEVERITY_WARNING;
  if (name == "err") return PICKET_SEVERITY_ERROR;
  const auto* const found = std::find(kSeverities.begin(), kSeverities.end(), name);
  return found == kSeverities.end() ? PICKET_SEVERITY_NONE
                                    : static_cast<std::uint32_t>(found - kSeverities.begin() + 1);
}

Value parse_number(std::string_view text) {
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  const auto whole = std::from_chars(text.data(), end, integer);
  if (whole.ec == std::errc() && whole.ptr == end) return Value::integer(integer);
  double real = 0;
  const auto any = std::from_chars(text.data(), end, real);
  if (any.ec != std::errc() || any.ptr != end || !std::isfinite(real)) return {};
  return Value::real(real);
}

}  // namespace picket::routing::expression
