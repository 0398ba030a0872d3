// SPDX-License-Identifier: Apache-2.0
#include "routing/destination.hpp"

#include <algorithm>
#include <utility>

#include "routing/destination_spool.hpp"

namespace picket::routing {
namespace {
constexpr std::size_t kSpare = 256;
}  // namespace

Destination::Destination(Identity identity, config::QueueSettings settings,
                         std::shared_ptr<platform::Executor> executor, std::shared_ptr<spool::SpoolHost> spools)
    : identity_(std::move(identity)),
      executor_(std::move(executor)),
      spools_(std::move(spools)),
      settings_(identity_.steps ? settings.before_steps() : settings) {
  // What an earlier configuration left is delivered, too, whatever the present one says.
  if (spools_ && !identity_.steps &&
      (settings_.spools() || spools_->has_backlog(identity_.route_name, identity_.instance))) {
    begin_spooling_locked();
  }
}

Destination::~Destination() = default;

// --- the source's side ---------------------------------------------------------------------------------------------

bool Destination::full(std::uint32_t events, std::uint64_t bytes) const {
  return spooling_now() ? spool_full(events, bytes) : memory_full(events, bytes);
}

bool Destination::memory_full(std::uint32_t events, std::uint64_t bytes) const {
  const std::uint64_t held = held_events() + reserved_events_;
  if (held == 0) return false;  // an empty queue takes a batch of any size
  return held + events > settings_.events || held_bytes() + reserved_bytes_ + bytes > settings_.bytes;
}

// The low watermark: a source that was told BUSY is called back at half, not at every single freed place.
bool Destination::has_room() const {
  if (closed_ || retired_ || settings_.when_full() != config::OnFull::block) return true;
  return spooling_now() ? spool_has_room()
                        : held_events() + reserved_events_ <= settings_.events / 2 &&
                              held_bytes() + reserved_bytes_ <= settings_.bytes / 2;
}

Destination::Room Destination::reserve(std::uint32_t events, std::uint64_t bytes,
                                       const std::weak_ptr<SourceListener>& listener, picket_name port) {
  const std::scoped_lock lock(mutex_);
  if (retired_ || (closed_ && close_reason_ == DropReason::removed)) return Room::gone;
  if (!closed_ && settings_.when_full() == config::OnFull::block && full(events, bytes)) {
    // Sources that have ended wait for nothing.
    std::erase_if(waiting_, [](const auto& waiter) { return waiter.first.expired(); });
    const auto same = [&](const auto& waiter) {
      return waiter.second == port && !waiter.first.owner_before(listener) && !listener.owner_before(waiter.first);
    };
    if (std::none_of(waiting_.begin(), waiting_.end(), same)) waiting_.emplace_back(listener, port);
    return Room::full;
  }
  reserved_events_ += events;
  reserved_bytes_ += bytes;
  return Room::reserved;
}

void Destination::unreserve(std::uint32_t events, std::uint64_t bytes) {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    reserved_events_ -= events;
    reserved_bytes_ -= bytes;
    settle(after);
  }
  run_aftermath(after);
}

void Destination::commit(const Offer& offer, bool reserved) {
  const std::uint64_t bytes = offer.selected == 0 ? 0 : batch_cost(offer.batch.get());
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    if (reserved) {
      reserved_events_ -= offer.selected;
      reserved_bytes_ -= bytes;
    }
    ledger_.in += offer.total;
    ledger_.filtered += offer.total - offer.selected;
    if (offer.selected != 0) take(offer, bytes, after);
    settle(after);
  }
  run_aftermath(after);
}

void Destination::take(const Offer& offer, std::uint64_t bytes, Aftermath& after) {
  if (!closed_ && settings_.when_full() == config::OnFull::drop_oldest) {
    if (spooling_now()) drop_oldest_of_spool(offer.selected, bytes, after);
    while (!spooling_now() && !queue_.empty() && full(offer.selected, bytes))
      drop(queue_.begin(), DropReason::full, after);
  }
  const bool no_room = settings_.when_full() != config::OnFull::block && full(offer.selected, bytes);
  if (closed_ || no_room) {
    const DropReason reason = closed_ ? close_reason_ : DropReason::full;
    ledger_.dropped[static_cast<int>(reason)] += offer.selected;
    lost_ += offer.selected;
    record_dropped(*offer.batch, reason, offer.selected);
    if (offer.acknowledgement) offer.acknowledgement->dropped(reason, offer.selected);
    return;
  }
  if (spare_.empty()) spare_.emplace_back();
  Entry& entry = spare_.front();
  entry.offer = offer;
  entry.bytes = bytes;
  entry.serial = next_serial_++;
  entry.lost = std::exchange(lost_, 0);
  ledger_.queued += offer.selected;
  if (spooling_) {
    spooling_->arrived.splice(spooling_->arrived.end(), spare_, spare_.begin());
    spooling_->buffered_events += offer.selected;
    spooling_->buffered_bytes += bytes;
    return;
  }
  queue_.splice(queue_.end(), spare_, spare_.begin());
  bytes_ += bytes;
  queued_bytes_ += bytes;
}

