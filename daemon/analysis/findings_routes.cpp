// SPDX-License-Identifier: Apache-2.0
//
// Findings in routes: conditions that no event fulfils, steps that no event reaches, routes that do what another does.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "analysis/findings.hpp"
#include "routing/expression/contradiction.hpp"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"

namespace picket::analysis {
namespace {

using routing::Expression;

std::optional<Expression> compiled(const std::string& text, routing::Names& names) {
  if (text.empty()) return std::nullopt;
  auto result = Expression::compile(text, names);
  if (!result) return std::nullopt;  // load() has said so
  return std::move(result.value());
}

std::string route_words(const config::Route& route) {
  return "route `" + route.name + "`";
}

std::string step_words(std::size_t index, const config::Step& step) {
  return "step " + std::to_string(index + 1) + " (" + step.type + ")";
}

class RouteFinder {
 public:
  RouteFinder(SourceLines& lines, std::vector<Finding>& findings) : lines_(lines), findings_(findings) {}

  RouteState look(const config::Route& route) {
    RouteState state;
    const std::optional<Expression> filter = compiled(route.filter, names_);
    if (filter) state.matches = where(route, *filter);
    if (state.matches) state.passes = steps(route, filter);
    return state;
  }

 private:
  void add(FindingKind kind, const config::Route& route, const config::Location& where, std::string message) {
    findings_.push_back({kind, where, std::move(message), lines_.line(where), {route.name}, {}});
    findings_.back().ends_route = kind == FindingKind::never_matches || kind == FindingKind::blind_step;
  }

  bool where(const config::Route& route, const Expression& filter) {
    if (const auto contradiction = routing::find_contradiction(filter)) {
      add(FindingKind::never_matches, route, lines_.place_in(route.filter_where, route.filter, contradiction->offset),
          route_words(route) + " never matches: " + contradiction->message);
      return false;
    }
    for (const routing::Contradiction& dead : routing::dead_alternatives(filter)) {
      add(FindingKind::dead_alternative, route, lines_.place_in(route.filter_where, route.filter, dead.offset),
          route_words(route) + ": a part of `where` never matches: " + dead.message);
    }
    return true;
  }

  // Whether anything may come out of the steps. `filter` is what holds for every event before the first one.
  bool steps(const config::Route& route, std::optional<Expression> filter);
  bool never_raises(const config::Route& route, std::size_t index, const nlohmann::json& settings,
                    const std::optional<Expression>& filter);

