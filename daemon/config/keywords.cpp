// SPDX-License-Identifier: Apache-2.0
#include "config/keywords.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "config/scalar.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

namespace picket::config {

using nlohmann::json;

Patterns::Patterns() = default;
Patterns::~Patterns() = default;

bool Patterns::matches(const std::string& pattern, std::string_view text) {
  std::unique_ptr<re2::RE2>& slot = compiled_[pattern];
  if (!slot) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    slot = std::make_unique<re2::RE2>(pattern, options);
  }
  return slot->ok() && re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *slot);
}

std::optional<json> scalar_json(const Node& node) {
  if (node.kind == Node::Kind::null) return json();
  if (node.style != Node::Style::plain) return json(node.text);
  return std::visit(
      [](auto value) -> std::optional<json> {
        using Value = decltype(value);
        if constexpr (std::is_same_v<Value, NotFinite>) {
          return std::nullopt;
        } else if constexpr (std::is_same_v<Value, NullValue>) {
          return json();
        } else if constexpr (std::is_same_v<Value, std::string_view>) {
          return json(std::string(value));
        } else {
          return json(value);
        }
      },
      type_plain(node.text));
}

namespace {

struct TypeWords {
  std::string_view type;
  std::string_view words;
};
constexpr std::array kTypeWords = {TypeWords{"duration", "a duration like 5s"},
                                   TypeWords{"bytes", "a size like 64MiB"},
                                   TypeWords{"path", "a path"},
                                   TypeWords{"string", "a string"},
                                   TypeWords{"integer", "an integer"},
                                   TypeWords{"number", "a number"},
                                   TypeWords{"boolean", "true or false"},
                                   TypeWords{"array", "a list"},
                                   TypeWords{"object", "a mapping"},
                                   TypeWords{"null", "nothing"}};

std::string_view words_of(std::string_view type) {
  const auto* found = std::find_if(kTypeWords.begin(), kTypeWords.end(), [&](const auto& w) { return w.type == type; });
  return found == kTypeWords.end() ? type : found->words;
}

std::string_view format_of(const json& schema) {
  const auto found = schema.find("format");
  if (found == schema.end() || !found->is_string()) return {};
  const std::string_view format = found->get_ref<const std::string&>();
  return format == "duration" || format == "bytes" || format == "path" ? format : std::string_view{};
}

// The types that a schema names; empty when it names none. `shown` prefers the format to "string".
std::vector<std::string> types_of(const json& schema, bool shown) {
  std::vector<std::string> types;
  const auto found = schema.find("type");
  if (found != schema.end()) {
    if (found->is_string()) types.push_back(*found);
    if (found->is_array()) {
      for (const json& type : *found) types.push_back(type.is_string() ? type.get<std::string>() : "");
    }
  }
  if (const std::string_view format = format_of(schema); !format.empty()) {
    const auto string = std::find(types.begin(), types.end(), "string");
    if (string == types.end())
      types.insert(types.begin(), shown ? std::string(format) : "string");
    else if (shown)
      *string = format;
  }
  return types;
}

// The type of a value; integers are "integer", which "number" takes too.
std::string type_of(const json& value) {
  if (value.is_number_integer()) return "integer";
  if (value.is_number()) return "number";
  return value.type_name();  // the library's other names are those of JSON Schema
}

std::string node_type(const Node& node) {
  if (node.kind == Node::Kind::sequence) return "array";
  if (node.kind == Node::Kind::mapping) return "object";
  const auto value = scalar_json(node);
  return value ? type_of(*value) : "number";
}

bool takes(const std::vector<std::string>& types, const std::string& type) {
  const auto has = [&](std::string_view name) { return std::find(types.begin(), types.end(), name) != types.end(); };
  return types.empty() || has(type) || (type == "integer" && has("number"));
}

bool is_scalar(const Node& node) {
  return node.kind == Node::Kind::scalar;
}

std::string shown_value(const json& value, bool show) {
  if (!show) return "the secret";
  std::string text =
      value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 60) {
    std::size_t end = 57;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end) + "...";
  }
  return "`" + text + "`";
}

