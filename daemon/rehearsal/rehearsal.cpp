// SPDX-License-Identifier: Apache-2.0
#include "rehearsal/rehearsal.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace picket::rehearsal {

// Takes what is delivered, or answers as it was told to.
class Rehearsal::StandInSink final : public routing::SinkPort {
 public:
  StandInSink(Rehearsal& rehearsal, std::string instance)
      : SinkPort(platform::Lane::make(rehearsal.executor_)), rehearsal_(rehearsal), instance_(std::move(instance)) {}

  picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
    const SinkAnswer answer = rehearsal_.answers_.at(instance_);
    if (answer == SinkAnswer::busy) return PICKET_BUSY;
    if (answer == SinkAnswer::refused) return PICKET_REFUSED;
    rehearsal_.record(instance_, delivery);
    return PICKET_OK;
  }

 private:
  Rehearsal& rehearsal_;
  const std::string instance_;
};

// Emits, and keeps in order what a full queue does not take.
class Rehearsal::StandInSource final : public routing::SourceListener,
                                       public std::enable_shared_from_this<StandInSource> {
 public:
  StandInSource(Rehearsal& rehearsal, const std::string& instance)
      : rehearsal_(rehearsal), source_(rehearsal.router_->source(instance)) {}
  ~StandInSource() override {
    for (const auto& [port, batch] : waiting_) routing::batch_release(batch);
  }

  picket_status emit(picket_name port, picket_batch* batch) {
    if (!waiting_.empty()) {
      waiting_.emplace_back(port, batch);
      return PICKET_OK;
    }
    const picket_status status = rehearsal_.router_->emit(source_, port, batch, 0, weak_from_this());
    if (status == PICKET_BUSY) {
      waiting_.emplace_back(port, batch);
      return PICKET_OK;
    }
    if (status != PICKET_OK) routing::batch_release(batch);
    return status;
  }

  std::size_t waiting() const {
    std::size_t events = 0;
    for (const auto& [port, batch] : waiting_) events += batch->event_count;
    return events;
  }

  void on_acknowledged(std::uint64_t /*token*/, picket_status /*status*/) override {}
  void on_ready(picket_name /*port*/) override {
    rehearsal_.executor_->post([self = shared_from_this()] { self->go_on(); });
  }

 private:
  void go_on() {
    while (!waiting_.empty()) {
      const auto [port, batch] = waiting_.front();
      const picket_status status = rehearsal_.router_->emit(source_, port, batch, 0, weak_from_this());
      if (status == PICKET_BUSY) return;
      waiting_.pop_front();
      if (status != PICKET_OK) routing::batch_release(batch);
    }
  }

  Rehearsal& rehearsal_;
  routing::Source& source_;
  std::deque<std::pair<picket_name, picket_batch*>> waiting_;
};

namespace {

// There is no disk here: what would go there stays in memory, and there is room for all of it.
config::QueueSettings without_spool(config::QueueSettings queue) {
  if (!queue.spools()) return queue;
  config::QueueSettings roomy;
  roomy.events = 1ULL << 40U;
  roomy.bytes = 1ULL << 60U;
  return roomy;
}

std::map<std::string, config::Route> routes_without_spool(const config::Model& model) {
  std::map<std::string, config::Route> routes = model.routes;
  for (auto& [name, route] : routes) {
    route.queue = without_spool(route.queue);
    for (config::Destination& to : route.to) to.queue = without_spool(to.queue);
  }
  return routes;
}

}  // namespace

Rehearsal::Rehearsal(const config::Model& model, const Options& options)
    : options_(options),
      start_ns_(options.start_ns),
      executor_(std::make_shared<platform::VirtualExecutor>()),
      router_(std::make_unique<routing::Router>(executor_, names_)) {
  platform::VirtualClock& clock = executor_->virtual_clock();
  clock.step_wall(options.start_ns - clock.wall_ns());
  began_ns_ = clock.monotonic_ns();
  router_->on_step_failure([this](const std::string& route, const std::string& step, const std::string& what) {
    step_failures_.push_back("route " + route + ", step " + step + ": " + what);
  });
  router_->use_commands(command_host());
  for (const auto& [name, route] : model.routes) {
    for (const config::Destination& to : route.to) {
      answers_[to.instance] = SinkAnswer::taken;
      auto& sink = sinks_[to.instance];
      if (!sink) sink = std::make_shared<StandInSink>(*this, to.instance);
    }
  }
}

