// SPDX-License-Identifier: Apache-2.0
//
// `picket run`: the daemon in the foreground, which is what systemd and the Windows service manager start. Returns when
// it was told to stop and everything is down.
#pragma once

#include "commands/configuration.hpp"
#include "commands/surroundings.hpp"

namespace picket::commands {

struct RunOptions {
  ConfigOptions config;
  std::string log_level;      // over that of the configuration; empty: as the configuration says
  std::string log_format;     // "text" or "json"; empty: as the configuration says
  bool watch_config = false;  // as daemon.watch_config
};

int run(const RunOptions& options, const Surroundings& surroundings);

}  // namespace picket::commands
