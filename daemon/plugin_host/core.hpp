// SPDX-License-Identifier: Apache-2.0
//
// What all instances of one daemon share. Made by the assembly (service/daemon) and by tests; outlives every instance.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "plugin_host/command_bus.hpp"
#include "plugin_host/conversations.hpp"
#include "plugin_host/metric_registry.hpp"
#include "process/processes.hpp"
#include "routing/names.hpp"
#include "routing/router.hpp"
#include "service/inherited_sockets.hpp"
#include "service/logging.hpp"
#include "service/os_log.hpp"

namespace picket::plugin_host {

struct Core {
  Core(std::shared_ptr<platform::Executor> executor_of_all, service::Log& log_of_all, std::filesystem::path state,
       CommandBus::ArgsCheck check_args)
      : executor(std::move(executor_of_all)),
        log(log_of_all),
        state_root(std::move(state)),
        metrics(names),
        router(executor, names),
        commands(executor, std::move(check_args)),
        conversations(executor),
        spools(std::make_shared<routing::spool::SpoolHost>(
            state_root, executor, names,
            [&to = log](routing::spool::SpoolHost::Tone tone, const std::string& route, const std::string& destination,
                        const std::string& message) {
              using Tone = routing::spool::SpoolHost::Tone;
              const service::LogLevel level = tone == Tone::error     ? service::LogLevel::error
                                              : tone == Tone::warning ? service::LogLevel::warning
                                                                      : service::LogLevel::info;
              to.write(level, "", message, {{"route", route}, {"to", destination}});
            })) {
    router.use_spools(spools);
  }
  // REQUIRES: the executor was stopped, or has no threads of its own. Waits for what is still written to disk, which
  // needs `names`.
  ~Core() { spools->finish(); }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  const std::shared_ptr<platform::Executor> executor;
  service::Log& log;
  const std::filesystem::path state_root;  // absolute
  // The operating system's event log; null: there is none, and `log` takes its place. Set before the first instance.
  std::shared_ptr<service::OsLog> os_log;
  // What the service manager opened for us. Set before the first instance.
  service::InheritedSockets inherited_sockets;
  // Programs that plugins start; null: none can be. Set before the first instance.
  std::shared_ptr<process::Processes> processes;
  routing::Names names;
  MetricRegistry metrics;
  routing::Router router;
  CommandBus commands;
  Conversations conversations;
  const std::shared_ptr<routing::spool::SpoolHost> spools;
  // Whether an instance of this name is configured now. Set once before the first instance starts; thread-safe.
  std::function<bool(const std::string&)> instance_exists = [](const std::string&) { return false; };
};

}  // namespace picket::plugin_host
