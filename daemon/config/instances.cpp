// SPDX-License-Identifier: Apache-2.0
//
// check_instances() and check_name().
#include <algorithm>
#include <map>
#include <utility>

#include "config/sections.hpp"
#include "config/settings.hpp"
#include "config/suggest.hpp"

namespace picket::config {
namespace {

constexpr std::size_t kMaxNameLength = 64;

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_name_part(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Schemas of this load, prepared once for each type.
using Schemas = std::map<std::string, Result<PreparedSchema>, std::less<>>;

PreparedSchema* schema_of(const Entry& instance, const Node& type, const LoadInput& input, Schemas& schemas,
                          Diagnostics& diagnostics) {
  auto found = schemas.find(type.text);
  if (found == schemas.end()) {
    const std::optional<std::string> text = input.plugins->find(type.text);
    if (!text) {
      const std::vector<std::string> types = input.plugins->types();
      const std::string hint =
          types.empty() ? "; no plugin is installed in the plugin directories" : suggestion(type.text, types);
      report(diagnostics, Severity::error, type.where,
             "instance `" + instance.key + "`: there is no plugin `" + type.text + "`" + hint);
      return nullptr;
    }
    found = schemas.emplace(type.text, PreparedSchema::make(*text)).first;
  }
  if (!found->second) {
    report(diagnostics, Severity::error, type.where, "plugin `" + type.text + "`: " + found->second.error().message);
    return nullptr;
  }
  return &found->second.value();
}

void check_instance(const Entry& entry, const LoadInput& input, const std::string& state_dir, Schemas& schemas,
                    Model& model, Diagnostics& diagnostics) {
  if (!check_name(entry, "instance", diagnostics)) return;
  if (entry.value.kind != Node::Kind::mapping) {
    report(diagnostics, Severity::error, entry.where,
           "instance `" + entry.key + "` must be a mapping with a `type`, like `" + entry.key + ": {type: ...}`");
    return;
  }
  const Node* type = entry.value.find("type");
  if (type == nullptr) {
    std::string message = "instance `" + entry.key + "` has no `type`";
    const std::vector<std::string> wanted = {"type"};
    for (const Entry& other : entry.value.entries) {
      if (!nearest(other.key, wanted).empty()) message += "; `" + other.key + "` looks like it";
    }
    report(diagnostics, Severity::error, entry.where, message);
    return;
  }
  if (type->kind == Node::Kind::broken) return;
  if (type->kind != Node::Kind::scalar || type->secret || type->text.empty()) {
    report(diagnostics, Severity::error, type->where, "`type` must be the name of a plugin");
    return;
  }
  PreparedSchema* schema = schema_of(entry, *type, input, schemas, diagnostics);
  if (schema == nullptr) return;
  Node settings_node = entry.value;
  std::erase_if(settings_node.entries, [](const Entry& other) { return other.key == "type"; });
  Settings settings = check_settings(settings_node, entry.where, *schema, path_from_utf8(state_dir), diagnostics);
  if (!settings.sound) return;
  model.instances[entry.key] = {entry.key, type->text, settings.value.dump(), locate(entry.where),
                                std::move(settings.meanings)};
}

}  // namespace

bool check_name(const Entry& entry, const char* what, Diagnostics& diagnostics) {
  const std::string& name = entry.key;
  if (name == kDaemonInstance && std::string_view(what) == "instance") {
    report(diagnostics, Severity::error, entry.where, "`picket` is the daemon itself; give the instance another name");
    return false;
  }
  if (!name.empty() && is_letter(name.front()) && name.size() <= kMaxNameLength &&
      std::all_of(name.begin(), name.end(), is_name_part)) {
    return true;
  }
  report(diagnostics, Severity::error, entry.where,
         "`" + name.substr(0, kMaxNameLength) + "` cannot name " + (*what == 'i' ? "an " : "a ") + what +
             "; a name is a letter, then up to 63 letters, digits, `_` or `-`");
  return false;
}

void check_instances(const Node* instances, const LoadInput& input, Model& model, Diagnostics& diagnostics) {
  if (instances == nullptr) return;
  Schemas schemas;
  for (const Entry& entry : instances->entries) {
    check_instance(entry, input, model.daemon.state_dir, schemas, model, diagnostics);
  }
}

}  // namespace picket::config
