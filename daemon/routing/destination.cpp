// SPDX-License-Identifier: Apache-2.0
#include "routing/destination.hpp"

#include <algorithm>
#include <utility>

#include "platform/per_thread.hpp"

namespace picket::routing {
namespace {
constexpr std::size_t kRound = 32;  // entries per turn on the lane, so that sinks share their threads
constexpr std::size_t kSpare = 256;
constexpr std::int64_t kFirstBackOff = 10 * platform::kMillisecond;
constexpr std::int64_t kMaxBackOff = 5 * platform::kSecond;
constexpr std::uint64_t kSerialMask = (std::uint64_t{1} << 40U) - 1;

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

Destination::Destination(Identity identity, config::QueueSettings settings,
                         std::shared_ptr<platform::Executor> executor)
    : identity_(std::move(identity)), executor_(std::move(executor)), settings_(settings) {}

// --- the source's side ---------------------------------------------------------------------------------------------

bool Destination::full(std::uint32_t events, std::uint64_t bytes) const {
  const std::uint64_t held_events = ledger_.queued + ledger_.in_flight + reserved_events_;
  if (held_events == 0) return false;  // an empty queue takes a batch of any size
  return held_events + events > settings_.events || held_bytes_ + reserved_bytes_ + bytes > settings_.bytes;
}

// The low watermark: a source that was told BUSY is called back at half, not at every single freed place.
bool Destination::has_room() const {
  return closed_ || retired_ || settings_.on_full != config::OnFull::block ||
         (ledger_.queued + ledger_.in_flight + reserved_events_ <= settings_.events / 2 &&
          held_bytes_ + reserved_bytes_ <= settings_.bytes / 2);
}

Destination::Room Destination::reserve(std::uint32_t events, std::uint64_t bytes,
                                       const std::weak_ptr<SourceListener>& listener, picket_name port) {
  const std::scoped_lock lock(mutex_);
  if (retired_ || (closed_ && close_reason_ == DropReason::removed)) return Room::gone;
  if (!closed_ && settings_.on_full == config::OnFull::block && full(events, bytes)) {
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
  if (!closed_ && settings_.on_full == config::OnFull::drop_oldest) {
    while (!queue_.empty() && full(offer.selected, bytes)) drop(queue_.begin(), DropReason::full, after);
  }
  const bool no_room = settings_.on_full != config::OnFull::block && full(offer.selected, bytes);
  if (closed_ || no_room) {
    ledger_.dropped[static_cast<int>(closed_ ? close_reason_ : DropReason::full)] += offer.selected;
    lost_ += offer.selected;
    if (offer.acknowledgement) offer.acknowledgement->record(PICKET_DROPPED);
    return;
  }
  if (spare_.empty()) spare_.emplace_back();
  Entry& entry = spare_.front();
  entry.offer = offer;
  entry.bytes = bytes;
  entry.serial = next_serial_++ & kSerialMask;
  entry.lost = std::exchange(lost_, 0);
  queue_.splice(queue_.end(), spare_, spare_.begin());
  ledger_.queued += offer.selected;
  held_bytes_ += bytes;
}

void Destination::drop(Entries::iterator entry, DropReason reason, Aftermath& after) {
  const std::uint32_t count = entry->offer.selected;
  ledger_.queued -= count;
  ledger_.dropped[static_cast<int>(reason)] += count;
  held_bytes_ -= entry->bytes;
  // Whoever is delivered next hears of the gap before it.
  const auto next = std::next(entry);
  (next == queue_.end() ? lost_ : next->lost) += count + entry->lost;
  if (entry->offer.acknowledgement) entry->offer.acknowledgement->record(PICKET_DROPPED);
  after.finished.splice(after.finished.end(), queue_, entry);
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
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    const auto entry = std::find_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const Entry& candidate) { return ticket_of(candidate) == ticket; });
    if (entry == in_flight_.end()) return;
    // Positions beyond the selection or out of order are the sink's mistake; they refuse nothing.
    std::uint32_t refused_count = 0;
    std::int64_t previous = -1;
    for (const std::uint32_t position : refused) {
      if (position >= entry->offer.selected || std::int64_t{position} <= previous) continue;
      previous = position;
      ++refused_count;
    }
    if (entry->delivering) {
      if (!entry->noted) {
        entry->noted = true;
        entry->note = status;
        entry->note_refused = refused_count;
      }
      return;
    }
    finish(entry, status, refused_count, after);
    settle(after);
  }
  run_aftermath(after);
}

