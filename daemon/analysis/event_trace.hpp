// SPDX-License-Identifier: Apache-2.0
//
// What a configuration does to one event after the other: every route's verdict with the parts of its `where` that
// decided, what each step made of the event, and where what came out would go. For `picket explain`.
//
// The steps are the daemon's own, on a virtual clock that moves by the events' own times or as it is told; routes,
// queues and plugins are not there, so nothing is ever full. A condition is evaluated a second time for its reasons
// (routing/expression/decision.hpp); the router's own evaluation knows nothing of this. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "picket/result.hpp"
#include "routing/batch.hpp"
#include "routing/expression/decision.hpp"
#include "routing/names.hpp"

namespace picket::analysis {

// A part or a field of an event that a step changed. Values are JSON; empty when it was not there.
struct Change {
  std::string key;
  std::string before;
  std::string after;
};

enum class Effect {
  passed,    // goes on as it came
  changed,   // goes on changed
  absorbed,  // does not go on: left out, or taken in by what the step remembers
  created,   // made by the step
};

struct EventEffect {
  Effect effect = Effect::passed;
  std::string event;            // JSON: as it goes on; of one that was absorbed, as it came
  std::vector<Change> changes;  // of one that was changed, in order of key
};

struct StepTrace {
  std::size_t step = 0;  // from 0
  std::string type;
  std::vector<EventEffect> effects;
  std::vector<routing::Reason> raise;  // of a threshold: why its condition holds for the last event, or not
  routing::Truth raised = routing::Truth::unknown;
  std::uint64_t held_before = 0;  // groups, windows, keys that it remembered
  std::uint64_t held = 0;
  std::uint64_t failed = 0;  // events of these that it could not make sense of
  std::string failure;       // what it threw; its events passed unchanged
};

// One destination of what came out.
struct EndTrace {
  std::string destination;  // `siem`, `jobs.restart`
  bool command = false;
  std::string arguments;  // of a command: JSON
  std::string queue;      // "block, 100000 events, 64MiB"
};

struct OutcomeTrace {
  std::string event;  // JSON
  std::vector<EndTrace> to;
};

enum class RouteVerdict {
  elsewhere,  // does not take from this source
  no_match,   // its `where` is false, or unknown
  matches,
  time,  // no event came: time passed
};

struct RouteTrace {
  std::string route;
  RouteVerdict verdict = RouteVerdict::elsewhere;
  routing::Ruling decision;       // of `where`; without reasons when there is none
  std::vector<StepTrace> steps;   // that saw something or made something
  std::vector<OutcomeTrace> out;  // what left the steps
};

// An event came, or time passed and a step made something of that.
struct Moment {
  std::int64_t wall_ns = 0;        // UTC since 1970
  bool ended = false;              // the end: steps handed on what they held
  std::string event;               // JSON; empty when time passed
  std::string from;                // its instance, with its port
  std::vector<RouteTrace> routes;  // in order of name; when time passed, those that made something
};

class EventTracer {
 public:
  struct Options {
    std::string route_glob = "*";  // routes that are traced
    std::int64_t start_ns = 0;     // wall clock at the beginning; 0: the time of the first event, else 2026-01-01
  };

  // `model` outlives it. Fails when the glob, a filter or a step does not compile.
  static Result<std::unique_ptr<EventTracer>> make(const config::Model& model, const Options& options);
  ~EventTracer();
  EventTracer(const EventTracer&) = delete;
  EventTracer& operator=(const EventTracer&) = delete;

  routing::Names& names();
  std::size_t route_count() const;

  // `batch` holds one event, with names of this table. `from`: `host` or `host.port`. Time passes up to that of the
  // event, if it is later: what steps make of that comes first.
  std::vector<Moment> event(routing::BatchRef batch, const std::string& from);
  // Time passes.
  std::vector<Moment> advance(std::int64_t nanoseconds);
  // As at a stop of the daemon: steps hand on what they hold.
  std::vector<Moment> finish();

 private:
  class State;
  explicit EventTracer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace picket::analysis
