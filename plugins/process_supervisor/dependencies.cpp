// SPDX-License-Identifier: Apache-2.0
#include "dependencies.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace picket::process_supervisor {
namespace {

std::map<std::string, std::vector<std::string>> graph_of(const Settings& settings) {
  std::map<std::string, std::vector<std::string>> graph;
  for (const auto& [name, program] : settings.programs) {
    std::vector<std::string>& next = graph[name];
    next = program.requires_;
    next.insert(next.end(), program.after.begin(), program.after.end());
  }
  return graph;
}

// The names of programs for those that are written; an error text when one means nothing.
std::string resolve_names(const Settings& settings, const std::string& own_base, std::vector<std::string>& names) {
  std::set<std::string> found;
  for (const std::string& name : names) {
    const std::vector<std::string> members = members_of(settings, name);
    const bool broken = settings.problems.contains(name);
    if (members.empty() && !broken) return "there is no program or group \"" + name + "\"";
    // A group may hold the program itself: then it means the others.
    for (const std::string& member : members) {
      const auto program = settings.programs.find(member);
      if (program == settings.programs.end() || program->second.base != own_base) found.insert(member);
    }
    if (broken) found.insert(name);
    if (name == own_base) return "names itself";
  }
  names.assign(found.begin(), found.end());
  return {};
}

}  // namespace

std::vector<std::string> members_of(const Settings& settings, const std::string& name) {
  if (settings.programs.contains(name)) return {name};
  const auto group = settings.groups.find(name);
  return group == settings.groups.end() ? std::vector<std::string>() : group->second;
}

std::vector<std::string> find_cycle(const std::map<std::string, std::vector<std::string>>& graph) {
  enum class Mark : std::uint8_t { fresh, open, done };
  std::map<std::string, Mark> marks;
  struct Visit {
    std::string node;
    std::size_t next = 0;
  };
  for (const auto& [root, unused] : graph) {
    if (marks[root] != Mark::fresh) continue;
    std::vector<Visit> path{{root}};
    marks[root] = Mark::open;
    while (!path.empty()) {
      Visit& visit = path.back();
      const auto edges = graph.find(visit.node);
      if (edges == graph.end() || visit.next == edges->second.size()) {
        marks[visit.node] = Mark::done;
        path.pop_back();
        continue;
      }
      const std::string& next = edges->second[visit.next++];
      if (marks[next] == Mark::open) {
        std::vector<std::string> cycle;
        auto at = std::find_if(path.begin(), path.end(), [&](const Visit& one) { return one.node == next; });
        for (; at != path.end(); ++at) cycle.push_back(at->node);
        return cycle;
      }
      if (marks[next] == Mark::fresh) {
        marks[next] = Mark::open;
        path.push_back({next});
      }
    }
  }
  return {};
}

void resolve_dependencies(Settings& settings) {
  std::map<std::string, std::string> wrong;
  for (auto& [name, program] : settings.programs) {
    std::string problem = resolve_names(settings, program.base, program.after);
    if (!problem.empty()) wrong.emplace(name, "after: " + problem);
    problem = resolve_names(settings, program.base, program.requires_);
    if (!problem.empty()) wrong.emplace(name, "requires: " + problem);
  }
  const auto take_out = [&](const std::string& name, const std::string& problem) {
    const auto program = settings.programs.find(name);
    if (program == settings.programs.end()) return;
    settings.problems.emplace(program->second.base, problem);
    settings.programs.erase(program);
  };
  for (const auto& [name, problem] : wrong) take_out(name, problem);
  for (std::vector<std::string> cycle = find_cycle(graph_of(settings)); !cycle.empty();
       cycle = find_cycle(graph_of(settings))) {
    std::string text = "these wait for each other: ";
    for (const std::string& name : cycle) text += name + " -> ";
    text += cycle.front();
    for (const std::string& name : cycle) take_out(name, text);
  }
}

}  // namespace picket::process_supervisor
