// SPDX-License-Identifier: Apache-2.0
//
// The seam between a route and what its `steps` do: a step is given events and hands on events. The pipeline
// (pipeline.hpp) runs the steps of one route, one after the other, on the route's lane; a step sees every event once,
// in the order in which the route took it, and never runs twice at the same time.
//
// A new step is one pair of files and one line in step_catalogue.cpp.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "platform/clock.hpp"
#include "routing/batch.hpp"
#include "routing/names.hpp"

namespace picket::routing {

// Some events of one batch, ascending. Borrowed: valid during the call that it is given to.
class Events {
 public:
  // `indices` null: all events of the batch.
  Events(const BatchRef& batch, const std::uint32_t* indices, std::uint32_t count)
      : batch_(&batch), indices_(indices), count_(count) {}

  const picket_batch& batch() const { return **batch_; }
  const BatchRef& reference() const { return *batch_; }
  std::uint32_t count() const { return count_; }
  bool all() const { return indices_ == nullptr; }
  // Index into the batch of the `position`-th of them.
  std::uint32_t index(std::uint32_t position) const { return indices_ == nullptr ? position : indices_[position]; }
  const picket_event& operator[](std::uint32_t position) const { return batch().events[index(position)]; }

 private:
  const BatchRef* batch_;
  const std::uint32_t* indices_;
  std::uint32_t count_;
};

// Where a step puts what goes on. What it does not hand on is absorbed, and counted as such.
class Output {
 public:
  virtual ~Output() = default;
  // Events of the batch that the step was given, ascending and without repetition; copied.
  virtual void pass(const Events& in, std::span<const std::uint32_t> indices) = 0;
  // Everything that the step was given.
  virtual void pass(const Events& in) = 0;
  // A batch that the step made (see event_writer.hpp).
  virtual void add(BatchRef batch) = 0;
};

// What a step may use besides its settings. Outlives the step.
struct StepContext {
  Names& names;
  const platform::Clock& clock;  // for deadlines; what happened when is the events' own time
  picket_name route = 0;         // the route's name
};

class Step {
 public:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  virtual ~Step() = default;

  // An exception means that the step is broken: it is logged, and the events of this call pass unchanged.
  virtual void process(const Events& in, Output& out) = 0;

  // When tick() is to be called, monotonic ns; asked after every process() and tick().
  virtual std::int64_t due_ns() const { return kNever; }
  virtual void tick(std::int64_t /*monotonic_ns*/, Output& /*out*/) {}

  // The route ends or the daemon stops: hands on what is still held (an open window).
  virtual void finish(Output& /*out*/) {}

  // Groups, open windows, remembered keys: for status; 0 for a step that remembers nothing.
  virtual std::uint64_t held() const { return 0; }
  // What a limit kept it from remembering, since it was made.
  virtual std::uint64_t over_limit() const { return 0; }
  // Events that it could not make sense of, since it was made, whatever became of them.
  virtual std::uint64_t failed() const { return 0; }
};

// Makes a step from its checked settings (canonical JSON: defaults filled in, durations in ns, sizes in bytes). Throws
// std::runtime_error when an expression or a pattern in them does not compile, which check() has said before.
using MakeStep = std::unique_ptr<Step> (*)(const nlohmann::json& settings, const StepContext& context);

// A mistake in settings that the schema cannot see.
struct StepProblem {
  std::string pointer;     // JSON pointer to the value, as "/raise"
  std::size_t offset = 0;  // byte in it, for texts
  std::string message;
};

// One type of step. Immutable, lives for ever.
struct StepType {
  const char* name;     // as in YAML
  const char* summary;  // one sentence
  const char* schema;   // JSON Schema (draft-07) of its settings, with descriptions and defaults
  MakeStep make;
  // The problems that the schema cannot see, all of them; null: there are none of that kind.
  std::vector<StepProblem> (*check)(const nlohmann::json& settings, Names& names);
};

}  // namespace picket::routing
