// SPDX-License-Identifier: Apache-2.0
//
// check_test_values(): what a test expects of values becomes expressions, which are compiled like a `where`. So a test
// compares as routes do, and there is one place that knows how.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "config/keywords.hpp"
#include "config/sections.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"
#include "platform/utc_time.hpp"

namespace picket::config {
namespace {

using nlohmann::json;

struct MatchOperator {
  const char* name;
  const char* symbol;  // between the reference and the value; null: see operator_expression
};

constexpr std::array<MatchOperator, 11> kMatchOperators = {{{"like", "like"},
                                                            {"matches", "matches"},
                                                            {"in", "in"},
                                                            {"above", ">"},
                                                            {"below", "<"},
                                                            {"at_least", ">="},
                                                            {"at_most", "<="},
                                                            {"near", nullptr},
                                                            {"within", nullptr},
                                                            {"exists", nullptr},
                                                            {"not", nullptr}}};

const MatchOperator* find_match_operator(const std::string& name) {
  const auto* const found = std::find_if(kMatchOperators.begin(), kMatchOperators.end(),
                                         [&](const MatchOperator& each) { return name == each.name; });
  return found == kMatchOperators.end() ? nullptr : found;
}

// A text of the expression language.
std::string text_literal(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      literal += '\\';
      literal += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      constexpr std::string_view kHex = "0123456789abcdef";
      literal += std::string("\\u{") + kHex[byte >> 4U] + kHex[byte & 15U] + '}';
    } else {
      literal += c;
    }
  }
  return literal + '"';
}

class ValueChecker {
 public:
  ValueChecker(bool in_fields, std::int64_t start_ns, const LoadInput& input, const std::string& what,
               Diagnostics& diagnostics)
      : in_fields_(in_fields), start_ns_(start_ns), input_(input), what_(what), diagnostics_(diagnostics) {}

  void check(const Entry& entry, bool in_fields) {
    if (!in_fields && entry.key == "fields" && entry.value.kind == Node::Kind::mapping) {
      for (const Entry& field : entry.value.entries) check(field, true);
      return;
    }
    in_fields_ = in_fields;
    key_ = entry.key;
    if (key_.empty()) return error(entry.where, "a key is empty");
    const Node& node = entry.value;
    if (node.kind == Node::Kind::broken) return;
    TestValue value;
    value.key = key_;
    if (node.kind == Node::Kind::sequence) {
      value.json = json_of(node).dump();
      value.shown = value.json;
    } else if (node.kind == Node::Kind::mapping) {
      if (!operators(node, value)) return;
    } else {
      const std::optional<std::string> literal = literal_of(node);
      if (!literal) return;
      value.shown = is_any_part() ? node.text : json_of(node).dump();
      value.expression = *literal == "null" ? "not exists " + reference() : reference() + " == " + *literal;
    }
    if (!value.expression.empty() && input_.check_filter) {
      if (const auto problem = input_.check_filter(value.expression)) {
        return error(node.where, "`" + key_ + "`: " + problem->message);
      }
    }
    values_.push_back(std::move(value));
  }

  std::vector<TestValue> take() { return std::move(values_); }

 private:
  void error(const Place& place, const std::string& message) {
    report(diagnostics_, Severity::error, place, what_ + ": " + message);
  }

  bool is_part(const char* name) const { return !in_fields_ && key_ == name; }

  bool is_any_part() const { return is_part("time") || is_part("kind") || is_part("source") || is_part("severity"); }

  std::string reference() const {
    if (is_any_part()) return key_;
    return "fields[" + text_literal(key_) + "]";
  }

  static json json_of(const Node& node) {
    if (node.kind == Node::Kind::sequence) {
      json list = json::array();
      for (const Node& item : node.items) list.push_back(json_of(item));
      return list;
    }
    if (node.kind == Node::Kind::mapping) {
      json object = json::object();
      for (const Entry& entry : node.entries) object[entry.key] = json_of(entry.value);
      return object;
    }
    return scalar_json(node).value_or(json());
  }

  // A scalar as the expression language writes it; nullopt when that was reported as wrong.
  std::optional<std::string> literal_of(const Node& node) {
    const json value = json_of(node);
    if (node.kind != Node::Kind::scalar && node.kind != Node::Kind::null) {
      error(node.where, "`" + key_ + "`: expected a text, a number, a boolean or null");
      return std::nullopt;
    }
    if (!value.is_string()) return value.dump();
    const auto& text = value.get_ref<const std::string&>();
    if (is_part("severity")) {
      if (!text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos) return text;
      error(node.where, "`severity`: there is no severity `" + text + "`");
      return std::nullopt;
    }
    return is_part("time") ? time_literal(node, text) : text_literal(text);
  }

