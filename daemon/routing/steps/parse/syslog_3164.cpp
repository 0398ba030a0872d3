// SPDX-License-Identifier: Apache-2.0
//
// RFC 3164, section 4.1, and what has grown around it:
//   rest    = [ ": " ] [ time " " ] [ host " " ] [ tag ] message
//   time    = "Sep  3 10:00:00" | "2026-09-03T10:00:00.25+02:00"
//   tag     = app [ "[" pid "]" ] ":" [ " " ] | app "[" pid "]" " "
// A local program sends no host: then the tag comes first, which its colon or bracket tells. Without a time there is
// neither host nor tag to be sure of, so everything is the message (section 4.3.2).
#include "routing/steps/parse/syslog.hpp"
#include "routing/steps/parse/time_rules.hpp"

namespace picket::routing::parse {
namespace {

// Longer words with a colon behind them are text. (The RFC says 32; paths of programs are longer.)
constexpr std::size_t kLongestTag = 128;

struct Tag {
  std::string_view app;
  std::string_view pid;
};

// Nothing, and the cursor unmoved, when there is no tag at the cursor.
std::optional<Tag> read_tag(Cursor& cursor) {
  const std::size_t start = cursor.offset();
  Tag tag;
  tag.app = cursor.take_while([](char c) { return c > ' ' && c != '[' && c != ':' && c != '\x7F'; });
  bool ended = false;
  if (!tag.app.empty() && tag.app.size() <= kLongestTag) {
    if (cursor.take('[')) {
      tag.pid = cursor.take_while([](char c) { return c > ' ' && c != ']'; });
      ended = !tag.pid.empty() && tag.pid.size() <= kLongestTag && cursor.take(']');
      ended = ended && (cursor.take(':') || cursor.at_end() || cursor.peek() == ' ');
    } else {
      // Behind the colon of a tag is a blank; behind that of "fe80::1" or "http://" is none.
      ended = cursor.take(':') && (cursor.at_end() || cursor.peek() == ' ');
    }
  }
  if (ended) return tag;
  cursor.go_to(start);
  return std::nullopt;
}

std::string_view add_tag(Reading& reading, const Tag& tag) {
  const auto problem = reading.add_text("app", tag.app);
  if (!problem.empty() || tag.pid.empty()) return problem;
  return add_pid(reading, tag.pid);
}

bool read_header_time(Cursor& cursor, Reading& reading, Zone& zone) {
  const std::size_t start = cursor.offset();
  const auto civil = is_digit(cursor.peek()) ? read_rfc3339(cursor) : read_rfc3164(cursor);
  // Some devices put a colon behind it.
  if (civil) cursor.take(':');
  if (civil && (cursor.at_end() || cursor.take(' '))) reading.time_ns = zone.to_utc(*civil, reading.event_time_ns());
  if (!reading.time_ns) cursor.go_to(start);
  return reading.time_ns.has_value();
}

std::string_view add_host_and_tag(Cursor& cursor, Reading& reading) {
  auto tag = read_tag(cursor);
  if (!tag) {
    const std::size_t start = cursor.offset();
    const std::string_view host = cursor.until(' ');
    if (host.empty() || !cursor.take(' ')) {
      cursor.go_to(start);  // one word alone is the message
      return {};
    }
    if (const auto problem = reading.add_text("host", host); !problem.empty()) return problem;
    tag = read_tag(cursor);
  }
  return tag ? add_tag(reading, *tag) : std::string_view();
}

}  // namespace

std::optional<Failure> read_syslog_3164(Cursor& cursor, Reading& reading, Zone& zone, bool needs_time) {
  const std::size_t start = cursor.offset();
  if (read_header_time(cursor, reading, zone)) {
    if (const auto problem = add_host_and_tag(cursor, reading); !problem.empty()) return Failure{start, problem};
    cursor.take(' ');
  } else if (needs_time) {
    return Failure{start, "neither a priority nor a time at the start"};
  }
  if (const auto problem = reading.add_text("message", cursor.rest()); !problem.empty()) {
    return Failure{cursor.offset(), problem};
  }
  return std::nullopt;
}

}  // namespace picket::routing::parse
