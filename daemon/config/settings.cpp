// SPDX-License-Identifier: Apache-2.0
//
// The walk goes down the tree and the schema together. It reports what it knows in people's words; the validator then
// decides over the result, so nothing that violates the schema passes because the walk has no sentence for it.
#include "config/settings.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "config/keywords.hpp"
#include "config/suggest.hpp"

namespace picket::config {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Alternatives within alternatives are tried anew at each level; this bounds the whole.
constexpr std::size_t kMaxSteps = 2'000'000;

struct Finding {
  Place where;
  std::string message;
  bool show_line;
};

class Walk {
 public:
  Walk(PreparedSchema& schema, const fs::path& base, Patterns& patterns, std::size_t& steps)
      : schema_(schema), base_(base), patterns_(patterns), steps_(steps) {}

  json value(const Node& node, Place key, const SchemaList& given, const std::string& pointer, std::size_t depth);

  bool clean() const { return findings_.empty() && !broken_; }

  // Adds what the validator finds and the walk has no sentence for.
  void decide(const json& value);

  // Lines that hold a secret are not shown.
  void flush(Diagnostics& diagnostics) const;

  std::map<std::string, Meaning> meanings;

 private:
  void find(Place where, const std::string& pointer, std::string message, bool show_line = true) {
    findings_.push_back({where, std::move(message), show_line});
    reported_.insert(pointer);
  }

  SchemaList apply(const Node& node, const SchemaList& given, const std::string& pointer);
  void add_schema(const Node& node, const json& schema, SchemaList& list, const std::string& pointer, int depth);
  const json* choose(const Node& node, const json& branches, const std::string& pointer);
  json scalar(const Node& node, const SchemaList& schemas, const std::string& pointer);
  json path(const Node& node, const std::string& pointer);
  json sequence(const Node& node, const SchemaList& schemas, const std::string& pointer, std::size_t depth);
  json mapping(const Node& node, Place key, const SchemaList& schemas, const std::string& pointer, std::size_t depth);
  SchemaList schemas_of_key(const std::string& key, const SchemaList& schemas, bool& known);
  void check_key(const Entry& entry, const SchemaList& schemas, const std::string& pointer);
  std::string unknown_key(const Entry& entry, const SchemaList& schemas, const std::string& pointer);
  void fill_defaults(json& value, const Node& node, Place key, const SchemaList& schemas, const std::string& pointer,
                     std::size_t depth);
  void check_count(std::size_t count, const Node& node, const SchemaList& schemas, const std::string& pointer,
                   const char* least, const char* most, const char* what);

