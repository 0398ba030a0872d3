// SPDX-License-Identifier: Apache-2.0
//
// The configuration as a verb needs it: read, checked against the plugins that are installed, and refused where an
// ordinary user could have written it for a privileged process. Used by run, validate, query and plugins.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "commands/surroundings.hpp"
#include "config/loader.hpp"
#include "plugin_host/catalog.hpp"

namespace picket::commands {

struct ConfigOptions {
  std::vector<std::string> files;        // --config; none: the default path
  std::vector<std::string> plugin_path;  // --plugin-path; none: as the configuration says
};

// Holds what was read and the catalog that it was checked with; the catalog lives as long as this.
struct Configuration {
  config::Loaded loaded;
  std::shared_ptr<plugin_host::PluginCatalog> catalog;  // never null
};

// Any thread, one at a time. With `catalog`, which a daemon that reloads passes, plugins come from that one.
Configuration read_configuration(const ConfigOptions& options, const Surroundings& surroundings,
                                 std::shared_ptr<plugin_host::PluginCatalog> catalog = nullptr);

// The files and directories that read_configuration() reads: those given, else the default.
std::vector<std::filesystem::path> configuration_files(const ConfigOptions& options);

// Where plugins are looked for without a configuration: --plugin-path, else PICKET_PLUGIN_PATH, else the defaults.
std::vector<std::filesystem::path> plugin_directories(const ConfigOptions& options, const Surroundings& surroundings);

}  // namespace picket::commands
