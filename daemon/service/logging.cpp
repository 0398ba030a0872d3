// SPDX-License-Identifier: Apache-2.0
#include "service/logging.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <string>
#include <utility>

namespace picket::service {
namespace {

class StderrSink final : public LogSink {
 public:
  StderrSink() : logger_("picket", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_level(spdlog::level::trace);  // Log has decided already
    logger_.set_formatter(std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
  }

  void write(LogLevel level, std::string_view line) override {
    // The levels of both are numbered alike, from trace 0 to critical 5.
    logger_.log(static_cast<spdlog::level::level_enum>(level), spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  spdlog::logger logger_;
};

std::string_view base_name(std::string_view file) {
  const std::size_t slash = file.find_last_of("/\\");
  return slash == std::string_view::npos ? file : file.substr(slash + 1);
}

}  // namespace

// Lets a call that is already running find out that the log is gone.
struct Log::Reporter {
  std::mutex mutex;
  Log* log = nullptr;  // guarded by mutex
};

std::unique_ptr<LogSink> make_stderr_log_sink() {
  return std::make_unique<StderrSink>();
}

Log::Log(const Settings& settings, const platform::Clock& clock, std::unique_ptr<LogSink> sink)
    : clock_(clock),
      level_(settings.level),
      format_(settings.format),
      limiter_(settings.rate),
      sink_(std::move(sink)) {}

Log::~Log() {
  use_executor(nullptr);
  const std::scoped_lock lock(mutex_);
  report(limiter_.take_all());
}

void Log::write(LogLevel level, std::string_view instance, std::string_view message, const std::vector<Field>& fields,
                const LogSite& site) {
  if (!enabled(level)) return;
  const std::scoped_lock lock(mutex_);
  const std::int64_t now = clock_.monotonic_ns();
  const bool allowed = limiter_.allow(
      {instance, site.file == nullptr ? "" : site.file, site.line, static_cast<std::uint32_t>(level), message}, now);
  report(limiter_.take_ended(now));
  if (allowed) {
    emit(level, instance, message, fields);
  } else {
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    arm();
  }
}

void Log::answer(LogLevel level, std::string_view instance, std::string_view message,
                 const std::vector<Field>& fields) {
  const std::scoped_lock lock(mutex_);
  emit(level, instance, message, fields);
}

void Log::set_format(config::LogFormat format) {
  const std::scoped_lock lock(mutex_);
  format_ = format;
}

void Log::use_tap(std::function<void(std::string_view)> tap) {
  const std::scoped_lock lock(mutex_);
  tap_ = std::move(tap);
}

void Log::use_executor(std::shared_ptr<platform::Executor> executor) {
  std::shared_ptr<platform::Executor> old;
  std::shared_ptr<Reporter> reporter;
  platform::CallId call = 0;
  {
    const std::scoped_lock lock(mutex_);
    old = std::exchange(executor_, std::move(executor));
    reporter = std::exchange(reporter_, nullptr);
    call = std::exchange(armed_, 0);
    if (executor_ != nullptr) {
      reporter_ = std::make_shared<Reporter>();
      reporter_->log = this;
      arm();
    }
  }
  if (reporter == nullptr) return;
  if (call != 0) old->cancel(call);
  const std::scoped_lock lock(reporter->mutex);  // waits for a call that is running
  reporter->log = nullptr;
}

// REQUIRES of all that follow: mutex_ is held (but on_window_end takes it itself).

void Log::emit(LogLevel level, std::string_view instance, std::string_view message, const std::vector<Field>& fields) {
  const LogRecord record{clock_.wall_ns(), level, instance, message, &fields};
  const std::string line = format_record(record, format_);
  if (tap_) tap_(format_ == config::LogFormat::json ? line : format_record(record, config::LogFormat::json));
  sink_->write(level, line);
}

void Log::report(const std::vector<RateLimiter::Suppressed>& ended) {
  for (const RateLimiter::Suppressed& site : ended) {
    std::vector<Field> fields = {{"suppressed", site.count}, {"first", site.example}};
    if (!site.file.empty()) {
      fields.emplace_back("site", std::string(base_name(site.file)) + ":" + std::to_string(site.line));
    }
    emit(static_cast<LogLevel>(site.level), site.instance, "similar messages were suppressed", fields);
  }
}

void Log::arm() {
  const std::int64_t end = limiter_.next_end_ns();
  if (executor_ == nullptr || armed_ != 0 || end == RateLimiter::kNever) return;
  armed_ = executor_->call_at(end, [reporter = reporter_] {
    const std::scoped_lock lock(reporter->mutex);
    if (reporter->log != nullptr) reporter->log->on_window_end();
  });
}

void Log::on_window_end() {
  const std::scoped_lock lock(mutex_);
  armed_ = 0;
  report(limiter_.take_ended(clock_.monotonic_ns()));
  arm();
}

}  // namespace picket::service
