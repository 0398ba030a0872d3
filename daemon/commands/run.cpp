// SPDX-License-Identifier: Apache-2.0
#include "commands/run.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "commands/exit_codes.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "commands/version.hpp"
#include "config/argument_check.hpp"
#include "config/print.hpp"
#include "config/watched_files.hpp"
#include "platform/asio_executor.hpp"
#include "platform/file_lock.hpp"
#include "platform/process.hpp"
#include "process/processes.hpp"
#include "service/config_watch.hpp"
#include "service/crash_record.hpp"
#include "service/daemon.hpp"
#include "service/recorder_files.hpp"
#include "service/running_configuration.hpp"
#include "service/signals.hpp"

namespace picket::commands {
namespace {

constexpr std::chrono::minutes kGiveBackEvery{10};  // memory

// One thread waits for another to say that it is over.
class Ending {
 public:
  void tell() {
    const std::scoped_lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over_; });
  }
  // False once `limit` has passed without it.
  bool wait_for(std::chrono::minutes limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return over_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
};

service::Log::Settings log_settings(const config::DaemonSettings& daemon) {
  service::Log::Settings settings;
  settings.level = service::parse_log_level(daemon.log_level).value_or(service::LogLevel::info);
  settings.format = daemon.log_format;
  return settings;
}

// What the command line says about logging wins, also over what a reload reads.
void overrule(config::DaemonSettings& daemon, const RunOptions& options) {
  if (!options.log_level.empty()) daemon.log_level = options.log_level;
  if (!options.log_format.empty()) {
    daemon.log_format = options.log_format == "json" ? config::LogFormat::json : config::LogFormat::text;
  }
  if (options.watch_config) daemon.watch_config = true;
}

// The settings of the daemon that overrule() changes.
std::vector<std::string> overruled(const RunOptions& options) {
  std::vector<std::string> names;
  if (!options.log_level.empty()) names.emplace_back("log.level");
  if (!options.log_format.empty()) names.emplace_back("log.format");
  if (options.watch_config) names.emplace_back("watch_config");
  return names;
}

// Keeps the file that says what is in force, one write after the other and never on the core lane: a disk may be slow.
class RunningRecord {
 public:
  RunningRecord(const std::shared_ptr<platform::Executor>& executor, service::Log& log, std::filesystem::path file,
                std::vector<std::string> overruled_settings)
      : lane_(platform::Lane::make(executor)),
        log_(log),
        file_(std::move(file)),
        overruled_(std::move(overruled_settings)) {}

  void keep(const service::ConfigNotice& notice, const config::Model& model) {
    const bool changed = notice.outcome == service::ConfigNotice::Outcome::applied ||
                         notice.outcome == service::ConfigNotice::Outcome::rolled_back;
    if (!changed) return;
    service::RunningConfiguration running{notice.generation, notice.hash, lane_->executor().clock().wall_ns(),
                                          overruled_, config::print_running(model)};
    lane_->post([this, running = std::move(running)] {
      const auto written = service::write_running(file_, running);
      if (written.ok()) return;
      log_.write(service::LogLevel::warning, "",
                 "what is in force cannot be written down, so `picket plan` compares with something older: " +
                     written.error().message);
    });
  }

  // Waits for what is still to be written.
  void finish() {
    Ending written;
    lane_->post([&written] { written.tell(); });
    written.wait();
  }

