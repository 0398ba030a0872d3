// SPDX-License-Identifier: Apache-2.0
#include "service/xml.hpp"

#include <array>
#include <cstdio>

#include "routing/utf8.hpp"

namespace picket::service {
namespace {

bool xml_can_hold(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r';
  return character != "\xEF\xBF\xBE" && character != "\xEF\xBF\xBF";
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t length = routing::next_character(text, 0);
    const std::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    if (!routing::is_valid_utf8(character) || !xml_can_hold(character)) {
      escaped += "\xEF\xBF\xBD";
    } else if (character == "&") {
      escaped += "&amp;";
    } else if (character == "<") {
      escaped += "&lt;";
    } else if (character == ">") {
      escaped += "&gt;";
    } else if (character == "\"") {
      escaped += "&quot;";
    } else if (character == "\n" || character == "\r" || character == "\t") {
      escaped += "&#" + std::to_string(static_cast<int>(character.front())) + ";";
    } else {
      escaped += character;
    }
  }
  return escaped;
}

std::string svg_number(double value) {
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.1f", value);
  std::string text = buffer.data();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

}  // namespace picket::service
