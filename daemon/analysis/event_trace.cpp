// SPDX-License-Identifier: Apache-2.0
#include "analysis/event_trace.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "analysis/step_summary.hpp"
#include "platform/virtual_executor.hpp"
#include "routing/commands/call_template.hpp"
#include "routing/event_json.hpp"
#include "routing/expression/glob.hpp"
#include "routing/steps/pipeline.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::analysis {
namespace {

using routing::BatchRef;
using routing::Events;

constexpr std::int64_t kDefaultTraceStart = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z
// Between two ticks of a step, as in the pipeline.
constexpr std::int64_t kLeastTraceTick = platform::kMillisecond;
constexpr std::int64_t kTraceTickAfterFailure = platform::kSecond;
// So many steps of time are taken at most for one advance: a step that is due all the time.
constexpr std::size_t kMostTicks = 1'000'000;

// An event between two steps. Its sequence is what makes it known again.
struct Flowing {
  BatchRef batch;
  std::uint32_t index = 0;

  const picket_event& event() const { return batch->events[index]; }
};

// Where a step puts what goes on; what it made gets time, source and a sequence, as in the pipeline.
class TraceOutput final : public routing::Output {
 public:
  TraceOutput(std::int64_t wall_ns, picket_name route, std::uint64_t& next_sequence)
      : wall_ns_(wall_ns), route_(route), next_sequence_(next_sequence) {}

  void pass(const Events& in, std::span<const std::uint32_t> indices) override {
    for (const std::uint32_t index : indices) events.push_back({in.reference(), index});
  }
  void pass(const Events& in) override {
    for (std::uint32_t i = 0; i < in.count(); ++i) events.push_back({in.reference(), in.index(i)});
  }
  void add(BatchRef batch) override {
    if (!batch) return;
    for (std::uint32_t i = 0; i < batch->event_count; ++i) {
      picket_event& event = batch->events[i];
      if (event.time_ns == 0) event.time_ns = wall_ns_;
      if (event.source == 0) event.source = route_;
      if (event.sequence == 0) event.sequence = next_sequence_++;
      events.push_back({batch, i});
    }
  }

  std::vector<Flowing> events;

 private:
  std::int64_t wall_ns_;
  picket_name route_;
  std::uint64_t& next_sequence_;
};

struct TracedDestination {
  const config::Destination* model = nullptr;
  std::optional<routing::CallTemplate> arguments;
};

struct TracedStep {
  const config::Step* model = nullptr;
  std::unique_ptr<routing::Step> step;
  std::optional<routing::Expression> raise;  // of a threshold
  std::int64_t not_before_ns = 0;            // of its next tick
};

struct TracedRoute {
  const config::Route* model = nullptr;
  picket_name name = 0;
  std::optional<routing::Filter> filter;
  std::vector<TracedStep> steps;
  std::vector<TracedDestination> to;
};

// The parts and fields of an event as JSON, by key. Of fields with one key the first counts.
std::map<std::string, std::string> parts_of(const Flowing& flowing, const routing::Names& names) {
  const picket_event& event = flowing.event();
  std::map<std::string, std::string> parts;
  const auto text = [](std::string_view value) {
    return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  if (event.time_ns != 0) parts["time"] = std::to_string(event.time_ns);
  if (event.kind != 0) parts["kind"] = text(names.text(event.kind));
  if (event.source != 0) parts["source"] = text(names.text(event.source));
  if (event.severity != 0) parts["severity"] = text(routing::severity_text(event.severity));
  for (std::uint32_t i = 0; i < event.field_count; ++i) {
    const picket_field& field = flowing.batch->fields[event.first_field + i];
    std::string key(routing::field_key(*flowing.batch, field, names));
    if (key == "time" || key == "kind" || key == "source" || key == "severity") key.insert(0, "fields.");
    std::string value;
    routing::append_field_json(*flowing.batch, field, names, value);
    parts.emplace(std::move(key), std::move(value));
  }
  return parts;
}

std::vector<Change> changes_between(const Flowing& before, const Flowing& after, const routing::Names& names) {
  const std::map<std::string, std::string> old = parts_of(before, names);
  const std::map<std::string, std::string> now = parts_of(after, names);
  std::vector<Change> changes;
  for (const auto& [key, value] : old) {
    const auto found = now.find(key);
    if (found == now.end()) {
      changes.push_back({key, value, {}});
    } else if (found->second != value) {
      changes.push_back({key, value, found->second});
    }
  }
  for (const auto& [key, value] : now) {
    if (!old.contains(key)) changes.push_back({key, {}, value});
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.key < b.key; });
  return changes;
}

}  // namespace

