// SPDX-License-Identifier: Apache-2.0
//
// The sink's side of a destination: rounds of deliveries on the sink's lane, their answers, back-off; and the extra
// answers of a pipeline.
#include <algorithm>
#include <utility>

#include "platform/per_thread.hpp"
#include "routing/destination.hpp"

namespace picket::routing {
namespace {
constexpr std::size_t kRound = 32;  // entries per turn on the lane, so that sinks share their threads
constexpr std::int64_t kFirstBackOff = 10 * platform::kMillisecond;
constexpr std::int64_t kMaxBackOff = 5 * platform::kSecond;

// A positive status that this version does not know is a sink's mistake, not a success.
picket_status known_status(picket_status status) {
  return status > PICKET_PENDING ? PICKET_FAILED : status;
}
}  // namespace

void SinkPort::drain() {
  draining_ = true;
  lane_->post([self = shared_from_this()] { self->flush(); });
}

void SinkPort::became_idle() {
  idle();
  if (draining_) flush();
}

// --- the sink's side -----------------------------------------------------------------------------------------------

void Destination::attach(std::shared_ptr<SinkPort> sink) {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    sink_ = std::move(sink);
    paused_ = false;
    backing_off_ = false;
    back_off_ns_ = 0;
    settle(after);
  }
  run_aftermath(after);
}

void Destination::pause() {
  const std::scoped_lock lock(mutex_);
  paused_ = true;
}

void Destination::detach() {
  platform::CallId retry = 0;
  {
    const std::scoped_lock lock(mutex_);
    while (!in_flight_.empty()) return_to_queue(std::prev(in_flight_.end()), true);
    sink_.reset();
    backing_off_ = false;
    retry = std::exchange(retry_call_, 0);
  }
  if (retry != 0) executor_->cancel(retry);
}

void Destination::done(std::uint64_t ticket, picket_status status, std::span<const std::uint32_t> refused) {
  status = known_status(status);
  if (status == PICKET_PENDING) return;  // says nothing new
  Outcome outcome;
  std::vector<std::uint32_t> positions;
  {
    const std::scoped_lock lock(mutex_);
    const auto entry = std::find_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const Entry& candidate) { return ticket_of(candidate) == ticket; });
    if (entry == in_flight_.end()) return;
    // Positions beyond the selection or out of order are the sink's mistake; they refuse nothing.
    std::int64_t previous = -1;
    for (const std::uint32_t position : refused) {
      if (position >= entry->offer.selected || std::int64_t{position} <= previous) continue;
      previous = position;
      ++outcome.refused;
      positions.push_back(position);
    }
  }
  answer(ticket, status, outcome, std::move(positions));
}

void Destination::done(std::uint64_t ticket, const Outcome& outcome, std::vector<std::uint32_t> refused) {
  answer(ticket, PICKET_OK, outcome, std::move(refused));
}

void Destination::answer(std::uint64_t ticket, picket_status status, const Outcome& outcome,
                         std::vector<std::uint32_t> positions) {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    const auto entry = std::find_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const Entry& candidate) { return ticket_of(candidate) == ticket; });
    if (entry == in_flight_.end()) return;
    if (entry->delivering) {
      if (!entry->noted) {
        entry->noted = true;
        entry->note = status;
        entry->note_outcome = outcome;
        entry->note_positions = std::move(positions);
      }
      return;
    }
    finish(entry, status, outcome, std::move(positions), after);
    settle(after);
  }
  run_aftermath(after);
}

void Destination::finish(Entries::iterator entry, picket_status status, const Outcome& outcome,
                         std::vector<std::uint32_t> positions, Aftermath& after) {
  if (status == PICKET_BUSY) {
    return_to_queue(entry, true);
    after.retry = true;
    return;
  }
  std::uint64_t rest = entry->offer.selected;
  ledger_.in_flight -= rest;
  const auto take_of_rest = [&](std::uint64_t wanted) {
    const std::uint64_t taken = std::min(wanted, rest);
    rest -= taken;
    return taken;
  };
  Acknowledgement* const acknowledgement = entry->offer.acknowledgement.get();
  ledger_.absorbed += take_of_rest(outcome.absorbed);
  for (int i = 0; i < kDropReasons; ++i) {
    const std::uint64_t dropped = take_of_rest(outcome.dropped[i]);
    ledger_.dropped[i] += dropped;
    // What steps created can be lost behind them without a loss of the source's own events; it hears of it all the
    // same.
    if (outcome.dropped[i] != 0 && acknowledgement != nullptr) {
      acknowledgement->dropped(static_cast<DropReason>(i), outcome.dropped[i]);
    }
  }
  const std::uint64_t refused = status < 0 ? rest : outcome.refused;
  if (refused != 0 && acknowledgement != nullptr) acknowledgement->refused(refused);
  if (entry->offer.batch) record_finished(*entry, refused, outcome);
  const std::uint64_t dead = take_of_rest(refused);
  ledger_.dead += dead;
  ledger_.delivered += rest;
  bytes_ -= entry->bytes;
  back_off_ns_ = 0;
  if (dead != 0 && spools_ && !identity_.steps) {
    if (status < 0) positions.clear();  // all of them
    const std::uint64_t release = entry->spooled ? entry->serial : 0;
    after.refused.push_back({{identity_.route_name, identity_.instance, entry->offer.batch, entry->offer.selection,
                              entry->offer.selected, std::move(positions), status},
                             release});
  } else if (entry->spooled) {
    release_locked(entry->serial);
  }
  after.finished.splice(after.finished.end(), in_flight_, entry);
}

