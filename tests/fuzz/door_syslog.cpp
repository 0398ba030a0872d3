// SPDX-License-Identifier: Apache-2.0
//
// Any text as a syslog message at the door: what it is taken apart into lies inside of the text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "syslog_message.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  picket::pipe_server::SyslogMessage message;
  constexpr std::int64_t kNow = 1'796'119'200'000'000'000;
  const auto problem = picket::pipe_server::parse_syslog(text, kNow, message);
  if (problem) {
    require(problem->byte <= text.size());
    return 0;
  }
  require(message.severity >= 2 && message.severity <= 9 && !message.facility.empty());
  for (const std::string_view part : {message.host, message.app, message.pid, message.msgid, message.message}) {
    require(part.empty() || (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size()));
  }
  for (const auto& parameter : message.data) require(!parameter.id.empty());
  return 0;
}
