// SPDX-License-Identifier: Apache-2.0
//
// The plugin types that this daemon can use: finds their libraries, loads them, shakes hands. A library stays loaded
// for the process's life (platform/shared_library.hpp).
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "picket/plugin.h"
#include "picket/result.hpp"

namespace picket::plugin_host {

// A plugin type that passed the handshake. Lives as long as its catalog.
struct PluginType {
  std::string id, version, summary;
  std::string config_schema;   // JSON Schema text of an object
  std::filesystem::path path;  // empty for one that was added in memory
  std::uint32_t flags = 0;     // PICKET_PLUGIN_...
  std::uint16_t abi_major = 0, abi_minor = 0, min_host_minor = 0;
  picket_status (*create)(const picket_host*, const picket_config*, picket_plugin*, picket_error*) = nullptr;

  bool blocks() const { return (flags & PICKET_PLUGIN_BLOCKS) != 0; }
};

// One file that looks like a plugin, with what it is or why it cannot be used.
struct CatalogEntry {
  std::string id;  // by its file name
  std::filesystem::path path;
  const PluginType* type = nullptr;
  std::string problem;  // when `type` is null
};

// Checks what picket_plugin_v1 returned: versions both ways, required members, the id against `expected_id` (any if
// empty). The error says what the plugin needs, what this daemon has, and which side to update.
Result<PluginType> shake_hands(const picket_plugin_type* theirs, const std::string& expected_id);

// Thread-safe.
class PluginCatalog {
 public:
  // `directories`: absolute, searched in order. With `demand_private`, a library that others could overwrite is
  // refused (for a daemon that runs as root or SYSTEM).
  explicit PluginCatalog(std::vector<std::filesystem::path> directories, bool demand_private = false);

  // The type called `id`, loaded on first use. The error names every place that was searched.
  Result<const PluginType*> find(const std::string& id);

  // The ids of all plugin files found, sorted, without loading any.
  std::vector<std::string> ids() const;

  // Every plugin file found, loaded, sorted by id.
  std::vector<CatalogEntry> list();

  // Adds a type that is linked into this process: for tests.
  Result<const PluginType*> add(const picket_plugin_type* type);

 private:
  Result<const PluginType*> load(const std::string& id, const std::filesystem::path& path);

  const std::vector<std::filesystem::path> directories_;
  const bool demand_private_;
  mutable std::mutex mutex_;
  std::map<std::string, PluginType> types_;  // guarded by mutex_; never erased from
};

}  // namespace picket::plugin_host
