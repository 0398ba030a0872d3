// SPDX-License-Identifier: Apache-2.0
#include "routing/router.hpp"

#include <algorithm>
#include <set>

#include "platform/per_thread.hpp"

namespace picket::routing {

// The destinations that one route offers to one source.
struct Router::Edge {
  picket_name port = 0;  // 0: every port
  std::optional<Filter> filter;
  std::vector<DestinationRef> to;
  bool answers = true;  // false: an onlooker, of whom the source hears nothing
};

struct Router::Wiring {
  std::vector<Edge> edges;
};

struct Router::Route {
  config::Route model;
  std::optional<Filter> filter;
  std::vector<DestinationRef> to;
};

struct Router::Subscription {
  std::vector<std::string> from;
  std::optional<Filter> filter;
  DestinationRef destination;
};

// What one edge means for the batch at hand.
struct Router::Plan {
  const Edge* edge = nullptr;
  Selection selection;
  std::uint32_t selected = 0;
  std::uint32_t reserved = 0;  // destinations, from the front, that have room set aside
};

class Source {
 public:
  explicit Source(picket_name name) : name_(name) {}

 private:
  friend class Router;
  const picket_name name_;
  std::mutex mutex_;
  std::shared_ptr<const Router::Wiring> wiring_ = std::make_shared<Router::Wiring>();  // guarded by mutex_
};

namespace {
bool same_meaning(const config::Route& a, const config::Route& b) {
  const auto from = [](const config::SourceRef& x, const config::SourceRef& y) {
    return x.instance == y.instance && x.port == y.port;
  };
  const auto to = [](const config::Destination& x, const config::Destination& y) {
    return x.instance == y.instance && x.queue == y.queue;
  };
  return a.filter == b.filter && std::equal(a.from.begin(), a.from.end(), b.from.begin(), b.from.end(), from) &&
         std::equal(a.to.begin(), a.to.end(), b.to.begin(), b.to.end(), to);
}

constexpr std::uint32_t kMaxDestinationId = (1U << 24U) - 1;
}  // namespace

Router::Router(std::shared_ptr<platform::Executor> executor, Names& names)
    : executor_(std::move(executor)), names_(names) {}

Router::~Router() = default;

Source& Router::source(const std::string& instance) {
  const std::scoped_lock lock(mutex_);
  return source_locked(instance);
}

Source& Router::source_locked(const std::string& instance) {
  auto& slot = sources_[instance];
  if (!slot) {
    slot = std::make_unique<Source>(names_.intern(instance));
    rewire_source_locked(instance, *slot);
  }
  return *slot;
}

// --- emit ----------------------------------------------------------------------------------------------------------

// False if the records contradict each other. What the fields point at is validated where data comes from outside.
bool Router::stamp(const Source& source, picket_batch& batch) {
  if (batch.event_count > batch.event_capacity || batch.field_count > batch.field_capacity ||
      batch.byte_count > batch.byte_capacity) {
    return false;
  }
  std::int64_t now = 0;
  std::uint64_t sequence = next_sequence_.fetch_add(batch.event_count, std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < batch.event_count; ++i) {
    picket_event& event = batch.events[i];
    if (event.first_field > batch.field_count || event.field_count > batch.field_count - event.first_field) {
      return false;
    }
    if (event.time_ns == 0) {
      if (now == 0) now = executor_->clock().wall_ns();
      event.time_ns = now;
    }
    if (event.sequence == 0) event.sequence = sequence;
    ++sequence;
    if (event.source == 0) event.source = source.name_;
  }
  return true;
}

void Router::plan(const Wiring& wiring, picket_name port, const picket_batch& batch, std::vector<Plan>& plans) const {
  struct Indices : std::vector<std::uint32_t> {};  // a type of its own: per_thread has one object of each
  auto& indices = platform::per_thread<Indices>();
  if (indices.size() < batch.event_count) indices.resize(batch.event_count);
  for (const Edge& edge : wiring.edges) {
    if (edge.port != 0 && edge.port != port) continue;
    Plan& plan = plans.emplace_back();
    plan.edge = &edge;
    plan.selected = batch.event_count;
    if (edge.filter) {
      plan.selected = edge.filter->select(batch, indices.data());
      if (plan.selected != 0 && plan.selected != batch.event_count) {
        plan.selection = Selection(indices.data(), plan.selected);
      }
    }
  }
}

// Either every queue has room, or none keeps any.
Destination::Room Router::reserve(std::vector<Plan>& plans, std::uint64_t cost, picket_name port,
                                  const std::weak_ptr<SourceListener>& listener) const {
  for (Plan& plan : plans) {
    if (plan.selected == 0) continue;
    for (const DestinationRef& destination : plan.edge->to) {
      const Destination::Room room = destination->reserve(plan.selected, cost, listener, port);
      if (room != Destination::Room::reserved) {
        for (const Plan& kept : plans) {
          for (std::uint32_t i = 0; i < kept.reserved; ++i) kept.edge->to[i]->unreserve(kept.selected, cost);
        }
        return room;
      }
      ++plan.reserved;
    }
  }
  return Destination::Room::reserved;
}

picket_status Router::emit(Source& source, picket_name port, picket_batch* batch, std::uint64_t token,
                           const std::weak_ptr<SourceListener>& listener) {
  if (batch == nullptr || !stamp(source, *batch)) return PICKET_INVALID;
  const std::uint64_t cost = batch_cost(batch);
  std::shared_ptr<const Wiring> wiring;
  auto& plans = platform::per_thread<std::vector<Plan>>();  // emit calls no code that could emit
  for (Destination::Room room = Destination::Room::gone; room != Destination::Room::reserved;) {
    {
      const std::scoped_lock lock(source.mutex_);
      wiring = source.wiring_;
    }
    plans.clear();
    plan(*wiring, port, *batch, plans);
    room = reserve(plans, cost, port, listener);
    if (room == Destination::Room::full) {
      plans.clear();
      return PICKET_BUSY;
    }
    // Gone: a change rewired this source before it retired the queue, so the next look sees the new routes.
  }

  Offer offer;
  offer.batch = BatchRef::adopt(batch);
  offer.total = batch->event_count;
  AcknowledgementRef acknowledgement;
  if (token != 0) acknowledgement = std::make_shared<Acknowledgement>(listener, token);
  for (Plan& plan : plans) {
    offer.acknowledgement = plan.edge->answers ? acknowledgement : nullptr;
    offer.selection = std::move(plan.selection);
    offer.selected = plan.selected;
    for (const DestinationRef& destination : plan.edge->to) destination->commit(offer, plan.selected != 0);
  }
  plans.clear();
  return PICKET_OK;
}

void Router::done(std::uint64_t ticket, picket_status status, std::span<const std::uint32_t> refused) {
  DestinationRef destination;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = by_id_.find(static_cast<std::uint32_t>(ticket >> 40U));
    if (found == by_id_.end()) return;
    destination = found->second.lock();
  }
  if (destination) destination->done(ticket, status, refused);
}

