// SPDX-License-Identifier: Apache-2.0
//
// What runs the steps of one route. Towards the queue before the steps (the inlet) it is a sink, towards the queues
// behind them (the outlets) a source. The router makes one for each route with steps; it lives as long as the route,
// also when a reload changes the steps, and ends when what it held has left.
//
// Every event is given to the steps once: what a full outlet does not take is kept here, and the inlet answered BUSY
// until it is placed. A delivery of the inlet is answered when all that became of it was answered behind the steps.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "picket/result.hpp"
#include "routing/destination.hpp"
#include "routing/names.hpp"
#include "routing/steps/step.hpp"

namespace picket::routing {

// What all pipelines of a router share.
struct PipelineHost {
  std::shared_ptr<platform::Executor> executor;
  Names& names;  // outlives every pipeline
  std::atomic<std::uint64_t> next_sequence{1};
  // A step threw: once for each kind of failure of each route. On any thread; set before the first route is made.
  std::function<void(const std::string& route, const std::string& step, const std::string& what)> on_failure;
};

struct StepStatus {
  std::string type;
  std::uint64_t held = 0;        // groups, windows, keys (now)
  std::uint64_t over_limit = 0;  // kept from being held by a limit
  std::uint64_t failed = 0;      // events that it could not make sense of
  std::uint64_t failures = 0;    // calls that threw; their events passed unchanged
};

// One step of a list to come: made anew, or the one at place `kept` of the list before.
struct NextStep {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::string type;
  std::unique_ptr<Step> step;
  std::size_t kept = kNone;
};

// The steps `after`, of which those that `before` has too, in the same order, keep what they remember. Fails when a
// step cannot be made.
Result<std::vector<NextStep>> plan_steps(const std::vector<config::Step>& before,
                                         const std::vector<config::Step>& after, const StepContext& context);

// Public functions are thread-safe unless they say otherwise; the steps run on lane().
class Pipeline final : public SinkPort, public SourceListener {
 public:
  using DestinationRef = std::shared_ptr<Destination>;

  // `inlet` must be attached to it, and owns it; a pipeline without steps passes everything.
  static std::shared_ptr<Pipeline> make(std::shared_ptr<PipelineHost> host, const DestinationRef& inlet);

  // What leaves the steps from now on goes to `outlets`.
  void set_outlets(std::vector<DestinationRef> outlets);
  // Retires `outlets`, which are no longer among set_outlets(), once nothing is kept for them.
  void release(std::vector<DestinationRef> outlets);
  // What reaches the steps from now on meets `steps`; those that go hand on what they hold through those behind them.
  void set_steps(std::vector<NextStep> steps);
  // Calls `then` once, on lane(), when nothing waits in the inlet, the steps were told to hand on what they hold, and
  // all that left them is placed. Should more events come later, they are run all the same.
  void drain(std::function<void()> then);
  // Drops what could not be placed. On no lane in particular; the inlet is closed by the caller.
  void close();

  std::vector<StepStatus> status() const;
  // Events that left the steps and wait for room: each once for each outlet that lacks it.
  std::uint64_t kept() const { return kept_events_.load(std::memory_order_relaxed); }

  // --- SinkPort, SourceListener ----------------------------------------------------------------------------------
  picket_status consume(const picket_delivery& delivery, std::uint64_t lost) override;
  void on_acknowledged(std::uint64_t token, picket_status status) override;
  void on_outcome(std::uint64_t token, const Outcome& outcome) override;
  void on_ready(picket_name port) override;

 private:
  // Where steps put what goes on, until the next step is given it.
  class Collector final : public Output {
   public:
    struct Item {
      BatchRef batch;
      std::size_t first = 0;  // of indices_
      std::uint32_t count = 0;
      bool all = false;
    };
    struct Mark {
      std::size_t items = 0;
      std::size_t indices = 0;
    };

    explicit Collector(const Pipeline& pipeline) : pipeline_(&pipeline) {}
    void pass(const Events& in, std::span<const std::uint32_t> indices) override;
    void pass(const Events& in) override;
    void add(BatchRef batch) override;

    void clear() { undo({}); }
    Mark mark() const { return {items_.size(), indices_.size()}; }
    void undo(Mark mark);
    const std::vector<Item>& items() const { return items_; }
    const std::uint32_t* indices(const Item& item) const { return item.all ? nullptr : indices_.data() + item.first; }
    Events events(const Item& item) const { return {item.batch, indices(item), item.count}; }

   private:
    const Pipeline* pipeline_;
    std::vector<Item> items_;
    std::vector<std::uint32_t> indices_;
  };

  struct Stage {
    std::string type;
    std::unique_ptr<Step> step;
    std::int64_t not_before_ns = 0;  // of its next tick
  };
  // Output that an outlet had no room for.
  struct Kept {
    Offer offer;
    std::vector<DestinationRef> to;
  };

  Pipeline(std::shared_ptr<PipelineHost> host, const DestinationRef& inlet);
  std::shared_ptr<Pipeline> self();

  // All of these on lane().
  void replace_steps(std::vector<NextStep> steps);
  template <typename Call>
  void guarded(std::size_t stage, const Events* in, const Call& call);
  void failed(std::size_t stage, const char* what);
  void run(std::size_t first, const AcknowledgementRef& acknowledgement, std::uint64_t in, const picket_batch* given);
  std::uint64_t number(const Collector::Item& item);
  void offer(Offer offer, const std::vector<DestinationRef>& to);
  void count_kept();
  void go_on();
  bool place();
  void retire_released();
  void tick();
  void arm();
  void finish_step(std::size_t stage);
  void look_if_drained();
  void publish();

  const std::shared_ptr<PipelineHost> host_;
  const std::weak_ptr<Destination> inlet_;  // owns this
  const picket_name name_;                  // of the route
  const std::string route_;

  mutable std::mutex mutex_;                                    // guards:
  std::shared_ptr<const std::vector<DestinationRef>> outlets_;  //
  std::vector<StepStatus> status_;                              // as stages_

  std::atomic<std::uint64_t> kept_events_{0};

  // On lane() only.
  std::vector<Stage> stages_;
  Collector out_{*this};
  Collector next_{*this};
  std::deque<Kept> kept_;
  std::uint64_t kept_created_ = 0;        // events that steps created and kept_ may hold
  std::vector<const Destination*> full_;  // found full in this round
  std::vector<DestinationRef> released_;  // to be retired
  bool said_busy_ = false;
  bool held_since_finish_ = false;
  bool watching_inlet_ = false;
  std::vector<std::function<void()>> drainers_;
  platform::CallId timer_ = 0;
  std::int64_t timer_due_ns_ = 0;
  std::uint64_t timer_serial_ = 0;
  std::set<std::string> reported_;  // kinds of failures
};

}  // namespace picket::routing
