// SPDX-License-Identifier: Apache-2.0
//
// `picket validate`: everything that can be checked about a configuration without starting anything: the files, every
// plugin's settings against its schema, every filter, and whether each plugin accepts its settings. What stands out
// beyond that (routes that never match, ways that lead back; see analysis/findings.hpp) is a warning.
#pragma once

#include <ostream>

#include "commands/configuration.hpp"

namespace picket::commands {

struct ValidateOptions {
  ConfigOptions config;
  bool print = false;  // the merged configuration, with defaults, as YAML or JSON; secrets are "(secret)"
  bool json = false;   // JSON instead of text
};

int validate(const ValidateOptions& options, const Surroundings& surroundings);

// The part after reading: asks the plugins, and says what was found.
int check_configuration(Configuration configuration, bool print, bool json, const Surroundings& surroundings);

}  // namespace picket::commands
