// SPDX-License-Identifier: Apache-2.0
#include "service/printable.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace picket::service {
namespace {

struct CodePoint {
  std::uint32_t value = 0xFFFD;
  std::size_t length = 1;  // bytes of input
  bool valid = false;
};

// The first code point of `text`, which is not empty.
CodePoint decode(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
  std::uint32_t value = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    value = value << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, length, true};
}

bool is_control(std::uint32_t value) {
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0x2028 || value == 0x2029;
}

std::string escape(std::uint32_t value) {
  switch (value) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  std::array<char, 8> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(value));
  return {buffer.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::string take_printable(std::string_view& text) {
  const CodePoint point = decode(text);
  const std::string_view bytes = text.substr(0, point.length);
  text.remove_prefix(point.length);
  if (!point.valid) return "\xEF\xBF\xBD";
  return is_control(point.value) ? escape(point.value) : std::string(bytes);
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) result += take_printable(text);
  return result;
}

}  // namespace picket::service
