// SPDX-License-Identifier: Apache-2.0
//
// The daemon's log. One Log per process, made by main before anything else and handed to whoever speaks; plugins reach
// it through picket_host.log. spdlog writes the lines; it stays out of this header.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <source_location>
#include <string_view>
#include <vector>

#include "platform/executor.hpp"
#include "service/log_record.hpp"
#include "service/rate_limit.hpp"

namespace picket::service {

// Where finished lines go. Called under the log's lock: one at a time.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // `line` has no line end.
  virtual void write(LogLevel level, std::string_view line) = 0;
};

// Standard error, one write per line.
std::unique_ptr<LogSink> make_stderr_log_sink();

// The place that speaks, for the rate limit. By default that of the call itself.
struct LogSite {
  LogSite(const std::source_location& here)  // NOLINT(google-explicit-constructor)
      : file(here.file_name()), line(here.line()) {}
  LogSite(const char* f, std::uint32_t l) : file(f), line(l) {}  // `f` may be null: not known

  const char* file;
  std::uint32_t line;
};

// Thread-safe.
class Log {
 public:
  using Field = LogField;
  struct Settings {
    LogLevel level = LogLevel::info;
    config::LogFormat format = config::LogFormat::text;
    RateLimit rate;
  };

  // `clock` outlives the log.
  Log(const Settings& settings, const platform::Clock& clock, std::unique_ptr<LogSink> sink);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  // Reports what is still counted as suppressed.
  ~Log();

  bool enabled(LogLevel level) const { return level >= level_.load(std::memory_order_relaxed); }

  // Writes one record, unless its level is off or its site has used up its burst: then one line follows, when the
  // site's window ends, that says how many were suppressed. `instance` empty: the daemon itself.
  void write(LogLevel level, std::string_view instance, std::string_view message, const std::vector<Field>& fields = {},
             const LogSite& site = std::source_location::current());

  // What an operator asked for just now: written whatever the level is, and never held back. Nothing that an event or a
  // peer can bring about may be written like this.
  void answer(LogLevel level, std::string_view instance, std::string_view message,
              const std::vector<Field>& fields = {});

  // For a reload.
  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  void set_format(config::LogFormat format);

  // Every record that is written, as JSON, is given to `tap` too, under the log's lock; null ends that.
  void use_tap(std::function<void(std::string_view json_line)> tap);

  // Without an executor the line about what was suppressed comes with the next record, or at the end; with one, when
  // the window ends. Nothing is armed while nothing is suppressed. Null takes it away.
  void use_executor(std::shared_ptr<platform::Executor> executor);

  // Records suppressed since the start.
  std::uint64_t suppressed() const { return suppressed_.load(std::memory_order_relaxed); }

 private:
  struct Reporter;
  void emit(LogLevel level, std::string_view instance, std::string_view message, const std::vector<Field>& fields);
  void report(const std::vector<RateLimiter::Suppressed>& ended);
  void arm();
  void on_window_end();

  const platform::Clock& clock_;
  std::atomic<LogLevel> level_;
  std::atomic<std::uint64_t> suppressed_{0};
  std::mutex mutex_;
  config::LogFormat format_;                      // guarded by mutex_
  RateLimiter limiter_;                           // guarded by mutex_
  const std::unique_ptr<LogSink> sink_;           // its use is guarded by mutex_
  std::shared_ptr<platform::Executor> executor_;  // guarded by mutex_
  std::shared_ptr<Reporter> reporter_;            // guarded by mutex_; what a pending call holds on to
  platform::CallId armed_ = 0;                    // guarded by mutex_
  std::function<void(std::string_view)> tap_;     // guarded by mutex_
};

}  // namespace picket::service
