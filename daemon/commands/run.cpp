// SPDX-License-Identifier: Apache-2.0
#include "commands/run.hpp"

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "commands/exit_codes.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "config/argument_check.hpp"
#include "platform/asio_executor.hpp"
#include "platform/file_lock.hpp"
#include "platform/process.hpp"
#include "service/daemon.hpp"
#include "service/signals.hpp"

namespace picket::commands {
namespace {

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
}

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
  ending.wait();
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
      surroundings.clock, [&log](const std::string& message) { log.write(service::LogLevel::warning, "", message); });
  log.write(service::LogLevel::info, "", "starting",
            {{"instances", model.instances.size()}, {"routes", model.routes.size()}});

  Ending ending;
  service::Daemon* self = nullptr;
  const auto load = [&] {
    Configuration next = read_configuration(options.config, surroundings, configuration.catalog);
    if (next.loaded.model) overrule(next.loaded.model->daemon, options);
    return service::LoadedModel{std::move(next.loaded.model), problems_of(next.loaded.diagnostics)};
  };
  service::Daemon daemon({executor, log, *notifier, *configuration.catalog, config::check_argument, load,
                          [&] { self->stop([&ending] { ending.tell(); }); }, [] { std::_Exit(kExitInternal); }},
                         std::move(model));
  self = &daemon;
  serve(daemon, log, *notifier, ending, began_ns, surroundings.clock);
  log.use_executor(nullptr);
  executor->stop();  // nothing runs any more when the daemon goes
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
  verb->add_option("--log-format", options->log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

}  // namespace picket::commands