routing::CommandHost Rehearsal::command_host() {
  routing::CommandHost host{nullptr, names_, {}, {}, {}, {}, {}, {}};
  host.look = [this](const std::string& instance, const std::string& /*command*/) {
    return answers_.at(instance) == SinkAnswer::away ? routing::CommandPresence::away : routing::CommandPresence::there;
  };
  host.call = [this](const std::string& instance, const std::string& command, std::string args,
                     std::int64_t /*timeout_ns*/, const routing::CommandHost::Reply& reply) -> std::uint64_t {
    const SinkAnswer answer = answers_.at(instance);
    if (answer == SinkAnswer::busy) {
      reply(PICKET_BUSY, "the stand-in was told to be busy");
      return 1;
    }
    if (calls_.size() == options_.max_deliveries) {
      ++unrecorded_;
    } else {
      calls_.push_back({now_ns(), instance, command, std::move(args)});
    }
    const bool refused = answer == SinkAnswer::refused;
    reply(refused ? PICKET_REFUSED : PICKET_OK, refused ? "the stand-in was told to refuse" : "{}");
    return 1;
  };
  host.cancel = [](std::uint64_t /*call*/) {};
  return host;
}

Rehearsal::~Rehearsal() {
  router_->close();
  executor_->run_ready();
  sources_.clear();
  router_.reset();  // before the names, and before what it records to
}

Result<std::unique_ptr<Rehearsal>> Rehearsal::make(const config::Model& model, const Options& options) {
  std::unique_ptr<Rehearsal> rehearsal(new Rehearsal(model, options));
  if (const Result<void> applied = rehearsal->router_->apply(routes_without_spool(model)); !applied)
    return applied.error();
  for (const auto& [instance, sink] : rehearsal->sinks_) rehearsal->router_->attach(instance, sink);
  rehearsal->executor_->run_ready();
  return rehearsal;
}

routing::Names& Rehearsal::names() {
  return names_;
}

routing::Router& Rehearsal::router() {
  return *router_;
}

std::int64_t Rehearsal::now_ns() const {
  return executor_->clock().monotonic_ns() - began_ns_;
}

Result<void> Rehearsal::emit(const std::string& instance, const std::string& port, picket_batch* batch) {
  auto& source = sources_[instance];
  if (!source) source = std::make_shared<StandInSource>(*this, instance);
  if (waiting() + batch->event_count > options_.max_waiting_events && source->waiting() != 0) {
    routing::batch_release(batch);
    return Error{"more than " + std::to_string(options_.max_waiting_events) + " events wait for a full queue",
                 PICKET_LIMIT};
  }
  const picket_status status = source->emit(port.empty() ? 0 : names_.intern(port), batch);
  executor_->run_ready();
  if (status != PICKET_OK) return Error{"the batch of " + instance + " is not valid", status};
  return {};
}

void Rehearsal::run_until(std::int64_t offset_ns) {
  if (offset_ns > now_ns()) executor_->run_for(offset_ns - now_ns());
}

void Rehearsal::set_answer(const std::string& instance, SinkAnswer answer) {
  const auto found = answers_.find(instance);
  if (found == answers_.end() || found->second == answer) return;
  const bool was_away = found->second == SinkAnswer::away;
  found->second = answer;
  if (answer == SinkAnswer::away) {
    router_->pause(instance);
    executor_->run_ready();
    router_->detach(instance);
  } else if (was_away) {
    router_->attach(instance, sinks_.at(instance));
  }
  executor_->run_ready();
}

void Rehearsal::finish(std::int64_t patience_ns) {
  const auto drained = std::make_shared<bool>(false);  // the listener may be called as late as by the router's end
  router_->when_drained({}, [drained] { *drained = true; });
  executor_->run_ready();
  const std::int64_t end = now_ns() + patience_ns;
  while (!*drained && now_ns() < end) run_until(std::min(end, now_ns() + 100 * platform::kMillisecond));
}

std::size_t Rehearsal::waiting() const {
  std::size_t events = 0;
  for (const auto& [instance, source] : sources_) events += source->waiting();
  return events;
}

std::vector<routing::DestinationStatus> Rehearsal::status() const {
  return router_->status();
}

void Rehearsal::record(const std::string& instance, const picket_delivery& delivery) {
  const routing::BatchRef batch = routing::BatchRef::retain(delivery.batch);
  const std::string_view route = names_.text(delivery.route);
  for (std::uint32_t i = 0; i < delivery.count; ++i) {
    if (deliveries_.size() == options_.max_deliveries) {
      unrecorded_ += delivery.count - i;
      return;
    }
    const std::uint32_t index = delivery.selection == nullptr ? i : delivery.selection[i];
    deliveries_.push_back({now_ns(), route, instance, batch, index});
  }
}

}  // namespace picket::rehearsal
