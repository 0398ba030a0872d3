// SPDX-License-Identifier: Apache-2.0
//
// `picket steps list` and `picket steps describe`: what a route's `steps` can do, and with what settings.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "platform/terminal.hpp"

namespace picket::commands {

// In order of name.
std::vector<std::string> step_type_names();

// A line for each type of step.
int list_steps(bool json, const platform::Terminal& terminal, std::ostream& out);

// One type with its settings as commented YAML, or, with `json`, its schema.
int describe_step(const std::string& name, bool json, std::ostream& out, std::ostream& err);

}  // namespace picket::commands