  PreparedSchema& schema_;
  const fs::path& base_;
  Patterns& patterns_;
  std::size_t& steps_;
  bool broken_ = false;
  std::vector<Finding> findings_;
  std::set<std::string> reported_;       // pointers with a finding
  std::set<std::string> unmatched_;      // pointers of values that no alternative takes
  std::map<std::string, Place> places_;  // of values, for decide()
  std::set<std::pair<const Source*, int>> secret_lines_;
};

SchemaList Walk::apply(const Node& node, const SchemaList& given, const std::string& pointer) {
  SchemaList list;
  for (const json* schema : given) add_schema(node, *schema, list, pointer, 0);
  return list;
}

void Walk::add_schema(const Node& node, const json& schema, SchemaList& list, const std::string& pointer, int depth) {
  const json& resolved = schema_.resolve(schema);
  if (!resolved.is_object() || depth > 32) return;
  list.push_back(&resolved);
  if (const auto all = resolved.find("allOf"); all != resolved.end()) {
    for (const json& part : *all) add_schema(node, part, list, pointer, depth + 1);
  }
  for (const char* key : {"oneOf", "anyOf"}) {
    const auto branches = resolved.find(key);
    if (branches == resolved.end()) continue;
    if (const json* chosen = choose(node, *branches, pointer)) add_schema(node, *chosen, list, pointer, depth + 1);
  }
}

// How much a mapping looks like what a branch describes: its keys, and above all a `type: x` that fits.
int likeness(const Node& node, const json& branch) {
  int score = 1;
  const auto properties = branch.find("properties");
  if (properties == branch.end()) return score;
  for (const Entry& entry : node.entries) {
    const auto property = properties->find(entry.key);
    if (property == properties->end()) continue;
    ++score;
    const json text = entry.value.text;
    if (property->is_object() && property->value("const", json()) == text) score += 100;
  }
  return score;
}

// The first branch that takes the node; when none does, the one that it was most likely meant for, whose mistakes are
// then reported as those of the node.
const json* Walk::choose(const Node& node, const json& branches, const std::string& pointer) {
  const json* best = nullptr;
  int best_score = 0;
  SchemaList all;
  for (const json& unresolved : branches) {
    const json& branch = schema_.resolve(unresolved);
    if (!branch.is_object()) continue;
    all.push_back(&branch);
    if (!could_be(node, branch) || node.kind == Node::Kind::broken) continue;
    const int score = likeness(node, branch);
    if (steps_ < kMaxSteps) {
      Walk trial(schema_, base_, patterns_, steps_);
      const json value = trial.value(node, node.where, {&branch}, "", 0);
      if (trial.clean() && schema_.accepts(branch, value)) return &branch;
    }
    if (score > best_score) {
      best = &branch;
      best_score = score;
    }
  }
  if (best == nullptr && node.kind != Node::Kind::broken) {
    find(node.where, pointer, "expected " + expected(all), !node.secret);
  }
  unmatched_.insert(pointer);
  return best;
}

json Walk::value(const Node& node, Place key, const SchemaList& given, const std::string& pointer, std::size_t depth) {
  places_[pointer] = node.where;
  if (node.kind == Node::Kind::broken) {
    broken_ = true;
    reported_.insert(pointer);
    return {};
  }
  if (++steps_ >= kMaxSteps || depth > kMaxDepth) {
    find(node.where, pointer, "too many alternatives to check; simplify this value");
    return {};
  }
  const std::size_t before = findings_.size();
  const SchemaList schemas = apply(node, given, pointer);
  if (findings_.size() != before) return {};
  const bool empty = node.kind == Node::Kind::null && wants_mapping(schemas);
  if (empty || (node.kind == Node::Kind::scalar && scalar_json(node) == json() && wants_mapping(schemas))) {
    Node mapping_node;
    mapping_node.kind = Node::Kind::mapping;
    mapping_node.where = node.where;
    return mapping(mapping_node, key, schemas, pointer, depth);
  }
  if (node.kind == Node::Kind::null || node.kind == Node::Kind::scalar) return scalar(node, schemas, pointer);
  if (std::string problem = type_problem(node, schemas, true); !problem.empty()) {
    find(node.where, pointer, std::move(problem));
    return {};
  }
  return node.kind == Node::Kind::sequence ? sequence(node, schemas, pointer, depth)
                                           : mapping(node, key, schemas, pointer, depth);
}

json Walk::scalar(const Node& node, const SchemaList& schemas, const std::string& pointer) {
  const bool declared =
      std::any_of(schemas.begin(), schemas.end(), [](const json* s) { return s->value("secret", json()) == true; });
  const bool show = !node.secret && !declared;
  if (!show) meanings[pointer] = Meaning::secret;
  if (declared && node.where.source != nullptr) {
    secret_lines_.emplace(node.where.source, node.where.source->locate(node.where.offset).line);
  }
  const std::string_view format = canonical_format(schemas);
  if (node.kind == Node::Kind::scalar && (format == "duration" || format == "bytes")) {
    Canonical number = canonical_number(node, format, schemas, show);
    if (!number.problem.empty()) find(node.where, pointer, std::move(number.problem), show);
    if (show) meanings[pointer] = format == "duration" ? Meaning::duration : Meaning::bytes;
    return std::move(number.value);
  }
  const std::optional<json> value = scalar_json(node);
  if (!value) {
    find(node.where, pointer, "`" + node.text + "` is no finite number; quote it if it is text");
    return {};
  }
  if (std::string problem = type_problem(node, schemas, show); !problem.empty()) {
    find(node.where, pointer, std::move(problem), show);
    return *value;
  }
  for (std::string& problem : scalar_problems(*value, schemas, show, patterns_)) {
    find(node.where, pointer, std::move(problem), show);
  }
  if (format == "path" && value->is_string()) return path(node, pointer);
  return *value;
}

json Walk::path(const Node& node, const std::string& pointer) {
  if (node.text.empty() || node.text.find('\0') != std::string::npos) {
    find(node.where, pointer, "a path may not be empty");
    return node.text;
  }
  const fs::path given = path_from_utf8(node.text);
  if (given.is_absolute()) return path_to_utf8(given.lexically_normal());
  fs::path base = base_;
  if (base.empty() && node.where.source != nullptr) {
    base = fs::absolute(path_from_utf8(node.where.source->name())).parent_path();
  }
  return path_to_utf8((base / given).lexically_normal());
}

void Walk::check_count(std::size_t count, const Node& node, const SchemaList& schemas, const std::string& pointer,
                       const char* least, const char* most, const char* what) {
  for (const json* schema : schemas) {
    const auto limit = [&](const char* name) {
      const auto found = schema->find(name);
      return found != schema->end() && found->is_number_unsigned() ? std::optional(found->get<std::size_t>())
                                                                   : std::nullopt;
    };
    if (const auto at_least = limit(least); at_least && count < *at_least) {
      find(node.where, pointer, "needs at least " + std::to_string(*at_least) + " " + what);
    }
    if (const auto at_most = limit(most); at_most && count > *at_most) {
      find(node.where, pointer, "may have at most " + std::to_string(*at_most) + " " + what);
    }
  }
}

json Walk::sequence(const Node& node, const SchemaList& schemas, const std::string& pointer, std::size_t depth) {
  json list = json::array();
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    SchemaList below;
    for (const json* schema : schemas) {
      const auto items = schema->find("items");
      if (items == schema->end()) continue;
      if (items->is_object()) below.push_back(&*items);
      if (!items->is_array()) continue;
      if (i < items->size()) {
        below.push_back(&(*items)[i]);
      } else if (const auto more = schema->find("additionalItems"); more != schema->end() && more->is_object()) {
        below.push_back(&*more);
      }
    }
    list.push_back(value(node.items[i], node.items[i].where, below, pointer + "/" + std::to_string(i), depth + 1));
  }
  check_count(list.size(), node, schemas, pointer, "minItems", "maxItems", "items");
  return list;
}

