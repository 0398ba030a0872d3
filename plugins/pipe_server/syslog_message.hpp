// SPDX-License-Identifier: Apache-2.0
//
// One syslog message, RFC 5424 or RFC 3164, taken apart. What is seen behind the priority tells which it is:
//   message = "<" PRI ">1 " rfc5424 | "<" PRI ">" rfc3164 | text without a priority (RFC 3164, section 4.3.3)
// Pure, but that times without a zone are local. The fields have the names of the route's step `parse: syslog`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace picket::pipe_server {

struct SyslogParameter {
  std::string_view id, name;
  std::string value;      // unescaped
  bool has_value = true;  // false: an element without parameters
};

struct SyslogMessage {
  std::uint32_t severity = 0;  // PICKET_SEVERITY_...
  std::string_view facility;   // "daemon", lives for ever
  std::optional<std::int64_t> time_ns;
  std::string_view host, app, pid, msgid, message;  // views into the text; empty: not given
  std::vector<SyslogParameter> data;
};

struct SyslogProblem {
  std::size_t byte;
  const char* reason;
};

// `now_ns`: UTC, for years that are not given. Line ends and zeros behind the text are ignored. One that is not taken
// for malformed has at least a priority or a message.
std::optional<SyslogProblem> parse_syslog(std::string_view text, std::int64_t now_ns, SyslogMessage& message);

}  // namespace picket::pipe_server
