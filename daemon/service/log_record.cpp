// SPDX-License-Identifier: Apache-2.0
#include "service/log_record.hpp"

#include <array>

#include "platform/utc_time.hpp"
#include "service/printable.hpp"

namespace picket::service {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"trace", "debug", "info", "warning", "error", "critical"};
constexpr std::array<std::string_view, 6> kCapitals = {"TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};
constexpr std::size_t kReserve = 64;  // room for what closes a cut record

// A line that grows until it is full, and then takes nothing more but its end.
class Line {
 public:
  bool cut() const { return cut_; }

  // Ours, known to be harmless and short.
  void raw(std::string_view text) {
    if (!cut_) text_ += text;
  }

  // Anybody's. `quoted` also escapes the quote and the backslash.
  void text(std::string_view text, bool quoted) {
    while (!text.empty() && !cut_) {
      const bool special = quoted && (text.front() == '"' || text.front() == '\\');
      const std::string piece = take_printable(text);
      put(special ? '\\' + piece : piece);
    }
  }

  void finish(std::string_view end) { text_ += end; }
  std::string take() { return std::move(text_); }

 private:
  void put(const std::string& piece) {
    if (text_.size() + piece.size() > kMaxRecord - kReserve) {
      cut_ = true;
    } else {
      text_ += piece;
    }
  }

  std::string text_;
  bool cut_ = false;
};

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\\") != std::string_view::npos;
}

std::string format_text(const LogRecord& record) {
  Line line;
  line.raw(platform::format_utc(record.wall_ns, 3));
  line.raw(" ");
  line.raw(kCapitals[static_cast<std::size_t>(record.level)]);
  line.raw(" ");
  line.text(record.instance.empty() ? "picket" : record.instance, false);
  line.raw(" ");
  line.text(record.message, false);
  if (record.fields != nullptr) {
    for (const LogField& field : *record.fields) {
      const bool quoted = needs_quotes(field.value);
      line.raw(" ");
      line.text(field.key, false);
      line.raw(quoted ? "=\"" : "=");
      line.text(field.value, quoted);
      line.raw(quoted ? "\"" : "");
    }
  }
  if (line.cut()) line.finish(" [cut]");
  return line.take();
}

std::string format_json(const LogRecord& record) {
  Line line;
  // `open` is what a cut within this value leaves open.
  std::string_view open = "\"";
  line.raw("{\"time\":\"" + platform::format_utc(record.wall_ns, 3) + "\",\"level\":\"");
  line.raw(log_level_name(record.level));
  line.raw("\",\"instance\":\"");
  line.text(record.instance.empty() ? "picket" : record.instance, true);
  line.raw("\",\"message\":\"");
  line.text(record.message, true);
  line.raw("\"");
  if (record.fields != nullptr && !record.fields->empty() && !line.cut()) {
    const char* before = ",\"fields\":{\"";
    for (const LogField& field : *record.fields) {
      line.raw(before);
      before = ",\"";
      if (!line.cut()) open = "\":\"\"}";  // a cut key gets an empty value
      line.text(field.key, true);
      line.raw("\":\"");
      if (!line.cut()) open = "\"}";
      line.text(field.value, true);
      line.raw("\"");
    }
    line.raw("}");
  }
  if (line.cut()) line.finish(std::string(open) + ",\"cut\":true");
  line.finish("}");
  return line.take();
}

}  // namespace

std::string_view log_level_name(LogLevel level) {
  return kNames[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> parse_log_level(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

std::string format_record(const LogRecord& record, config::LogFormat format) {
  return format == config::LogFormat::json ? format_json(record) : format_text(record);
}

}  // namespace picket::service