 private:
  const std::shared_ptr<platform::Lane> lane_;
  service::Log& log_;
  const std::filesystem::path file_;
  const std::vector<std::string> overruled_;
};

// One line for each problem: `file:line:column: problem`.
std::vector<std::string> problems_of(const config::Diagnostics& diagnostics) {
  std::vector<std::string> lines;
  for (const config::Diagnostic& item : diagnostics.items()) {
    if (item.severity != config::Severity::error) continue;
    std::string place = item.where.file;
    if (item.where.line > 0) {
      place += ":" + std::to_string(item.where.line) + ":" + std::to_string(item.where.column);
    }
    lines.push_back(place.empty() ? item.message : place + ": " + item.message);
  }
  return lines;
}

// The lock that keeps two daemons from one state directory, or an exit code.
Result<platform::FileLock> lock_state(const std::filesystem::path& state_dir) {
  std::error_code error;
  std::filesystem::create_directories(state_dir, error);
  if (error) {
    return Error{"cannot make the state directory " + state_dir.string() + ": " + error.message() +
                     "; set daemon.state_dir to one that this user may write",
                 error == std::errc::permission_denied ? PICKET_DENIED : PICKET_FAILED};
  }
  auto lock = platform::FileLock::acquire(state_dir / "picket.lock");
  if (!lock.ok()) {
    return Error{"the state directory is in use: " + lock.error().message + "; give each daemon a state_dir of its own",
                 lock.error().status};
  }
  return lock;
}

// Also lets go of the oldest files, for those of crashes come without asking.
std::unique_ptr<service::CrashRecord> record_crashes(service::Daemon& daemon, service::Log& log) {
  if (!daemon.recorder().on()) return nullptr;
  const std::filesystem::path directory = service::recorder_directory(daemon.core().state_root);
  auto installed = service::CrashRecord::install(daemon.recorder(), daemon.core().names, directory);
  if (!installed.ok()) {
    log.write(service::LogLevel::warning, "", "a crash will leave no record: " + installed.error().message);
    return nullptr;
  }
  return std::move(installed).value();
}

// PICKET_CONTROL_GROUPS, for those who run it elsewhere than in the group that systemd has made: "none", or a
// directory.
std::shared_ptr<process::Processes> make_processes(const std::filesystem::path& state_root, service::Log& log) {
  return process::Processes::make((state_root / "processes").string(), platform::executable_path().string(),
                                  platform::environment("PICKET_CONTROL_GROUPS").value_or("auto"),
                                  [&log](bool is_warning, const std::string& message) {
                                    log.write(is_warning ? service::LogLevel::warning : service::LogLevel::info, "",
                                              message);
                                  });
}

// The service manager and the signals around a daemon that is made already.
void serve(service::Daemon& daemon, service::Log& log, service::Notifier& notifier, Ending& ending,
           std::int64_t began_ns, const platform::Clock& clock) {
  const auto stop = [&] { daemon.stop([&ending] { ending.tell(); }); };
  const auto on_signal = [&](service::SignalRequest request) {
    switch (request) {
      case service::SignalRequest::reload:
        return daemon.reload([](const Result<void>&) {});
      case service::SignalRequest::stop:
        return stop();
      case service::SignalRequest::stop_now:
        return daemon.stop_now();
      case service::SignalRequest::flush:
        log.write(service::LogLevel::info, "", "flushing");
        return daemon.flush();
      case service::SignalRequest::dump:
        return daemon.dump();
    }
  };
  auto signals = service::Signals::install(daemon.lane(), on_signal);
  if (!signals.ok()) log.write(service::LogLevel::error, "", signals.error().message);
  daemon.start([&] {
    if (daemon.stopping()) return;  // to call it ready now would mislead
    notifier.ready();
    notifier.start_watchdog(daemon.lane());
    const std::int64_t took = (clock.monotonic_ns() - began_ns) / platform::kMillisecond;
    log.write(service::LogLevel::info, "", "ready", {{"ms", took}});
    platform::release_free_memory();
  });
  // What ran since and will not for long (an hour's sealing, a query, a reload) need not stay in memory until then.
  while (!ending.wait_for(kGiveBackEvery)) platform::release_free_memory();
  notifier.stop_watchdog();
  // A last signal may wait on the lane for its turn, with references to what is on this stack.
  if (signals.ok()) (*signals).reset();
  Ending passed;
  daemon.lane()->post([&passed] { passed.tell(); });
  passed.wait();
}

}  // namespace

