// SPDX-License-Identifier: Apache-2.0
#include "config/plugin_settings.hpp"

#include "config/settings.hpp"
#include "config/source.hpp"
#include "config/tree.hpp"

namespace picket::config {

Result<std::string> check_plugin_settings(std::string_view schema, std::string_view yaml, const std::string& name,
                                          const std::filesystem::path& base) {
  auto prepared = PreparedSchema::make(schema);
  if (!prepared) return prepared.error();
  if (yaml.size() > Source::kMaxBytes) return Error{name + " is larger than 4 MiB", PICKET_INVALID};
  const Source source(name, std::string(yaml));
  Diagnostics diagnostics;
  auto node = check_text(source, diagnostics) ? parse_yaml(source, diagnostics) : std::nullopt;
  if (node && node->kind == Node::Kind::null) node->kind = Node::Kind::mapping;
  if (node) {
    const Settings settings = check_settings(*node, node->where, *prepared, base, diagnostics);
    if (settings.sound && !diagnostics.has_errors()) return settings.value.dump();
  }
  std::string problems;
  for (const Diagnostic& item : diagnostics.items()) {
    if (item.severity != Severity::error) continue;
    problems += (problems.empty() ? "" : "; ") + item.where.file;
    if (item.where.line > 0)
      problems += ":" + std::to_string(item.where.line) + ":" + std::to_string(item.where.column);
    problems += ": " + item.message;
  }
  return Error{problems.empty() ? name + " does not fit its schema" : problems, PICKET_INVALID};
}

}  // namespace picket::config
