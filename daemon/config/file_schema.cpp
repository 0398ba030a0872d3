// SPDX-License-Identifier: Apache-2.0
#include "config/file_schema.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "config/daemon_schema.hpp"
#include "config/prepared_schema.hpp"
#include "config/written_schema.hpp"

namespace picket::config {
namespace {

using nlohmann::json;

constexpr std::string_view kNamePattern = "^[A-Za-z][A-Za-z0-9_-]{0,63}$";

json reference_to(const std::string& definition) {
  return {{"$ref", "#/definitions/" + definition}};
}

// Adds the schema `text` as the definition `name`, and its own definitions as `name.THEIRS`.
Result<void> define(json& definitions, const std::string& name, std::string_view text) {
  auto prepared = PreparedSchema::make(text);
  if (!prepared) return Error{name + ": " + prepared.error().message, prepared.error().status};
  const json& root = prepared->root();
  const std::string prefix = name + ".";
  definitions[name] = written_schema(root, prefix);
  if (root.contains("definitions")) {
    for (const auto& [inner, schema] : root["definitions"].items()) {
      definitions[prefix + inner] = written_schema(schema, prefix);
    }
  }
  return {};
}

// A mapping from names to what `value` describes.
json named(const std::string& description, json value, bool reserve_picket) {
  json names = {{"pattern", kNamePattern}, {"description", "A letter, then up to 63 letters, digits, `_` or `-`."}};
  if (reserve_picket) names["not"] = {{"const", "picket"}};
  return {{"type", {"object", "null"}},
          {"description", description},
          {"propertyNames", std::move(names)},
          {"additionalProperties", std::move(value)}};
}

// One instance: its type decides what else it may say.
Result<json> instance_schema(json& definitions, const std::vector<NamedSchema>& plugins) {
  json types = json::array();
  json cases = json::array();
  std::string list;
  for (const NamedSchema& plugin : plugins) {
    const std::string definition = "plugin." + plugin.name;
    if (auto defined = define(definitions, definition, plugin.schema); !defined) return defined.error();
    json& schema = definitions[definition];
    schema["properties"]["type"] = {{"const", plugin.name}, {"description", "The type of plugin."}};
    if (!schema.contains("description")) schema["description"] = plugin.summary;
    schema["type"] = "object";
    types.push_back(plugin.name);
    list += "\n" + plugin.name + ": " + plugin.summary;
    cases.push_back({{"if", {{"properties", {{"type", {{"const", plugin.name}}}}}, {"required", {"type"}}}},
                     {"then", reference_to(definition)}});
  }
  json schema = {
      {"type", "object"},
      {"description", "One named use of a plugin: its `type`, and the settings of that type."},
      {"required", {"type"}},
      {"properties", {{"type", {{"description", "The plugin, by name; each has settings of its own." + list}}}}}};
  if (!types.empty()) schema["properties"]["type"]["enum"] = std::move(types);
  if (!cases.empty()) schema["allOf"] = std::move(cases);
  return schema;
}

// One item of `steps`: a mapping with one key, the type.
Result<json> step_schema(json& definitions, const std::vector<NamedSchema>& steps) {
  json properties = json::object();
  for (const NamedSchema& step : steps) {
    const std::string definition = "step." + step.name;
    if (auto defined = define(definitions, definition, step.schema); !defined) return defined.error();
    if (!definitions[definition].contains("description")) definitions[definition]["description"] = step.summary;
    properties[step.name] = reference_to(definition);
  }
  return json{{"type", "object"},
              {"description", "The type of the step: its settings."},
              {"minProperties", 1},
              {"maxProperties", 1},
              {"additionalProperties", false},
              {"properties", std::move(properties)}};
}

Result<json> make_file_schema(const std::vector<NamedSchema>& plugins, const std::vector<NamedSchema>& steps) {
  json definitions = json::object();
  if (auto defined = define(definitions, "daemon", daemon_schema()); !defined) return defined.error();
  if (auto defined = define(definitions, "route", route_schema()); !defined) return defined.error();
  if (auto defined = define(definitions, "test", test_schema()); !defined) return defined.error();
  auto instance = instance_schema(definitions, plugins);
  if (!instance) return instance.error();
  auto step = step_schema(definitions, steps);
  if (!step) return step.error();
  definitions["instance"] = std::move(*instance);
  definitions["step"] = std::move(*step);
  definitions["route"]["properties"]["steps"]["items"] = reference_to("step");
  json sections = {
      {"daemon", reference_to("daemon")},
      {"instances", named("Name -> plugin type and the settings of that instance.", reference_to("instance"), true)},
      {"routes", named("Name -> where events come from, which pass, what happens to them, and where they go.",
                       reference_to("route"), false)},
      {"tests",
       {{"type", {"array", "null"}},
        {"description", "What `picket test` runs: events go in, time passes, events come out."},
        {"items", reference_to("test")}}}};
  return json{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "Picket configuration"},
              {"description", "The configuration of the monitoring daemon Picket: picket.yaml and conf.d/*.yaml."},
              {"type", {"object", "null"}},
              {"additionalProperties", false},
              {"properties", std::move(sections)},
              {"definitions", std::move(definitions)}};
}

// Whether a schema says what it is for, itself or in what it refers to.
bool is_described(const json& schema, const json& root, int depth) {
  if (!schema.is_object() || schema.empty()) return true;  // a name that another part of the schema describes
  if (schema.contains("description")) return true;
  if (depth > 8) return false;
  if (schema.contains("$ref")) {
    const std::string name = schema["$ref"].get<std::string>().substr(sizeof("#/definitions/") - 1);
    return root.contains("definitions") && root["definitions"].contains(name) &&
           is_described(root["definitions"][name], root, depth + 1);
  }
  return false;
}

void find_undescribed(const json& schema, const json& root, const std::string& pointer,
                      std::vector<std::string>& found) {
  if (schema.is_array()) {
    for (std::size_t i = 0; i < schema.size(); ++i) {
      find_undescribed(schema[i], root, pointer + "/" + std::to_string(i), found);
    }
    return;
  }
  if (!schema.is_object()) return;
  for (const char* key : {"properties", "patternProperties"}) {
    if (!schema.contains(key)) continue;
    for (const auto& [name, child] : schema[key].items()) {
      const std::string below = std::string(pointer).append("/").append(key).append("/").append(name);
      if (!is_described(child, root, 0)) found.push_back(below);
      find_undescribed(child, root, below, found);
    }
  }
  if (schema.contains("definitions")) {
    for (const auto& [name, child] : schema["definitions"].items()) {
      find_undescribed(child, root, pointer + "/definitions/" + name, found);
    }
  }
  for (const char* key : {"additionalProperties", "items", "additionalItems", "allOf", "anyOf", "oneOf"}) {
    if (schema.contains(key)) find_undescribed(schema[key], root, pointer + "/" + key, found);
  }
}

}  // namespace

Result<std::string> file_schema(const std::vector<NamedSchema>& plugins, const std::vector<NamedSchema>& steps) {
  auto schema = make_file_schema(plugins, steps);
  if (!schema) return schema.error();
  return schema->dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<std::vector<std::string>> undescribed_settings(std::string_view text) {
  const json schema = json::parse(text, nullptr, false);
  if (!schema.is_object()) return Error{"the schema is no JSON object", PICKET_INVALID};
  std::vector<std::string> found;
  find_undescribed(schema, schema, "", found);
  return found;
}

}  // namespace picket::config
