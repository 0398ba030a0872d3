// SPDX-License-Identifier: Apache-2.0
//
// `picket plan`: what a reload would start, stop, restart, rewire or leave alone, and what would be lost by it. It
// compares files with what the daemon wrote down when it put a configuration in force, and asks no daemon.
#pragma once

#include <string>

#include "commands/configuration.hpp"
#include "commands/surroundings.hpp"

namespace picket::commands {

struct PlanOptions {
  ConfigOptions config;   // what would be loaded
  std::string against;    // a configuration to compare with; empty: what the daemon put in force last
  std::string state_dir;  // where the daemon keeps its state; empty: as the new configuration says
  bool json = false;
};

// 0: nothing would be lost, 1: something would, 69: it is not known what runs, 77: it may not be read, 78: one of the
// configurations is wrong.
int plan(const PlanOptions& options, const Surroundings& surroundings);

}  // namespace picket::commands
