// SPDX-License-Identifier: Apache-2.0
#include "routing/commands/command_sink.hpp"

#include <algorithm>
#include <utility>

#include "config/units.hpp"

namespace picket::routing {

CommandSink::CommandSink(std::shared_ptr<const CommandHost> host, std::string route, const config::Destination& to,
                         CallTemplate args)
    : SinkPort(platform::Lane::make(host->executor)),
      host_(std::move(host)),
      route_(std::move(route)),
      instance_(to.instance),
      command_(to.call->command),
      link_(call_link(route_, instance_, command_)),
      call_(*to.call),
      args_(std::move(args)) {
  limit_.set(call_.limit_count, call_.limit_per_ns);
  limited_.count = 0;
}

void CommandSink::set(const config::CommandCall& call, CallTemplate args) {
  lane()->post([self = self(), call, args = std::move(args)] {
    self->call_ = call;
    self->args_ = args;
    self->limit_.set(call.limit_count, call.limit_per_ns);
    self->go_on();
  });
}

void CommandSink::close() {
  if (closed_.exchange(true)) return;
  lane()->post([self = self()] {
    for (const AttemptRef& attempt : std::exchange(self->attempts_, {})) {
      if (attempt->retry != 0) self->host_->executor->cancel(attempt->retry);
      if (attempt->call != 0) self->host_->cancel(attempt->call);
    }
    if (self->limit_timer_ != 0) self->host_->executor->cancel(std::exchange(self->limit_timer_, 0));
    self->deliveries_.clear();
  });
}

CallCounts CommandSink::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

void CommandSink::count(std::uint64_t CallCounts::*which, std::uint64_t by) {
  const std::scoped_lock lock(mutex_);
  counts_.*which += by;
}

// --- deliveries ----------------------------------------------------------------------------------------------------

picket_status CommandSink::consume(const picket_delivery& delivery, std::uint64_t /*lost*/) {
  // One delivery that has events to begin with is enough; the others wait in the queue, where its policy sees them.
  if (closed_ || (!deliveries_.empty() && deliveries_.back().next < deliveries_.back().events.size())) {
    said_busy_ = true;
    return PICKET_BUSY;
  }
  Delivery& fresh = deliveries_.emplace_back();
  fresh.ticket = delivery.ticket;
  fresh.batch = BatchRef::retain(delivery.batch);
  fresh.events.reserve(delivery.count);
  for (std::uint32_t i = 0; i < delivery.count; ++i) {
    fresh.events.push_back(delivery.selection == nullptr ? i : delivery.selection[i]);
  }
  go_on();
  return PICKET_PENDING;  // when all is answered already, the queue has a note of it
}

void CommandSink::go_on() {
  if (going_on_) return;  // an answer came within a call
  going_on_ = true;
  while (!closed_ && !deliveries_.empty() && attempts_.size() < call_.parallel) {
    const auto last = std::prev(deliveries_.end());
    if (last->next == last->events.size()) break;
    begin(last, static_cast<std::uint32_t>(last->next++));
  }
  for (auto it = deliveries_.begin(); it != deliveries_.end();) {
    const auto next = std::next(it);
    if (it->open == 0 && it->next == it->events.size()) finish(it);
    it = next;
  }
  going_on_ = false;
  const bool wants_more = deliveries_.empty() || deliveries_.back().next == deliveries_.back().events.size();
  if (wants_more && std::exchange(said_busy_, false)) {
    if (const auto destination = destination_.lock()) destination->resume();
  }
}

void CommandSink::finish(std::list<Delivery>::iterator delivery) {
  const std::uint64_t ticket = delivery->ticket;
  const Outcome outcome = delivery->outcome;
  std::vector<std::uint32_t> refused = std::move(delivery->refused);
  deliveries_.erase(delivery);
  std::sort(refused.begin(), refused.end());
  if (const auto destination = destination_.lock()) destination->done(ticket, outcome, std::move(refused));
}

void CommandSink::begin(std::list<Delivery>::iterator delivery, std::uint32_t position) {
  const picket_batch& batch = *delivery->batch;
  const picket_event& event = batch.events[delivery->events[position]];
  const std::string_view chain = chain_of(batch, event, host_->names);
  if (chain_holds(chain, link_) || chain.size() + link_.size() >= kMaxChain) {
    ++delivery->outcome.absorbed;
    count(&CallCounts::looped);
    if (host_->on_loop) host_->on_loop(route_, instance_ + "." + command_);
    return;
  }
  if (!limit_.take(now())) {
    ++delivery->outcome.absorbed;
    return over_limit(batch, event);
  }
  const auto made = std::make_shared<Attempt>();
  made->delivery = delivery;
  made->position = position;
  made->args = args_.render(batch, event);
  made->chain = chain.empty() ? link_ : std::string(chain) + "," + link_;
  made->began_ns = now();
  ++delivery->open;
  attempts_.push_back(made);
  count(&CallCounts::open);
  attempt(made);
}

// --- calls ---------------------------------------------------------------------------------------------------------

void CommandSink::attempt(const AttemptRef& attempt) {
  const auto reply = [weak = std::weak_ptr<SinkPort>(shared_from_this()), attempt](picket_status status,
                                                                                   std::string text) {
    const auto sink = std::static_pointer_cast<CommandSink>(weak.lock());
    if (!sink) return;
    sink->lane()->post([sink, attempt, status, text = std::move(text)]() mutable {
      sink->answered(attempt, status, std::move(text));
    });
  };
  const CommandPresence presence = host_->look(instance_, command_);
  attempt->unknown = presence == CommandPresence::unknown;
  if (presence == CommandPresence::away) {
    return reply(PICKET_BUSY, "the instance does not run, or offers no commands");
  }
  attempt->call = host_->call(instance_, command_, attempt->args, call_.timeout_ns, reply);
  if (attempt->call == 0) reply(PICKET_BUSY, "too many calls are open");
}

void CommandSink::answered(const AttemptRef& attempt, picket_status status, std::string text) {
  const auto place = std::find(attempts_.begin(), attempts_.end(), attempt);
  if (place == attempts_.end()) return;  // closed meanwhile
  attempt->call = 0;
  const std::int64_t took = now() - attempt->began_ns;
  if (status > 0 && took < call_.retry_for_ns) return try_again(attempt);
  attempts_.erase(place);
  Delivery& delivery = *attempt->delivery;
  --delivery.open;
  if (status != PICKET_OK) {
    ++delivery.outcome.refused;
    delivery.refused.push_back(attempt->position);
  }
  const picket_event& event = delivery.batch->events[delivery.events[attempt->position]];
  CallOutcome outcome = outcome_for(event);
  outcome.result = attempt->unknown && status == PICKET_NOT_FOUND ? CallResult::unknown : call_result_of(status);
  outcome.status = status;
  outcome.duration_ns = took;
  outcome.chain = attempt->chain;
  const std::string label = instance_ + " " + command_;
  if (status == PICKET_OK) {
    outcome.message = label + ": done";
    if (text != "{}" && text != "null") outcome.reply = std::move(text);
  } else {
    outcome.message = label + ": " + text;
    if (status > 0) outcome.message += "; given up after " + config::format_duration(took / 1'000'000 * 1'000'000);
  }
  {
    const std::scoped_lock lock(mutex_);
    --counts_.open;
    ++(outcome.result == CallResult::done        ? counts_.done
       : outcome.result == CallResult::timed_out ? counts_.timed_out
       : outcome.result == CallResult::unknown   ? counts_.unknown
                                                 : counts_.failed);
  }
  tell(outcome);
  go_on();
}

void CommandSink::try_again(const AttemptRef& attempt) {
  count(&CallCounts::retries);
  attempt->back_off_ns = attempt->back_off_ns == 0 ? kFirstBackOff : std::min(attempt->back_off_ns * 2, kMaxBackOff);
  const std::int64_t due = std::min(now() + attempt->back_off_ns, attempt->began_ns + call_.retry_for_ns);
  attempt->retry = host_->executor->call_at(due, [weak = std::weak_ptr<SinkPort>(shared_from_this()), attempt] {
    const auto sink = std::static_pointer_cast<CommandSink>(weak.lock());
    if (!sink) return;
    sink->lane()->post([sink, attempt] {
      attempt->retry = 0;
      const auto& open = sink->attempts_;
      if (std::find(open.begin(), open.end(), attempt) != open.end()) sink->attempt(attempt);
    });
  });
}

// --- what is told --------------------------------------------------------------------------------------------------

CallOutcome CommandSink::outcome_for(const picket_event& event) const {
  CallOutcome outcome;
  outcome.route = route_;
  outcome.instance = instance_;
  outcome.command = command_;
  outcome.cause_sequence = event.sequence;
  outcome.cause_source = std::string(host_->names.text(event.source));
  return outcome;
}

// Told at once, and from then on once in each `per`: a storm of events makes no storm of outcomes.
void CommandSink::over_limit(const picket_batch& batch, const picket_event& event) {
  count(&CallCounts::limited);
  const std::uint64_t before = limited_.count;
  limited_ = outcome_for(event);
  limited_.count = before + 1;
  const std::string_view chain = chain_of(batch, event, host_->names);
  limited_.chain = chain.empty() ? link_ : std::string(chain) + "," + link_;
  if (limit_timer_ == 0) tell_limited();
}

void CommandSink::tell_limited() {
  limited_.result = CallResult::limited;
  limited_.status = PICKET_LIMIT;
  limited_.message = instance_ + " " + command_ + ": over the limit of " + std::to_string(call_.limit_count) + " in " +
                     config::format_duration(call_.limit_per_ns) + "; not called for " +
                     std::to_string(limited_.count) + (limited_.count == 1 ? " event" : " events");
  tell(limited_);
  limited_.count = 0;
  limit_timer_ =
      host_->executor->call_at(now() + call_.limit_per_ns, [weak = std::weak_ptr<SinkPort>(shared_from_this())] {
        const auto sink = std::static_pointer_cast<CommandSink>(weak.lock());
        if (!sink) return;
        sink->lane()->post([sink] {
          sink->limit_timer_ = 0;
          if (sink->limited_.count != 0 && !sink->closed_) sink->tell_limited();
        });
      });
}

void CommandSink::tell(const CallOutcome& outcome) {
  if (closed_) return;
  if (host_->on_outcome) host_->on_outcome(outcome);
  picket_batch* const event = outcome_event(outcome, host_->names);
  if (event == nullptr || !host_->emit || host_->emit(event)) return;
  batch_release(event);
  count(&CallCounts::untold);
}

}  // namespace picket::routing
