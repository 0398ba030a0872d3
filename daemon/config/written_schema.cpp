// SPDX-License-Identifier: Apache-2.0
#include "config/written_schema.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "config/units.hpp"

namespace picket::config {
namespace {

using nlohmann::json;

constexpr std::string_view kLocalRef = "#/definitions/";
// A text in which something is replaced may become anything.
constexpr std::string_view kVariable = R"(\$\{)";
constexpr std::string_view kDurationPattern =
    R"((?=.)([0-9]+(\.[0-9]{1,9})?y)?([0-9]+(\.[0-9]{1,9})?w)?([0-9]+(\.[0-9]{1,9})?d)?([0-9]+(\.[0-9]{1,9})?h)?)"
    R"(([0-9]+(\.[0-9]{1,9})?m)?([0-9]+(\.[0-9]{1,9})?s)?([0-9]+(\.[0-9]{1,9})?ms)?([0-9]+(\.[0-9]{1,9})?us)?)"
    R"(([0-9]+ns)?)";
constexpr std::string_view kBytesPattern = R"([0-9]+(\.[0-9]{1,9})?(B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)?)";

std::string format_of_schema(const json& schema) {
  const auto found = schema.find("format");
  return found != schema.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::string> type_list(const json& schema) {
  std::vector<std::string> types;
  const auto found = schema.find("type");
  if (found == schema.end()) return types;
  if (found->is_string()) types.push_back(*found);
  if (found->is_array()) {
    for (const json& type : *found) {
      if (type.is_string()) types.push_back(type);
    }
  }
  return types;
}

bool has_type(const std::vector<std::string>& types, std::string_view type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// A limit or a default of a duration or a size, as people write it.
std::string in_written_units(const json& number, bool duration) {
  if (number.is_string()) return number;
  if (!number.is_number_integer()) return number.dump();
  const auto whole = number.get<std::int64_t>();
  if (whole < 0) return "forever";
  return duration ? format_duration(whole) : format_bytes(whole);
}

// What can be said of the limits of a text is said to people.
std::string with_limits(const json& schema, bool duration) {
  std::string text = schema.value("description", "");
  std::string limits;
  if (schema.contains("minimum")) limits += "at least " + in_written_units(schema["minimum"], duration);
  if (schema.contains("maximum")) {
    limits += (limits.empty() ? "at most " : ", at most ") + in_written_units(schema["maximum"], duration);
  }
  if (limits.empty()) return text;
  limits.front() = 'A';
  return text + (text.empty() ? "" : " ") + limits + ".";
}

json written_quantity(const json& schema, bool duration) {
  json out = json::object();
  const bool forever = schema.value("forever", json()) == true;
  std::string pattern = "^(" + std::string(duration ? kDurationPattern : kBytesPattern);
  if (duration) pattern += "|0";
  if (forever) pattern += "|forever";
  out["pattern"] = pattern + ")$|" + std::string(kVariable);
  out["type"] = {"string", "integer"};  // of durations only 0 has no unit
  if (has_type(type_list(schema), "null")) out["type"].push_back("null");
  out["minimum"] = 0;
  if (duration) out["maximum"] = 0;
  if (const std::string text = with_limits(schema, duration); !text.empty()) out["description"] = text;
  if (schema.contains("default") && !schema["default"].is_null()) {
    out["default"] = in_written_units(schema["default"], duration);
  }
  if (schema.contains("examples")) out["examples"] = schema["examples"];
  return out;
}

class Writer {
 public:
  explicit Writer(const std::string& prefix) : prefix_(prefix) {}

  json schema(const json& from) const;

 private:
  json reference(const json& from) const;
  void scalar(json& out) const;
  void children(json& out) const;

  const std::string& prefix_;
};

json Writer::reference(const json& from) const {
  const std::string text = from["$ref"];
  json target = {{"$ref", std::string(kLocalRef) + prefix_ + text.substr(kLocalRef.size())}};
  if (!from.contains("description") && !from.contains("default")) return target;
  json out = {{"allOf", json::array({std::move(target)})}};  // beside a reference nothing is looked at
  for (const char* key : {"description", "default"}) {
    if (from.contains(key)) out[key] = from[key];
  }
  return out;
}

// Any scalar may be written as a text in which something is replaced.
void Writer::scalar(json& out) const {
  const std::vector<std::string> types = type_list(out);
  const json variable = {{"type", "string"}, {"pattern", kVariable}};
  if (out.contains("enum") || out.contains("const")) {
    json choice = json::object();
    for (const char* key : {"enum", "const", "type"}) {
      if (out.contains(key)) choice[key] = out[key];
      out.erase(key);
    }
    out["anyOf"] = json::array({std::move(choice), variable});
    return;
  }
  const bool number = has_type(types, "integer") || has_type(types, "number") || has_type(types, "boolean");
  if (has_type(types, "string")) {
    if (out.contains("pattern")) {
      out["pattern"] = "(?:" + out["pattern"].get<std::string>() + ")|" + std::string(kVariable);
    }
  } else if (number) {
    out["type"] = types;
    out["type"].push_back("string");
    out["pattern"] = kVariable;
  }
  // Nothing at all means an empty mapping.
  if (types == std::vector<std::string>{"object"} && !out.contains("required") && !out.contains("minProperties")) {
    out["type"] = {"object", "null"};
  }
}

void Writer::children(json& out) const {
  for (const char* key : {"properties", "patternProperties"}) {
    if (!out.contains(key)) continue;
    for (auto& [name, child] : out[key].items()) child = schema(child);
  }
  for (const char* key : {"additionalProperties", "items", "additionalItems", "contains", "then", "else"}) {
    if (!out.contains(key)) continue;
    if (out[key].is_array()) {
      for (json& child : out[key]) child = schema(child);
    } else {
      out[key] = schema(out[key]);
    }
  }
  json alternatives = json::array();
  for (const char* key : {"anyOf", "oneOf"}) {
    if (!out.contains(key)) continue;
    json list = json::array();
    for (const json& child : out[key]) list.push_back(schema(child));
    out.erase(key);
    alternatives.push_back({{"anyOf", std::move(list)}});
  }
  if (out.contains("allOf")) {
    for (json& child : out["allOf"]) child = schema(child);
  }
  if (alternatives.size() == 1) {
    out["anyOf"] = alternatives[0]["anyOf"];
  } else if (!alternatives.empty()) {
    for (json& both : alternatives) out["allOf"].push_back(std::move(both));
  }
}

json Writer::schema(const json& from) const {
  if (!from.is_object()) return from;
  if (from.contains("$ref")) return reference(from);
  const std::string format = format_of_schema(from);
  if (format == "duration" || format == "bytes") return written_quantity(from, format == "duration");
  json out = from;
  for (const char* key : {"definitions", "$schema", "forever"}) out.erase(key);
  if (format == "path") out.erase("format");
  if (out.value("secret", json()) == true) out["writeOnly"] = true;
  out.erase("secret");
  children(out);
  scalar(out);
  return out;
}

}  // namespace

json written_schema(const json& schema, const std::string& prefix) {
  return Writer(prefix).schema(schema);
}

}  // namespace picket::config
