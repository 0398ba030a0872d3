// SPDX-License-Identifier: Apache-2.0
//
// `picket once`: collects one round from every instance that can, prints it, and stores nothing.
#pragma once

#include <string>
#include <vector>

#include "commands/configuration.hpp"
#include "commands/surroundings.hpp"

namespace picket::commands {

struct OnceOptions {
  ConfigOptions config;
  std::vector<std::string> instances;  // none: every instance that events come from and that none go to
  bool json = false;
};

int once(const OnceOptions& options, const Surroundings& surroundings);

// One answer to the command `collect`, as an instance gave it, in the form for people. Not JSON of the expected form:
// printed as it is.
void print_collected(const std::string& instance, const std::string& json, std::ostream& out,
                     const platform::Terminal& terminal);

}  // namespace picket::commands
