// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "config/keywords.hpp"
#include "config/prepared_schema.hpp"
#include "config/setting_facts.hpp"

namespace picket::config {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxExampleDepth = 8;  // of the example; a schema may refer to itself
constexpr std::size_t kWidth = 100;          // of a comment

class Example {
 public:
  explicit Example(const PreparedSchema& schema) : schema_(schema) {}

  // The settings of an object, each below its comments.
  void object(const json& schema, std::size_t indent, bool commented);

  std::string take() { return std::move(text_); }

 private:
  void property(const std::string& name, const json& schema, bool required, std::size_t indent, bool commented);
  void value(const json& schema, std::size_t indent, bool commented);
  void comment(std::string_view words, std::size_t indent);
  void start(std::size_t indent, bool commented) { text_ += std::string(indent, ' ') + (commented ? "#" : ""); }

  const PreparedSchema& schema_;
  std::string text_;
};

// What stands after the colon when there is no default to show.
std::string sample(const json& schema) {
  if (schema.contains("default") && !schema["default"].is_structured()) {
    const json& fallback = schema["default"];
    const std::string text = in_schema_units(schema, fallback);
    return fallback.is_string() && schema_format(schema).empty() ? json(text).dump() : text;
  }
  if (schema.contains("const")) return schema["const"].dump();
  if (schema.contains("enum") && !schema["enum"].empty()) return schema["enum"][0].dump();
  const std::string type = schema.value("type", json("")).is_string() ? schema.value("type", "") : "";
  const std::string format = schema_format(schema);
  const bool number = format == "duration" || format == "bytes" || type == "integer" || type == "number";
  for (const char* limit : {"minimum", "maximum"}) {
    if (number && schema.contains(limit)) return in_schema_units(schema, schema[limit]);
  }
  if (number) return format == "duration" ? "5s" : format == "bytes" ? "64MiB" : "1";
  if (type == "boolean") return "true";
  if (schema.contains("examples") && !schema["examples"].empty()) return schema["examples"][0].dump();
  if (type == "array") return "[]";
  if (type == "object") return "{}";
  return "\"...\"";
}

void Example::comment(std::string_view words, std::size_t indent) {
  while (!words.empty()) {
    std::size_t end = words.find('\n');
    if (end == std::string_view::npos) end = words.size();
    if (end > kWidth) {
      const std::size_t space = words.substr(0, kWidth).rfind(' ');
      if (space != std::string_view::npos && space > 0) end = space;
    }
    text_ += std::string(indent, ' ') + "# " + std::string(words.substr(0, end)) + "\n";
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

void Example::value(const json& schema, std::size_t indent, bool commented) {
  const bool nested = schema.contains("properties") && !schema["properties"].empty() && indent / 2 < kMaxExampleDepth;
  if (!nested) {
    text_ += " " + sample(schema) + "\n";
    return;
  }
  text_ += "\n";
  object(schema, indent + 2, commented);
}

void Example::property(const std::string& name, const json& unresolved, bool required, std::size_t indent,
                       bool commented) {
  const json& schema = schema_.resolve(unresolved);
  if (!schema.is_object()) return;
  if (schema.value("description", json()).is_string()) comment(schema.value("description", ""), indent);
  comment("(" + setting_facts(schema, schema_, required) + ")", indent);
  const bool out = commented || !required;
  start(indent, out);
  text_ += name + ":";
  value(schema, indent, out);
}

void Example::object(const json& schema, std::size_t indent, bool commented) {
  if (!schema.contains("properties")) return;
  const json required = schema.value("required", json::array());
  for (const auto& [name, child] : schema["properties"].items()) {
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    property(name, child, needed, indent, commented);
  }
}

// `first_line`, below the description of the whole schema.
std::string described(const json& root, const std::string& first_line) {
  if (!root.value("description", json()).is_string()) return first_line;
  return "# " + root.value("description", "") + "\n" + first_line;
}

}  // namespace

Result<std::string> schema_example(std::string_view type, std::string_view schema) {
  auto prepared = PreparedSchema::make(schema);
  if (!prepared) return prepared.error();
  Example example(*prepared);
  example.object(prepared->root(), 4, false);
  return described(prepared->root(), "instances:\n") + "  my_" + std::string(type) +
         ":\n    type: " + std::string(type) + "\n" + example.take();
}

Result<std::string> step_example(std::string_view type, std::string_view schema) {
  auto prepared = PreparedSchema::make(schema);
  if (!prepared) return prepared.error();
  Example example(*prepared);
  example.object(prepared->root(), 10, false);
  return described(prepared->root(), "routes:\n") + "  my_route:\n    from: my_source\n    steps:\n      - " +
         std::string(type) + ":\n" + example.take() + "    to: my_sink\n";
}

}  // namespace picket::config
