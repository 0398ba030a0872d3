// SPDX-License-Identifier: Apache-2.0
//
// The router: takes what sources emit, chooses events by each route's `where`, and hands selections of the same batch
// to the queues of the route's destinations. Nothing is copied; emit is all or nothing.
//
// emit() runs on the source's thread. Changes (apply, attach, detach) come from the daemon's core lane, one at a time,
// and never disturb a route that they do not name.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "config/model.hpp"
#include "picket/result.hpp"
#include "platform/executor.hpp"
#include "routing/batch.hpp"
#include "routing/commands/command_sink.hpp"
#include "routing/destination.hpp"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"
#include "routing/recorder/recorder.hpp"
#include "routing/steps/pipeline.hpp"

namespace picket::routing {

// One emitting instance. Made by Router::source, kept for the router's life.
class Source;

struct DestinationStatus {
  std::string route;
  std::string instance;
  config::QueueSettings settings;
  Ledger ledger;
  std::uint64_t bytes = 0;
  bool retired = false;  // its route is gone; it still delivers what it holds
  std::optional<SpoolStatus> spool = {};
  // Of a destination that calls a command, whose `instance` is `INSTANCE.COMMAND`.
  std::optional<CallCounts> calls = {};
  // Of the queue before a route's steps, whose `instance` is kStepsName.
  std::vector<StepStatus> steps = {};
};

// What the queue before a route's steps is called where other destinations have the name of their instance.
inline constexpr const char* kStepsName = "(steps)";

// Thread-safe.
class Router {
 public:
  Router(std::shared_ptr<platform::Executor> executor, Names& names);
  ~Router();
  // See PipelineHost::on_failure. REQUIRES: before the first apply().
  void on_step_failure(std::function<void(const std::string&, const std::string&, const std::string&)> listener) {
    steps_->on_failure = std::move(listener);
  }
  // Records what is emitted and decided; null: nothing. REQUIRES: before the first apply(); it outlives the router.
  void use_recorder(Recorder* recorder) { recorder_ = recorder != nullptr && recorder->on() ? recorder : nullptr; }
  // What destinations with a command call; its `executor`, `names` and `emit` are the router's own. Without it every
  // call fails. REQUIRES: before the first apply().
  void use_commands(const CommandHost& host);
  // Where destinations keep events on disk; without it nothing is kept. REQUIRES: before the first apply().
  void use_spools(std::shared_ptr<spool::SpoolHost> spools) { spools_ = std::move(spools); }
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // The source `instance`, the same one each time.
  Source& source(const std::string& instance);

  // See picket_host.emit. On OK the caller's reference went to the router. The router stamps time, sequence and source
  // where they are 0. `listener` hears of `token` (if not 0) and of room after BUSY.
  picket_status emit(Source& source, picket_name port, picket_batch* batch, std::uint64_t token,
                     const std::weak_ptr<SourceListener>& listener);

  // Makes `routes` the routes. Every filter must compile (the configuration was checked); if one does not, nothing
  // changes. Routes and destinations that are unchanged are not touched. A destination that is gone takes nothing any
  // more, but still delivers what it holds. A route with steps that is gone ends when its steps have handed on what
  // they hold; steps that a changed route still has keep their state.
  Result<void> apply(const std::map<std::string, config::Route>& routes);

  // The sink `instance` runs: deliveries to it begin.
  void attach(const std::string& instance, const std::shared_ptr<SinkPort>& sink);
  // No new delivery to `instance` begins.
  void pause(const std::string& instance);
  // `instance` is stopped; its queues hold. REQUIRES: see Destination::detach.
  void detach(const std::string& instance);
  // `instance` is gone for good: what its retired destinations still hold is dropped.
  void forget_sink(const std::string& instance);
  // See picket_host.done.
  void done(std::uint64_t ticket, picket_status status, std::span<const std::uint32_t> refused);

