// SPDX-License-Identifier: Apache-2.0
//
// From the schema that load() checks with to the schema of what stands in the file. Internal to this folder; pure
// functions, any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace picket::config {

// `schema` is PreparedSchema's root() or a part of it. Each `$ref` to `#/definitions/NAME` becomes one to
// `#/definitions/<prefix>NAME`; the definitions themselves are not part of the result.
nlohmann::json written_schema(const nlohmann::json& schema, const std::string& prefix);

}  // namespace picket::config
