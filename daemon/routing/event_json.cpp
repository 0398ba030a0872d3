// SPDX-License-Identifier: Apache-2.0
//
// Events to JSON, written by hand: the order of the keys is part of the format, and texts of the batch are not copied
// into a tree first.
#include "routing/event_json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "platform/utc_time.hpp"
#include "routing/base64.hpp"
#include "routing/expression/functions.hpp"
#include "routing/utf8.hpp"

namespace picket::routing {
namespace {

using EventDumper = nlohmann::json;

void append_json_string(std::string_view text, std::string& out) {
  out += EventDumper(std::string(text)).dump(-1, ' ', false, EventDumper::error_handler_t::replace);
}

// The shortest text that reads back as the same double, and as a double: "1.0", "1e+300".
void append_json_real(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  out += EventDumper(value).dump();
}

// JSON text as it is, on one line. What is none, from a plugin that was careless, becomes a text.
void append_json_text(std::string_view text, std::string& out) {
  if (!is_valid_utf8(text) || !EventDumper::accept(text)) return append_json_string(text, out);
  const std::size_t start = out.size();
  out += text;
  // Raw control characters stand only between the parts of valid JSON.
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

std::string_view bytes_of_field(const picket_batch& batch, const picket_field& field) {
  const picket_str bytes = picket_batch_field_bytes(&batch, &field);
  return {bytes.data, static_cast<std::size_t>(bytes.length)};
}

void append_member(std::string_view key, bool& first, std::string& out) {
  if (!first) out += ',';
  first = false;
  append_json_string(key, out);
  out += ':';
}

bool stands_at_the_top(std::string_view key) {
  return key == "name" || key == "value" || key == "message";
}

}  // namespace

std::string EventJsonError::text() const {
  return "byte " + std::to_string(offset) + ": " + message;
}

std::string_view severity_text(std::uint32_t severity) {
  const auto names = expression::severity_names();
  return severity == 0 || severity > names.size() ? std::string_view() : names[severity - 1];
}

std::optional<std::uint32_t> severity_of(std::string_view text) {
  const std::uint32_t number = expression::severity_number(text);
  if (number == 0) return std::nullopt;
  return number;
}

std::string_view field_key(const picket_batch& batch, const picket_field& field, const Names& names) {
  if ((field.key & PICKET_KEY_INLINE) == 0) return names.text(field.key);
  const picket_str text = picket_batch_inline_key_text(&batch, field.key);
  return {text.data, static_cast<std::size_t>(text.length)};
}

void append_field_json(const picket_batch& batch, const picket_field& field, const Names& names, std::string& out) {
  switch (field.type) {
    case PICKET_TYPE_BOOL:
      out += field.value.i != 0 ? "true" : "false";
      return;
    case PICKET_TYPE_INT:
      out += std::to_string(field.value.i);
      return;
    case PICKET_TYPE_DOUBLE:
      append_json_real(field.value.f, out);
      return;
    case PICKET_TYPE_NAME:
      append_json_string(names.text(field.value.name), out);
      return;
    case PICKET_TYPE_TEXT:
      append_json_string(bytes_of_field(batch, field), out);
      return;
    case PICKET_TYPE_BYTES:
      out += "{\"$base64\":\"";
      append_base64(bytes_of_field(batch, field), out);
      out += "\"}";
      return;
    case PICKET_TYPE_JSON:
      append_json_text(bytes_of_field(batch, field), out);
      return;
    default:  // null, and types of a later version
      out += "null";
  }
}

void append_event_json(const picket_batch& batch, const picket_event& event, const Names& names, std::string& out) {
  bool first = true;
  out += '{';
  if (event.time_ns != 0) {
    append_member("time", first, out);
    const std::string text = platform::format_utc(event.time_ns, 9);
    // parse_utc does not take the first and the last year of 64 bits.
    const bool readable = text >= "1678" && text < "2262";
    out += readable ? '"' + text + '"' : std::to_string(event.time_ns);
  }
  if (event.sequence != 0) {
    append_member("sequence", first, out);
    out += std::to_string(event.sequence);
  }
  append_member("kind", first, out);
  append_json_string(names.text(event.kind), out);
  if (event.source != 0) {
    append_member("source", first, out);
    append_json_string(names.text(event.source), out);
  }
  if (const std::string_view severity = severity_text(event.severity); !severity.empty()) {
    append_member("severity", first, out);
    append_json_string(severity, out);
  }
  std::set<std::string_view> written;
  std::vector<const picket_field*> others;
  for (std::uint32_t i = 0; i < event.field_count; ++i) {
    const picket_field& field = batch.fields[event.first_field + i];
    const std::string_view key = field_key(batch, field, names);
    if (key.empty() || !written.insert(key).second) continue;
    if (!stands_at_the_top(key)) {
      others.push_back(&field);
      continue;
    }
    append_member(key, first, out);
    append_field_json(batch, field, names, out);
  }
  if (!others.empty()) {
    append_member("fields", first, out);
    out += '{';
    bool first_field = true;
    for (const picket_field* field : others) {
      append_member(field_key(batch, *field, names), first_field, out);
      append_field_json(batch, *field, names, out);
    }
    out += '}';
  }
  out += '}';
}

std::string event_json(const picket_batch& batch, const picket_event& event, const Names& names) {
  std::string out;
  append_event_json(batch, event, names, out);
  return out;
}

}  // namespace picket::routing
