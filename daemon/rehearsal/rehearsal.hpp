// SPDX-License-Identifier: Apache-2.0
//
// The graph of a configuration without its plugins, under a virtual clock. Routes, filters, steps, queues and ledgers
// are the daemon's own (routing/router.hpp); every instance is a stand-in that emits what it is told to and takes
// everything. `picket test` drives one for each test; another verb uses it like this:
//
//   auto rehearsal = Rehearsal::make(model, {});          // an error: a filter or a step that does not compile
//   EventJsonReader reader(rehearsal->names(), options);  // or batches from elsewhere, with names of this table
//   rehearsal->emit("host", "", clone of a batch);        // routes see it at once, at the present virtual time
//   rehearsal->run_until(30 * platform::kSecond);         // time passes: timers of steps, back-off of queues
//   rehearsal->finish();                                  // if wanted: steps hand on what they hold, as at a stop
//   for (const Delivery& each : rehearsal->deliveries()) ...;
//   for (const Call& each : rehearsal->calls()) ...;      // of destinations with a command
//   rehearsal->status() has a ledger for each destination, and what the steps of each route hold.
//
// Commands are recorded and answered with OK and {}; the events that tell of them are emitted as in the daemon. Nothing
// is spooled: queues that would spill, or are durable, take everything in memory.
//
// One thread. Deterministic: the same calls give the same deliveries at the same times in the same order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "picket/result.hpp"
#include "platform/virtual_executor.hpp"
#include "routing/batch.hpp"
#include "routing/names.hpp"
#include "routing/router.hpp"

namespace picket::rehearsal {

// An event that a stand-in took. `route` and `instance` live as long as the rehearsal.
struct Delivery {
  std::int64_t at_ns = 0;  // since the start
  std::string_view route;
  std::string_view instance;
  routing::BatchRef batch;
  std::uint32_t index = 0;  // of the event in its batch

  const picket_event& event() const { return batch->events[index]; }
};

// A command that was called. Attempts that were told to come back later are none.
struct Call {
  std::int64_t at_ns = 0;  // since the start
  std::string instance;
  std::string command;
  std::string args;  // JSON
};

// What a stand-in does instead of taking events and calls.
enum class SinkAnswer {
  taken,    // nothing else: it takes them
  busy,     // not now: the queue holds them and tries again with back-off
  refused,  // for good: they are dead; commands fail
  away,     // as an instance that has not started, or failed: the queue holds them
};

class Rehearsal {
 public:
  static constexpr std::int64_t kDefaultStart = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z

  struct Options {
    std::int64_t start_ns = kDefaultStart;       // wall clock at the beginning, UTC since 1970
    std::size_t max_deliveries = 1'000'000;      // kept; more are counted only
    std::size_t max_waiting_events = 1'000'000;  // that full queues keep from being emitted
  };

  // `model` may go afterwards. Fails when a filter or the settings of a step do not compile.
  static Result<std::unique_ptr<Rehearsal>> make(const config::Model& model, const Options& options);
  ~Rehearsal();
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;

  routing::Names& names();
  routing::Router& router();
  // Since the start.
  std::int64_t now_ns() const;
  std::int64_t start_ns() const { return start_ns_; }

  // Emits as `instance` on `port` (may be empty), at the present time, and runs what follows from it. Takes over the
  // reference. Events without a time get the present one. While a queue is full, the batch waits, as it would in a
  // source that holds what nobody takes; LIMIT when too many do. INVALID for a batch that contradicts itself.
  Result<void> emit(const std::string& instance, const std::string& port, picket_batch* batch);

  // Time passes up to `offset_ns` since the start; nothing happens if that is past.
  void run_until(std::int64_t offset_ns);

  // From now on. Events that are in flight when an instance goes away are offered to it again.
  void set_answer(const std::string& instance, SinkAnswer answer);

  // As at a stop of the daemon: steps hand on what they hold, and queues get `patience_ns` of time to become empty.
  void finish(std::int64_t patience_ns = 10 * platform::kSecond);

  // In order of time. Valid until the next call that lets something happen.
  const std::vector<Delivery>& deliveries() const { return deliveries_; }
  const std::vector<Call>& calls() const { return calls_; }
  // Deliveries and calls beyond Options::max_deliveries of each.
  std::uint64_t unrecorded() const { return unrecorded_; }
  // Events that wait because a queue is full.
  std::size_t waiting() const;
  // Of every route's destinations, and of the queue before its steps, in order of name.
  std::vector<routing::DestinationStatus> status() const;
  // What steps threw, one sentence each.
  const std::vector<std::string>& step_failures() const { return step_failures_; }

 private:
  class StandInSink;
  class StandInSource;

  Rehearsal(const config::Model& model, const Options& options);
  void record(const std::string& instance, const picket_delivery& delivery);
  routing::CommandHost command_host();

  const Options options_;
  const std::int64_t start_ns_;
  const std::shared_ptr<platform::VirtualExecutor> executor_;
  std::int64_t began_ns_ = 0;  // monotonic
  routing::Names names_;
  std::unique_ptr<routing::Router> router_;
  std::map<std::string, SinkAnswer> answers_;  // of every instance that a route leads to
  std::map<std::string, std::shared_ptr<StandInSink>> sinks_;
  std::map<std::string, std::shared_ptr<StandInSource>> sources_;
  std::vector<Delivery> deliveries_;
  std::vector<Call> calls_;
  std::uint64_t unrecorded_ = 0;
  std::vector<std::string> step_failures_;
};

}  // namespace picket::rehearsal