// --- changes -------------------------------------------------------------------------------------------------------

Router::DestinationRef Router::make_destination(picket_name name, const std::string& route, const std::string& instance,
                                                const config::QueueSettings& settings) {
  while (by_id_.contains(next_destination_)) next_destination_ = next_destination_ % kMaxDestinationId + 1;
  const std::uint32_t id = next_destination_;
  next_destination_ = next_destination_ % kMaxDestinationId + 1;
  auto destination =
      std::make_shared<Destination>(Destination::Identity{id, name, route, instance}, settings, executor_);
  by_id_[id] = destination;
  return destination;
}

Result<void> Router::apply(const std::map<std::string, config::Route>& routes) {
  std::map<std::string, Filter> filters;
  for (const auto& [name, model] : routes) {
    if (model.filter.empty()) continue;
    auto compiled = Filter::compile(model.filter, names_);
    if (!compiled.ok()) return Error{"route " + name + ": " + compiled.error().message, PICKET_INVALID};
    filters.emplace(name, std::move(compiled).value());
  }
  std::vector<DestinationRef> removed;
  std::vector<std::pair<DestinationRef, std::shared_ptr<SinkPort>>> attached;
  std::vector<std::pair<DestinationRef, config::QueueSettings>> resized;
  {
    const std::scoped_lock lock(mutex_);
    std::map<std::string, std::shared_ptr<Route>> next;
    for (const auto& [name, model] : routes) {
      const auto old = routes_.find(name);
      if (old != routes_.end() && same_meaning(old->second->model, model)) {
        next.emplace(name, old->second);
        continue;
      }
      auto route = std::make_shared<Route>();
      route->model = model;
      if (const auto filter = filters.find(name); filter != filters.end()) route->filter = filter->second;
      for (const config::Destination& to : model.to) {
        DestinationRef destination;
        if (old != routes_.end()) {
          for (const DestinationRef& candidate : old->second->to) {
            if (candidate->identity().instance == to.instance) destination = candidate;
          }
        }
        if (destination) {
          resized.emplace_back(destination, to.queue);
        } else {
          destination = make_destination(names_.intern(name), name, to.instance, to.queue);
          if (const auto sink = sinks_.find(to.instance); sink != sinks_.end()) {
            attached.emplace_back(destination, sink->second);
          }
        }
        route->to.push_back(std::move(destination));
      }
      next.emplace(name, std::move(route));
    }
    for (const auto& [name, route] : routes_) {
      const auto kept = next.find(name);
      for (const DestinationRef& destination : route->to) {
        if (kept == next.end() ||
            std::find(kept->second->to.begin(), kept->second->to.end(), destination) == kept->second->to.end()) {
          removed.push_back(destination);
        }
      }
    }
    routes_ = std::move(next);
    rewire_locked();
    retired_.insert(retired_.end(), removed.begin(), removed.end());
  }
  for (const auto& [destination, settings] : resized) destination->set_settings(settings);
  for (const auto& [destination, sink] : attached) destination->attach(sink);
  for (const DestinationRef& destination : removed) destination->retire();
  const std::scoped_lock lock(mutex_);
  forget_empty_retired_locked();
  return {};
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
      wiring->edges.push_back({port.empty() ? 0 : names_.intern(port), route->filter, route->to, true});
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
  std::erase_if(retired_, [&](const DestinationRef& destination) {
    if (!destination->empty()) return false;
    by_id_.erase(destination->identity().id);
    return true;
  });
}