// What to write instead, for the mistakes that YAML invites.
std::string hint(const Node& node, const std::vector<std::string>& types, bool show) {
  const auto has = [&](std::string_view name) { return std::find(types.begin(), types.end(), name) != types.end(); };
  if (!is_scalar(node)) return {};
  const bool plain = node.style == Node::Style::plain;
  const std::string text = show ? node.text.substr(0, 60) : "...";
  if (plain && has("string")) return "; write it in quotes: \"" + text + "\"";
  if (has("boolean")) return "; write true or false";
  if (!plain && !node.secret && (has("integer") || has("number"))) {
    Node bare = node;
    bare.style = Node::Style::plain;
    if (node_type(bare) != "string") return "; remove the quotes";
  }
  if (has("array")) return "; write it as a list: [" + text + "]";
  return {};
}

}  // namespace

std::string_view canonical_format(const SchemaList& schemas) {
  for (const json* schema : schemas) {
    if (const std::string_view format = format_of(*schema); !format.empty()) return format;
  }
  return {};
}

bool could_be(const Node& node, const json& schema) {
  if (!schema.is_object() || node.kind == Node::Kind::broken) return true;
  const std::string_view format = format_of(schema);
  if (is_scalar(node) && (format == "duration" || format == "bytes")) return true;  // `1024` is a size
  return takes(types_of(schema, false), node_type(node)) || (node.kind == Node::Kind::null && wants_mapping({&schema}));
}

bool wants_mapping(const SchemaList& schemas) {
  bool any = false;
  for (const json* schema : schemas) {
    const std::vector<std::string> types = types_of(*schema, false);
    if (types.empty()) continue;
    if (types.size() > 1 || types.front() != "object") return false;
    any = true;
  }
  return any;
}