class EventTracer::State {
 public:
  explicit State(const Options& options)
      : executor_(std::make_shared<platform::VirtualExecutor>()), started_(options.start_ns != 0) {
    start_at(started_ ? options.start_ns : kDefaultTraceStart);
  }

  Result<void> add(const config::Route& route);
  std::vector<Moment> event(BatchRef batch, const std::string& from);
  std::vector<Moment> advance_to(std::int64_t wall_ns);
  std::vector<Moment> finish();

  std::int64_t wall() const { return executor_->clock().wall_ns(); }

  routing::Names names;
  std::vector<TracedRoute> routes;

 private:
  std::int64_t monotonic() const { return executor_->clock().monotonic_ns(); }
  void start_at(std::int64_t wall_ns) { executor_->virtual_clock().step_wall(wall_ns - executor_->clock().wall_ns()); }
  std::string json(const Flowing& flowing) const { return routing::event_json(*flowing.batch, flowing.event(), names); }

  RouteTrace take(TracedRoute& route, const Flowing& event, std::string_view instance, std::string_view port);
  void run(TracedRoute& route, std::size_t first, std::vector<Flowing> events, RouteTrace& trace);
  template <typename Call>
  std::vector<Flowing> guarded(TracedRoute& route, std::size_t step, const std::vector<Flowing>& in, StepTrace& trace,
                               const Call& call);
  void compare(const std::vector<Flowing>& in, const std::vector<Flowing>& out, StepTrace& trace) const;
  void end(const TracedRoute& route, const std::vector<Flowing>& events, RouteTrace& trace) const;
  std::optional<RouteTrace> by_time(TracedRoute& route, bool finish);

  const std::shared_ptr<platform::VirtualExecutor> executor_;
  bool started_;
  std::uint64_t next_sequence_ = 1;
};

Result<void> EventTracer::State::add(const config::Route& route) {
  TracedRoute traced;
  traced.model = &route;
  traced.name = names.intern(route.name);
  if (!route.filter.empty()) {
    auto filter = routing::Filter::compile(route.filter, names);
    if (!filter) return Error{"route " + route.name + ": where: " + filter.error().message, PICKET_INVALID};
    traced.filter = std::move(filter.value());
  }
  const routing::StepContext context{names, executor_->clock(), traced.name};
  auto planned = routing::plan_steps({}, route.steps, context);
  if (!planned) return Error{"route " + route.name + ": " + planned.error().message, PICKET_INVALID};
  for (std::size_t i = 0; i < route.steps.size(); ++i) {
    TracedStep step;
    step.model = &route.steps[i];
    step.step = std::move((*planned)[i].step);
    if (step.model->type == "threshold") {
      const nlohmann::json settings = nlohmann::json::parse(step.model->settings);
      auto raise = routing::Expression::compile(settings.value("raise", "false"), names);
      if (raise) step.raise = std::move(raise.value());
    }
    traced.steps.push_back(std::move(step));
  }
  for (const config::Destination& to : route.to) {
    TracedDestination destination;
    destination.model = &to;
    if (to.call) {
      auto arguments = routing::CallTemplate::compile(to.call->args, names);
      if (!arguments) return Error{"route " + route.name + ": args: " + arguments.error().message, PICKET_INVALID};
      destination.arguments = std::move(*arguments);
    }
    traced.to.push_back(std::move(destination));
  }
  routes.push_back(std::move(traced));
  return {};
}

// --- one event -------------------------------------------------------------------------------------------------------

