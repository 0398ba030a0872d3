// SPDX-License-Identifier: Apache-2.0
//
// `picket completion SHELL`: scripts that let a shell complete verbs, options and their choices, made from the command
// line itself. Each is plain text to be read by that shell; nothing is looked up in them but files. Pure functions, any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/cli_model.hpp"

namespace picket::commands {

// The names of the shells, in order.
const std::vector<std::string>& completion_shells();

// The script for one of them. REQUIRES: `shell` is one of completion_shells().
std::string completion_script(std::string_view shell, const CliVerb& root);

std::string bash_completion(const CliVerb& root);
std::string zsh_completion(const CliVerb& root);
std::string fish_completion(const CliVerb& root);
std::string powershell_completion(const CliVerb& root);

// `text` with every one of `special` after a `mark`: how each shell's quotes are escaped.
std::string marked(std::string_view text, std::string_view special, std::string_view mark);

// All verbs, the root first, each before those below it.
std::vector<const CliVerb*> all_verbs(const CliVerb& root);

}  // namespace picket::commands