SchemaList Walk::schemas_of_key(const std::string& key, const SchemaList& schemas, bool& known) {
  SchemaList found;
  bool closed = false;
  known = false;
  for (const json* schema : schemas) {
    bool listed = false;
    if (const auto properties = schema->find("properties"); properties != schema->end() && properties->contains(key)) {
      found.push_back(&(*properties)[key]);
      listed = true;
    }
    if (const auto patterns = schema->find("patternProperties"); patterns != schema->end()) {
      for (const auto& [pattern, below] : patterns->items()) {
        if (!patterns_.matches(pattern, key)) continue;
        found.push_back(&below);
        listed = true;
      }
    }
    const auto more = schema->find("additionalProperties");
    if (!listed && more != schema->end()) {
      if (*more == false) closed = true;
      if (more->is_object()) found.push_back(&*more);
    }
  }
  known = !closed;
  return found;
}

std::string Walk::unknown_key(const Entry& entry, const SchemaList& schemas, const std::string& pointer) {
  std::vector<std::string> names;
  for (const json* schema : schemas) {
    const auto properties = schema->find("properties");
    if (properties == schema->end()) continue;
    for (const auto& [name, below] : properties->items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  find(entry.where, pointer + "/" + escape_pointer(entry.key),
       "unknown key `" + entry.key + "`" + suggestion(entry.key, names));
  return nearest(entry.key, names);
}

void Walk::check_key(const Entry& entry, const SchemaList& schemas, const std::string& pointer) {
  for (const json* schema : schemas) {
    const auto names = schema->find("propertyNames");
    if (names == schema->end()) continue;
    for (std::string& problem : scalar_problems(entry.key, {&schema_.resolve(*names)}, true, patterns_)) {
      find(entry.where, pointer, "the name " + problem);
    }
  }
}

json Walk::mapping(const Node& node, Place key, const SchemaList& schemas, const std::string& pointer,
                   std::size_t depth) {
  json object = json::object();
  std::set<std::string> meant;  // keys that unknown ones were probably meant to be
  for (const Entry& entry : node.entries) {
    const std::string below = pointer + "/" + escape_pointer(entry.key);
    bool known = false;
    const SchemaList list = schemas_of_key(entry.key, schemas, known);
    if (!known) {
      meant.insert(unknown_key(entry, schemas, pointer));
      continue;
    }
    check_key(entry, schemas, below);
    object[entry.key] = value(entry.value, entry.where, list, below, depth + 1);
  }
  fill_defaults(object, node, key, schemas, pointer, depth);
  for (const json* schema : schemas) {
    const auto required = schema->find("required");
    if (required == schema->end() || !required->is_array()) continue;
    for (const json& name : *required) {
      if (!name.is_string() || object.contains(name.get<std::string>())) continue;
      reported_.insert(pointer);
      if (meant.contains(name)) continue;
      find(key, pointer,
           "`" + name.get<std::string>() + "` is missing" +
               (pointer.empty() ? "" : " in `" + pointer.substr(pointer.rfind('/') + 1) + "`"));
    }
  }
  check_count(object.size(), node, schemas, pointer, "minProperties", "maxProperties", "entries");
  return object;
}

void Walk::fill_defaults(json& value_so_far, const Node& node, Place key, const SchemaList& schemas,
                         const std::string& pointer, std::size_t depth) {
  for (const json* schema : schemas) {
    const auto properties = schema->find("properties");
    if (properties == schema->end()) continue;
    for (const auto& [name, unresolved] : properties->items()) {
      const json& property = schema_.resolve(unresolved);
      if (!property.is_object() || !property.contains("default") || value_so_far.contains(name)) continue;
      if (node.find(name) != nullptr) continue;  // given, and reported
      bool known = false;
      const SchemaList list = schemas_of_key(name, schemas, known);
      const json& written = property["default"];
      const std::string below = pointer + "/" + escape_pointer(name);
      const std::string_view format = canonical_format(list);
      if (written.is_number_integer() && (format == "duration" || format == "bytes")) {  // canonical already
        value_so_far[name] = written;
        meanings[below] = format == "duration" ? Meaning::duration : Meaning::bytes;
        continue;
      }
      const Node made = node_of_default(written, key);
      value_so_far[name] = value(made, key, list, below, depth + 1);
    }
  }
}

bool within(const std::string& inner, const std::string& outer) {
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

void Walk::decide(const json& value) {
  const std::vector<Violation> violations = schema_.violations(value);
  for (const Violation& violation : violations) {
    const std::string& pointer = violation.pointer;
    // The validator also tells what is wrong by each alternative that was not meant.
    const bool known = std::any_of(reported_.begin(), reported_.end(), [&](const std::string& other) {
      return within(other, pointer) || within(pointer, other) ||
             std::any_of(unmatched_.begin(), unmatched_.end(),
                         [&](const std::string& all) { return within(other, all) && within(pointer, all); });
    });
    const bool deeper = std::any_of(violations.begin(), violations.end(), [&](const Violation& other) {
      return other.pointer != pointer && within(other.pointer, pointer);
    });
    if (known || deeper) continue;
    const auto place = places_.find(pointer);
    find(place == places_.end() ? places_[""] : place->second, pointer,
         "does not fit the schema of this value: " + violation.message);
  }
}

void Walk::flush(Diagnostics& diagnostics) const {
  for (const Finding& finding : findings_) {
    const Source* source = finding.where.source;
    const bool secret =
        source != nullptr && secret_lines_.contains({source, source->locate(finding.where.offset).line});
    report(diagnostics, Severity::error, finding.where, finding.message, finding.show_line && !secret);
  }
}

}  // namespace

Settings check_settings(const Node& node, Place key, PreparedSchema& schema, const fs::path& base,
                        Diagnostics& diagnostics) {
  Patterns patterns;
  std::size_t steps = 0;
  Walk walk(schema, base, patterns, steps);
  Settings settings;
  settings.value = walk.value(node, key, {&schema.root()}, "", 0);
  walk.decide(settings.value);
  walk.flush(diagnostics);
  settings.sound = walk.clean();
  settings.meanings = std::move(walk.meanings);
  return settings;
}

}  // namespace picket::config
