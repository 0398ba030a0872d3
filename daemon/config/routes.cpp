// SPDX-License-Identifier: Apache-2.0
//
// check_routes(): the schema first, then what a schema cannot say: names, duplicates and filters.
#include <algorithm>
#include <initializer_list>
#include <set>
#include <span>
#include <utility>

#include "config/daemon_schema.hpp"
#include "config/fresh_queue.hpp"
#include "config/sections.hpp"
#include "config/settings.hpp"
#include "config/suggest.hpp"

namespace picket::config {
namespace {

using nlohmann::json;

// One value or a list of them, as a list.
std::span<const Node> as_list(const Node& node) {
  if (node.kind == Node::Kind::sequence) return node.items;
  return {&node, 1};
}

std::vector<json> as_list(const json& value) {
  if (value.is_array()) return value.get<std::vector<json>>();
  return {value};
}

OnFull on_full_of(const std::string& text) {
  if (text == "spill") return OnFull::spill;
  if (text == "drop_newest") return OnFull::drop_newest;
  if (text == "drop_oldest") return OnFull::drop_oldest;
  return OnFull::block;
}

// Of a destination that calls a command, unless the file says otherwise: it holds no source, and what waits longest is
// what acting on makes least sense.
constexpr QueueSettings kCommandQueue{.events = 1'000, .bytes = 4ULL << 20U, .on_full = OnFull::drop_oldest};

// What `settings` (a route or a destination) says about queues, on top of what holds already.
QueueSettings queue_of(const json& settings, QueueSettings queue) {
  if (!settings.is_object()) return queue;
  if (const auto found = settings.find("queue"); found != settings.end()) {
    queue.events = found->value("events", queue.events);
    queue.bytes = found->value("bytes", queue.bytes);
    queue.spool = found->value("spool", queue.spool);
  }
  queue.durable = settings.value("durable", queue.durable);
  if (const auto found = settings.find("on_spool_full"); found != settings.end()) {
    queue.on_spool_full = on_full_of(*found);
  }
  if (const auto found = settings.find("on_full"); found != settings.end()) queue.on_full = on_full_of(*found);
  return queue;
}

bool says_size(const json& settings) {
  const auto queue = settings.is_object() ? settings.find("queue") : settings.end();
  return queue != settings.end() && (queue->contains("events") || queue->contains("bytes"));
}

// `said`: whatever speaks of this queue.
QueueSettings with_default_size(QueueSettings queue, std::initializer_list<const json*> said) {
  const bool size_said = std::any_of(said.begin(), said.end(), [](const json* level) { return says_size(*level); });
  if (!size_said) queue.bytes = default_queue_bytes(queue);
  return queue;
}

class RouteChecker {
 public:
  RouteChecker(const std::vector<std::string>& names, const LoadInput& input, Diagnostics& diagnostics)
      : names_(names),
        input_(input),
        diagnostics_(diagnostics),
        steps_(input.steps),
        schema_(PreparedSchema::make(route_schema()).value()) {}

  void check(const Entry& entry, Model& model);

 private:
  void error(const Place& place, std::string message) {
    report(diagnostics_, Severity::error, place, std::move(message));
  }
  bool known(const std::string& name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }

  void sources(const Node& from, Route& route);
  void destinations(const Node& to, const json& checked, Route& route);
  void filter(const Node& where, Route& route);
  void warn_of_no_spool(const Node& said, const Route& route, std::span<const QueueSettings> queues);

  const std::vector<std::string>& names_;
  const LoadInput& input_;
  Diagnostics& diagnostics_;
  StepChecker steps_;
  PreparedSchema schema_;
};

void RouteChecker::check(const Entry& entry, Model& model) {
  if (!check_name(entry, "route", diagnostics_)) return;
  Node plain = entry.value;  // the steps have schemas of their own
  std::erase_if(plain.entries, [](const Entry& other) { return other.key == "steps"; });
  const Settings settings = check_settings(plain, entry.where, schema_, {}, diagnostics_);
  const bool sound = settings.sound;
  Route route;
  route.name = entry.key;
  route.where = locate(entry.where);
  if (const Node* from = entry.value.find("from")) sources(*from, route);
  if (const Node* where = entry.value.find("where")) filter(*where, route);
  if (const Node* steps = entry.value.find("steps")) route.steps = steps_.check(*steps, route.name, diagnostics_);
  if (sound) route.queue = with_default_size(queue_of(settings.value, {}), {&settings.value});
  if (const Node* to = entry.value.find("to")) {
    destinations(*to, sound ? settings.value : json(), route);
  }
  if (sound) {
    std::vector<QueueSettings> queues;
    for (const Destination& destination : route.to) queues.push_back(destination.queue);
    warn_of_no_spool(entry.value, route, queues);
  }
  model.routes[entry.key] = std::move(route);
}

void RouteChecker::sources(const Node& from, Route& route) {
  std::set<std::string> seen;
  for (const Node& node : as_list(from)) {
    if (node.kind != Node::Kind::scalar) continue;  // reported by the schema
    const std::size_t dot = node.text.find('.');
    SourceRef source{node.text.substr(0, dot), {}, locate(node.where)};
    if (dot != std::string::npos) {
      source.port = node.text.substr(dot + 1);
      if (source.port.empty()) error(place_in_scalar(node, dot), "a port is missing after the dot");
    }
    if (source.instance != kDaemonInstance && !known(source.instance)) {
      std::vector<std::string> all = names_;
      all.emplace_back(kDaemonInstance);
      error(node.where, "route `" + route.name + "`: there is no instance `" + source.instance + "`" +
                            suggestion(source.instance, all));
    } else if (!seen.insert(node.text).second) {
      error(node.where, "route `" + route.name + "` lists the source `" + node.text + "` twice");
    }
    route.from.push_back(std::move(source));
  }
}

void RouteChecker::destinations(const Node& to, const json& checked, Route& route) {
  std::set<std::string> seen;
  const std::vector<json> values = as_list(checked.is_object() ? checked["to"] : json());
  const std::span<const Node> nodes = as_list(to);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node* name = nodes[i].kind == Node::Kind::mapping ? nodes[i].find("instance") : &nodes[i];
    if (name == nullptr || name->kind != Node::Kind::scalar) continue;  // reported by the schema
    const json value = i < values.size() ? values[i] : json();
    Destination destination{name->text, {}, locate(nodes[i].where)};
    destination.call = check_command_call(nodes[i], value, "route `" + route.name + "`", input_, diagnostics_);
    if (name->text == kDaemonInstance) {
      if (!destination.call) {
        error(name->where, "route `" + route.name + "`: `picket` is the daemon itself and takes no events; it can " +
                               "carry out a command, like `{instance: picket, command: flush}`");
      }
    } else if (!known(name->text)) {
      error(name->where,
            "route `" + route.name + "`: there is no instance `" + name->text + "`" + suggestion(name->text, names_));
    }
    if (!seen.insert(destination.label()).second) {
      error(name->where, "route `" + route.name + "` lists the destination `" + destination.label() + "` twice");
    }
    destination.queue = queue_of(value, queue_of(checked, destination.call ? kCommandQueue : QueueSettings{}));
    if (!destination.call) destination.queue = with_default_size(destination.queue, {&checked, &value});
    if (value.is_object()) warn_of_no_spool(nodes[i], route, {&destination.queue, 1});
    route.to.push_back(std::move(destination));
  }
}

// Settings of a spool where none of `queues` has one are mostly a forgotten `durable` or `spill`.
void RouteChecker::warn_of_no_spool(const Node& said, const Route& route, std::span<const QueueSettings> queues) {
  if (std::any_of(queues.begin(), queues.end(), [](const QueueSettings& queue) { return queue.spools(); })) return;
  const Node* about = said.find("on_spool_full");
  if (const Node* queue = said.find("queue"); about == nullptr && queue != nullptr) about = queue->find("spool");
  if (about == nullptr) return;
  report(diagnostics_, Severity::warning, about->where,
         "route `" + route.name + "`: this means nothing without `durable: true` or `on_full: spill`");
}

void RouteChecker::filter(const Node& where, Route& route) {
  if (where.kind != Node::Kind::scalar) return;  // reported by the schema
  route.filter = where.text;
  route.filter_where = locate(where.where);
  if (!input_.check_filter) return;
  if (const auto problem = input_.check_filter(where.text)) {
    error(place_in_scalar(where, std::min(problem->offset, where.text.size())),
          "route `" + route.name + "`: " + problem->message);
  }
}

bool touches(const Route& route, const std::string& instance) {
  const auto is = [&](const auto& end) { return end.instance == instance; };
  return std::any_of(route.from.begin(), route.from.end(), is) || std::any_of(route.to.begin(), route.to.end(), is);
}

// An instance that nothing flows to or from is legal (it may serve commands), but mostly forgotten.
void warn_of_unused(const Node& instances, const Model& model, Diagnostics& diagnostics) {
  for (const Entry& entry : instances.entries) {
    if (!model.instances.contains(entry.key)) continue;
    const bool used = std::any_of(model.routes.begin(), model.routes.end(),
                                  [&](const auto& named) { return touches(named.second, entry.key); });
    if (used) continue;
    report(diagnostics, Severity::warning, entry.where, "no route touches the instance `" + entry.key + "`");
  }
}

}  // namespace

void check_routes(const Node* routes, const Node* instances, const LoadInput& input, Model& model,
                  Diagnostics& diagnostics) {
  std::vector<std::string> names;  // well-formed or not: a mistake inside an instance is no mistake of the route
  if (instances != nullptr) {
    for (const Entry& entry : instances->entries) names.push_back(entry.key);
  }
  RouteChecker checker(names, input, diagnostics);
  if (routes != nullptr) {
    for (const Entry& entry : routes->entries) checker.check(entry, model);
  }
  if (instances != nullptr) warn_of_unused(*instances, model, diagnostics);
}

}  // namespace picket::config
