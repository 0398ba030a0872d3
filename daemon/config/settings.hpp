// SPDX-License-Identifier: Apache-2.0
//
// YAML + JSON Schema -> canonical JSON: types, durations, sizes, paths and defaults, every mistake at its place.
// Internal to this folder; single thread.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "config/model.hpp"
#include "config/prepared_schema.hpp"
#include "config/tree.hpp"

namespace picket::config {

struct Settings {
  nlohmann::json value;  // fits the schema only if `sound`
  bool sound = false;    // no mistake here, and none reported before about a value in here
  std::map<std::string, Meaning> meanings;
};

// Checks `node` against the whole schema. `key` is where the reader looks for what is missing. Relative paths are put
// below `base`; when that is empty, below the directory of the file that says them.
Settings check_settings(const Node& node, Place key, PreparedSchema& schema, const std::filesystem::path& base,
                        Diagnostics& diagnostics);

}  // namespace picket::config
