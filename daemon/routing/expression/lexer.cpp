// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "routing/expression/nearest.hpp"
#include "routing/utf8.hpp"

namespace picket::routing::expression {
namespace {

constexpr std::uint64_t kMagnitudeLimit = std::uint64_t{1} << 63U;

constexpr std::array<std::string_view, 13> kKeywords = {"and", "or",   "not",  "in",   "like",  "matches", "exists",
                                                        "if",  "then", "else", "true", "false", "null"};

// Two characters before their first one.
constexpr std::array<std::string_view, 16> kOperators = {"==", "!=", "<=", ">=", "<", ">", "+", "-",
                                                         "*",  "/",  "%",  "(",  ")", "[", "]", ","};

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Durations in ns; sizes in bytes, binary (IEC 80000-13) and decimal (SI).
constexpr std::array<Unit, 16> kUnits = {{{"ns", 1},
                                          {"us", 1'000},
                                          {"ms", 1'000'000},
                                          {"s", 1'000'000'000},
                                          {"m", 60'000'000'000},
                                          {"h", 3'600'000'000'000},
                                          {"d", 86'400'000'000'000},
                                          {"B", 1},
                                          {"kB", 1'000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000},
                                          {"TB", 1'000'000'000'000},
                                          {"KiB", 1ULL << 10U},
                                          {"MiB", 1ULL << 20U},
                                          {"GiB", 1ULL << 30U},
                                          {"TiB", 1ULL << 40U}}};

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto put_tail = [&](unsigned shift) { put(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put_tail(0);
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put_tail(6);
    put_tail(0);
  } else {
    put(0xF0U | (code >> 18U));
    put_tail(12);
    put_tail(6);
    put_tail(0);
  }
}

}  // namespace

char Lexer::peek(std::size_t ahead) const {
  return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
}

Token Lexer::token(TokenKind kind, std::size_t start) const {
  Token result;
  result.kind = kind;
  result.span = {start, at_ - start};
  result.symbol = text_.substr(start, at_ - start);
  return result;
}

Token Lexer::next() {
  while (at_ < text_.size() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  const std::size_t start = at_;
  if (at_ == text_.size()) return token(TokenKind::end, start);
  if (is_digit(peek())) return number();
  if (peek() == '"' || peek() == '\'') return string(start, false);
  if (peek() == 'r' && (peek(1) == '"' || peek(1) == '\'')) {
    ++at_;
    return string(start, true);
  }
  if (peek() == '`') return backtick();
  if (is_letter(peek())) return name();
  return symbol();
}

Token Lexer::number() {
  const std::size_t start = at_;
  std::string digits;
  bool fraction = false;
  bool exponent = false;
  const auto take_digits = [&] {
    for (; is_digit(peek()) || (peek() == '_' && is_digit(peek(1))); ++at_) {
      if (peek() != '_') digits.push_back(peek());
    }
  };
  take_digits();
  if (peek() == '.' && is_digit(peek(1))) {
    fraction = true;
    digits.push_back('.');
    ++at_;
    take_digits();
  }
  const bool sign = peek(1) == '+' || peek(1) == '-';
  if ((peek() == 'e' || peek() == 'E') && is_digit(peek(sign ? 2 : 1))) {
    exponent = true;
    digits.push_back('e');
    ++at_;
    if (sign) digits.push_back(text_[at_++]);
    take_digits();
  }
  if (is_letter(peek()) && !exponent) return number_with_unit(start, digits);
  if (is_letter(peek()) || peek() == '.') fail({start, at_ + 1 - start}, "this is no number");

  Token result = token(fraction || exponent ? TokenKind::real : TokenKind::integer, start);
  const char* end = digits.data() + digits.size();
  if (result.kind == TokenKind::real) {
    const auto [stop, error] = std::from_chars(digits.data(), end, result.real);
    if (error != std::errc() || stop != end) fail(result.span, "this number is beyond what a double holds");
  } else {
    const auto [stop, error] = std::from_chars(digits.data(), end, result.magnitude);
    if (error != std::errc() || stop != end || result.magnitude > kMagnitudeLimit) {
      fail(result.span, "this integer is beyond 64 bits; write it with a fraction (1e20) to make it a double");
    }
  }
  return result;
}

// `digits` ("12" or "1.5") is followed by a unit: an exact number of nanoseconds or bytes.
Token Lexer::number_with_unit(std::size_t start, std::string_view digits) {
  const std::size_t unit_start = at_;
  while (is_letter(peek()) || is_digit(peek())) ++at_;
  const std::string_view name = text_.substr(unit_start, at_ - unit_start);
  const auto* const unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& known) { return known.name == name; });
  if (unit == kUnits.end()) {
    fail({unit_start, name.size()}, "unknown unit '" + std::string(name) +
                                        "'; durations end in ns us ms s m h d, sizes in B kB MB GB TB KiB MiB GiB TiB");
  }
  Token result = token(TokenKind::integer, start);
  std::uint64_t divisor = 1;
  bool after_point = false;
  bool fits = true;
  for (const char digit : digits) {
    if (digit == '.') {
      after_point = true;
      continue;
    }
    fits = fits && !__builtin_mul_overflow(result.magnitude, std::uint64_t{10}, &result.magnitude) &&
           !__builtin_add_overflow(result.magnitude, static_cast<std::uint64_t>(digit - '0'), &result.magnitude);
    if (after_point) fits = fits && !__builtin_mul_overflow(divisor, std::uint64_t{10}, &divisor);
  }
  fits = fits && !__builtin_mul_overflow(result.magnitude, unit->factor, &result.magnitude);
  if (!fits || result.magnitude / divisor >= kMagnitudeLimit) fail(result.span, "this is beyond 64 bits");
  if (result.magnitude % divisor != 0) {
    fail(result.span, "this is no whole number of nanoseconds or bytes; write fewer decimals");
  }
  result.magnitude /= divisor;
  return result;
}

Token Lexer::string(std::size_t start, bool raw) {
  const char quote = text_[at_++];
  std::string contents;
  bool verbatim = true;
  while (at_ < text_.size() && peek() != quote) {
    if (!raw && peek() == '\\') {
      verbatim = false;
      escape(contents);
    } else {
      contents.push_back(text_[at_++]);
    }
  }
  if (at_ == text_.size()) fail({start, at_ - start}, std::string("this text has no closing ") + quote);
  ++at_;
  Token result = token(TokenKind::text, start);
  result.text = std::move(contents);
  result.verbatim = verbatim;
  return result;
}

void Lexer::escape(std::string& out) {
  const std::size_t start = at_++;
  const char letter = peek();
  if (at_ < text_.size()) ++at_;
  switch (letter) {
    case 'n':
      out.push_back('\n');
      return;
    case 't':
      out.push_back('\t');
      return;
    case 'r':
      out.push_back('\r');
      return;
    case '\\':
    case '"':
    case '\'':
      out.push_back(letter);
      return;
    case 'u':
      break;
    default: {
      const std::size_t end = start + 1 < text_.size() ? next_character(text_, start + 1) : text_.size();
      fail({start, end - start},
           "unknown escape; known are \\n \\t \\r \\\\ \\\" \\' \\u{...}. For a regular expression write r\"...\", "
           "where a "
           "backslash is only a backslash");
    }
  }
  std::uint32_t code = 0;
  const std::size_t digits_start = at_ + 1;
  const std::size_t close = text_.find('}', at_);
  const char* const first = text_.data() + std::min(digits_start, text_.size());
  const char* const last = text_.data() + std::min(close, text_.size());
  const bool braced = peek() == '{' && close != std::string_view::npos && first < last && last - first <= 6;
  if (!braced) fail({start, at_ - start}, "\\u needs 1 to 6 hexadecimal digits in braces: \\u{20AC}");
  const auto [stop, error] = std::from_chars(first, last, code, 16);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  at_ = close + 1;
  if (error != std::errc() || stop != last || surrogate || code > 0x10FFFF) {
    fail({start, at_ - start}, "this is no Unicode character");
  }
  append_utf8(out, code);
}

Token Lexer::backtick() {
  const std::size_t start = at_++;
  const std::size_t close = text_.find('`', at_);
  if (close == std::string_view::npos) fail({start, text_.size() - start}, "this field name has no closing `");
  const std::string_view key = text_.substr(at_, close - at_);
  at_ = close + 1;
  if (key.empty()) fail({start, at_ - start}, "a field name cannot be empty");
  Token result = token(TokenKind::field, start);
  result.text = key;
  return result;
}

// Letters, digits and _, in parts joined by single dots; a later part may begin with a digit ("disk.0.reads").
Token Lexer::name() {
  const std::size_t start = at_;
  const auto is_part = [&](char byte) { return is_letter(byte) || is_digit(byte); };
  while (is_part(peek()) || (peek() == '.' && is_part(peek(1)))) ++at_;
  Token result = token(TokenKind::name, start);
  if (std::find(kKeywords.begin(), kKeywords.end(), result.symbol) != kKeywords.end()) {
    result.kind = TokenKind::keyword;
  } else {
    result.text = result.symbol;
  }
  return result;
}

Token Lexer::symbol() {
  const std::size_t start = at_;
  for (const std::string_view candidate : kOperators) {
    if (text_.substr(at_, candidate.size()) != candidate) continue;
    at_ += candidate.size();
    return token(TokenKind::operator_, start);
  }
  const auto instead = [&](std::size_t length, std::string_view hint) {
    fail({start, length}, "unknown operator '" + std::string(text_.substr(start, length)) + "'; " + std::string(hint));
  };
  if (peek() == '=' && peek(1) == '~') instead(2, "write 'matches'");
  if (peek() == '=') instead(1, "write '=='");
  if (peek() == '&' && peek(1) == '&') instead(2, "write 'and'");
  if (peek() == '|' && peek(1) == '|') instead(2, "write 'or'");
  if (peek() == '!') instead(1, "write 'not'");
  const bool control = static_cast<unsigned char>(peek()) < ' ' || peek() == '\x7F';
  if (control) fail({start, 1}, "a control character has no meaning here");
  const std::size_t length = next_character(text_, start) - start;
  fail({start, length}, "'" + std::string(text_.substr(start, length)) + "' has no meaning here");
}

}  // namespace picket::routing::expression
