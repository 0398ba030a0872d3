// SPDX-License-Identifier: Apache-2.0
#include "config/prepared_schema.hpp"

#include <array>
#include <exception>
#include <utility>

namespace picket::config {
namespace {

using nlohmann::json;

constexpr std::string_view kRefPrefix = "#/definitions/";
constexpr std::size_t kMaxSchemaDepth = 64;
constexpr std::array kCombinators = {"allOf", "anyOf", "oneOf"};

// Calls `visit` for every schema directly below `schema`.
template <typename Visit>
void each_subschema(json& schema, const Visit& visit) {
  for (const char* key : {"properties", "patternProperties", "definitions"}) {
    if (schema.contains(key) && schema[key].is_object()) {
      for (auto& [name, child] : schema[key].items()) visit(child);
    }
  }
  for (const char* key :
       {"additionalProperties", "items", "additionalItems", "contains", "not", "propertyNames", "if", "then", "else"}) {
    if (!schema.contains(key)) continue;
    if (schema[key].is_object()) visit(schema[key]);
    if (schema[key].is_array()) {
      for (json& child : schema[key]) visit(child);
    }
  }
  for (const char* key : kCombinators) {
    if (!schema.contains(key) || !schema[key].is_array()) continue;
    for (json& child : schema[key]) visit(child);
  }
}

// Draft-07 looks at nothing beside a `$ref`; refusing keywords there keeps them from being ignored in silence.
void check(json& schema, const json& root, std::size_t depth) {
  if (depth > kMaxSchemaDepth) throw std::runtime_error("it is nested too deep");
  if (!schema.is_object()) {
    if (schema.is_boolean()) return;
    throw std::runtime_error("a subschema is neither an object nor a boolean");
  }
  if (schema.contains("$ref")) {
    const json& reference = schema["$ref"];
    const std::string text = reference.is_string() ? reference.get<std::string>() : "";
    if (!text.starts_with(kRefPrefix))
      throw std::runtime_error("a $ref does not start with " + std::string(kRefPrefix));
    if (!root.contains("definitions") || !root["definitions"].contains(text.substr(kRefPrefix.size()))) {
      throw std::runtime_error("$ref " + text + " is not there");
    }
  }
  each_subschema(schema, [&](json& child) { check(child, root, depth + 1); });
}

bool lists_properties(const json& schema) {
  return schema.is_object() && schema.contains("properties");
}

// Names that the branches of a combined schema know are known to the whole; the branches themselves stay open.
void close(json& schema, bool open) {
  if (!schema.is_object() || schema.contains("$ref")) return;
  bool branches_list = false;
  json known = json::object();
  for (const char* key : kCombinators) {
    if (!schema.contains(key)) continue;
    for (const json& branch : schema[key]) {
      if (!lists_properties(branch)) continue;
      branches_list = branches_list || std::string_view(key) == "allOf";
      for (const auto& [name, child] : branch["properties"].items()) known[name] = json::object();
    }
  }
  const bool whole = lists_properties(schema) || branches_list;
  if (whole && !open && !schema.contains("additionalProperties")) {
    known.update(schema.value("properties", json::object()));
    schema["properties"] = known;
    schema["additionalProperties"] = false;
  }
  for (const char* key : kCombinators) {
    if (!schema.contains(key)) continue;
    for (json& branch : schema[key]) close(branch, open || whole);
  }
  for (const char* key : {"if", "then", "else", "not"}) {
    if (schema.contains(key)) close(schema[key], true);
  }
  for (const char* key : {"properties", "patternProperties", "definitions"}) {
    if (!schema.contains(key)) continue;
    for (auto& [name, child] : schema[key].items()) close(child, false);
  }
  for (const char* key : {"additionalProperties", "items", "additionalItems", "contains"}) {
    if (!schema.contains(key)) continue;
    if (schema[key].is_array()) {
      for (json& child : schema[key]) close(child, false);
    } else {
      close(schema[key], false);
    }
  }
}

// The schema of the canonical value: durations and sizes are integers there. Their limits, and patterns, are checked by
// the walk (settings.cpp), in people's units and with a regular expression engine that is linear on hostile text.
void to_canonical(json& schema) {
  if (!schema.is_object()) return;
  const auto format = schema.find("format");
  if (format != schema.end() && format->is_string() && is_canonical_format(format->get<std::string>())) {
    const bool number = *format != "path";
    if (number) {
      const bool nullable = schema.contains("type") && schema["type"].is_array() &&
                            schema["type"].dump().find("null") != std::string::npos;
      schema["type"] = nullable ? json{"integer", "null"} : json("integer");
      for (const char* key : {"minimum", "maximum", "minLength", "maxLength", "enum", "const"}) schema.erase(key);
    }
    schema.erase("format");
  }
  schema.erase("pattern");
  each_subschema(schema, [](json& child) { to_canonical(child); });
}

}  // namespace

bool is_canonical_format(std::string_view format) {
  return format == "duration" || format == "bytes" || format == "path";
}

PreparedSchema::PreparedSchema(json root) : root_(std::make_shared<json>(std::move(root))) {}

Result<PreparedSchema> PreparedSchema::make(std::string_view text) {
  if (text.size() > kMaxBytes) return Error{"its schema is larger than 1 MiB", PICKET_INVALID};
  try {
    json root = json::parse(text);
    if (!root.is_object()) return Error{"its schema is not a JSON object", PICKET_INVALID};
    if (!root.contains("type")) root["type"] = "object";
    check(root, root, 0);
    close(root, false);
    PreparedSchema schema(std::move(root));
    schema.validator(schema.root());
    return schema;
  } catch (const std::exception& error) {
    return Error{std::string("its schema cannot be used: ") + error.what(), PICKET_INVALID};
  }
}

const json& PreparedSchema::resolve(const json& schema) const {
  const json* at = &schema;
  for (std::size_t hops = 0; at->is_object() && at->contains("$ref") && hops < kMaxSchemaDepth; ++hops) {
    at = &(*root_)["definitions"][(*at)["$ref"].get_ref<const std::string&>().substr(kRefPrefix.size())];
  }
  return *at;
}

Validator& PreparedSchema::validator(const json& subschema) {
  std::shared_ptr<Validator>& slot = compiled_[&subschema];
  if (!slot) {
    json whole = subschema;
    if (&subschema != root_.get()) {
      whole = {{"allOf", json::array({subschema})}};
      if (root_->contains("definitions")) whole["definitions"] = (*root_)["definitions"];
    }
    to_canonical(whole);
    slot = std::make_shared<Validator>(whole);
  }
  return *slot;
}

bool PreparedSchema::accepts(const json& subschema, const json& value) {
  return validator(subschema).accepts(value);
}

std::vector<Violation> PreparedSchema::violations(const json& value) {
  return validator(*root_).violations(value);
}

}  // namespace picket::config
