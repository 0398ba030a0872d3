// SPDX-License-Identifier: Apache-2.0
//
// The operating system's event log, as the daemon and the plugins (picket.os-log/1) write it: the journal's native
// protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL), else syslog (RFC 3164 as local daemons speak it); on Windows the Event
// Log. What the records look like is in pure functions, so that tests need no system.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "picket/ext/os_log.h"
#include "service/logging.hpp"

namespace picket::service {

inline constexpr std::size_t kMaxOsLogFields = 64;
inline constexpr std::size_t kMaxOsLogMessage = 1U << 20U;  // bytes

// What kind of record it is; packaging/systemd/picket.catalog explains each to people. Ids are for ever.
struct OsLogKind {
  std::string_view message_id;
  std::uint32_t event_id;
  std::uint32_t severity;
};
inline constexpr OsLogKind kOsLogStarted{"7019c8c1c5834a9ca78f25a2cb7d37cc", 1, PICKET_SEVERITY_INFO};
inline constexpr OsLogKind kOsLogStopped{"ecdfe09c8d194b4f85f968749eb65202", 2, PICKET_SEVERITY_INFO};
inline constexpr OsLogKind kOsLogConfigurationApplied{"bcb8a9b3393441549ba3649c67603d7b", 3, PICKET_SEVERITY_NOTICE};
inline constexpr OsLogKind kOsLogConfigurationRefused{"e6f2e48b32d844d587eb6cbad7f0c622", 4, PICKET_SEVERITY_ERROR};

// One record; all texts are borrowed for the call.
struct OsLogRecord {
  std::uint32_t severity = PICKET_SEVERITY_INFO;  // NONE counts as INFO
  std::string_view message_id;                    // 32 lower-case hex digits, or empty
  std::uint32_t event_id = 0;
  std::string_view instance;
  std::string_view message;
  std::vector<std::pair<std::string_view, std::string_view>> fields;
};

struct OsLogSettings {
  bool enabled = true;
  std::string journal, syslog;  // paths of sockets; Windows has none
};

// Thread-safe. Nothing here blocks.
class OsLog {
 public:
  virtual ~OsLog() = default;
  // From now on.
  virtual void configure(const OsLogSettings& settings) = 0;
  // OK: handed over. BUSY: the system takes nothing at the moment; lost and counted. NOT_FOUND: there is no such log
  // here, or it is switched off: write it elsewhere.
  virtual picket_status write(const OsLogRecord& record) = 0;
  // Records that were answered BUSY.
  virtual std::uint64_t lost() const = 0;

  // The system's own, with settings that reach nothing until configure().
  static std::shared_ptr<OsLog> make();
};

// Checks the record, writes it, and writes it to `log` where the system has no log or `os_log` is null. INVALID: the
// message id is malformed.
picket_status write_os_log(OsLog* os_log, Log& log, const OsLogRecord& record);

// --- forms of a record --------------------------------------------------------------------------------------------

// syslog(3): 0 emergency ... 7 debug.
int syslog_priority(std::uint32_t severity);

// "peer.user" becomes PICKET_PEER_USER: upper-case letters, digits and underscores, at most 64 characters, and in a
// name space of its own, so that no key of a plugin can pretend to be one of the journal's.
std::string journal_key(std::string_view key);

// The datagram for journald.
std::string journal_datagram(const OsLogRecord& record, std::uint32_t process_id);

// One line for /dev/log, at most 8 KiB: control characters made visible, fields as key=value. `stamp` is local time,
// "Dec  1 10:00:00".
std::string syslog_datagram(const OsLogRecord& record, std::uint32_t process_id, std::string_view stamp);

}  // namespace picket::service
