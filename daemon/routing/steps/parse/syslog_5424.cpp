// SPDX-License-Identifier: Apache-2.0
//
// RFC 5424, section 6:
//   rest    = TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP data [ SP [ BOM ] message ]
//   data    = "-" | element { element }
//   element = "[" id { SP name "=" quote value quote } "]"          in value, \" \\ and \] are escaped
// "-" stands for what is not there.
#include <algorithm>
#include <array>

#include "routing/steps/parse/syslog.hpp"
#include "routing/steps/parse/time_rules.hpp"

namespace picket::routing::parse {
namespace {

constexpr std::string_view kNil = "-";
constexpr std::string_view kMessageMark = "\xEF\xBB\xBF";

// Printable ASCII but "=", blank, "]" and quotes.
bool is_sd_name(char c) {
  return c > ' ' && c < '\x7F' && c != '=' && c != ']' && c != '"';
}

// The value behind its opening quote; the cursor is put behind the closing one.
std::optional<std::string_view> read_parameter_value(Cursor& cursor, Arena& arena) {
  const std::string_view rest = cursor.rest();
  std::size_t end = 0;
  bool escapes = false;
  while (end < rest.size() && rest[end] != '"') {
    if (rest[end] == '\\') {
      escapes = true;
      ++end;
    }
    ++end;
  }
  if (end >= rest.size()) return std::nullopt;
  cursor.go_to(cursor.offset() + end + 1);
  const std::string_view raw = rest.substr(0, end);
  if (!escapes) return raw;
  char* const begin = arena.allocate(raw.size());
  char* to = begin;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    // A backslash before anything else stands for itself (section 6.3.3).
    const bool escape =
        raw[i] == '\\' && i + 1 < raw.size() && (raw[i + 1] == '"' || raw[i + 1] == '\\' || raw[i + 1] == ']');
    if (escape) ++i;
    *to++ = raw[i];
  }
  return std::string_view(begin, static_cast<std::size_t>(to - begin));
}

std::optional<Failure> read_parameter(Cursor& cursor, Reading& reading) {
  const std::size_t start = cursor.offset();
  const std::string_view name = cursor.take_while(is_sd_name);
  if (name.empty()) return Failure{start, "no name of a parameter of structured data"};
  if (!cursor.take("=\"")) return Failure{cursor.offset(), "no =\" behind the name of a parameter"};
  const std::size_t quote = cursor.offset() - 1;
  const auto value = read_parameter_value(cursor, reading.arena());
  if (!value) return Failure{quote, "a quote that is not closed"};
  if (const auto problem = reading.add_text(name, *value); !problem.empty()) return Failure{start, problem};
  return std::nullopt;
}

// Fields `sd.ID.NAME`; an element without parameters is `sd.ID`, true.
std::optional<Failure> read_element(Cursor& cursor, Reading& reading) {
  const std::size_t start = cursor.offset() - 1;
  const std::string_view id = cursor.take_while(is_sd_name);
  if (id.empty()) return Failure{cursor.offset(), "no id of structured data"};
  const std::size_t outside = reading.enter("sd");
  std::optional<Failure> failure;
  if (cursor.peek() == ']') {
    if (const auto problem = reading.add(id, Value::boolean(true)); !problem.empty()) failure = Failure{start, problem};
  } else {
    reading.enter(id);
    while (!failure && cursor.take(' ')) failure = read_parameter(cursor, reading);
  }
  reading.leave(outside);
  if (!failure && !cursor.take(']')) failure = Failure{cursor.offset(), "structured data that is not closed by ]"};
  return failure;
}

std::optional<Failure> read_structured_data(Cursor& cursor, Reading& reading) {
  if (cursor.take('-')) return std::nullopt;
  if (cursor.peek() != '[') return Failure{cursor.offset(), "no structured data: neither - nor ["};
  while (cursor.take('[')) {
    if (auto failure = read_element(cursor, reading)) return failure;
  }
  return std::nullopt;
}

std::optional<Failure> read_timestamp(Cursor& cursor, Reading& reading, Zone& zone) {
  const std::size_t start = cursor.offset();
  if (cursor.take("- ")) return std::nullopt;
  const auto civil = read_rfc3339(cursor);
  if (civil && cursor.take(' ')) reading.time_ns = zone.to_utc(*civil, reading.event_time_ns());
  if (!reading.time_ns) return Failure{start, "no time like 2026-09-03T10:00:00Z"};
  return std::nullopt;
}

}  // namespace

std::optional<Failure> read_syslog_5424(Cursor& cursor, Reading& reading, Zone& zone) {
  if (auto failure = read_timestamp(cursor, reading, zone)) return failure;
  constexpr std::array<std::string_view, 4> kHeader = {"host", "app", "pid", "msgid"};
  for (const std::string_view key : kHeader) {
    const std::size_t start = cursor.offset();
    const std::string_view text = cursor.until(' ');
    if (text.empty() || !cursor.take(' ')) return Failure{start, "a header that ends too early"};
    if (text == kNil) continue;
    const auto problem = key == "pid" ? add_pid(reading, text) : reading.add_text(key, text);
    if (!problem.empty()) return Failure{start, problem};
  }
  if (auto failure = read_structured_data(cursor, reading)) return failure;
  if (cursor.at_end()) return std::nullopt;
  const std::size_t start = cursor.offset();
  if (!cursor.take(' ')) return Failure{start, "no blank behind structured data"};
  cursor.take(kMessageMark);
  if (const auto problem = reading.add_text("message", cursor.rest()); !problem.empty()) return Failure{start, problem};
  return std::nullopt;
}

}  // namespace picket::routing::parse
