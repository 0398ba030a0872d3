// SPDX-License-Identifier: Apache-2.0
//
// StepChecker: the list itself, then each step against the schema of its type, then what only the type can say.
#include <algorithm>
#include <utility>

#include "config/sections.hpp"
#include "config/settings.hpp"
#include "config/suggest.hpp"

namespace picket::config {
namespace {

// One step of a JSON pointer (RFC 6901) as the key that it means.
std::string unescape_pointer(std::string_view step) {
  std::string key;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const bool escaped = step[i] == '~' && i + 1 < step.size();
    key += escaped ? (step[++i] == '1' ? '/' : '~') : step[i];
  }
  return key;
}

void report_mistake(const Node& settings, const StepMistake& mistake, const std::string& what,
                    Diagnostics& diagnostics) {
  bool exact = false;
  const Node& node = node_at(settings, mistake.pointer, exact);
  const bool text = exact && node.kind == Node::Kind::scalar && mistake.offset <= node.text.size();
  report(diagnostics, Severity::error, text ? place_in_scalar(node, mistake.offset) : node.where,
         what + ": " + mistake.message, !node.secret);
}

}  // namespace

const Node& node_at(const Node& root, std::string_view pointer, bool& exact) {
  const Node* node = &root;
  exact = true;
  while (exact && !pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string key = unescape_pointer(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(std::min(pointer.find('/'), pointer.size()));
    const Node* below = node->find(key);
    if (node->kind == Node::Kind::sequence) {
      const bool number = !key.empty() && key.size() < 7 && key.find_first_not_of("0123456789") == std::string::npos;
      const std::size_t index = number ? std::stoul(key) : node->items.size();
      below = index < node->items.size() ? &node->items[index] : nullptr;
    }
    exact = below != nullptr;
    if (exact) node = below;
  }
  return *node;
}

std::optional<Step> StepChecker::check_one(const Node& node, const std::string& what, Diagnostics& diagnostics) {
  if (node.kind == Node::Kind::broken) return std::nullopt;
  if (node.kind != Node::Kind::mapping || node.entries.size() != 1) {
    report(diagnostics, Severity::error, node.where,
           what + " must be a mapping with one key, the type of the step, like `- sample: {one_in: 10}`");
    return std::nullopt;
  }
  const Entry& entry = node.entries.front();
  const std::string& type = entry.key;
  auto prepared = prepared_.find(type);
  if (prepared == prepared_.end()) {
    const std::optional<std::string> schema = schemas_ == nullptr ? std::nullopt : schemas_->find(type);
    if (!schema) {
      const std::vector<std::string> types = schemas_ == nullptr ? std::vector<std::string>() : schemas_->types();
      report(diagnostics, Severity::error, entry.where,
             what + ": there is no step `" + type + "`" + suggestion(type, types, 24));
      return std::nullopt;
    }
    auto made = PreparedSchema::make(*schema);
    if (!made) {
      report(diagnostics, Severity::error, entry.where, what + ": " + made.error().message);
      return std::nullopt;
    }
    prepared = prepared_.emplace(type, std::move(made).value()).first;
  }
  Settings settings = check_settings(entry.value, entry.where, prepared->second, {}, diagnostics);
  if (!settings.sound) return std::nullopt;
  Step step{type, settings.value.dump(), locate(entry.where), std::move(settings.meanings)};
  const std::vector<StepMistake> mistakes = schemas_->check(type, step.settings);
  for (const StepMistake& mistake : mistakes) {
    report_mistake(entry.value, mistake, what + " (" + type + ")", diagnostics);
  }
  if (!mistakes.empty()) return std::nullopt;
  return step;
}

std::vector<Step> StepChecker::check(const Node& steps, const std::string& route, Diagnostics& diagnostics) {
  std::vector<Step> result;
  const std::string where = "route `" + route + "`";
  if (steps.kind == Node::Kind::broken || steps.kind == Node::Kind::null) return result;
  if (steps.kind != Node::Kind::sequence) {
    report(diagnostics, Severity::error, steps.where,
           where + ": `steps` must be a list, like `- sample: {one_in: 10}`");
    return result;
  }
  if (steps.items.size() > kMaxSteps) {
    report(diagnostics, Severity::error, steps.items[kMaxSteps].where,
           where + ": more than " + std::to_string(kMaxSteps) + " steps; use two routes");
    return result;
  }
  for (std::size_t i = 0; i < steps.items.size(); ++i) {
    auto step = check_one(steps.items[i], where + ": step " + std::to_string(i + 1), diagnostics);
    if (step) result.push_back(std::move(*step));
  }
  return result;
}

}  // namespace picket::config