  std::optional<std::string> time_literal(const Node& node, const std::string& text) {
    if (const auto time = platform::parse_utc(text)) return std::to_string(*time);
    if (const auto offset = parse_duration(text)) return std::to_string(start_ns_ + *offset);
    error(node.where, "`time`: `" + text + "` is no time; write 2026-01-01T00:00:30Z, or 30s since the start");
    return std::nullopt;
  }

  // {like: "a*"}, {above: 1, below: 2}: all of them hold.
  bool operators(const Node& node, TestValue& value) {
    std::vector<std::string> names;
    for (const MatchOperator& each : kMatchOperators) names.emplace_back(each.name);
    if (node.entries.empty()) {
      error(node.where, "`" + key_ + "`: a condition is missing; one of " + quoted_list(names));
      return false;
    }
    for (const Entry& entry : node.entries) {
      const MatchOperator* const found = find_match_operator(entry.key);
      if (found == nullptr) {
        error(entry.where, "`" + key_ + "`: there is no condition `" + entry.key + "`" + suggestion(entry.key, names) +
                               ". Fields of nested objects have dotted keys, `" + key_ + "." + entry.key + "`");
        return false;
      }
      const std::optional<std::string> expression = operator_expression(*found, entry, node);
      if (!expression) return false;
      if (expression->empty()) continue;  // said by its neighbour
      value.expression += (value.expression.empty() ? "" : " and ") + *expression;
      value.shown += (value.shown.empty() ? "" : ", ") + shown_of(entry, node);
    }
    return true;
  }

  static std::string shown_of(const Entry& entry, const Node& node) {
    std::string shown = entry.key + " " + json_of(entry.value).dump();
    if (const Node* within = entry.key == "near" ? node.find("within") : nullptr) {
      shown += " within " + json_of(*within).dump();
    }
    return shown;
  }

  std::optional<std::string> operator_expression(const MatchOperator& found, const Entry& entry, const Node& node) {
    const std::string name = found.name;
    if (name == "near" || name == "within") return near_expression(name, entry, node);
    if (name == "exists") {
      const json value = json_of(entry.value);
      if (value.is_boolean()) return (value.get<bool>() ? "exists " : "not exists ") + reference();
      error(entry.value.where, "`" + key_ + "`: `exists` wants true or false");
      return std::nullopt;
    }
    if (name == "in") {
      if (entry.value.kind != Node::Kind::sequence || entry.value.items.empty()) {
        error(entry.value.where, "`" + key_ + "`: `in` wants a list of values");
        return std::nullopt;
      }
      std::string list;
      for (const Node& item : entry.value.items) {
        const std::optional<std::string> literal = literal_of(item);
        if (!literal) return std::nullopt;
        list += (list.empty() ? "" : ", ") + *literal;
      }
      return reference() + " in [" + list + "]";
    }
    const std::optional<std::string> literal = literal_of(entry.value);
    if (!literal) return std::nullopt;
    if (name != "not") return reference() + " " + found.symbol + " " + *literal;
    return *literal == "null" ? "exists " + reference() : "coalesce(" + reference() + " != " + *literal + ", true)";
  }

  std::optional<std::string> near_expression(const std::string& name, const Entry& entry, const Node& node) {
    const Node* const other = node.find(name == "near" ? "within" : "near");
    if (other == nullptr) {
      error(entry.where, "`" + key_ + "`: `near` and `within` belong together, like {near: 0.5, within: 0.01}");
      return std::nullopt;
    }
    const json value = json_of(entry.value);
    if (!value.is_number()) {
      error(entry.value.where, "`" + key_ + "`: `" + name + "` wants a number");
      return std::nullopt;
    }
    if (name == "within") return "";
    return "abs(" + reference() + " - " + (value < 0 ? "(" + value.dump() + ")" : value.dump()) +
           ") <= " + json_of(*other).dump();
  }

  bool in_fields_;
  const std::int64_t start_ns_;
  const LoadInput& input_;
  const std::string& what_;
  Diagnostics& diagnostics_;
  std::string key_;
  std::vector<TestValue> values_;
};

}  // namespace

std::vector<TestValue> check_test_values(const Node& node, bool in_fields, std::int64_t start_ns,
                                         const LoadInput& input, const std::string& what, Diagnostics& diagnostics) {
  ValueChecker checker(in_fields, start_ns, input, what, diagnostics);
  for (const Entry& entry : node.entries) {
    if (!in_fields && (entry.key == "at" || entry.key == "where")) continue;
    checker.check(entry, in_fields);
  }
  return checker.take();
}

}  // namespace picket::config
