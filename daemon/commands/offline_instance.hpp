// SPDX-License-Identifier: Apache-2.0
//
// An instance that is created and never started: what `validate` checks settings with, what `query` reads history
// through, and what `db` gives its commands to. It may log, intern names and use its state directory; there are no
// routes, timers or other instances, and the host's functions for those answer as a stopped daemon's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/model.hpp"
#include "picket/picket.h"
#include "picket/result.hpp"
#include "plugin_host/catalog.hpp"
#include "service/logging.hpp"

namespace picket::commands {

// Single thread. `type` and `log` outlive it.
class OfflineInstance {
 public:
  // The error is the plugin's own; an exception that it lets out is one, too.
  static Result<std::unique_ptr<OfflineInstance>> create(const config::Instance& instance,
                                                         const plugin_host::PluginType& type,
                                                         const std::string& state_dir, service::Log& log);
  OfflineInstance(const OfflineInstance&) = delete;
  OfflineInstance& operator=(const OfflineInstance&) = delete;
  ~OfflineInstance();

  // The plugin's extension table for `id`, or null.
  const void* extension(const char* id) const;
  // Whether the plugin has a command of that name.
  bool has_command(const std::string& command) const;
  // Carries out a command and waits for its answer, a JSON value. REQUIRES: arguments that the command's schema accepts
  Result<std::string> call(const std::string& command, const std::string& args_json);

  // Called with each value that the instance gives one of its gauges, on the thread that does it.
  using GaugeFn = std::function<void(const std::string& name, std::int64_t value)>;
  void watch_gauges(GaugeFn fn);

  // First argument of the functions of its tables.
  void* self() const { return plugin_.self; }

 private:
  struct Host;
  explicit OfflineInstance(std::unique_ptr<Host> host);

  const std::unique_ptr<Host> host_;
  picket_plugin plugin_{};
};

}  // namespace picket::commands