void Destination::drop(Entries::iterator entry, DropReason reason, Aftermath& after) {
  const std::uint32_t count = entry->offer.selected;
  ledger_.queued -= count;
  bytes_ -= entry->bytes;
  queued_bytes_ -= entry->bytes;
  if (entry->spooled && closed_) {  // it stays on disk
    ledger_.spooled += count;
    after.finished.splice(after.finished.end(), queue_, entry);
    return;
  }
  ledger_.dropped[static_cast<int>(reason)] += count;
  if (entry->spooled) release_locked(entry->serial);
  if (entry->offer.batch) record_dropped(*entry->offer.batch, reason, count);
  // Whoever is delivered next hears of the gap before it.
  const auto next = std::next(entry);
  (next == queue_.end() ? lost_ : next->lost) += count + entry->lost;
  if (entry->offer.acknowledgement) entry->offer.acknowledgement->dropped(reason, count);
  after.finished.splice(after.finished.end(), queue_, entry);
}

// --- what the recorder hears ---------------------------------------------------------------------------------------

Decision Destination::decision(DecisionKind kind, const picket_batch& batch) const {
  Decision decision;
  decision.kind = static_cast<std::uint32_t>(kind);
  decision.route = identity_.route;
  decision.destination = identity_.label;
  decision.events = batch.event_count;
  if (batch.event_count != 0) {
    decision.time_ns = batch.events[0].time_ns;
    decision.sequence = batch.events[0].sequence;
    decision.source = batch.events[0].source;
  }
  return decision;
}

void Destination::record_dropped(const picket_batch& batch, DropReason reason, std::uint64_t events) {
  if (recorder_ == nullptr) return;
  Decision made = decision(DecisionKind::dropped, batch);
  made.time_ns = executor_->clock().wall_ns();
  made.detail = static_cast<std::uint32_t>(reason);
  made.dropped = static_cast<std::uint32_t>(events);
  recorder_->add(made);
}

void Destination::record_finished(const Entry& entry, std::uint64_t refused, const Outcome& outcome) {
  if (recorder_ == nullptr) return;
  Decision made = decision(DecisionKind::finished, *entry.offer.batch);
  made.time_ns = executor_->clock().wall_ns();
  made.selected = entry.offer.selected;
  made.refused = static_cast<std::uint32_t>(refused);
  made.absorbed = static_cast<std::uint32_t>(outcome.absorbed);
  for (const std::uint64_t dropped : outcome.dropped) made.dropped += static_cast<std::uint32_t>(dropped);
  recorder_->add(made);
}

// --- life ----------------------------------------------------------------------------------------------------------

bool Destination::all_offered_locked() const {
  return queue_.empty() && reserved_events_ == 0 && (!spooling_ || spooling_->buffered_events == 0);
}

bool Destination::empty_locked() const {
  if (spooling_ && backing_off_ && !empty_listeners_.empty() && everything_is_spooled()) return true;
  if (!all_offered_locked() || !in_flight_.empty() || created_in_flight_ != 0) return false;
  // What is finished is gone from the disk as well, if that can be.
  return !spooling_ || closed_ || spooling_->failing || (spooling_->released.empty() && !spooling_->scheduled);
}

std::uint64_t Destination::held_events() const {
  const std::uint64_t buffered = spooling_ ? spooling_->buffered_events : 0;
  return ledger_.queued - buffered + (identity_.steps ? 0 : ledger_.in_flight);
}

void Destination::settle(Aftermath& after) {
  if (spooling_) settle_spool(after);
  const bool parked = !spooling_ || spooling_->parked;
  while (closed_ && parked && !queue_.empty()) drop(queue_.begin(), close_reason_, after);
  if (!waiting_.empty() && has_room()) after.ready = std::exchange(waiting_, {});
  if (sink_ && !paused_ && !closed_ && !backing_off_ && !after.retry && !scheduled_ && !queue_.empty()) {
    scheduled_ = true;
    after.deliver_to = sink_;
  }
  if (!empty_listeners_.empty() && empty_locked()) after.listeners.swap(empty_listeners_);
  if (!offered_listeners_.empty() && all_offered_locked()) {
    after.listeners.insert(after.listeners.end(), offered_listeners_.begin(), offered_listeners_.end());
    offered_listeners_.clear();
  }
}

