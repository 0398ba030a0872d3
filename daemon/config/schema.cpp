// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "config/keywords.hpp"
#include "config/prepared_schema.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

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

std::string format_word(const json& schema) {
  return schema.value("format", json("")).is_string() ? schema.value("format", "") : "";
}

// A number as people write it under this schema.
std::string in_units(const json& schema, const json& number) {
  const std::string format = format_word(schema);
  if (!number.is_number_integer()) return number.is_string() ? number.get<std::string>() : number.dump();
  const auto whole = number.get<std::int64_t>();
  if (format == "duration") return whole < 0 ? "forever" : format_duration(whole);
  if (format == "bytes") return format_bytes(whole);
  return number.dump();
}

// What the value may be: type, choices, limits, default.
std::string facts(const json& schema, const PreparedSchema& root, bool required) {
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
  if (schema.contains("minimum")) text += ", at least " + in_units(schema, schema["minimum"]);
  if (schema.contains("maximum")) text += ", at most " + in_units(schema, schema["maximum"]);
  if (schema.value("secret", json()) == true) text += ", secret";
  if (required) return text + "; required";
  if (!schema.contains("default")) return text;
  const json& fallback = schema["default"];
  return fallback.is_structured() ? text : text + "; default " + in_units(schema, fallback);
}

// What stands after the colon when there is no default to show.
std::string sample(const json& schema) {
  if (schema.contains("default") && !schema["default"].is_structured()) {
    const json& fallback = schema["default"];
    const std::string text = in_units(schema, fallback);
    return fallback.is_string() && format_word(schema).empty() ? json(text).dump() : text;
  }
  if (schema.contains("const")) return schema["const"].dump();
  if (schema.contains("enum") && !schema["enum"].empty()) return schema["enum"][0].dump();
  const std::string type = schema.value("type", json("")).is_string() ? schema.value("type", "") : "";
  const std::string format = format_word(schema);
  const bool number = format == "duration" || format == "bytes" || type == "integer" || type == "number";
  for (const char* limit : {"minimum", "maximum"}) {
    if (number && schema.contains(limit)) return in_units(schema, schema[limit]);
  }
  if (number) return format == "duration" ? "5s" : format == "bytes" ? "64MiB" : "1";
  if (type == "boolean") return "true";
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
  comment("(" + facts(schema, schema_, required) + ")", indent);
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

}  // namespace

Result<std::string> schema_example(std::string_view type, std::string_view schema) {
  auto prepared = PreparedSchema::make(schema);
  if (!prepared) return prepared.error();
  Example example(*prepared);
  example.object(prepared->root(), 4, false);
  const json& root = prepared->root();
  std::string head = "instances:\n";
  if (root.value("description", json()).is_string()) head = "# " + root.value("description", "") + "\n" + head;
  return head + "  my_" + std::string(type) + ":\n    type: " + std::string(type) + "\n" + example.take();
}

}  // namespace picket::config
