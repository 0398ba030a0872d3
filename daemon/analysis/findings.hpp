// SPDX-License-Identifier: Apache-2.0
//
// What a checked configuration says without any event: routes that never match, steps that never see an event,
// instances that nothing reaches or whose events go nowhere, ways that lead back to where they began, and events that
// arrive twice. For `picket explain`, `picket graph` and the warnings of `picket validate`. One thread.
//
// Nothing is said that is not so: a condition is called impossible only when no event can fulfil it, a step blind only
// when nothing gets there. A way back is told as what it is, a possibility.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/source_lines.hpp"
#include "config/diagnostics.hpp"
#include "config/model.hpp"

namespace picket::analysis {

enum class FindingKind {
  never_matches,     // no event fulfils the route's `where`
  dead_alternative,  // a part of a `where`, joined with `or`, that no event fulfils
  never_raises,      // no event that gets there fulfils the `raise` of a threshold
  blind_step,        // a step, or what is behind the last one, that no event reaches; told beside the cause, if that
                     // is a finding, only of a step
  unreached_sink,    // an instance that routes lead to, all of which are dead
  unheard_source,    // an instance that routes begin at, all of which are dead
  unused_instance,   // no route touches it (load() warns of it already)
  cycle,             // instances whose events may come back to them
  duplicate_route,   // two routes that do the same
  twice,             // every event of one route reaches a destination by another one, too
};

// "never_matches" and so on, for JSON.
std::string_view to_string(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::never_matches;
  config::Location where;
  std::string message;                 // one sentence that says what is so and, where it is not plain, what to do
  std::string line;                    // of the file; empty when it cannot be shown
  std::vector<std::string> routes;     // that it is about, sorted
  std::vector<std::string> instances;  // likewise
  bool ends_route = false;             // nothing gets through the route that it is about
};

// In the order of the files.
std::vector<Finding> find_all(const config::Model& model, SourceLines& lines);

// All of them but those that load() has warned of, as warnings.
void add_warnings(const std::vector<Finding>& findings, config::Diagnostics& diagnostics);

// --- the parts, for tests and for each other -------------------------------------------------------------------------

// What is known of the routes: whether anything comes out at their end.
struct RouteState {
  bool matches = true;  // an event may fulfil its `where`
  bool passes = true;   // and come out of its steps
  bool alive() const { return matches && passes; }
};
using RouteStates = std::map<std::string, RouteState>;

// Conditions and steps of each route.
RouteStates find_in_routes(const config::Model& model, SourceLines& lines, std::vector<Finding>& findings);
// Routes against each other.
void find_duplicates(const config::Model& model, const RouteStates& states, SourceLines& lines,
                     std::vector<Finding>& findings);
// Instances and the ways between them.
void find_in_instances(const config::Model& model, const RouteStates& states, SourceLines& lines,
                       std::vector<Finding>& findings);

}  // namespace picket::analysis