  SourceLines& lines_;
  std::vector<Finding>& findings_;
  routing::Names names_;
};

// What is behind a step that lets nothing through gets no event either, whatever it is: no step makes events of its own
// before it has seen one.
bool RouteFinder::steps(const config::Route& route, std::optional<Expression> filter) {
  for (std::size_t i = 0; i < route.steps.size(); ++i) {
    const config::Step& step = route.steps[i];
    const nlohmann::json settings = nlohmann::json::parse(step.settings);
    bool passes = true;
    bool told = false;
    if (step.type == "sample") {
      const auto fraction = settings.find("fraction");
      passes = fraction == settings.end() || settings.contains("one_in") || fraction->get<double>() != 0;
    } else if (step.type == "threshold") {
      told = never_raises(route, i, settings, filter);
      passes = !told || settings.value("pass", false);
      filter.reset();
    } else if ((step.type != "throttle" && step.type != "dedupe") || settings.value("report", true)) {
      filter.reset();  // from here on events may be others
    }
    if (passes) continue;
    const std::string why = step_words(i, step) + " lets none through";
    if (i + 1 < route.steps.size()) {
      const config::Step& next = route.steps[i + 1];
      add(FindingKind::blind_step, route, next.where,
          route_words(route) + ": " + step_words(i + 1, next) + " never sees an event, for " + why);
    } else if (told) {
      findings_.back().ends_route = true;
    } else {
      add(FindingKind::blind_step, route, step.where, route_words(route) + ": no event leaves its steps, for " + why);
    }
    return false;
  }
  return true;
}

// With `absent` silence raises the alert, and `raise: false` is how to ask for that alone.
bool RouteFinder::never_raises(const config::Route& route, std::size_t index, const nlohmann::json& settings,
                               const std::optional<Expression>& filter) {
  if (settings.value("absent", std::int64_t{0}) > 0) return false;
  const std::optional<Expression> raise = compiled(settings.value("raise", std::string()), names_);
  if (!raise) return false;
  std::optional<routing::Contradiction> contradiction = routing::find_contradiction(*raise);
  if (!contradiction && filter) contradiction = routing::find_contradiction(*filter, *raise);
  if (!contradiction) return false;
  const config::Step& step = route.steps[index];
  add(FindingKind::never_raises, route, step.where,
      route_words(route) + ": " + step_words(index, step) + " never raises its alert: " + contradiction->message);
  return true;
}

// --- two routes ------------------------------------------------------------------------------------------------------

// Such a step does to an event what it does whatever came before it.
bool forgets(const config::Step& step) {
  static const std::set<std::string> kTypes = {"set", "unset", "rename", "parse", "enrich"};
  return kTypes.contains(step.type);
}

bool covers(const config::SourceRef& all, const config::SourceRef& some) {
  return all.instance == some.instance && (all.port.empty() || all.port == some.port);
}

// Every source of `some` is one of `all`.
bool covers(const config::Route& all, const config::Route& some) {
  return std::all_of(some.from.begin(), some.from.end(), [&](const config::SourceRef& source) {
    return std::any_of(all.from.begin(), all.from.end(),
                       [&](const config::SourceRef& other) { return covers(other, source); });
  });
}

bool same_steps(const config::Route& a, const config::Route& b) {
  return std::equal(
      a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(),
      [](const config::Step& x, const config::Step& y) { return x.type == y.type && x.settings == y.settings; });
}

bool same_destination(const config::Destination& a, const config::Destination& b) {
  if (a.label() != b.label() || a.call.has_value() != b.call.has_value()) return false;
  return !a.call || a.call->args == b.call->args;
}

std::vector<std::string> common_destinations(const config::Route& a, const config::Route& b) {
  std::vector<std::string> labels;
  for (const config::Destination& to : a.to) {
    const bool common = std::any_of(b.to.begin(), b.to.end(),
                                    [&](const config::Destination& other) { return same_destination(to, other); });
    if (common) labels.push_back(to.label());
  }
  return labels;
}

bool earlier(const config::Location& a, const config::Location& b, const std::vector<std::string>& files) {
  const auto at = [&](const config::Location& where) { return std::find(files.begin(), files.end(), where.file); };
  return std::tuple(at(a), a.line, a.column) < std::tuple(at(b), b.line, b.column);
}

struct Candidate {
  const config::Route* route;
  std::optional<Expression> filter;
};

// Every event that `some` takes is taken by `all`.
bool takes_all(const Candidate& all, const Candidate& some) {
  if (!covers(*all.route, *some.route)) return false;
  if (!all.filter) return true;
  return some.filter && routing::implies(*some.filter, *all.filter);
}

}  // namespace

RouteStates find_in_routes(const config::Model& model, SourceLines& lines, std::vector<Finding>& findings) {
  RouteStates states;
  RouteFinder finder(lines, findings);
  for (const auto& [name, route] : model.routes) states.emplace(name, finder.look(route));
  return states;
}

void find_duplicates(const config::Model& model, const RouteStates& states, SourceLines& lines,
                     std::vector<Finding>& findings) {
  std::vector<const config::Route*> alive;
  for (const auto& [name, route] : model.routes) {
    if (states.at(name).alive()) alive.push_back(&route);
  }
  std::sort(alive.begin(), alive.end(),
            [&](const config::Route* a, const config::Route* b) { return earlier(a->where, b->where, model.files); });
  routing::Names names;
  std::vector<Candidate> routes;
  routes.reserve(alive.size());
  for (const config::Route* route : alive) routes.push_back({route, compiled(route->filter, names)});
  for (std::size_t later = 1; later < routes.size(); ++later) {
    for (std::size_t first = 0; first < later; ++first) {
      const config::Route& a = *routes[first].route;
      const config::Route& b = *routes[later].route;
      const std::vector<std::string> common = common_destinations(a, b);
      if (common.empty() || !same_steps(a, b)) continue;
      const bool a_has_all = takes_all(routes[first], routes[later]);
      const bool b_has_all = takes_all(routes[later], routes[first]);
      const bool stateless = std::all_of(a.steps.begin(), a.steps.end(), forgets);
      if (!(a_has_all && b_has_all) && !((a_has_all || b_has_all) && stateless)) continue;
      Finding finding;
      finding.where = b.where;
      finding.line = lines.line(b.where);
      finding.routes = {a.name, b.name};
      std::sort(finding.routes.begin(), finding.routes.end());
      if (a_has_all && b_has_all && common.size() == a.to.size() && common.size() == b.to.size()) {
        finding.kind = FindingKind::duplicate_route;
        finding.message = "route `" + b.name + "` does the same as `" + a.name + "`: everything arrives twice";
      } else {
        finding.kind = FindingKind::twice;
        const config::Route& some = a_has_all ? b : a;
        const config::Route& all = a_has_all ? a : b;
        std::string labels;
        for (const std::string& label : common) labels += (labels.empty() ? "`" : ", `") + label + "`";
        finding.message = "what route `" + some.name + "` takes reaches " + labels + " by route `" + all.name +
                          "` as well, so it arrives twice";
      }
      findings.push_back(std::move(finding));
      break;  // one is enough for each route
    }
  }
}

}  // namespace picket::analysis
