// SPDX-License-Identifier: Apache-2.0
//
// What a schema says of one setting, in people's words: for the commented examples and the manual page. Internal to
// this folder; pure functions, any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "config/prepared_schema.hpp"
#include "config/schema.hpp"

namespace picket::config {

// The word after "format"; empty when there is none.
std::string schema_format(const nlohmann::json& schema);

// A number as people write it under this schema.
std::string in_schema_units(const nlohmann::json& schema, const nlohmann::json& number);

// What the value may be: "a duration like 5s, at least 1s; default 5s". `root` is the schema that this one is part of.
std::string setting_facts(const nlohmann::json& schema, const PreparedSchema& root, bool required);

}  // namespace picket::config
