// SPDX-License-Identifier: Apache-2.0
//
// Single keywords of JSON Schema as sentences for people: what was expected, what is there, what to write. Internal to
// this folder; single thread.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/tree.hpp"

namespace re2 {
class RE2;
}

namespace picket::config {

// The schemas that hold for one value at the same time: its own, those of `allOf`, and the branch chosen of `oneOf` and
// `anyOf`. References are resolved. Never null.
using SchemaList = std::vector<const nlohmann::json*>;

// Compiled `pattern`s, kept for as long as one check runs.
class Patterns {
 public:
  Patterns();
  ~Patterns();
  // Whether `pattern` occurs in `text`; a pattern that does not compile never does.
  bool matches(const std::string& pattern, std::string_view text);

 private:
  std::map<std::string, std::unique_ptr<re2::RE2>> compiled_;
};

// The value of a scalar or null node by the core schema. nullopt for .inf, .nan and numbers out of range.
std::optional<nlohmann::json> scalar_json(const Node& node);

// "duration", "bytes", "path" or empty.
std::string_view canonical_format(const SchemaList& schemas);

// Whether a node of this shape can ever satisfy the schema's `type` (or `format`).
bool could_be(const Node& node, const nlohmann::json& schema);

// Whether the schemas allow mappings only: then nothing at all (`cpu:`) means an empty one.
bool wants_mapping(const SchemaList& schemas);

// "a duration like 5s", "a string or a list"; of all `type`s and `format`s in the schemas.
std::string expected(const SchemaList& schemas);

// Why the shape of the node is wrong; empty when it is right. `show` is false for secrets.
std::string type_problem(const Node& node, const SchemaList& schemas, bool show);

// Every violated keyword of a scalar in canonical form: enum, const, the limits, the lengths, pattern.
std::vector<std::string> scalar_problems(const nlohmann::json& value, const SchemaList& schemas, bool show,
                                         Patterns& patterns);

// A duration or a size in its canonical form, within the limits of the schemas; else the sentence to report.
struct Canonical {
  nlohmann::json value;
  std::string problem;  // empty when there is none
};
Canonical canonical_number(const Node& node, std::string_view format, const SchemaList& schemas, bool show);

// A schema's `default` as a node, so that it takes the same way as what people write.
Node node_of_default(const nlohmann::json& value, Place where);

}  // namespace picket::config
