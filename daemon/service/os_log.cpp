// SPDX-License-Identifier: Apache-2.0
#include "service/os_log.hpp"

#include <algorithm>
#include <array>

#include "service/printable.hpp"

namespace picket::service {
namespace {

bool well_formed_message_id(std::string_view id) {
  return id.empty() || (id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

LogLevel log_level_of(std::uint32_t severity) {
  if (severity >= PICKET_SEVERITY_CRITICAL) return LogLevel::critical;
  if (severity >= PICKET_SEVERITY_ERROR) return LogLevel::error;
  if (severity >= PICKET_SEVERITY_WARNING) return LogLevel::warning;
  return LogLevel::info;
}

// A value with a line break needs the form with a length: name, line feed, 64 bits little-endian, bytes, line feed.
void append_journal_field(std::string& datagram, std::string_view key, std::string_view value) {
  datagram += key;
  if (value.find('\n') == std::string_view::npos) {
    datagram += '=';
  } else {
    datagram += '\n';
    for (unsigned int shift = 0; shift < 64; shift += 8) {
      datagram += static_cast<char>((static_cast<std::uint64_t>(value.size()) >> shift) & 0xFFU);
    }
  }
  datagram += value;
  datagram += '\n';
}

}  // namespace

picket_status write_os_log(OsLog* os_log, Log& log, const OsLogRecord& record) {
  if (!well_formed_message_id(record.message_id)) return PICKET_INVALID;
  if (os_log != nullptr) {
    if (const picket_status status = os_log->write(record); status != PICKET_NOT_FOUND) return status;
  }
  std::vector<LogField> fields;
  fields.reserve(record.fields.size());
  for (const auto& [key, value] : record.fields) fields.emplace_back(key, value);
  log.write(log_level_of(record.severity), record.instance, record.message, fields);
  return PICKET_OK;
}

int syslog_priority(std::uint32_t severity) {
  // none, trace, debug, info, notice, warning, error, critical, alert, emergency
  constexpr std::array<int, 10> kPriorities{6, 7, 7, 6, 5, 4, 3, 2, 1, 0};
  return kPriorities.at(std::min<std::size_t>(severity, kPriorities.size() - 1));
}

std::string journal_key(std::string_view key) {
  constexpr std::size_t kLongest = 64;
  std::string name = "PICKET_";
  for (const char c : key.substr(0, kLongest - name.size())) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  return name;
}

std::string journal_datagram(const OsLogRecord& record, std::uint32_t process_id) {
  std::string datagram;
  append_journal_field(datagram, "MESSAGE", record.message);
  append_journal_field(datagram, "PRIORITY", std::to_string(syslog_priority(record.severity)));
  append_journal_field(datagram, "SYSLOG_IDENTIFIER", "picket");
  append_journal_field(datagram, "SYSLOG_PID", std::to_string(process_id));
  append_journal_field(datagram, "PICKET_INSTANCE", record.instance);
  if (!record.message_id.empty()) append_journal_field(datagram, "MESSAGE_ID", record.message_id);
  for (const auto& [key, value] : record.fields) append_journal_field(datagram, journal_key(key), value);
  return datagram;
}

std::string syslog_datagram(const OsLogRecord& record, std::uint32_t process_id, std::string_view stamp) {
  constexpr int kDaemonFacility = 3;
  constexpr std::size_t kLongest = 8'192;
  std::string line = "<" + std::to_string(kDaemonFacility * 8 + syslog_priority(record.severity)) + ">";
  line += std::string(stamp) + " picket[" + std::to_string(process_id) + "]: " + printable(record.message);
  line += " instance=" + printable(record.instance);
  for (const auto& [key, value] : record.fields) {
    const bool plain = !value.empty() && value.find_first_of(" \"=\\") == std::string_view::npos;
    line += " " + printable(key) + "=";
    if (plain) {
      line += printable(value);
      continue;
    }
    line += '"';
    for (const char c : printable(value)) {
      if (c == '"' || c == '\\') line += '\\';
      line += c;
    }
    line += '"';
  }
  if (line.size() > kLongest) {
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    line.resize(end);
  }
  return line;
}

}  // namespace picket::service
