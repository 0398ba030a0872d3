// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/show.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "routing/utf8.hpp"

namespace picket::routing::expression {
namespace {

std::string shown_text(std::string_view text) {
  const bool cut = text.size() > kLongestShown;
  if (cut) text = text.substr(0, previous_character(text, kLongestShown));
  std::string result = "\"";
  for (const char byte : text) {
    switch (byte) {
      case '\n':
        result += "\\n";
        break;
      case '\t':
        result += "\\t";
        break;
      case '\r':
        result += "\\r";
        break;
      case '"':
      case '\\':
        result += '\\';
        [[fallthrough]];
      default:
        result += byte;
    }
  }
  return result + (cut ? "...\"" : "\"");
}

template <typename Number>
std::string shown_number(Number number) {
  std::array<char, 32> room;
  const auto result = std::to_chars(room.data(), room.data() + room.size(), number);
  return {room.data(), result.ptr};
}

}  // namespace

std::string shown(const Value& value) {
  switch (value.type()) {
    case ValueType::null:
      return "null";
    case ValueType::boolean:
      return value.as_boolean() ? "true" : "false";
    case ValueType::integer:
      return shown_number(value.as_integer());
    case ValueType::real:
      return shown_number(value.as_real());
    case ValueType::text:
      return shown_text(value.as_text());
    case ValueType::bytes:
      return "(" + std::to_string(value.as_text().size()) + " bytes)";
  }
  return {};
}

}  // namespace picket::routing::expression
