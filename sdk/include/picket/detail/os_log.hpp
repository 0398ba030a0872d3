// SPDX-License-Identifier: Apache-2.0
//
// OsLog: records in the operating system's event log (picket.os-log/1). [any]
#ifndef PICKET_DETAIL_OS_LOG_HPP
#define PICKET_DETAIL_OS_LOG_HPP

#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "../ext/os_log.h"
#include "host.hpp"

namespace picket {

// A kind of record: what `journalctl MESSAGE_ID=...` and the Windows Event Log find it by. Make the id once, with
// `systemd-id128 new`, and never change it.
struct OsLogKind {
  std::string_view message_id = {};  // 32 lower-case hex digits; empty: none
  std::uint32_t event_id = 0;        // 0..65535, of the plugin's own choice
  Severity severity = Severity::info;
};

// A value; copy it freely. A daemon that has no such extension writes the message to its own log.
class OsLog {
 public:
  using Field = std::pair<std::string_view, std::string_view>;

  explicit OsLog(Host host) : host_(host), table_(copy_table(table_of(host))) {}

  // Never blocks. PICKET_BUSY: lost, and counted, for the system's log took nothing at the moment.
  picket_status write(const OsLogKind &kind, std::string_view message, std::span<const Field> fields) const {
    if (table_.write == nullptr) {
      host_.log(kind.severity >= Severity::error     ? PICKET_LOG_ERROR
                : kind.severity >= Severity::warning ? PICKET_LOG_WARNING
                                                     : PICKET_LOG_INFO,
                message);
      return PICKET_OK;
    }
    std::vector<picket_os_log_field> all;
    all.reserve(fields.size());
    for (const auto &[key, value] : fields) all.push_back({to_str(key), to_str(value)});
    const picket_os_log_record record{sizeof record,
                                      static_cast<std::uint32_t>(kind.severity),
                                      to_str(kind.message_id),
                                      to_str(message),
                                      all.data(),
                                      static_cast<std::uint32_t>(all.size()),
                                      kind.event_id};
    return table_.write(host_.self(), &record);
  }
  picket_status write(const OsLogKind &kind, std::string_view message, std::initializer_list<Field> fields = {}) const {
    return write(kind, message, std::span<const Field>(fields.begin(), fields.size()));
  }

 private:
  static const picket_os_log *table_of(Host host) noexcept {
    return static_cast<const picket_os_log *>(host.c()->extension(host.self(), PICKET_EXT_OS_LOG));
  }

  Host host_;
  picket_os_log table_;
};

inline OsLog Host::os_log() const { return OsLog(*this); }

}  // namespace picket

#endif
