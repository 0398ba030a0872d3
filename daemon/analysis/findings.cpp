// SPDX-License-Identifier: Apache-2.0
#include "analysis/findings.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace picket::analysis {

std::string_view to_string(FindingKind kind) {
  static constexpr std::array<std::string_view, 10> kKinds = {
      "never_matches",  "dead_alternative", "never_raises", "blind_step",      "unreached_sink",
      "unheard_source", "unused_instance",  "cycle",        "duplicate_route", "twice"};
  return kKinds[static_cast<std::size_t>(kind)];
}

std::vector<Finding> find_all(const config::Model& model, SourceLines& lines) {
  std::vector<Finding> findings;
  const RouteStates states = find_in_routes(model, lines, findings);
  find_duplicates(model, states, lines, findings);
  find_in_instances(model, states, lines, findings);
  const auto file_of = [&](const Finding& finding) {
    return std::find(model.files.begin(), model.files.end(), finding.where.file);
  };
  std::stable_sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) {
    return std::tuple(file_of(a), a.where.line, a.where.column) < std::tuple(file_of(b), b.where.line, b.where.column);
  });
  return findings;
}

void add_warnings(const std::vector<Finding>& findings, config::Diagnostics& diagnostics) {
  for (const Finding& finding : findings) {
    if (finding.kind == FindingKind::unused_instance) continue;
    diagnostics.add({config::Severity::warning, finding.where, finding.message, finding.line});
  }
}

}  // namespace picket::analysis
