// SPDX-License-Identifier: Apache-2.0
//
// A plugin's (or the daemon's) JSON Schema, made ready for checking settings: every object that lists its properties is
// closed unless it says otherwise, and `$ref`s can be followed. Internal to this folder; single thread.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "config/validator.hpp"
#include "picket/result.hpp"

namespace picket::config {

class PreparedSchema {
 public:
  static constexpr std::size_t kMaxBytes = 1U << 20U;

  // `text` is JSON Schema draft-07 of an object. Fails when it is no JSON, is too large, refers to what is not there,
  // or is not a schema that can be compiled.
  static Result<PreparedSchema> make(std::string_view text);

  const nlohmann::json& root() const { return *root_; }

  // Follows `$ref` ("#/definitions/NAME" only) to the schema it means.
  const nlohmann::json& resolve(const nlohmann::json& schema) const;

  // Whether `value`, in canonical form, satisfies a subschema of root(). Compiled once for each subschema.
  bool accepts(const nlohmann::json& subschema, const nlohmann::json& value);

  // Everything in which `value` violates the whole schema.
  std::vector<Violation> violations(const nlohmann::json& value);

 private:
  explicit PreparedSchema(nlohmann::json root);

  Validator& validator(const nlohmann::json& subschema);

  std::shared_ptr<nlohmann::json> root_;  // shared: its subschemas are keys of compiled_, so it never moves
  std::map<const nlohmann::json*, std::shared_ptr<Validator>> compiled_;
};

// The formats that the daemon turns into canonical values before a validator sees them.
bool is_canonical_format(std::string_view format);

}  // namespace picket::config
