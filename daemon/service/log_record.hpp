// SPDX-License-Identifier: Apache-2.0
//
// One log record as one line of text or JSON. Whatever a message holds (a peer may have chosen it), the line stays one
// line, valid UTF-8, without control characters, and no longer than kMaxRecord. Pure functions.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "picket/base.h"

namespace picket::service {

enum class LogLevel : std::uint32_t {
  trace = PICKET_LOG_TRACE,
  debug = PICKET_LOG_DEBUG,
  info = PICKET_LOG_INFO,
  warning = PICKET_LOG_WARNING,
  error = PICKET_LOG_ERROR,
  critical = PICKET_LOG_CRITICAL,
};

// "trace" ... "critical", as in the configuration.
std::string_view log_level_name(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view name);

struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, std::integral auto v) : key(k), value(std::to_string(v)) {}

  std::string key;
  std::string value;
};

struct LogRecord {
  std::int64_t wall_ns = 0;
  LogLevel level = LogLevel::info;
  std::string_view instance;  // empty: the daemon itself, "picket"
  std::string_view message;
  const std::vector<LogField>* fields = nullptr;
};

inline constexpr std::size_t kMaxRecord = 8'192;  // bytes of a line, without its end

// text: `2026-09-03T10:00:00.000Z INFO instance message key=value key="two words"`
// json: {"time":...,"level":"info","instance":...,"message":...,"fields":{...}}
// Control characters, C1 controls and the line separators U+2028/2029 are escaped (\n \t \u001b), invalid UTF-8 becomes
// U+FFFD. A record that is too long is cut, and says so: "[cut]", or "cut":true.
std::string format_record(const LogRecord& record, config::LogFormat format);

}  // namespace picket::service
