// SPDX-License-Identifier: Apache-2.0
//
// From the words of the command line to a verb. Called by main, once; by tests, as often as they like.
#pragma once

#include <string>
#include <vector>

#include "commands/surroundings.hpp"

namespace picket::commands {

// `arguments`: those of main() in UTF-8, the program's name first. Returns the process's exit code; usage errors go to
// `surroundings.err`, help to `surroundings.out`.
int run_command_line(const std::vector<std::string>& arguments, const Surroundings& surroundings);

}  // namespace picket::commands
