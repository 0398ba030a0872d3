// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/pipeline.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr std::size_t kMaxReported = 32;                           // kinds of failures of one route that are logged
constexpr std::int64_t kLeastTick = platform::kMillisecond;        // between two ticks of a step
constexpr std::int64_t kTickAfterFailure = 1 * platform::kSecond;  // likewise, after one that threw

bool same_step(const config::Step& a, const config::Step& b) {
  return a.type == b.type && a.settings == b.settings;
}

}  // namespace

Result<std::vector<NextStep>> plan_steps(const std::vector<config::Step>& before,
                                         const std::vector<config::Step>& after, const StepContext& context) {
  std::vector<NextStep> steps;
  std::size_t from = 0;
  for (const config::Step& model : after) {
    NextStep next;
    next.type = model.type;
    for (std::size_t i = from; i < before.size(); ++i) {
      if (!same_step(before[i], model)) continue;
      next.kept = i;
      from = i + 1;
      break;
    }
    if (next.kept == NextStep::kNone) {
      const std::string place = "step " + std::to_string(steps.size() + 1) + " (" + model.type + "): ";
      const StepType* const type = find_step_type(model.type);
      if (type == nullptr) return Error{place + "there is no such type", PICKET_INVALID};
      try {
        next.step = type->make(nlohmann::json::parse(model.settings), context);
      } catch (const std::exception& error) {
        return Error{place + error.what(), PICKET_INVALID};
      }
    }
    steps.push_back(std::move(next));
  }
  return steps;
}

// --- the collector -------------------------------------------------------------------------------------------------

void Pipeline::Collector::pass(const Events& in, std::span<const std::uint32_t> indices) {
  if (indices.empty()) return;
  const auto count = static_cast<std::uint32_t>(indices.size());
  if (count == in.batch().event_count) {
    items_.push_back({in.reference(), 0, count, true});
    return;
  }
  items_.push_back({in.reference(), indices_.size(), count, false});
  indices_.insert(indices_.end(), indices.begin(), indices.end());
}

void Pipeline::Collector::pass(const Events& in) {
  if (in.count() == 0) return;
  items_.push_back({in.reference(), indices_.size(), in.count(), in.all()});
  if (in.all()) return;
  for (std::uint32_t i = 0; i < in.count(); ++i) indices_.push_back(in.index(i));
}

// Time and source are given here, so that the next step sees them; the sequence when the event leaves the pipeline.
void Pipeline::Collector::add(BatchRef batch) {
  if (!batch || batch->event_count == 0) return;
  std::int64_t now = 0;
  picket_event* const events = batch->events;
  for (std::uint32_t i = 0; i < batch->event_count; ++i) {
    if (events[i].time_ns == 0) {
      if (now == 0) now = pipeline_->host_->executor->clock().wall_ns();
      events[i].time_ns = now;
    }
    if (events[i].source == 0) events[i].source = pipeline_->name_;
  }
  const std::uint32_t count = batch->event_count;
  items_.push_back({std::move(batch), 0, count, true});
}

void Pipeline::Collector::undo(Mark mark) {
  items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(mark.items), items_.end());
  indices_.erase(indices_.begin() + static_cast<std::ptrdiff_t>(mark.indices), indices_.end());
}

// --- from outside the lane -----------------------------------------------------------------------------------------

Pipeline::Pipeline(std::shared_ptr<PipelineHost> host, const DestinationRef& inlet)
    : SinkPort(platform::Lane::make(host->executor)),
      host_(std::move(host)),
      inlet_(inlet),
      name_(inlet->identity().route),
      route_(inlet->identity().route_name),
      outlets_(std::make_shared<const std::vector<DestinationRef>>()) {}

std::shared_ptr<Pipeline> Pipeline::make(std::shared_ptr<PipelineHost> host, const DestinationRef& inlet) {
  return std::shared_ptr<Pipeline>(new Pipeline(std::move(host), inlet));
}

std::shared_ptr<Pipeline> Pipeline::self() {
  return std::static_pointer_cast<Pipeline>(shared_from_this());
}

void Pipeline::set_outlets(std::vector<DestinationRef> outlets) {
  const std::scoped_lock lock(mutex_);
  outlets_ = std::make_shared<const std::vector<DestinationRef>>(std::move(outlets));
}

