// SPDX-License-Identifier: Apache-2.0
//
// How the router changes: other routes, sinks that come and go, the end. On the daemon's core lane, one at a time.
#include <algorithm>
#include <set>
#include <utility>

#include "config/model_diff.hpp"
#include "routing/router_parts.hpp"

namespace picket::routing {
namespace {
constexpr std::uint32_t kMaxDestinationId = (1U << 24U) - 1;
}  // namespace

// What apply() does once the new routes are in force and the lock is released.
struct Router::Changes {
  std::vector<DestinationRef> removed;
  std::vector<std::pair<DestinationRef, std::shared_ptr<Pipeline>>> released;  // removed from behind steps
  std::vector<std::pair<DestinationRef, std::shared_ptr<SinkPort>>> attached;
  std::vector<std::pair<DestinationRef, config::QueueSettings>> resized;
  std::vector<std::pair<std::shared_ptr<Pipeline>, std::vector<NextStep>>> steps;
  std::vector<Ending> endings;
  struct Call {
    std::shared_ptr<CommandSink> sink;
    config::CommandCall call;
    CallTemplate args;
  };
  std::vector<Call> calls;
};

Router::DestinationRef Router::make_destination(Destination::Identity identity, const config::QueueSettings& settings) {
  while (by_id_.contains(next_destination_)) next_destination_ = next_destination_ % kMaxDestinationId + 1;
  identity.id = next_destination_;
  next_destination_ = next_destination_ % kMaxDestinationId + 1;
  const std::uint32_t id = identity.id;
  if (recorder_ != nullptr) identity.label = names_.intern(identity.instance);
  const bool on_disk = identity.route != 0 && !identity.steps;  // not a subscription's
  auto destination =
      std::make_shared<Destination>(std::move(identity), settings, executor_, on_disk ? spools_ : nullptr);
  destination->use_recorder(recorder_);
  by_id_[id] = destination;
  return destination;
}

// --- routes --------------------------------------------------------------------------------------------------------

Result<void> Router::apply(const std::map<std::string, config::Route>& routes) {
  std::map<std::string, Filter> filters;
  for (const auto& [name, model] : routes) {
    if (model.filter.empty()) continue;
    auto compiled = Filter::compile(model.filter, names_);
    if (!compiled.ok()) return Error{"route " + name + ": " + compiled.error().message, PICKET_INVALID};
    filters.emplace(name, std::move(compiled).value());
  }
  auto steps = plan_steps_of(routes);
  if (!steps.ok()) return steps.error();
  const auto calls = compile_calls(routes);
  if (!calls.ok()) return calls.error();
  Changes changes;
  {
    const std::scoped_lock lock(mutex_);
    std::map<std::string, std::shared_ptr<Route>> next;
    for (const auto& [name, model] : routes) {
      const auto found = routes_.find(name);
      const Route* const old = found == routes_.end() ? nullptr : found->second.get();
      if (old != nullptr && config::same_meaning(old->model, model)) {
        next.emplace(name, found->second);
        continue;
      }
      auto route = std::make_shared<Route>();
      route->model = model;
      route->model.name = name;
      if (const auto filter = filters.find(name); filter != filters.end()) route->filter = filter->second;
      for (const config::Destination& to : model.to) {
        route->to.push_back(destination_locked(*route, old, to, *calls, changes));
      }
      give_steps_locked(*route, old, *steps, changes);
      next.emplace(name, std::move(route));
    }
    for (const auto& [name, route] : routes_) {
      const auto kept = next.find(name);
      if (kept == next.end() && route->pipeline) {
        end_locked(route, changes);
        continue;
      }
      for (const DestinationRef& destination : route->to) {
        if (kept == next.end() ||
            std::find(kept->second->to.begin(), kept->second->to.end(), destination) == kept->second->to.end()) {
          if (route->pipeline) {
            changes.released.emplace_back(destination, route->pipeline);
          } else {
            changes.removed.push_back(destination);
          }
          retired_.push_back(destination);
        }
      }
    }
    routes_ = std::move(next);
    rewire_locked();
  }
  carry_out(changes);
  const std::scoped_lock lock(mutex_);
  forget_empty_retired_locked();
  return {};
}

void Router::carry_out(Changes& changes) {
  for (const auto& [destination, settings] : changes.resized) destination->set_settings(settings);
  for (Changes::Call& call : changes.calls) call.sink->set(call.call, std::move(call.args));
  for (auto& [pipeline, steps] : changes.steps) pipeline->set_steps(std::move(steps));
  for (const auto& [destination, sink] : changes.attached) destination->attach(sink);
  for (const DestinationRef& destination : changes.removed) destination->retire();
  for (const auto& [destination, pipeline] : changes.released) pipeline->release({destination});
  for (const Ending& ending : changes.endings) {
    ending.route->inlet->retire();
    ending.route->pipeline->drain([to = ending.route->to, ended = ending.ended] {
      for (const DestinationRef& destination : to) destination->retire();
      *ended = true;
    });
  }
}

Router::DestinationRef Router::destination_locked(const Route& route, const Route* old, const config::Destination& to,
                                                  const Calls& calls, Changes& changes) {
  if (old != nullptr) {
    for (const DestinationRef& candidate : old->to) {
      if (candidate->identity().instance != to.label()) continue;
      changes.resized.emplace_back(candidate, to.queue);
      if (const auto sink = command_sinks_.find(candidate->identity().id); sink != command_sinks_.end()) {
        changes.calls.push_back({sink->second, *to.call, calls.at(route.model.name + " " + to.label())});
      }
      return candidate;
    }
  }
  const std::string& name = route.model.name;
  if (DestinationRef back = revive_locked(name, to, changes)) {
    if (const auto sink = command_sinks_.find(back->identity().id); sink != command_sinks_.end()) {
      changes.calls.push_back({sink->second, *to.call, calls.at(name + " " + to.label())});
    }
    return back;
  }
  if (to.call) return command_destination_locked(route, to, calls, changes);
  DestinationRef made = make_destination({0, names_.intern(name), name, to.instance}, to.queue);
  if (const auto sink = sinks_.find(to.instance); sink != sinks_.end())
    changes.attached.emplace_back(made, sink->second);
  changes.resized.emplace_back(made, to.queue);  // begins to look what is on disk
  return made;
}

// Two cannot have the same spool: a route that comes back while what it held is not yet delivered goes on with that.
Router::DestinationRef Router::revive_locked(const std::string& route, const config::Destination& to,
                                             Changes& changes) {
  for (auto it = retired_.begin(); it != retired_.end(); ++it) {
    DestinationRef candidate = *it;
    const Destination::Identity& identity = candidate->identity();
    if (identity.route_name != route || identity.instance != to.label() || !candidate->retired()) continue;
    if (!candidate->spool_status() || !candidate->revive()) continue;
    retired_.erase(it);
    changes.resized.emplace_back(candidate, to.queue);
    return candidate;
  }
  return nullptr;
}

Router::DestinationRef Router::command_destination_locked(const Route& route, const config::Destination& to,
                                                          const Calls& calls, Changes& changes) {
  const std::string& name = route.model.name;
  DestinationRef made = make_destination({0, names_.intern(name), name, to.label(), false, to.instance}, to.queue);
  const auto sink = std::make_shared<CommandSink>(commands_, name, to, calls.at(name + " " + to.label()));
  sink->set_destination(made);
  command_sinks_.emplace(made->identity().id, sink);
  changes.attached.emplace_back(made, sink);
  changes.resized.emplace_back(made, to.queue);
  return made;
}

// Made before anything changes, because a template may not compile.
Result<Router::Calls> Router::compile_calls(const std::map<std::string, config::Route>& routes) const {
  Calls all;
  for (const auto& [name, model] : routes) {
    for (const config::Destination& to : model.to) {
      if (!to.call) continue;
      auto args = CallTemplate::compile(to.call->args, names_);
      if (!args.ok()) return Error{"route " + name + ": " + to.label() + ": " + args.error().message, PICKET_INVALID};
      all.emplace(name + " " + to.label(), std::move(args).value());
    }
  }
  return all;
}

// Made before anything changes, because making one can fail.
Result<Router::Steps> Router::plan_steps_of(const std::map<std::string, config::Route>& routes) const {
  const std::scoped_lock lock(mutex_);
  Steps all;
  for (const auto& [name, model] : routes) {
    const auto old = routes_.find(name);
    const bool runs = old != routes_.end() && old->second->pipeline;
    if (model.steps.empty() && !runs) continue;
    const StepContext context{names_, executor_->clock(), names_.intern(name)};
    auto steps = plan_steps(runs ? old->second->model.steps : std::vector<config::Step>{}, model.steps, context);
    if (!steps.ok()) return Error{"route " + name + ": " + steps.error().message, steps.error().status};
    all.emplace(name, std::move(steps).value());
  }
  return all;
}

void Router::give_steps_locked(Route& route, const Route* old, Steps& steps, Changes& changes) {
  const bool had = old != nullptr && old->pipeline;
  // What lies before steps that are gone now must not be overtaken: until it has left, nothing goes past them.
  const bool wanted = !route.model.steps.empty() || (had && !old->inlet->empty());
  if (had) {
    old->pipeline->set_outlets(route.to);
    if (!wanted) {  // the outlets live on
      auto rest = std::make_shared<Route>();
      rest->inlet = old->inlet;
      rest->pipeline = old->pipeline;
      return end_locked(std::move(rest), changes);
    }
    route.inlet = old->inlet;
    route.pipeline = old->pipeline;
    changes.resized.emplace_back(route.inlet, route.model.queue);
  } else if (wanted) {
    const std::string& name = route.model.name;
    route.inlet = make_destination({0, names_.intern(name), name, kStepsName, true}, route.model.queue);
    route.pipeline = Pipeline::make(steps_, route.inlet);
    route.pipeline->set_outlets(route.to);
    changes.attached.emplace_back(route.inlet, route.pipeline);
  } else {
    return;
  }
  changes.steps.emplace_back(route.pipeline, std::move(steps[route.model.name]));
}

void Router::end_locked(std::shared_ptr<Route> route, Changes& changes) {
  ending_.push_back({std::move(route), std::make_shared<std::atomic<bool>>(false)});
  changes.endings.push_back(ending_.back());
}

void Router::rewire_locked() {
  for (const auto& [name, route] : routes_) {
    for (const config::SourceRef& from : route->model.from) source_locked(from.instance);
  }
  for (const auto& [instance, source] : sources_) rewire_source_locked(instance, *source);
}

void Router::rewire_source_locked(const std::string& instance, Source& source) {
  auto wiring = std::make_shared<Wiring>();
  for (const auto& [name, route] : routes_) {
    // Each event takes a route once, however often the route names its source: a whole instance covers its ports.
    std::set<std::string> ports;
    for (const config::SourceRef& from : route->model.from) {
      if (from.instance == instance) ports.insert(from.port);
    }
    if (ports.contains("")) ports = {""};
    for (const std::string& port : ports) {
      wiring->edges.push_back({port.empty() ? 0 : names_.intern(port), route->filter, route->offered(), true});
    }
  }
  for (const auto& [id, subscription] : subscriptions_) {
    const auto& from = subscription.from;
    if (!from.empty() && std::find(from.begin(), from.end(), instance) == from.end()) continue;
    wiring->edges.push_back({0, subscription.filter, {subscription.destination}, false});
  }
  const std::scoped_lock lock(source.mutex_);
  source.wiring_ = std::move(wiring);
}

void Router::forget_empty_retired_locked() {
  std::erase_if(ending_, [&](const Ending& ending) {
    if (!*ending.ended) return false;
    retired_.push_back(ending.route->inlet);
    retired_.insert(retired_.end(), ending.route->to.begin(), ending.route->to.end());
    return true;
  });
  std::erase_if(retired_, [&](const DestinationRef& destination) {
    if (!destination->retired() || !destination->empty()) return false;
    by_id_.erase(destination->identity().id);
    command_sinks_.erase(destination->identity().id);
    return true;
  });
}

// Those behind steps before the steps before them, so that what closing them drops is told to who waits for it.
std::vector<Router::DestinationRef> Router::destinations_of(const std::string& instance, bool calls) const {
  const std::scoped_lock lock(mutex_);
  std::vector<DestinationRef> result;
  const auto add = [&](const DestinationRef& destination) {
    if (!destination) return;
    const Destination::Identity& identity = destination->identity();
    if (instance.empty() || identity.instance == instance || (calls && identity.target == instance)) {
      result.push_back(destination);
    }
  };
  const auto add_route = [&](const Route& route) {
    std::for_each(route.to.begin(), route.to.end(), add);
    add(route.inlet);
  };
  std::for_each(retired_.rbegin(), retired_.rend(), add);
  for (const auto& [name, route] : routes_) add_route(*route);
  for (const Ending& ending : ending_) add_route(*ending.route);
  return result;
}

// --- sinks ---------------------------------------------------------------------------------------------------------

void Router::attach(const std::string& instance, const std::shared_ptr<SinkPort>& sink) {
  {
    const std::scoped_lock lock(mutex_);
    sinks_[instance] = sink;
  }
  for (const DestinationRef& destination : destinations_of(instance)) destination->attach(sink);
}

void Router::pause(const std::string& instance) {
  {
    const std::scoped_lock lock(mutex_);
    sinks_.erase(instance);  // a route that is made from now on finds no sink
  }
  for (const DestinationRef& destination : destinations_of(instance)) destination->pause();
}

void Router::detach(const std::string& instance) {
  for (const DestinationRef& destination : destinations_of(instance)) destination->detach();
}

void Router::forget_sink(const std::string& instance) {
  std::set<DestinationRef> ending;
  std::map<std::uint32_t, std::shared_ptr<CommandSink>> sinks;
  {
    const std::scoped_lock lock(mutex_);
    sinks = command_sinks_;
    ending.insert(retired_.begin(), retired_.end());
    for (const Ending& each : ending_) ending.insert(each.route->to.begin(), each.route->to.end());
  }
  for (const DestinationRef& destination : destinations_of(instance, true)) {
    if (!ending.contains(destination)) continue;
    destination->close(DropReason::removed);
    if (const auto sink = sinks.find(destination->identity().id); sink != sinks.end()) sink->second->close();
  }
  const std::scoped_lock lock(mutex_);
  forget_empty_retired_locked();
}

void Router::flush() {
  const std::scoped_lock lock(mutex_);
  for (const auto& [instance, sink] : sinks_) {
    sink->lane()->post([port = sink] { port->flush(); });
  }
}

void Router::drain(const std::string& instance) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = sinks_.find(instance); found != sinks_.end()) found->second->drain();
}