std::vector<Moment> EventTracer::State::event(BatchRef batch, const std::string& from) {
  picket_event& first = batch->events[0];
  std::vector<Moment> moments;
  if (first.time_ns != 0) {
    if (!started_) start_at(first.time_ns);
    moments = advance_to(first.time_ns);
  } else {
    first.time_ns = wall();
  }
  started_ = true;
  const std::size_t dot = from.find('.');
  const std::string instance = from.substr(0, dot);
  const std::string port = dot == std::string::npos ? "" : from.substr(dot + 1);
  if (first.source == 0) first.source = names.intern(instance);
  first.sequence = next_sequence_++;
  const Flowing flowing{std::move(batch), 0};
  Moment moment;
  moment.wall_ns = wall();
  moment.event = json(flowing);
  moment.from = from;
  for (TracedRoute& route : routes) moment.routes.push_back(take(route, flowing, instance, port));
  moments.push_back(std::move(moment));
  return moments;
}

RouteTrace EventTracer::State::take(TracedRoute& route, const Flowing& event, std::string_view instance,
                                    std::string_view port) {
  RouteTrace trace;
  trace.route = route.model->name;
  const bool taken =
      std::any_of(route.model->from.begin(), route.model->from.end(), [&](const config::SourceRef& from) {
        return from.instance == instance && (from.port.empty() || from.port == port);
      });
  if (!taken) return trace;
  trace.verdict = RouteVerdict::matches;
  trace.decision.outcome = routing::Truth::yes;
  if (route.filter) {
    trace.decision = routing::decide(route.filter->expression(), *event.batch, event.event());
    if (trace.decision.outcome != routing::Truth::yes) {
      trace.verdict = RouteVerdict::no_match;
      return trace;
    }
  }
  run(route, 0, {event}, trace);
  return trace;
}

template <typename Call>
std::vector<Flowing> EventTracer::State::guarded(TracedRoute& route, std::size_t step, const std::vector<Flowing>& in,
                                                 StepTrace& trace, const Call& call) {
  TraceOutput out(wall(), route.name, next_sequence_);
  routing::Step& running = *route.steps[step].step;
  trace.step = step;
  trace.type = route.steps[step].model->type;
  trace.held_before = running.held();
  const std::uint64_t failed_before = running.failed();
  try {
    call(running, out);
  } catch (const std::exception& error) {
    trace.failure = error.what();
    route.steps[step].not_before_ns = monotonic() + kTraceTickAfterFailure;
    out.events = in;
  }
  trace.held = running.held();
  trace.failed = running.failed() - failed_before;
  return std::move(out.events);
}

void EventTracer::State::run(TracedRoute& route, std::size_t first, std::vector<Flowing> events, RouteTrace& trace) {
  for (std::size_t step = first; step < route.steps.size() && !events.empty(); ++step) {
    StepTrace traced;
    if (const auto& raise = route.steps[step].raise) {
      const routing::Ruling decision = routing::decide(*raise, *events.back().batch, events.back().event());
      traced.raise = decision.reasons;
      traced.raised = decision.outcome;
    }
    std::vector<Flowing> out = guarded(route, step, events, traced, [&](routing::Step& running, routing::Output& to) {
      for (const Flowing& each : events) running.process(Events(each.batch, &each.index, 1), to);
    });
    compare(events, out, traced);
    trace.steps.push_back(std::move(traced));
    events = std::move(out);
  }
  end(route, events, trace);
}

// Events that come out under the sequence of one that went in are that one.
void EventTracer::State::compare(const std::vector<Flowing>& in, const std::vector<Flowing>& out,
                                 StepTrace& trace) const {
  const auto same = [](const Flowing& flowing) {
    return [sequence = flowing.event().sequence](const Flowing& other) { return other.event().sequence == sequence; };
  };
  for (const Flowing& before : in) {
    const auto after = std::find_if(out.begin(), out.end(), same(before));
    if (after == out.end()) {
      trace.effects.push_back({Effect::absorbed, json(before), {}});
      continue;
    }
    std::vector<Change> changes = changes_between(before, *after, names);
    const Effect effect = changes.empty() ? Effect::passed : Effect::changed;
    trace.effects.push_back({effect, json(*after), std::move(changes)});
  }
  for (const Flowing& after : out) {
    if (std::none_of(in.begin(), in.end(), same(after))) trace.effects.push_back({Effect::created, json(after), {}});
  }
}

void EventTracer::State::end(const TracedRoute& route, const std::vector<Flowing>& events, RouteTrace& trace) const {
  for (const Flowing& each : events) {
    OutcomeTrace outcome;
    outcome.event = json(each);
    for (const TracedDestination& to : route.to) {
      EndTrace end{to.model->label(), to.model->call.has_value(), {}, summary_of(to.model->queue)};
      if (to.arguments) end.arguments = to.arguments->render(*each.batch, each.event());
      outcome.to.push_back(std::move(end));
    }
    trace.out.push_back(std::move(outcome));
  }
}