void Pipeline::release(std::vector<DestinationRef> outlets) {
  lane()->post([self = self(), outlets = std::move(outlets)] {
    self->released_.insert(self->released_.end(), outlets.begin(), outlets.end());
    self->retire_released();
  });
}

void Pipeline::set_steps(std::vector<NextStep> steps) {
  const auto shared = std::make_shared<std::vector<NextStep>>(std::move(steps));
  lane()->post([self = self(), shared] { self->replace_steps(std::move(*shared)); });
}

void Pipeline::drain(std::function<void()> then) {
  lane()->post([self = self(), then = std::move(then)]() mutable {
    self->drainers_.push_back(std::move(then));
    self->look_if_drained();
  });
}

void Pipeline::close() {
  lane()->post([self = self()] {
    self->kept_.clear();
    self->count_kept();
    self->kept_created_ = 0;
    self->retire_released();
  });
}

std::vector<StepStatus> Pipeline::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

void Pipeline::on_acknowledged(std::uint64_t token, picket_status status) {
  Outcome outcome;
  if (status != PICKET_OK) outcome.refused = std::numeric_limits<std::uint64_t>::max();
  on_outcome(token, outcome);
}

void Pipeline::on_outcome(std::uint64_t token, const Outcome& outcome) {
  if (const DestinationRef inlet = inlet_.lock()) inlet->done(token, outcome);
}

void Pipeline::on_ready(picket_name /*port*/) {
  lane()->post([self = self()] { self->go_on(); });
}

// --- steps ---------------------------------------------------------------------------------------------------------

void Pipeline::replace_steps(std::vector<NextStep> steps) {
  std::vector<bool> stays(stages_.size(), false);
  for (const NextStep& next : steps) {
    if (next.kept < stays.size()) stays[next.kept] = true;
  }
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    if (!stays[i]) finish_step(i);
  }
  std::vector<Stage> stages;
  std::vector<StepStatus> status;
  const std::vector<StepStatus> before = this->status();
  for (NextStep& next : steps) {
    status.push_back(next.kept < before.size() ? before[next.kept] : StepStatus{next.type});
    if (next.kept < stages_.size()) {
      stages.push_back(std::move(stages_[next.kept]));
    } else {
      stages.push_back({std::move(next.type), std::move(next.step)});
    }
  }
  stages_ = std::move(stages);
  {
    const std::scoped_lock lock(mutex_);
    status_ = std::move(status);
  }
  arm();
  publish();
}

picket_status Pipeline::consume(const picket_delivery& delivery, std::uint64_t /*lost*/) {
  if (!kept_.empty()) {
    said_busy_ = true;
    return PICKET_BUSY;
  }
  held_since_finish_ = true;
  const auto acknowledgement = std::make_shared<Acknowledgement>(self(), delivery.ticket);
  const BatchRef batch = BatchRef::retain(delivery.batch);
  out_.clear();
  out_.pass(Events(batch, delivery.selection, delivery.count));
  run(0, acknowledgement, delivery.count, delivery.batch);
  arm();
  publish();
  return PICKET_PENDING;  // the last reference to the acknowledgement answers, perhaps at the end of this function
}

template <typename Call>
void Pipeline::guarded(std::size_t stage, const Events* in, const Call& call) {
  const Collector::Mark mark = next_.mark();
  const char* what = "";
  std::string text;
  try {
    call(*stages_[stage].step, next_);
    return;
  } catch (const std::exception& error) {
    text = error.what();
    what = text.c_str();
  } catch (...) {
    what = "an exception that is none of the standard library";
  }
  next_.undo(mark);
  if (in != nullptr) next_.pass(*in);
  failed(stage, what);
}

void Pipeline::failed(std::size_t stage, const char* what) {
  stages_[stage].not_before_ns = host_->executor->clock().monotonic_ns() + kTickAfterFailure;
  {
    const std::scoped_lock lock(mutex_);
    if (stage < status_.size()) ++status_[stage].failures;
  }
  const std::string step = std::to_string(stage + 1) + " " + stages_[stage].type;
  if (reported_.size() >= kMaxReported || !reported_.insert(step + what).second) return;
  if (host_->on_failure) host_->on_failure(route_, step, what);
}

