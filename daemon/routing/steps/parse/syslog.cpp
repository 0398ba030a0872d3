// SPDX-License-Identifier: Apache-2.0
//
// Syslog: one message, without the octet counting of its transports. Which RFC it is of is seen from what is behind the
// priority:
//   message  = "<" PRI ">1 " rfc5424 | "<" PRI ">" rfc3164 | rfc3164 (lines of files)
// A PRI is facility * 8 + severity, 0..191 (RFC 5424, section 6.2.1).
#include "routing/steps/parse/syslog.hpp"

#include <array>
#include <charconv>

#include "picket/batch.h"

namespace picket::routing::parse {
namespace {

// RFC 5424, table 1, by their names in syslog.conf; 12 to 15 have names by their use.
constexpr std::array<std::string_view, 24> kFacilities = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog",   "lpr",     "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "security", "console", "solaris-cron",
    "local0", "local1", "local2",   "local3", "local4", "local5",   "local6",  "local7"};

// Syslog counts down from emergency, 0, to debug, 7; ours counts up.
constexpr std::uint32_t severity_of(int priority) {
  return PICKET_SEVERITY_EMERGENCY - static_cast<std::uint32_t>(priority % 8);
}
static_assert(severity_of(0) == PICKET_SEVERITY_EMERGENCY && severity_of(7) == PICKET_SEVERITY_DEBUG);

// "<34>": one to three digits, 191 at most, no leading zero.
std::optional<int> read_priority(Cursor& cursor) {
  if (!cursor.take('<')) return std::nullopt;
  const std::string_view digits = cursor.take_while(is_digit);
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  int priority = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), priority);
  if (priority > 191 || !cursor.take('>')) return std::nullopt;
  return priority;
}

class SyslogFormat final : public Format {
 public:
  explicit SyslogFormat(const Zone& zone) : zone_(zone) {}

  std::optional<Failure> read(std::string_view text, Reading& reading) override {
    // What transports leave at the end.
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0')) text.remove_suffix(1);
    if (text.empty()) return Failure{0, "an empty text"};
    Cursor cursor(text);
    if (cursor.peek() != '<') return read_syslog_3164(cursor, reading, zone_, true);
    const auto priority = read_priority(cursor);
    if (!priority) return Failure{0, "no priority <0> to <191>"};
    reading.severity = severity_of(*priority);
    const std::string_view facility = kFacilities[static_cast<std::size_t>(*priority / 8)];
    if (const auto problem = reading.add("facility", Value::text(facility)); !problem.empty())
      return Failure{0, problem};
    if (cursor.take("1 ")) return read_syslog_5424(cursor, reading, zone_);
    return read_syslog_3164(cursor, reading, zone_, false);
  }

 private:
  Zone zone_;
};

std::unique_ptr<Format> make_syslog(const nlohmann::json& /*settings*/, const Zone& zone) {
  return std::make_unique<SyslogFormat>(zone);
}

}  // namespace

std::string_view add_pid(Reading& reading, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // A number that would be written otherwise (007) is a name.
  const bool plain = error == std::errc() && end == text.data() + text.size() && number >= 0 &&
                     (text.size() == 1 || text.front() != '0') && text.front() != '-';
  return plain ? reading.add("pid", Value::integer(number)) : reading.add_text("pid", text);
}

const FormatType kSyslog = {"syslog", {}, make_syslog, nullptr};

}  // namespace picket::routing::parse
