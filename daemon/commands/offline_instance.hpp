// SPDX-License-Identifier: Apache-2.0
//
// An instance that is created and never started: what `validate` checks settings with, and what `query` reads history
// through. It may log, intern names and use its state directory; there are no routes, timers or other instances, and
// the host's functions for those answer as a stopped daemon's.
#pragma once

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
  // First argument of the functions of its tables.
  void* self() const { return plugin_.self; }

 private:
  struct Host;
  explicit OfflineInstance(std::unique_ptr<Host> host);

  const std::unique_ptr<Host> host_;
  picket_plugin plugin_{};
};

}  // namespace picket::commands
