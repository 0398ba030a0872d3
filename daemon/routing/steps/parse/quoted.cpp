// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/parse/quoted.hpp"

#include <cstdint>

namespace picket::routing::parse {
namespace {

// The four hexadecimal digits that `text` begins with.
std::optional<std::uint32_t> read_hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    std::uint32_t digit = 0;
    if (is_digit(c)) {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
    value = value * 16 + digit;
  }
  return value;
}

char* write_utf8(char* to, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
  return to;
}

// The character of "XXXX" or "XXXX\uXXXX" at the front of `text`, behind its "\u"; `size` is how much of it. Nothing
// for what is no character, as half of a pair.
std::optional<std::uint32_t> read_unicode(std::string_view text, std::size_t& size) {
  const auto first = read_hex4(text);
  if (!first) return std::nullopt;
  size = 4;
  if (*first < 0xD800 || *first > 0xDFFF) return first;
  if (*first > 0xDBFF || text.substr(4, 2) != "\\u") return std::nullopt;
  const auto second = read_hex4(text.substr(6));
  if (!second || *second < 0xDC00 || *second > 0xDFFF) return std::nullopt;
  size = 10;
  return 0x10000U + ((*first - 0xD800U) << 10U) + (*second - 0xDC00U);
}

// The byte that a backslash and `letter` stand for; 0 when they stand for themselves.
char escaped(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case '"':
    case '\'':
    case '`':
    case '/':
    case '\\':
      return letter;
    default:
      return '\0';
  }
}

// Every escape is longer than what it stands for, so the result fits into as many bytes as `raw` has.
std::string_view unescape(std::string_view raw, Arena& arena) {
  char* const begin = arena.allocate(raw.size());
  char* to = begin;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 == raw.size()) {
      *to++ = raw[i];
      continue;
    }
    std::size_t size = 0;
    if (const char byte = escaped(raw[i + 1]); byte != '\0') {
      *to++ = byte;
      ++i;
    } else if (const auto code = raw[i + 1] == 'u' ? read_unicode(raw.substr(i + 2), size) : std::nullopt) {
      to = write_utf8(to, *code);
      i += 1 + size;
    } else {
      *to++ = '\\';
    }
  }
  return {begin, static_cast<std::size_t>(to - begin)};
}

}  // namespace

std::optional<std::string_view> read_quoted(Cursor& cursor, Arena& arena) {
  const std::string_view rest = cursor.rest();
  const char quote = rest.front();
  bool escapes = false;
  std::size_t at = 1;
  while (at < rest.size() && rest[at] != quote) {
    if (rest[at] == '\\') {
      escapes = true;
      ++at;
    }
    ++at;
  }
  if (at >= rest.size()) return std::nullopt;
  cursor.go_to(cursor.offset() + at + 1);
  const std::string_view raw = rest.substr(1, at - 1);
  return escapes ? unescape(raw, arena) : raw;
}

}  // namespace picket::routing::parse