std::vector<std::shared_ptr<Pipeline>> Router::pipelines_before_locked(const std::string& instance) const {
  std::vector<std::shared_ptr<Pipeline>> result;
  const auto add = [&](const Route& route) {
    if (!route.pipeline) return;
    const bool leads = instance.empty() || std::any_of(route.to.begin(), route.to.end(), [&](const auto& destination) {
                         const Destination::Identity& identity = destination->identity();
                         return identity.instance == instance || identity.target == instance;
                       });
    if (leads) result.push_back(route.pipeline);
  };
  for (const auto& [name, route] : routes_) add(*route);
  for (const Ending& ending : ending_) add(*ending.route);
  return result;
}

void Router::when_drained(const std::string& instance, std::function<void()> listener) {
  // The last reference goes when the last destination has called.
  const std::shared_ptr<void> last(nullptr, [listener = std::move(listener)](void*) { listener(); });
  // And this one when the steps have handed on what they hold: only then do empty queues mean anything.
  const std::shared_ptr<void> steps(nullptr, [last, destinations = destinations_of(instance, true)](void*) {
    for (const DestinationRef& destination : destinations) {
      destination->when_empty([last] { static_cast<void>(last); });
    }
  });
  std::vector<std::shared_ptr<Pipeline>> pipelines;
  {
    const std::scoped_lock lock(mutex_);
    pipelines = pipelines_before_locked(instance);
  }
  for (const auto& pipeline : pipelines) pipeline->drain([steps] { static_cast<void>(steps); });
}

std::uint64_t Router::close() {
  std::vector<DestinationRef> all = destinations_of({});
  std::vector<std::shared_ptr<Pipeline>> pipelines;
  std::vector<std::shared_ptr<CommandSink>> sinks;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, sink] : command_sinks_) sinks.push_back(sink);
    for (auto& [id, subscription] : subscriptions_) all.push_back(subscription.destination);
    subscriptions_.clear();
    pipelines = pipelines_before_locked({});
    rewire_locked();
  }
  for (const auto& sink : sinks) sink->close();
  std::uint64_t dropped = 0;
  for (const auto& pipeline : pipelines) dropped += pipeline->kept();
  for (const DestinationRef& destination : all) dropped += destination->close(DropReason::shutdown);
  for (const auto& pipeline : pipelines) pipeline->close();
  return dropped;
}

}  // namespace picket::routing
