// SPDX-License-Identifier: Apache-2.0
//
// A plugin's JSON Schema as a commented YAML example, for `picket plugins describe NAME`. Pure function, any thread.
#pragma once

#include <string>
#include <string_view>

#include "picket/result.hpp"

namespace picket::config {

// An instance of `type` with every setting: its description, type, limits and default as comments above it. Settings
// that may be left out are commented out; taking the `#` away gives a file that load() reads. Fails when `schema` is no
// usable JSON Schema.
Result<std::string> schema_example(std::string_view type, std::string_view schema);

}  // namespace picket::config
