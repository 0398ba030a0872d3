// SPDX-License-Identifier: Apache-2.0
//
// `picket schema`: the JSON Schema of the configuration file for editors; and the types of plugins and steps as what
// describes them takes them.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "config/file_schema.hpp"
#include "plugin_host/catalog.hpp"

namespace picket::commands {

// Those called `only`, in that order, or, when it is empty, all that are installed and can be used; the rest is named
// on `err`. Fails when one of `only` is not there or cannot be used.
Result<std::vector<config::NamedSchema>> plugin_schemas(plugin_host::PluginCatalog& catalog,
                                                        const std::vector<std::string>& only, std::ostream& err);

// All types of steps.
std::vector<config::NamedSchema> step_schemas();

// Prints the schema of the whole file.
int print_schema(plugin_host::PluginCatalog& catalog, const std::vector<std::string>& only, std::ostream& out,
                 std::ostream& err);

}  // namespace picket::commands