  // Asks every attached sink to finish what it holds (picket_sink.flush).
  void flush();
  // Asks the sink `instance` to, now and whenever its queues run empty, so that they become empty for good.
  void drain(const std::string& instance);
  // Calls `listener` once, from any thread, when every destination of `instance` (all instances if empty) is empty, and
  // the steps before them have handed on what they hold.
  void when_drained(const std::string& instance, std::function<void()> listener);
  // Drops everything that is still held, and says how many events that was: each once for each destination that misses
  // it. The end.
  std::uint64_t close();

  // A route made at run time to `sink`; its queue drops the newest when full. `from`: instances; empty: all. An
  // onlooker: no source is held by it, nor told in an acknowledgement what it missed.
  // Returns its id, never 0.
  std::uint64_t subscribe(const std::vector<std::string>& from, std::optional<Filter> filter,
                          const config::QueueSettings& queue, const std::shared_ptr<SinkPort>& sink);
  // When it returns, the sink is not running and will not run again (except within itself).
  void unsubscribe(std::uint64_t id);

  std::vector<DestinationStatus> status() const;

 private:
  friend class Source;
  struct Edge;
  struct Wiring;
  struct Route;
  struct Ending;
  struct Changes;
  struct Subscription;
  struct Plan;
  using DestinationRef = std::shared_ptr<Destination>;

  using Steps = std::map<std::string, std::vector<NextStep>>;  // of the routes whose steps change
  using Calls = std::map<std::string, CallTemplate>;           // by route and label, of the routes that change

  DestinationRef make_destination(Destination::Identity identity, const config::QueueSettings& settings);
  DestinationRef destination_locked(const Route& route, const Route* old, const config::Destination& to,
                                    const Calls& calls, Changes& changes);
  DestinationRef revive_locked(const std::string& route, const config::Destination& to, Changes& changes);
  DestinationRef command_destination_locked(const Route& route, const config::Destination& to, const Calls& calls,
                                            Changes& changes);
  Result<Calls> compile_calls(const std::map<std::string, config::Route>& routes) const;
  Result<Steps> plan_steps_of(const std::map<std::string, config::Route>& routes) const;
  void give_steps_locked(Route& route, const Route* old, Steps& steps, Changes& changes);
  void end_locked(std::shared_ptr<Route> route, Changes& changes);
  void carry_out(Changes& changes);
  std::vector<std::shared_ptr<Pipeline>> pipelines_before_locked(const std::string& instance) const;
  Source& source_locked(const std::string& instance);
  void rewire_locked();
  void rewire_source_locked(const std::string& instance, Source& source);
  void forget_empty_retired_locked();
  // With `calls` also those that call commands of it.
  std::vector<DestinationRef> destinations_of(const std::string& instance, bool calls = false) const;
  void plan(const Wiring& wiring, picket_name port, const picket_batch& batch, std::vector<Plan>& plans) const;
  Destination::Room reserve(std::vector<Plan>& plans, std::uint64_t cost, picket_name port,
                            const std::weak_ptr<SourceListener>& listener) const;
  bool stamp(const Source& source, picket_batch& batch);
  void record_held(const std::vector<Plan>& plans, const picket_batch& batch) const;
  void record_offered(const std::vector<Plan>& plans, const picket_batch& batch) const;

  const std::shared_ptr<platform::Executor> executor_;
  Names& names_;
  const std::shared_ptr<PipelineHost> steps_;
  std::shared_ptr<const CommandHost> commands_;
  Recorder* recorder_ = nullptr;
  std::shared_ptr<spool::SpoolHost> spools_;  // may be null

  mutable std::mutex mutex_;  // guards everything below, and each Source's wiring pointer
  std::map<std::string, std::unique_ptr<Source>> sources_;
  std::map<std::string, std::shared_ptr<Route>> routes_;
  std::vector<Ending> ending_;
  std::vector<DestinationRef> retired_;
  std::map<std::string, std::shared_ptr<SinkPort>> sinks_;  // attached
  std::map<std::uint64_t, Subscription> subscriptions_;
  std::map<std::uint32_t, std::weak_ptr<Destination>> by_id_;
  std::map<std::uint32_t, std::shared_ptr<CommandSink>> command_sinks_;  // by the destination's id
  std::uint32_t next_destination_ = 1;
  std::uint64_t next_subscription_ = 1;
};

}  // namespace picket::routing
