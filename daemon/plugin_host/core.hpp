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
#include "plugin_host/metric_registry.hpp"
#include "routing/names.hpp"
#include "routing/router.hpp"
#include "service/logging.hpp"

namespace picket::plugin_host {

struct Core {
  Core(std::shared_ptr<platform::Executor> executor_of_all, service::Log& log_of_all, std::filesystem::path state,
       CommandBus::ArgsCheck check_args)
      : executor(std::move(executor_of_all)),
        log(log_of_all),
        state_root(std::move(state)),
        metrics(names),
        router(executor, names),
        commands(executor, std::move(check_args)) {}

  const std::shared_ptr<platform::Executor> executor;
  service::Log& log;
  const std::filesystem::path state_root;  // absolute
  routing::Names names;
  MetricRegistry metrics;
  routing::Router router;
  CommandBus commands;
  // Whether an instance of this name is configured now. Set once before the first instance starts; thread-safe.
  std::function<bool(const std::string&)> instance_exists = [](const std::string&) { return false; };
};

}  // namespace picket::plugin_host