// `handed_out`: the sink has seen it, so a later offer says AGAIN.
void Destination::return_to_queue(Entries::iterator entry, bool handed_out) {
  ledger_.in_flight -= entry->offer.selected;
  ledger_.queued += entry->offer.selected;
  queued_bytes_ += entry->bytes;
  entry->delivering = false;
  entry->noted = false;
  if (handed_out) entry->flags |= PICKET_DELIVERY_AGAIN;
  const auto place =
      std::find_if(queue_.begin(), queue_.end(), [&](const Entry& waiting) { return waiting.serial > entry->serial; });
  queue_.splice(place, in_flight_, entry);
}

bool Destination::take_round(SinkPort& sink, std::vector<Entries::iterator>& round) {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    if (sink_.get() == &sink && !paused_ && !closed_ && !backing_off_ && !queue_.empty()) {
      begin_round(sink, round);
      return true;
    }
    // Nothing to do for this sink; another one may have been attached meanwhile.
    scheduled_ = false;
    settle(after);
  }
  run_aftermath(after);
  return false;
}

void Destination::begin_round(SinkPort& sink, std::vector<Entries::iterator>& round) {
  delivering_on_ = sink.lane().get();
  while (!queue_.empty() && round.size() < kRound) {
    const auto entry = queue_.begin();
    entry->delivering = true;
    ledger_.queued -= entry->offer.selected;
    ledger_.in_flight += entry->offer.selected;
    queued_bytes_ -= entry->bytes;
    // Entries return to the queue in order of serial, so the newest taken is the last in flight.
    in_flight_.splice(in_flight_.end(), queue_, entry);
    round.push_back(entry);
  }
}

void Destination::deliver(const std::shared_ptr<SinkPort>& sink) {
  auto& round = platform::per_thread<std::vector<Entries::iterator>>();
  round.clear();
  if (!take_round(*sink, round)) {
    if (sink->busy_destinations_.fetch_sub(1, std::memory_order_acq_rel) == 1) sink->became_idle();
    return;
  }
  picket_status results[kRound];
  std::size_t offered = 0;
  for (; offered < round.size(); ++offered) {
    const Entry& entry = *round[offered];
    picket_delivery delivery{};
    delivery.size = sizeof delivery;
    delivery.flags = entry.flags;
    delivery.ticket = ticket_of(entry);
    delivery.batch = entry.offer.batch.get();
    delivery.selection = entry.offer.selection.indices();
    delivery.count = entry.offer.selected;
    delivery.route = identity_.route;
    results[offered] = known_status(sink->consume(delivery, entry.lost));
    if (results[offered] == PICKET_BUSY) break;  // the rest would hear the same
  }
  Aftermath after;
  bool more = false;
  {
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = round.size(); i-- > 0;) {
      const auto entry = round[i];
      if (i > offered) {
        return_to_queue(entry, false);
      } else if (i == offered && offered < round.size()) {
        finish(entry, PICKET_BUSY, {}, {}, after);
      } else if (results[i] != PICKET_PENDING) {
        finish(entry, results[i], {}, {}, after);
      } else if (entry->noted) {
        finish(entry, entry->note, entry->note_outcome, std::move(entry->note_positions), after);
      } else {
        entry->delivering = false;
      }
    }
    // Answers go out in the order of arrival.
    after.finished.reverse();
    delivering_on_ = nullptr;
    not_delivering_.notify_all();
    if (after.retry) backing_off_ = true;
    more = sink_ == sink && !paused_ && !closed_ && !backing_off_ && !queue_.empty();
    if (!more) scheduled_ = false;
    settle(after);
  }
  run_aftermath(after);
  if (more) {
    sink->lane()->post([self = shared_from_this(), sink] { self->deliver(sink); });
  } else if (sink->busy_destinations_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    sink->became_idle();
  }
}

void Destination::arm_retry() {
  const std::scoped_lock lock(mutex_);
  if (!sink_ || closed_) return;
  backing_off_ = true;
  if (retry_call_ != 0) return;  // one is under way already
  back_off_ns_ = back_off_ns_ == 0 ? kFirstBackOff : std::min(back_off_ns_ * 2, kMaxBackOff);
  const std::int64_t due = executor_->clock().monotonic_ns() + back_off_ns_;
  retry_call_ = executor_->call_at(due, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    Aftermath after;
    {
      const std::scoped_lock inner(self->mutex_);
      self->retry_call_ = 0;
      self->backing_off_ = false;
      self->settle(after);
    }
    self->run_aftermath(after);
  });
}

// --- the side of a pipeline ----------------------------------------------------------------------------------------

void Destination::created(std::uint64_t events) {
  const std::scoped_lock lock(mutex_);
  ledger_.created += events;
  if (closed_) {
    ledger_.dropped[static_cast<int>(close_reason_)] += events;
  } else {
    ledger_.in_flight += events;
    created_in_flight_ += events;
  }
}

void Destination::handed_on(std::uint64_t events) {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    events = std::min(events, created_in_flight_);  // none once closed
    created_in_flight_ -= events;
    ledger_.in_flight -= events;
    ledger_.delivered += events;
    settle(after);
  }
  run_aftermath(after);
}

void Destination::resume() {
  Aftermath after;
  platform::CallId retry = 0;
  {
    const std::scoped_lock lock(mutex_);
    retry = std::exchange(retry_call_, 0);
    backing_off_ = false;
    back_off_ns_ = 0;
    settle(after);
  }
  if (retry != 0) executor_->cancel(retry);
  run_aftermath(after);
}

bool Destination::all_offered() const {
  const std::scoped_lock lock(mutex_);
  return all_offered_locked();
}

void Destination::when_all_offered(std::function<void()> listener) {
  {
    const std::scoped_lock lock(mutex_);
    if (!all_offered_locked()) {
      offered_listeners_.push_back(std::move(listener));
      return;
    }
  }
  listener();
}

}  // namespace picket::routing