void Destination::run_aftermath(Aftermath& after) {
  if (after.deliver_to) {
    after.deliver_to->busy_destinations_.fetch_add(1, std::memory_order_acq_rel);
    platform::Lane& lane = *after.deliver_to->lane();
    lane.post([self = shared_from_this(), sink = std::move(after.deliver_to)] { self->deliver(sink); });
  }
  if (after.spool_turn) spooling_->lane->post([self = shared_from_this()] { self->spool_turn(); });
  if (after.spool_retry) arm_spool_retry();
  for (const auto& [tone, line] : after.spool_report) {
    spools_->report(tone, identity_.route_name, identity_.instance, line);
  }
  after.acknowledged.clear();
  if (after.retry) arm_retry();
  for (Refused& refused : after.refused) {
    const auto letters = spools_->dead_letters();
    const std::uint64_t serial = refused.release;
    if (!letters) {
      if (serial != 0) release_after_letter(serial);
      continue;
    }
    // What is on disk must not go before the letter is there.
    letters->add(std::move(refused.letter), [weak = weak_from_this(), serial] {
      const auto self = weak.lock();
      if (self && serial != 0) self->release_after_letter(serial);
    });
  }
  if (!after.finished.empty()) recycle(after.finished);
  for (const auto& [listener, port] : after.ready) {
    if (const auto source = listener.lock()) source->on_ready(port);
  }
  for (const auto& listener : after.listeners) listener();
}

void Destination::recycle(Entries& entries) {
  for (Entry& entry : entries) entry = Entry{};
  const std::scoped_lock lock(mutex_);
  if (spare_.size() + entries.size() <= kSpare) spare_.splice(spare_.end(), entries);
}

void Destination::set_settings(const config::QueueSettings& settings) {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    settings_ = identity_.steps ? settings.before_steps() : settings;
    if (spools_ && !spooling_ && settings_.spools()) begin_spooling_locked();
    after.ready = std::exchange(waiting_, {});  // let them try under the new rules
    settle(after);
  }
  run_aftermath(after);
}

config::QueueSettings Destination::settings() const {
  const std::scoped_lock lock(mutex_);
  return settings_;
}

void Destination::retire() {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    retired_ = true;
    settle(after);
  }
  run_aftermath(after);
}

bool Destination::retired() const {
  const std::scoped_lock lock(mutex_);
  return retired_;
}

bool Destination::revive() {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return false;
    retired_ = false;
    settle(after);
  }
  run_aftermath(after);
  return true;
}

std::uint64_t Destination::close(DropReason reason) {
  std::uint64_t dropped = 0;
  Aftermath after;
  platform::CallId retry = 0;
  {
    std::unique_lock lock(mutex_);
    closed_ = true;
    close_reason_ = reason;
    if (!(delivering_on_ != nullptr && delivering_on_->is_current())) {
      not_delivering_.wait(lock, [this] { return delivering_on_ == nullptr; });
    }
    const std::uint64_t begun_with = identity_.steps ? ledger_.in_flight : 0;
    const std::uint64_t before = ledger_.dropped[static_cast<int>(reason)] + begun_with;
    while (!in_flight_.empty()) {
      if (in_flight_.back().delivering) break;  // called from within consume(): its own result will settle it
      return_to_queue(std::prev(in_flight_.end()), true);
    }
    retry = std::exchange(retry_call_, 0);
    if (spooling_) keep_in_spool(lock, after);
    ledger_.in_flight -= created_in_flight_;
    ledger_.dropped[static_cast<int>(reason)] += std::exchange(created_in_flight_, 0);
    settle(after);
    dropped = ledger_.dropped[static_cast<int>(reason)] - before;
  }
  if (retry != 0) executor_->cancel(retry);
  run_aftermath(after);
  return dropped;
}

bool Destination::empty() const {
  const std::scoped_lock lock(mutex_);
  return empty_locked();
}

void Destination::when_empty(std::function<void()> listener) {
  {
    const std::scoped_lock lock(mutex_);
    if (!empty_locked()) {
      empty_listeners_.push_back(std::move(listener));
      return;
    }
  }
  listener();
}

Ledger Destination::ledger() const {
  const std::scoped_lock lock(mutex_);
  return ledger_;
}

std::uint64_t Destination::bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_ + (spooling_ ? spooling_->buffered_bytes : 0);
}

}  // namespace picket::routing
