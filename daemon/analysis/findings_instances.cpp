// SPDX-License-Identifier: Apache-2.0
//
// Findings about instances: what nothing reaches, what goes nowhere, and ways that lead back.
#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "analysis/findings.hpp"

namespace picket::analysis {
namespace {

struct Uses {
  std::vector<std::string> to;    // routes that bring it events
  std::vector<std::string> from;  // that take its events
  bool to_alive = false;
  bool from_alive = false;
  bool called = false;  // by a route
};

std::string joined_routes(const std::vector<std::string>& routes) {
  std::string text = routes.size() == 1 ? "route " : "routes ";
  for (std::size_t i = 0; i < routes.size(); ++i) text += (i == 0 ? "`" : ", `") + routes[i] + "`";
  return text;
}

std::map<std::string, Uses> uses_of_instances(const config::Model& model, const RouteStates& states) {
  std::map<std::string, Uses> uses;
  for (const auto& [name, instance] : model.instances) uses[name];
  for (const auto& [name, route] : model.routes) {
    const bool alive = states.at(name).alive();
    for (const config::SourceRef& source : route.from) {
      Uses& use = uses[source.instance];
      if (use.from.empty() || use.from.back() != name) use.from.push_back(name);
      use.from_alive = use.from_alive || alive;
    }
    for (const config::Destination& to : route.to) {
      Uses& use = uses[to.instance];
      if (to.call) {
        use.called = true;
        continue;
      }
      use.to.push_back(name);
      use.to_alive = use.to_alive || alive;
    }
  }
  return uses;
}

// Edges from instance to instance along which events go. A command gets no events.
using Ways = std::map<std::string, std::map<std::string, std::string>>;  // from -> to -> a route

Ways ways_of(const config::Model& model, const RouteStates& states) {
  Ways ways;
  for (const auto& [name, route] : model.routes) {
    if (!states.at(name).alive()) continue;
    for (const config::SourceRef& source : route.from) {
      for (const config::Destination& to : route.to) {
        if (!to.call) ways[source.instance].emplace(to.instance, name);
      }
    }
  }
  return ways;
}

// The shortest way from `start` back to it, as instances; empty when there is none.
std::vector<std::string> way_back(const Ways& ways, const std::string& start, const std::set<std::string>& done) {
  std::map<std::string, std::string> before;
  std::deque<std::string> next{start};
  while (!next.empty()) {
    const std::string here = next.front();
    next.pop_front();
    const auto out = ways.find(here);
    if (out == ways.end()) continue;
    for (const auto& [to, route] : out->second) {
      if (to == start) {
        std::vector<std::string> way{start};
        for (std::string at = here; at != start; at = before.at(at)) way.push_back(at);
        std::reverse(way.begin() + 1, way.end());
        return way;
      }
      if (!done.contains(to) && before.emplace(to, here).second) next.push_back(to);
    }
  }
  return {};
}

}  // namespace

void find_in_instances(const config::Model& model, const RouteStates& states, SourceLines& lines,
                       std::vector<Finding>& findings) {
  const std::map<std::string, Uses> uses = uses_of_instances(model, states);
  for (const auto& [name, instance] : model.instances) {
    const Uses& use = uses.at(name);
    const std::string quoted = "`" + name + "`";
    // Lines of instances are not shown: settings beside the name may be secret.
    if (use.to.empty() && use.from.empty() && !use.called) {
      findings.push_back(
          {FindingKind::unused_instance, instance.where, "no route touches the instance " + quoted, {}, {}, {name}});
    }
    if (!use.to.empty() && !use.to_alive) {
      findings.push_back({FindingKind::unreached_sink,
                          instance.where,
                          "nothing reaches " + quoted + ": no event gets through " + joined_routes(use.to),
                          {},
                          use.to,
                          {name}});
    }
    if (!use.from.empty() && !use.from_alive) {
      findings.push_back({FindingKind::unheard_source,
                          instance.where,
                          "the events of " + quoted + " go nowhere: none gets through " + joined_routes(use.from),
                          {},
                          use.from,
                          {name}});
    }
  }
  const Ways ways = ways_of(model, states);
  std::set<std::string> done;  // instances whose way back is told
  for (const auto& [start, out] : ways) {
    if (done.contains(start)) continue;
    const std::vector<std::string> way = way_back(ways, start, done);
    if (way.empty()) continue;
    std::string text;
    Finding finding;
    finding.kind = FindingKind::cycle;
    for (std::size_t i = 0; i < way.size(); ++i) {
      text += way[i] + " -> ";
      finding.routes.push_back(ways.at(way[i]).at(way[(i + 1) % way.size()]));
    }
    const config::Route& first = model.routes.at(finding.routes.front());
    finding.where = first.where;
    finding.line = lines.line(first.where);
    finding.message = "events may go round: " + text + start + ", by " + joined_routes(finding.routes) +
                      "; let a `where` keep back what has been there";
    std::sort(finding.routes.begin(), finding.routes.end());
    finding.routes.erase(std::unique(finding.routes.begin(), finding.routes.end()), finding.routes.end());
    finding.instances = way;
    std::sort(finding.instances.begin(), finding.instances.end());
    done.insert(way.begin(), way.end());
    findings.push_back(std::move(finding));
  }
}

}  // namespace picket::analysis
