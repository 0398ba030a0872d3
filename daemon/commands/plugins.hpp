// SPDX-License-Identifier: Apache-2.0
//
// `picket plugins list` and `picket plugins describe`: what is installed, and what its settings are.
#pragma once

#include <ostream>
#include <string>

#include "platform/terminal.hpp"
#include "plugin_host/catalog.hpp"

namespace picket::commands {

// A line for each plugin file; kExitNotWell when one of them cannot be used, kExitUnavailable when there is none.
int list_plugins(plugin_host::PluginCatalog& catalog, bool json, const platform::Terminal& terminal, std::ostream& out,
                 std::ostream& err);

// One plugin with its settings as commented YAML, or, with `json`, its schema.
int describe_plugin(plugin_host::PluginCatalog& catalog, const std::string& id, bool json, std::ostream& out,
                    std::ostream& err);

}  // namespace picket::commands
