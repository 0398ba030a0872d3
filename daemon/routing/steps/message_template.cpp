// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/message_template.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "routing/utf8.hpp"

namespace picket::routing {
namespace {

constexpr unsigned kMostDecimals = 15;

void append_fixed(std::string& out, double number, unsigned decimals) {
  std::array<char, 512> room;  // the largest double has 309 digits
  const auto end = std::to_chars(room.data(), room.data() + room.size(), number, std::chars_format::fixed,
                                 static_cast<int>(decimals));
  out.append(room.data(), end.ptr);
}

// 1500 -> "1.5k": what stands before the prefix is below `step`, also after rounding.
void append_scaled(std::string& out, double number, unsigned decimals, double step, const char* const* prefixes,
                   std::size_t count) {
  std::size_t prefix = 0;
  const double half = 0.5 * std::pow(10.0, -static_cast<double>(decimals));
  while (prefix + 1 < count && std::fabs(number) + half >= step) {
    number /= step;
    ++prefix;
  }
  append_fixed(out, number, prefix == 0 && std::trunc(number) == number ? 0 : decimals);
  out += prefixes[prefix];
}

// Nanoseconds -> "1d 2h", "3h 5m", "42s", "1.5s", "250ms", "0s": the two largest units that say something.
void append_duration(std::string& out, double nanoseconds) {
  struct Unit {
    const char* name;
    double size;
  };
  static constexpr std::array kUnits = {Unit{"d", 86'400e9}, Unit{"h", 3'600e9}, Unit{"m", 60e9}, Unit{"s", 1e9}};
  static constexpr std::array kSmallUnits = {Unit{"ms", 1e6}, Unit{"us", 1e3}, Unit{"ns", 1}};
  if (nanoseconds < 0) out += '-';
  double left = std::fabs(nanoseconds);
  if (left == 0) {
    out += "0s";
    return;
  }
  const auto whole = [&](double number, const char* name) {
    append_fixed(out, number, 0);
    out += name;
  };
  for (const Unit& unit : kSmallUnits) {
    if (left < 1e9 && left >= unit.size) return whole(std::trunc(left / unit.size), unit.name);
  }
  if (left < 1) return whole(0, "s");
  if (left < 10e9) {  // one decimal, unless there is none
    const double tenths = std::trunc(left / 1e8);
    append_fixed(out, tenths / 10, std::fmod(tenths, 10) == 0 ? 0 : 1);
    out += 's';
    return;
  }
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    const double count = std::trunc(left / kUnits[i].size);
    if (count == 0) continue;
    whole(count, kUnits[i].name);
    if (i + 1 == kUnits.size()) return;
    const double next = std::trunc((left - count * kUnits[i].size) / kUnits[i + 1].size);
    if (next == 0) return;
    out += ' ';
    return whole(next, kUnits[i + 1].name);
  }
}

// Nanoseconds since 1970 -> "2023-11-14T22:13:20Z".
void append_time(std::string& out, double nanoseconds) {
  using std::chrono::days;
  using std::chrono::sys_days;
  const auto seconds = static_cast<std::int64_t>(std::floor(nanoseconds / 1e9));
  const std::int64_t day = seconds >= 0 ? seconds / 86'400 : (seconds - 86'399) / 86'400;
  const std::chrono::year_month_day date{sys_days{days{day}}};
  const auto of_day = static_cast<int>(seconds - day * 86'400);
  std::array<char, 64> room;
  std::snprintf(room.data(), room.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), of_day / 3'600,
                of_day / 60 % 60, of_day % 60);
  out += room.data();
}

void append_plain(std::string& out, const Value& value) {
  std::array<char, 32> room;
  switch (value.type()) {
    case ValueType::null:
      out += "(none)";
      return;
    case ValueType::boolean:
      out += value.as_boolean() ? "true" : "false";
      return;
    case ValueType::integer:
      out.append(room.data(), std::to_chars(room.data(), room.data() + room.size(), value.as_integer()).ptr);
      return;
    case ValueType::real:
      out.append(room.data(), std::to_chars(room.data(), room.data() + room.size(), value.as_real()).ptr);
      return;
    case ValueType::text:
      out += value.as_text();
      return;
    case ValueType::bytes:
      out += "(" + std::to_string(value.as_text().size()) + " bytes)";
      return;
  }
}

struct Inside {
  std::size_t colon = std::string_view::npos;  // before the format
  std::size_t end = std::string_view::npos;    // the closing brace
};

// What the brace before `start` holds. Quotes hide colons and braces.
Inside inside(std::string_view text, std::size_t start) {
  Inside found;
  char quote = 0;
  bool raw = false;
  for (std::size_t i = start; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\' && !raw && quote != '`')
        ++i;
      else if (c == quote)
        quote = 0;
    } else if (c == '"' || c == '\'' || c == '`') {
      quote = c;
      raw =
          i > start && text[i - 1] == 'r' && (i - 1 == start || !std::isalnum(static_cast<unsigned char>(text[i - 2])));
    } else if (c == ':' && found.colon == std::string_view::npos) {
      found.colon = i;
    } else if (c == '}') {
      found.end = i;
      return found;
    }
  }
  return found;
}

}  // namespace