std::string expected(const SchemaList& schemas) {
  std::vector<std::string_view> words;
  for (const json* schema : schemas) {
    for (const std::string& type : types_of(*schema, true)) {
      const std::string_view text = words_of(type);
      if (std::find(words.begin(), words.end(), text) == words.end() && type != "null") words.push_back(text);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text.empty() ? "something else" : text;
}

std::string type_problem(const Node& node, const SchemaList& schemas, bool show) {
  const std::string type = node_type(node);
  for (const json* schema : schemas) {
    const std::vector<std::string> types = types_of(*schema, false);
    if (takes(types, type)) continue;
    const bool scalar = is_scalar(node) && type != "null";
    const std::string got = scalar ? (show ? "`" + node.text.substr(0, 60) + "`, " : "") + std::string(words_of(type))
                                   : std::string(words_of(type));
    return "expected " + expected({schema}) + ", got " + (type == "boolean" && show ? "`" + node.text + "`" : got) +
           hint(node, types, show);
  }
  return {};
}

namespace {

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void choice_problems(const json& value, const json& schema, bool show, std::vector<std::string>& problems) {
  if (const auto found = schema.find("const"); found != schema.end() && *found != value) {
    problems.push_back(shown_value(value, show) + " is not allowed; only " + shown_value(*found, true) + " is");
  }
  const auto found = schema.find("enum");
  if (found == schema.end() || !found->is_array()) return;
  if (std::find(found->begin(), found->end(), value) != found->end()) return;
  std::vector<std::string> choices;
  for (const json& choice : *found) choices.push_back(choice.is_string() ? choice.get<std::string>() : choice.dump());
  const std::string given = show && value.is_string() ? value.get<std::string>() : "";
  problems.push_back(shown_value(value, show) + " is not allowed" + suggestion(given, choices));
}

void limit_problems(const json& value, const json& schema, bool show, std::vector<std::string>& problems) {
  const auto limit = [&](const char* key, const char* words, auto breaks) {
    const auto found = schema.find(key);
    if (found == schema.end() || !found->is_number() || !breaks(value, *found)) return;
    problems.push_back(shown_value(value, show) + " " + words + " " + found->dump());
  };
  limit("minimum", "is too small; it must be at least", [](const json& a, const json& b) { return a < b; });
  limit("maximum", "is too large; it must be at most", [](const json& a, const json& b) { return a > b; });
  limit("exclusiveMinimum", "is too small; it must be more than", [](const json& a, const json& b) { return a <= b; });
  limit("exclusiveMaximum", "is too large; it must be less than", [](const json& a, const json& b) { return a >= b; });
}

void text_problems(const json& value, const json& schema, bool show, Patterns& patterns,
                   std::vector<std::string>& problems) {
  const auto& text = value.get_ref<const std::string&>();
  const auto number = [&](const char* key) {
    const auto found = schema.find(key);
    return found != schema.end() && found->is_number_unsigned() ? std::optional(found->get<std::size_t>())
                                                                : std::nullopt;
  };
  if (const auto least = number("minLength"); least && characters(text) < *least) {
    problems.push_back(text.empty() ? "may not be empty"
                                    : shown_value(value, show) + " is too short; it needs " + std::to_string(*least) +
                                          " characters");
  }
  if (const auto most = number("maxLength"); most && characters(text) > *most) {
    problems.push_back(shown_value(value, show) + " is too long; it may have " + std::to_string(*most) + " characters");
  }
  const auto pattern = schema.find("pattern");
  if (pattern != schema.end() && pattern->is_string() && !patterns.matches(*pattern, text)) {
    problems.push_back(shown_value(value, show) + " does not match the pattern `" + pattern->get<std::string>() + "`");
  }
}

}  // namespace

std::vector<std::string> scalar_problems(const json& value, const SchemaList& schemas, bool show, Patterns& patterns) {
  std::vector<std::string> problems;
  for (const json* schema : schemas) {
    choice_problems(value, *schema, show, problems);
    if (value.is_number()) limit_problems(value, *schema, show, problems);
    if (value.is_string()) text_problems(value, *schema, show, patterns, problems);
  }
  return problems;
}

namespace {

// A limit in a schema is a number of the smallest unit, or text in people's units.
std::optional<std::int64_t> limit_of(const json& schema, const char* key, bool duration) {
  const auto found = schema.find(key);
  if (found == schema.end()) return std::nullopt;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  if (!found->is_string()) return std::nullopt;
  const auto number = duration ? parse_duration(found->get<std::string>()) : parse_bytes(found->get<std::string>());
  return number ? std::optional(*number) : std::nullopt;
}

}  // namespace

Canonical canonical_number(const Node& node, std::string_view format, const SchemaList& schemas, bool show) {
  const bool duration = format == "duration";
  if (duration && node.text == "forever") {
    const bool allowed = std::any_of(schemas.begin(), schemas.end(),
                                     [](const json* schema) { return schema->value("forever", json()) == true; });
    if (allowed) return {-1, {}};
    return {{}, "`forever` is not allowed here; write a duration"};
  }
  const auto number = duration ? parse_duration(node.text) : parse_bytes(node.text);
  if (!number) return {{}, show ? number.error().message : "the secret is not " + std::string(words_of(format))};
  const auto text = [&](std::int64_t value) { return duration ? format_duration(value) : format_bytes(value); };
  const std::string given = show ? "`" + node.text + "`" : "the secret";
  for (const json* schema : schemas) {
    if (const auto least = limit_of(*schema, "minimum", duration); least && *number < *least) {
      return {{}, given + " is too small; it must be at least " + text(*least)};
    }
    if (const auto most = limit_of(*schema, "maximum", duration); most && *number > *most) {
      return {{}, given + " is too large; it must be at most " + text(*most)};
    }
  }
  return {*number, {}};
}

Node node_of_default(const json& value, Place where) {
  Node node;
  node.where = where;
  node.substituted = true;
  if (value.is_object()) {
    node.kind = Node::Kind::mapping;
    for (const auto& [key, child] : value.items()) node.entries.push_back({key, where, node_of_default(child, where)});
  } else if (value.is_array()) {
    node.kind = Node::Kind::sequence;
    for (const json& child : value) node.items.push_back(node_of_default(child, where));
  } else if (!value.is_null()) {
    node.kind = Node::Kind::scalar;
    node.style = value.is_string() ? Node::Style::single_quoted : Node::Style::plain;
    node.text = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return node;
}

}  // namespace picket::config