void Destination::finish(Entries::iterator entry, picket_status status, std::uint32_t refused, Aftermath& after) {
  const std::uint32_t count = entry->offer.selected;
  if (status == PICKET_BUSY) {
    return_to_queue(entry, true);
    after.retry = true;
    return;
  }
  if (status < 0) refused = count;
  ledger_.in_flight -= count;
  ledger_.delivered += count - refused;
  ledger_.dead += refused;
  held_bytes_ -= entry->bytes;
  back_off_ns_ = 0;
  if (refused != 0 && entry->offer.acknowledgement) entry->offer.acknowledgement->record(PICKET_REFUSED);
  after.finished.splice(after.finished.end(), in_flight_, entry);
}

// `handed_out`: the sink has seen it, so a later offer says AGAIN.
void Destination::return_to_queue(Entries::iterator entry, bool handed_out) {
  ledger_.in_flight -= entry->offer.selected;
  ledger_.queued += entry->offer.selected;
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
        finish(entry, PICKET_BUSY, 0, after);
      } else if (results[i] != PICKET_PENDING) {
        finish(entry, results[i], 0, after);
      } else if (entry->noted) {
        finish(entry, entry->note, entry->note_refused, after);
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

// --- life ----------------------------------------------------------------------------------------------------------

void Destination::settle(Aftermath& after) {
  while (closed_ && !queue_.empty()) drop(queue_.begin(), close_reason_, after);
  if (!waiting_.empty() && has_room()) after.ready = std::exchange(waiting_, {});
  if (sink_ && !paused_ && !closed_ && !backing_off_ && !after.retry && !scheduled_ && !queue_.empty()) {
    scheduled_ = true;
    after.deliver_to = sink_;
  }
  if (!empty_listeners_.empty() && empty_locked()) after.empty_listeners.swap(empty_listeners_);
}

void Destination::run_aftermath(Aftermath& after) {
  if (after.deliver_to) {
    after.deliver_to->busy_destinations_.fetch_add(1, std::memory_order_acq_rel);
    platform::Lane& lane = *after.deliver_to->lane();
    lane.post([self = shared_from_this(), sink = std::move(after.deliver_to)] { self->deliver(sink); });
  }
  if (after.retry) arm_retry();
  if (!after.finished.empty()) recycle(after.finished);
  for (const auto& [listener, port] : after.ready) {
    if (const auto source = listener.lock()) source->on_ready(port);
  }
  for (const auto& listener : after.empty_listeners) listener();
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
    settings_ = settings;
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

void Destination::close(DropReason reason) {
  Aftermath after;
  platform::CallId retry = 0;
  {
    std::unique_lock lock(mutex_);
    closed_ = true;
    close_reason_ = reason;
    if (!(delivering_on_ != nullptr && delivering_on_->is_current())) {
      not_delivering_.wait(lock, [this] { return delivering_on_ == nullptr; });
    }
    while (!in_flight_.empty()) {
      if (in_flight_.back().delivering) break;  // called from within consume(): its own result will settle it
      return_to_queue(std::prev(in_flight_.end()), true);
    }
    retry = std::exchange(retry_call_, 0);
    settle(after);
  }
  if (retry != 0) executor_->cancel(retry);
  run_aftermath(after);
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
  return held_bytes_;
}

}  // namespace picket::routing
