// SPDX-License-Identifier: Apache-2.0
#include "config/setting_facts.hpp"

#include <algorithm>
#include <utility>

#include "config/keywords.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

namespace picket::config {

using nlohmann::json;

std::string schema_format(const json& schema) {
  return schema.value("format", json("")).is_string() ? schema.value("format", "") : "";
}

// A number as people write it under this schema.
std::string in_schema_units(const json& schema, const json& number) {
  const std::string format = schema_format(schema);
  if (!number.is_number_integer()) return number.is_string() ? number.get<std::string>() : number.dump();
  const auto whole = number.get<std::int64_t>();
  if (format == "duration") return whole < 0 ? "forever" : format_duration(whole);
  if (format == "bytes") return format_bytes(whole);
  return number.dump();
}

// What the value may be: type, choices, limits, default.
std::string setting_facts(const json& schema, const PreparedSchema& root, bool required) {
  std::string text = expected({&schema});
  for (const char* key : {"oneOf", "anyOf"}) {
    if (!schema.contains(key)) continue;
    SchemaList branches;
    for (const json& branch : schema[key]) branches.push_back(&root.resolve(branch));
    text = expected(branches);
  }
  if (schema.contains("enum")) {
    std::vector<std::string> choices;
    for (const json& choice : schema["enum"])
      choices.push_back(choice.is_string() ? choice.get<std::string>() : choice.dump());
    text = "one of " + quoted_list(choices);
  }
  if (text == "something else") text = "any value";
  if (schema.value("forever", json()) == true) text += " or `forever`";
  if (schema.contains("minimum")) text += ", at least " + in_schema_units(schema, schema["minimum"]);
  if (schema.contains("maximum")) text += ", at most " + in_schema_units(schema, schema["maximum"]);
  if (schema.value("secret", json()) == true) text += ", secret";
  if (required) return text + "; required";
  if (!schema.contains("default")) return text;
  const json& fallback = schema["default"];
  return fallback.is_structured() ? text : text + "; default " + in_schema_units(schema, fallback);
}

namespace {

constexpr int kMaxListDepth = 6;  // of settings within settings; a schema may refer to itself

void list_below(const json& unresolved, const std::string& path, const PreparedSchema& root, int depth,
                std::vector<SettingText>& list);

void list_property(const json& unresolved, const std::string& path, bool required, const PreparedSchema& root,
                   int depth, std::vector<SettingText>& list) {
  const json& schema = root.resolve(unresolved);
  if (!schema.is_object() || schema.empty()) return;
  const auto said_already = [&](const SettingText& other) { return other.path == path; };
  if (std::any_of(list.begin(), list.end(), said_already)) return;  // by another alternative
  const json& own = unresolved.contains("description") ? unresolved : schema;
  list.push_back({path, setting_facts(schema, root, required), own.value("description", "")});
  list_below(schema, path, root, depth + 1, list);
}

void list_below(const json& unresolved, const std::string& path, const PreparedSchema& root, int depth,
                std::vector<SettingText>& list) {
  const json& schema = root.resolve(unresolved);
  if (!schema.is_object() || depth > kMaxListDepth) return;
  const json required = schema.value("required", json::array());
  const json properties = schema.value("properties", json::object());
  for (const auto& [name, child] : properties.items()) {
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    list_property(child, path.empty() ? name : path + "." + name, needed, root, depth, list);
  }
  if (schema.contains("additionalProperties")) {
    list_below(schema["additionalProperties"], path.empty() ? "NAME" : path + ".NAME", root, depth + 1, list);
  }
  if (schema.contains("items")) list_below(schema["items"], path + "[]", root, depth + 1, list);
  for (const char* key : {"allOf", "anyOf", "oneOf"}) {
    if (!schema.contains(key)) continue;
    for (const json& branch : schema[key]) list_below(branch, path, root, depth + 1, list);
  }
}

}  // namespace

Result<std::vector<SettingText>> list_settings(std::string_view schema) {
  const auto prepared = PreparedSchema::make(schema);
  if (!prepared) return prepared.error();
  std::vector<SettingText> list;
  list_below(prepared->root(), "", *prepared, 0, list);
  return list;
}

}  // namespace picket::config