bool ValueFormat::parse(std::string_view text, ValueFormat& format) {
  if (text == "duration" || text == "time") {
    format = {text == "time" ? Kind::time : Kind::duration, 0};
    return true;
  }
  if (!text.starts_with('.')) return false;
  unsigned decimals = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), decimals);
  if (error != std::errc() || decimals > kMostDecimals) return false;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto set = [&](Kind chosen) {
    format = {chosen, decimals};
    return true;
  };
  if (unit == "f") return set(Kind::fixed);
  if (unit == "%") return set(Kind::percent);
  if (unit == "si") return set(Kind::decimal_units);
  if (unit == "iec") return set(Kind::binary_units);
  return false;
}

void append_value(std::string& out, const Value& value, ValueFormat format) {
  static constexpr std::array kDecimalPrefixes = {"", "k", "M", "G", "T", "P", "E"};
  static constexpr std::array kBinaryPrefixes = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  if (!value.is_number() || !std::isfinite(value.as_real())) return append_plain(out, value);
  const double number = value.as_real();
  switch (format.kind) {
    case ValueFormat::Kind::plain:
      return append_plain(out, value);
    case ValueFormat::Kind::fixed:
      return append_fixed(out, number, format.decimals);
    case ValueFormat::Kind::percent:
      append_fixed(out, number * 100, format.decimals);
      out += '%';
      return;
    case ValueFormat::Kind::decimal_units:
      return append_scaled(out, number, format.decimals, 1000, kDecimalPrefixes.data(), kDecimalPrefixes.size());
    case ValueFormat::Kind::binary_units:
      return append_scaled(out, number, format.decimals, 1024, kBinaryPrefixes.data(), kBinaryPrefixes.size());
    case ValueFormat::Kind::duration:
      return append_duration(out, number);
    case ValueFormat::Kind::time:
      return std::fabs(number) < 9.2e18 ? append_time(out, number) : append_plain(out, value);
  }
}

CompileResult<MessageTemplate> MessageTemplate::compile(std::string_view text, Names& names) {
  if (text.size() > kMaxLength) {
    return ExpressionError{"longer than " + std::to_string(kMaxLength) + " bytes", kMaxLength,
                           text.size() - kMaxLength};
  }
  MessageTemplate made;
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      literal += c;
    } else if (i + 1 < text.size() && text[i + 1] == c) {
      literal += c;
      ++i;
    } else if (c == '}') {
      return ExpressionError{"a brace that closes nothing; write `}}` for one brace", i, 1};
    } else {
      const Inside found = inside(text, i + 1);
      if (found.end == std::string_view::npos) {
        return ExpressionError{"this brace is never closed; write `{{` for one brace", i, 1};
      }
      if (made.pieces_.size() == kMaxExpressions) {
        return ExpressionError{"more than " + std::to_string(kMaxExpressions) + " expressions", i, 1};
      }
      const std::size_t end = std::min(found.colon, found.end);
      auto expression = Expression::compile(text.substr(i + 1, end - i - 1), names);
      if (!expression) {
        ExpressionError error = expression.error();
        error.offset += i + 1;
        return error;
      }
      ValueFormat format;
      if (found.colon != std::string_view::npos) {
        const std::string_view written = text.substr(found.colon + 1, found.end - found.colon - 1);
        if (!ValueFormat::parse(written, format)) {
          return ExpressionError{"no such format; there are .2f .0% .1si .1iec duration time", found.colon + 1,
                                 written.size()};
        }
      }
      made.pieces_.push_back({std::move(literal), std::move(expression.value()), format});
      literal.clear();
      i = found.end;
    }
  }
  made.rest_ = std::move(literal);
  return made;
}

std::string MessageTemplate::render(const picket_batch& batch, const picket_event& event) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    out += piece.before;
    append_value(out, piece.expression.evaluate(batch, event), piece.format);
    if (out.size() > kMaxLength) break;
  }
  if (out.size() <= kMaxLength) out += rest_;
  if (out.size() > kMaxLength) {
    std::size_t end = kMaxLength;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
    out.resize(end);
  }
  return out;
}

const Expression* MessageTemplate::sole() const {
  if (pieces_.size() != 1 || !rest_.empty()) return nullptr;
  const Piece& piece = pieces_.front();
  return piece.before.empty() && piece.format.kind == ValueFormat::Kind::plain ? &piece.expression : nullptr;
}

std::vector<std::string> MessageTemplate::fields() const {
  std::vector<std::string> keys;
  for (const Piece& piece : pieces_) {
    for (std::string& key : piece.expression.fields()) keys.push_back(std::move(key));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace picket::routing
