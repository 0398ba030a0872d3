// SPDX-License-Identifier: Apache-2.0
//
// Names in `after` and `requires`, and the order that follows from them. Pure; [control].
#pragma once

#include <map>
#include <string>
#include <vector>

#include "settings.hpp"

namespace picket::process_supervisor {

// Every program that `name` means: itself, the instances of a program with count, the members of a group; empty:
// nothing has that name.
std::vector<std::string> members_of(const Settings& settings, const std::string& name);

// Replaces names in after and requires by those of programs. What has no meaning, and whoever waits for itself
// (directly or through others), becomes a problem of its program, which is taken out of `settings.programs`.
void resolve_dependencies(Settings& settings);

// Some cycle of the graph, "a, b, c" for a -> b -> c -> a; empty: there is none. Nodes that are no keys lead nowhere.
std::vector<std::string> find_cycle(const std::map<std::string, std::vector<std::string>>& graph);

}  // namespace picket::process_supervisor
