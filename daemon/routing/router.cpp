// SPDX-License-Identifier: Apache-2.0
#include "routing/router.hpp"

#include <algorithm>

#include "platform/per_thread.hpp"
#include "routing/router_parts.hpp"

namespace picket::routing {

Router::Router(std::shared_ptr<platform::Executor> executor, Names& names)
    : executor_(std::move(executor)), names_(names), steps_(std::make_shared<PipelineHost>(executor_, names)) {
  use_commands({nullptr, names_, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr});
}

Router::~Router() = default;

void Router::use_commands(const CommandHost& host) {
  auto complete = std::make_shared<CommandHost>(host);
  complete->executor = executor_;
  if (!complete->call) {
    complete->look = [](const std::string&, const std::string&) { return CommandPresence::there; };
    complete->call = [](const std::string&, const std::string&, const std::string&, std::int64_t,
                        const CommandHost::Reply& reply) -> std::uint64_t {
      reply(PICKET_UNSUPPORTED, "there is nothing here that carries out commands");
      return 1;
    };
    complete->cancel = [](std::uint64_t) {};
  }
  // Destinations end with their executor, before the router.
  complete->emit = [this, &self = source("picket")](picket_batch* event) {
    return emit(self, 0, event, 0, {}) == PICKET_OK;
  };
  commands_ = std::move(complete);
}

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
  std::uint64_t sequence = steps_->next_sequence.fetch_add(batch.event_count, std::memory_order_relaxed);
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
      if (recorder_ != nullptr) record_held(plans, *batch);
      plans.clear();
      return PICKET_BUSY;
    }
    // Gone: a change rewired this source before it retired the queue, so the next look sees the new routes.
  }

  if (recorder_ != nullptr) record_offered(plans, *batch);
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

void Router::record_held(const std::vector<Plan>& plans, const picket_batch& batch) const {
  for (const Plan& plan : plans) {
    if (plan.selected == 0 || plan.reserved == plan.edge->to.size() || batch.event_count == 0) continue;
    Decision decision = plan.edge->to[plan.reserved]->decision(DecisionKind::held, batch);
    decision.selected = plan.selected;
    return recorder_->add(decision);  // only this one was asked in vain
  }
}

void Router::record_offered(const std::vector<Plan>& plans, const picket_batch& batch) const {
  if (batch.event_count == 0) return;
  Recorder::Entry entry(*recorder_);
  entry.add(&batch);
  for (const Plan& plan : plans) {
    if (plan.selected == 0 || !plan.edge->answers) continue;
    for (const DestinationRef& destination : plan.edge->to) {
      Decision decision = destination->decision(DecisionKind::offered, batch);
      decision.selected = plan.selected;
      entry.add(decision);
    }
  }
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
  subscription.destination = make_destination({0, 0, "subscription " + std::to_string(id), {}}, settings);
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

// --- status --------------------------------------------------------------------------------------------------------

std::vector<DestinationStatus> Router::status() const {
  std::vector<DestinationStatus> result;
  const auto add = [&](const DestinationRef& destination, const Pipeline* pipeline, bool ending) {
    DestinationStatus status{destination->identity().route_name,
                             destination->identity().instance,
                             destination->settings(),
                             destination->ledger(),
                             destination->bytes(),
                             ending || destination->retired(),
                             destination->spool_status(),
                             {},
                             {}};
    if (const auto sink = command_sinks_.find(destination->identity().id); sink != command_sinks_.end()) {
      status.calls = sink->second->counts();
    }
    if (pipeline != nullptr) status.steps = pipeline->status();
    result.push_back(std::move(status));
  };
  const std::scoped_lock lock(mutex_);
  const auto add_route = [&](const Route& route, bool ending) {
    if (route.inlet) add(route.inlet, route.pipeline.get(), ending);
    for (const DestinationRef& destination : route.to) add(destination, nullptr, ending);
  };
  for (const auto& [name, route] : routes_) add_route(*route, false);
  for (const Ending& ending : ending_) add_route(*ending.route, true);
  for (const DestinationRef& destination : retired_) add(destination, nullptr, true);
  return result;
}

}  // namespace picket::routing