// Runs what is in out_ through the stages from `first` on and hands on what comes out. `in`: how many events that is
// of `given`, the batch of a delivery; 0 for what steps held or created.
void Pipeline::run(std::size_t first, const AcknowledgementRef& acknowledgement, std::uint64_t in,
                   const picket_batch* given) {
  for (std::size_t stage = first; stage < stages_.size() && !out_.items().empty(); ++stage) {
    next_.clear();
    for (const Collector::Item& item : out_.items()) {
      const Events events = out_.events(item);
      guarded(stage, &events, [&](Step& step, Output& out) { step.process(events, out); });
    }
    std::swap(out_, next_);
  }
  std::uint64_t passed = 0;
  std::uint64_t created = 0;
  for (const Collector::Item& item : out_.items()) {
    const std::uint64_t fresh = item.batch.get() == given ? 0 : number(item);
    created += fresh;
    passed += item.count - fresh;
  }
  if (passed > in) {  // among them events that were absorbed before
    created += passed - in;
    passed = in;
  }
  if (in != passed) acknowledgement->absorbed(in - passed);
  const DestinationRef inlet = inlet_.lock();
  if (created != 0 && inlet) inlet->created(created);
  std::shared_ptr<const std::vector<DestinationRef>> outlets;
  {
    const std::scoped_lock lock(mutex_);
    outlets = outlets_;
  }
  if (kept_.empty()) full_.clear();
  for (const Collector::Item& item : out_.items()) {
    Offer made;
    made.batch = item.batch;
    if (!item.all) made.selection = Selection(out_.indices(item), item.count);
    made.acknowledgement = acknowledgement;
    made.total = item.count;
    made.selected = item.count;
    offer(std::move(made), *outlets);
  }
  out_.clear();
  count_kept();
  if (!kept_.empty()) {
    kept_created_ += created;
  } else if (created != 0 && inlet) {
    inlet->handed_on(created);
  }
}

// Numbers the events that have no sequence yet; how many those are.
std::uint64_t Pipeline::number(const Collector::Item& item) {
  std::uint64_t fresh = 0;
  const std::uint32_t* const indices = out_.indices(item);
  for (std::uint32_t i = 0; i < item.count; ++i) {
    picket_event& event = item.batch->events[indices == nullptr ? i : indices[i]];
    if (event.sequence != 0) continue;
    event.sequence = host_->next_sequence.fetch_add(1, std::memory_order_relaxed);
    ++fresh;
  }
  return fresh;
}

// --- handing on ----------------------------------------------------------------------------------------------------

// To each of `to` that has room and nothing kept before this; the rest is kept.
void Pipeline::offer(Offer offer, const std::vector<DestinationRef>& to) {
  const std::uint64_t cost = batch_cost(offer.batch.get());
  std::vector<DestinationRef> waiting;
  for (const DestinationRef& outlet : to) {
    auto room = Destination::Room::full;
    if (std::find(full_.begin(), full_.end(), outlet.get()) == full_.end()) {
      room = outlet->reserve(offer.selected, cost, self(), 0);
      if (room == Destination::Room::reserved) outlet->commit(offer, true);
      if (room == Destination::Room::full) full_.push_back(outlet.get());
    }
    if (room == Destination::Room::full) waiting.push_back(outlet);
    // Its instance is gone for good: a route that merely leaves it out waits for release().
    if (room == Destination::Room::gone && offer.acknowledgement) {
      offer.acknowledgement->dropped(DropReason::removed, offer.selected);
    }
  }
  if (!waiting.empty()) kept_.push_back({std::move(offer), std::move(waiting)});
}

void Pipeline::count_kept() {
  std::uint64_t events = 0;
  for (const Kept& kept : kept_) events += std::uint64_t{kept.offer.selected} * kept.to.size();
  kept_events_.store(events, std::memory_order_relaxed);
}

bool Pipeline::place() {
  full_.clear();
  for (Kept& kept : std::exchange(kept_, {})) offer(std::move(kept.offer), kept.to);
  count_kept();
  return kept_.empty();
}

