// SPDX-License-Identifier: Apache-2.0
//
// Events into JSON; the other way is event_decoder.cpp, and event_codec_test.cpp holds one against the other.
#include <array>
#include <charconv>
#include <cmath>

#include "event_codec.hpp"
#include "event_time.hpp"
#include "severity.hpp"

namespace picket::pipe_server {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The length of the UTF-8 sequence at `at`, 0 if there is none.
std::size_t sequence_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0 || at + length > text.size()) return 0;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;  // no surrogates
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (byte(at + 1) < low || byte(at + 1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80) return 0;
  }
  return length;
}

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"' && c != '\\';
}

void append_escaped(char c, std::string& out) {
  switch (c) {
    case '"':
    case '\\':
      out += '\\';
      out += c;
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHexDigits[static_cast<unsigned char>(c) >> 4U];
      out += kHexDigits[static_cast<unsigned char>(c) & 15U];
  }
}

template <typename Number>
void append_number(Number number, std::string& out) {
  std::array<char, 40> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), result.ptr);
}

void append_double(double number, std::string& out) {
  if (!std::isfinite(number)) {  // JSON has none of these
    out += "null";
    return;
  }
  const std::size_t begin = out.size();
  append_number(number, out);
  // Without a point or an exponent it would come back as an integer.
  if (out.find_first_of(".e", begin) == std::string::npos) out += ".0";
}

void append_value(const FieldView& field, std::string& out) {
  switch (field.type()) {
    case PICKET_TYPE_BOOL:
      out += field.boolean().value_or(false) ? "true" : "false";
      return;
    case PICKET_TYPE_INT:
      append_number(field.integer().value_or(0), out);
      return;
    case PICKET_TYPE_DOUBLE:
      append_double(field.number().value_or(0), out);
      return;
    case PICKET_TYPE_NAME:
    case PICKET_TYPE_TEXT:
      encode_text(field.text().value_or(""), out);
      return;
    case PICKET_TYPE_BYTES:
      encode_text(field.bytes().value_or(""), out);
      return;
    case PICKET_TYPE_JSON:
      out += field.json().value_or("null");
      return;
    default:
      out += "null";
  }
}

bool is_top_level(std::string_view key) {
  return key == "name" || key == "value" || key == "message";
}

void append_member(std::string_view key, const FieldView& field, bool& first, std::string& out) {
  if (!first) out += ',';
  first = false;
  encode_text(key, out);
  out += ':';
  append_value(field, out);
}

}  // namespace

void encode_text(std::string_view text, std::string& out) {
  out += '"';
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t plain = at;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out.append(text, at, plain - at);
    at = plain;
    if (at == text.size()) break;
    const std::size_t length = sequence_at(text, at);
    if (length == 0) {
      out += kReplacement;
      ++at;
    } else if (length == 1) {
      append_escaped(text[at++], out);
    } else {
      out.append(text, at, length);
      at += length;
    }
  }
  out += '"';
}

void encode_event(Host host, const EventView& event, std::string& out) {
  out += R"({"time":")";
  append_time(event.time_ns(), out);
  out += R"(","sequence":)";
  append_number(event.sequence(), out);
  out += R"(,"kind":)";
  encode_text(host.text(event.kind()), out);
  // Only what no router has seen yet is without one; an empty text would not be taken back.
  if (const std::string_view source = host.text(event.source()); !source.empty()) {
    out += R"(,"source":)";
    encode_text(source, out);
  }
  if (event.severity() != Severity{}) {
    out += R"(,"severity":)";
    const auto number = static_cast<std::size_t>(event.severity());
    encode_text(number < kSeverityNames.size() ? kSeverityNames[number] : "none", out);
  }
  bool first = false;
  bool others = false;
  for (const FieldView field : event) {
    const std::string_view key = field.key();
    if (is_top_level(key)) {
      append_member(key, field, first, out);
    } else {
      others = true;
    }
  }
  if (others) {
    out += R"(,"fields":{)";
    first = true;
    for (const FieldView field : event) {
      const std::string_view key = field.key();
      if (!is_top_level(key)) append_member(key, field, first, out);
    }
    out += '}';
  }
  out += '}';
}

}  // namespace picket::pipe_server
