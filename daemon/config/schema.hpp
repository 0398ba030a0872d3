// SPDX-License-Identifier: Apache-2.0
//
// A plugin's JSON Schema as a commented YAML example, for `picket plugins describe NAME`, and as a list of settings,
// for the manual page. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "picket/result.hpp"

namespace picket::config {

// An instance of `type` with every setting: its description, type, limits and default as comments above it. Settings
// that may be left out are commented out; taking the `#` away gives a file that load() reads. Fails when `schema` is no
// usable JSON Schema.
Result<std::string> schema_example(std::string_view type, std::string_view schema);

// The same for a step of a route.
Result<std::string> step_example(std::string_view type, std::string_view schema);

// One setting of a schema: where it stands, what it may be, what it is for.
struct SettingText {
  std::string path;         // "log.level"; `[]` for each of a list, `NAME` for a name that the operator chooses
  std::string facts;        // "a duration like 5s, at least 1s; default 5s"
  std::string description;  // may be empty
};

// Every setting, each before those below it. Fails when `schema` is no usable JSON Schema.
Result<std::vector<SettingText>> list_settings(std::string_view schema);

}  // namespace picket::config