std::vector<Router::DestinationRef> Router::destinations_of(const std::string& instance) const {
  const std::scoped_lock lock(mutex_);
  std::vector<DestinationRef> result;
  const auto add = [&](const DestinationRef& destination) {
    if (instance.empty() || destination->identity().instance == instance) result.push_back(destination);
  };
  for (const auto& [name, route] : routes_) std::for_each(route->to.begin(), route->to.end(), add);
  std::for_each(retired_.begin(), retired_.end(), add);
  return result;
}

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
  for (const DestinationRef& destination : destinations_of(instance)) {
    if (destination->retired()) destination->close(DropReason::removed);
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

void Router::when_drained(const std::string& instance, std::function<void()> listener) {
  // The last reference goes when the last destination has called.
  const std::shared_ptr<void> last(nullptr, [listener = std::move(listener)](void*) { listener(); });
  for (const DestinationRef& destination : destinations_of(instance)) {
    destination->when_empty([last] { static_cast<void>(last); });
  }
}

void Router::close() {
  std::vector<DestinationRef> all = destinations_of({});
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [id, subscription] : subscriptions_) all.push_back(subscription.destination);
    subscriptions_.clear();
    rewire_locked();
  }
  for (const DestinationRef& destination : all) destination->close(DropReason::shutdown);
}

// --- subscriptions -------------------------------------------------------------------------------------------------

std::uint64_t Router::subscribe(const std::vector<std::string>& from, std::optional<Filter> filter,
                                const config::QueueSettings& queue, const std::shared_ptr<SinkPort>& sink) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t id = next_subscription_++;
  Subscription subscription;
  subscription.from = from;
  subscription.filter = std::move(filter);
  config::QueueSettings settings = queue;
  settings.on_full = config::OnFull::drop_newest;  // a subscriber never slows a source down
  subscription.destination = make_destination({}, "subscription " + std::to_string(id), {}, settings);
  subscription.destination->attach(sink);
  subscriptions_.emplace(id, std::move(subscription));
  rewire_locked();
  return id;
}

void Router::unsubscribe(std::uint64_t id) {
  DestinationRef destination;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end()) return;
    destination = found->second.destination;
    subscriptions_.erase(found);
    by_id_.erase(destination->identity().id);
    rewire_locked();
  }
  destination->close(DropReason::removed);
}

std::vector<DestinationStatus> Router::status() const {
  std::vector<DestinationStatus> result;
  for (const DestinationRef& destination : destinations_of({})) {
    result.push_back({destination->identity().route_name, destination->identity().instance, destination->settings(),
                      destination->ledger(), destination->bytes(), destination->retired()});
  }
  return result;
}

}  // namespace picket::routing