int run(const RunOptions& options, const Surroundings& surroundings) {
  const std::int64_t began_ns = surroundings.clock.monotonic_ns();
  platform::keep_few_arenas();
  const auto manager = service::NotifyEnvironment::take();
  auto inherited = service::InheritedSockets::take();
  const std::vector<std::filesystem::path> files = configuration_files(options.config);
  const std::uint64_t files_at_start = config::look_at_files(files).fingerprint;
  Configuration configuration = read_configuration(options.config, surroundings);
  surroundings.err << configuration.loaded.diagnostics.render() << std::flush;
  if (!configuration.loaded.model) return kExitConfiguration;
  config::Model model = std::move(*configuration.loaded.model);
  overrule(model.daemon, options);

  const auto lock = lock_state(model.daemon.state_dir);
  if (!lock.ok()) {
    surroundings.err << "picket run: " << lock.error().message << '\n';
    return lock.error().status == PICKET_DENIED ? kExitPermission : kExitNotWell;
  }

  service::Log log(log_settings(model.daemon), surroundings.clock, service::make_stderr_log_sink());
  const auto executor = std::make_shared<platform::AsioExecutor>("picket", model.daemon.threads);
  log.use_executor(executor);
  const auto notifier = service::Notifier::from_environment(
      manager, surroundings.clock,
      [&log](const std::string& message) { log.write(service::LogLevel::warning, "", message); });
  log.write(service::LogLevel::info, "", "starting",
            {{"instances", model.instances.size()}, {"routes", model.routes.size()}});

  Ending ending;
  service::Daemon* self = nullptr;
  const auto load = [&] {
    const std::uint64_t fingerprint = config::look_at_files(files).fingerprint;
    Configuration next = read_configuration(options.config, surroundings, configuration.catalog);
    if (next.loaded.model) overrule(next.loaded.model->daemon, options);
    return service::LoadedModel{std::move(next.loaded.model), problems_of(next.loaded.diagnostics), fingerprint};
  };
  RunningRecord record(executor, log, std::filesystem::path(model.daemon.state_dir) / service::kRunningFile,
                       overruled(options));
  std::shared_ptr<service::ConfigWatch> watch;  // made with the daemon, used from its first notice on
  const auto on_config = [&](const service::ConfigNotice& notice, const config::Model& in_force) {
    record.keep(notice, in_force);
    if (notice.files != 0) watch->seen(notice.files);
    watch->set(in_force.daemon.watch_config, in_force.daemon.watch_delay_ns);
  };
  service::Daemon daemon({executor, log, *notifier, *configuration.catalog, config::check_argument, load,
                          [&] { self->stop([&ending] { ending.tell(); }); }, [] { std::_Exit(kExitInternal); },
                          5 * platform::kSecond, on_config, std::string(program_version()), service::OsLog::make()},
                         std::move(model));
  self = &daemon;
  daemon.core().inherited_sockets = std::move(inherited);
  daemon.core().processes = make_processes(daemon.core().state_root, log);
  const auto crash_record = record_crashes(daemon, log);
  watch = service::ConfigWatch::make(
      {daemon.lane(), log, [&files] { return config::look_at_files(files); }, &platform::DirectoryWatch::start,
       [&daemon] { return daemon.awaits_confirmation(); }, [&daemon] { daemon.reload([](const Result<void>&) {}); }});
  watch->seen(files_at_start);
  serve(daemon, log, *notifier, ending, began_ns, surroundings.clock);
  log.use_executor(nullptr);
  record.finish();
  executor->stop();  // nothing runs any more when the daemon goes
  watch->stop();
  return kExitOk;
}

void add_run(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* const verb =
      add_verb(app,
               {"run",
                "Run the daemon in the foreground",
                {"picket run", "picket run --config ./picket.yaml --log-level debug"},
                {"1   another daemon uses the state directory", "77  the state directory cannot be written",
                 "78  the configuration is wrong"}},
               chosen, [options]() -> Verb { return [options](const Surroundings& s) { return run(*options, s); }; });
  add_config_options(*verb, options->config);
  verb->add_option("--log-level", options->log_level, "trace, debug, info, warning, error or critical")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "critical"}));
  verb->add_flag("--watch-config", options->watch_config,
                 "Reload when the files change, whatever daemon.watch_config says");
  verb->add_option("--log-format", options->log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

}  // namespace picket::commands