void Pipeline::retire_released() {
  const auto is_kept_for = [&](const DestinationRef& outlet) {
    return std::any_of(kept_.begin(), kept_.end(), [&](const Kept& kept) {
      return std::find(kept.to.begin(), kept.to.end(), outlet) != kept.to.end();
    });
  };
  std::erase_if(released_, [&](const DestinationRef& outlet) {
    if (is_kept_for(outlet)) return false;
    outlet->retire();
    return true;
  });
}

// An outlet has room again.
void Pipeline::go_on() {
  if (kept_.empty()) return;
  const bool placed = place();
  retire_released();
  if (!placed) return;
  const DestinationRef inlet = inlet_.lock();
  if (inlet && kept_created_ != 0) inlet->handed_on(kept_created_);
  kept_created_ = 0;
  tick();
  look_if_drained();
  if (inlet && kept_.empty() && std::exchange(said_busy_, false)) inlet->resume();
}

// --- time ----------------------------------------------------------------------------------------------------------

// While something is kept no step is called: its output would pile up.
void Pipeline::tick() {
  const std::int64_t now = host_->executor->clock().monotonic_ns();
  for (std::size_t i = 0; i < stages_.size() && kept_.empty(); ++i) {
    Stage& stage = stages_[i];
    if (stage.step->due_ns() > now || stage.not_before_ns > now) continue;
    stage.not_before_ns = now + kLeastTick;
    held_since_finish_ = true;
    next_.clear();
    guarded(i, nullptr, [&](Step& step, Output& out) { step.tick(now, out); });
    std::swap(out_, next_);
    run(i + 1, nullptr, 0, nullptr);
  }
  arm();
  publish();
}

void Pipeline::arm() {
  std::int64_t due = Step::kNever;
  for (const Stage& stage : stages_) {
    const std::int64_t wanted = stage.step->due_ns();
    if (wanted != Step::kNever) due = std::min(due, std::max(wanted, stage.not_before_ns));
  }
  // One that is armed for earlier looks again when it fires.
  if (due == Step::kNever || !kept_.empty() || (timer_ != 0 && timer_due_ns_ <= due)) return;
  if (timer_ != 0) host_->executor->cancel(timer_);
  timer_due_ns_ = due;
  const std::uint64_t serial = ++timer_serial_;
  timer_ = host_->executor->call_at(due, [weak = std::weak_ptr<Pipeline>(self()), serial] {
    const auto pipeline = weak.lock();
    if (!pipeline) return;
    pipeline->lane()->post([pipeline, serial] {
      if (serial != pipeline->timer_serial_) return;  // one that could not be cancelled any more
      pipeline->timer_ = 0;
      pipeline->tick();
    });
  });
}

// --- the end -------------------------------------------------------------------------------------------------------

void Pipeline::finish_step(std::size_t stage) {
  next_.clear();
  guarded(stage, nullptr, [](Step& step, Output& out) { step.finish(out); });
  std::swap(out_, next_);
  run(stage + 1, nullptr, 0, nullptr);
}

void Pipeline::look_if_drained() {
  if (drainers_.empty() || !kept_.empty()) return;
  const DestinationRef inlet = inlet_.lock();
  if (inlet && !inlet->all_offered()) {
    if (std::exchange(watching_inlet_, true)) return;
    inlet->when_all_offered([weak = std::weak_ptr<Pipeline>(self())] {
      const auto pipeline = weak.lock();
      if (!pipeline) return;
      pipeline->lane()->post([pipeline] {
        pipeline->watching_inlet_ = false;
        pipeline->look_if_drained();
      });
    });
    return;
  }
  if (std::exchange(held_since_finish_, false)) {
    for (std::size_t i = 0; i < stages_.size(); ++i) finish_step(i);
    publish();
    if (!kept_.empty()) return;  // go_on() looks again
  }
  for (const auto& then : std::exchange(drainers_, {})) then();
}

void Pipeline::publish() {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < stages_.size() && i < status_.size(); ++i) {
    status_[i].held = stages_[i].step->held();
    status_[i].over_limit = stages_[i].step->over_limit();
    status_[i].failed = stages_[i].step->failed();
  }
}

}  // namespace picket::routing