// --- time ------------------------------------------------------------------------------------------------------------

// What steps that are due, or, at the end, all steps, make of the present moment.
std::optional<RouteTrace> EventTracer::State::by_time(TracedRoute& route, bool finish) {
  RouteTrace trace;
  trace.route = route.model->name;
  trace.verdict = RouteVerdict::time;
  const std::int64_t now = monotonic();
  for (std::size_t step = 0; step < route.steps.size(); ++step) {
    TracedStep& each = route.steps[step];
    if (!finish && (each.step->due_ns() > now || each.not_before_ns > now)) continue;
    each.not_before_ns = now + kLeastTraceTick;
    StepTrace traced;
    std::vector<Flowing> out = guarded(route, step, {}, traced, [&](routing::Step& running, routing::Output& to) {
      if (finish) {
        running.finish(to);
      } else {
        running.tick(now, to);
      }
    });
    compare({}, out, traced);
    if (traced.effects.empty() && traced.failure.empty()) continue;
    trace.steps.push_back(std::move(traced));
    run(route, step + 1, std::move(out), trace);
  }
  if (trace.steps.empty()) return std::nullopt;
  return trace;
}

std::vector<Moment> EventTracer::State::advance_to(std::int64_t wall_ns) {
  std::vector<Moment> moments;
  if (wall_ns <= wall()) return moments;
  const std::int64_t target = monotonic() + (wall_ns - wall());
  for (std::size_t ticks = 0; ticks < kMostTicks; ++ticks) {
    std::int64_t due = std::numeric_limits<std::int64_t>::max();
    for (const TracedRoute& route : routes) {
      for (const TracedStep& step : route.steps) {
        const std::int64_t wanted = step.step->due_ns();
        if (wanted != routing::Step::kNever) due = std::min(due, std::max(wanted, step.not_before_ns));
      }
    }
    if (due > target) break;
    executor_->run_for(std::max<std::int64_t>(due - monotonic(), 0));
    Moment moment;
    moment.wall_ns = wall();
    for (TracedRoute& route : routes) {
      if (auto trace = by_time(route, false)) moment.routes.push_back(std::move(*trace));
    }
    if (!moment.routes.empty()) moments.push_back(std::move(moment));
  }
  if (target > monotonic()) executor_->run_for(target - monotonic());
  return moments;
}

std::vector<Moment> EventTracer::State::finish() {
  Moment moment;
  moment.wall_ns = wall();
  moment.ended = true;
  for (TracedRoute& route : routes) {
    if (auto trace = by_time(route, true)) moment.routes.push_back(std::move(*trace));
  }
  if (moment.routes.empty()) return {};
  return {std::move(moment)};
}

// --- from outside ----------------------------------------------------------------------------------------------------

EventTracer::EventTracer(std::unique_ptr<State> state) : state_(std::move(state)) {}
EventTracer::~EventTracer() = default;

Result<std::unique_ptr<EventTracer>> EventTracer::make(const config::Model& model, const Options& options) {
  const auto glob = routing::expression::Glob::compile(options.route_glob);
  if (!glob) return Error{"the pattern of routes ends in a lone backslash", PICKET_INVALID};
  auto state = std::make_unique<State>(options);
  for (const auto& [name, route] : model.routes) {
    if (!glob->matches(name)) continue;
    if (const Result<void> added = state->add(route); !added) return added.error();
  }
  return std::unique_ptr<EventTracer>(new EventTracer(std::move(state)));
}

routing::Names& EventTracer::names() {
  return state_->names;
}

std::size_t EventTracer::route_count() const {
  return state_->routes.size();
}

std::vector<Moment> EventTracer::event(BatchRef batch, const std::string& from) {
  return state_->event(std::move(batch), from);
}

std::vector<Moment> EventTracer::advance(std::int64_t nanoseconds) {
  return state_->advance_to(state_->wall() + nanoseconds);
}

std::vector<Moment> EventTracer::finish() {
  return state_->finish();
}

}  // namespace picket::analysis
