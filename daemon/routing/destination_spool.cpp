// SPDX-License-Identifier: Apache-2.0
//
// The side of the spool: what goes to disk and what passes it by, and the end. The turns are in spool_turn.cpp.
#include "routing/destination_spool.hpp"

#include <algorithm>
#include <utility>

namespace picket::routing {
namespace {
constexpr std::uint64_t kMaxBuffer = 16ULL << 20U;  // bytes of batches on their way to the disk
}  // namespace

void Destination::begin_spooling_locked() {
  spooling_ = std::make_unique<Spooling>();
  spooling_->lane = spools_->make_lane();
  spooling_->folder = spools_->folder(identity_.route_name, identity_.instance);
}

// A destination that has lost its spool with a reload goes on with it until it is empty.
bool Destination::spooling_now() const {
  return spooling_ && (settings_.spools() || !spooling_->open || spooling_->waiting.batches != 0);
}

// Nothing is on disk or on its way there, so that what comes now may stay in memory.
bool Destination::memory_is_next() const {
  const Spooling& spooling = *spooling_;
  return spooling.open && spooling.waiting.batches == 0 && spooling.writing.empty() &&
         // What is durable goes there first, unless the disk does not take it: then the sink's word is what counts.
         (!settings_.durable || spooling.failing);
}

bool Destination::spool_full(std::uint32_t events, std::uint64_t bytes) const {
  const Spooling& spooling = *spooling_;
  if (memory_is_next() && spooling.arrived.empty() && !memory_full(events, bytes)) return false;
  const std::uint64_t buffered = spooling.buffered_bytes + reserved_bytes_;
  if (buffered != 0 && buffered + bytes > std::min(settings_.bytes, kMaxBuffer)) return true;
  if (buffered == 0 && spooling.live_bytes == 0) return false;  // an empty spool takes a batch of any size
  // With drop_oldest the turn makes room.
  return settings_.when_full() != config::OnFull::drop_oldest &&
         spooling.live_bytes + buffered + bytes > settings_.spool;
}

// Low watermarks, as of the memory; of the spool seven eighths, since it is large.
bool Destination::spool_has_room() const {
  const Spooling& spooling = *spooling_;
  if (memory_is_next() && spooling.arrived.empty() && held_events() + reserved_events_ <= settings_.events / 2 &&
      held_bytes() + reserved_bytes_ <= settings_.bytes / 2) {
    return true;
  }
  const std::uint64_t buffered = spooling.buffered_bytes + reserved_bytes_;
  return buffered <= std::min(settings_.bytes, kMaxBuffer) / 2 &&
         spooling.live_bytes + buffered <= settings_.spool - settings_.spool / 8;
}

// Only entries that no turn is writing can go: the oldest of them.
void Destination::drop_oldest_of_spool(std::uint32_t events, std::uint64_t bytes, Aftermath& after) {
  Spooling& spooling = *spooling_;
  while (!spooling.arrived.empty() && spool_full(events, bytes)) {
    const auto entry = spooling.arrived.begin();
    const std::uint32_t count = entry->offer.selected;
    ledger_.queued -= count;
    ledger_.dropped[static_cast<int>(DropReason::full)] += count;
    record_dropped(*entry->offer.batch, DropReason::full, count);
    spooling.buffered_events -= count;
    spooling.buffered_bytes -= entry->bytes;
    const auto next = std::next(entry);
    (next == spooling.arrived.end() ? lost_ : next->lost) += count + entry->lost;
    if (entry->offer.acknowledgement) entry->offer.acknowledgement->dropped(DropReason::full, count);
    after.finished.splice(after.finished.end(), spooling.arrived, entry);
  }
}

// --- past the spool, or to it ---------------------------------------------------------------------------------------

bool Destination::may_pass_spool() const {
  const Spooling& spooling = *spooling_;
  if (closed_ || spooling.arrived.empty() || !spooling.open || !spooling.writing.empty()) return false;
  if (!spooling_now()) return true;
  if (!memory_is_next()) return false;
  const Entry& entry = spooling.arrived.front();
  const std::uint64_t held = held_events();
  return held == 0 ||
         (held + entry.offer.selected <= settings_.events && held_bytes() + entry.bytes <= settings_.bytes);
}

void Destination::pass_spool_by() {
  Spooling& spooling = *spooling_;
  while (may_pass_spool()) {
    const auto entry = spooling.arrived.begin();
    spooling.buffered_events -= entry->offer.selected;
    spooling.buffered_bytes -= entry->bytes;
    bytes_ += entry->bytes;
    queued_bytes_ += entry->bytes;
    queue_.splice(queue_.end(), spooling.arrived, entry);
  }
}

// Nothing is read for a route that is gone, or whose sink is to stop soon.
bool Destination::can_load() const {
  return spooling_->waiting.batches != 0 && !spooling_->reading_failed && sink_ && !paused_ && !retired_ && !closed_ &&
         empty_listeners_.empty() && held_events() <= settings_.events / 2 && held_bytes() <= settings_.bytes / 2;
}

// Then a drain need not wait for a sink that takes nothing at the moment.
bool Destination::everything_is_spooled() const {
  const auto spooled = [](const Entry& entry) { return entry.spooled; };
  return reserved_events_ == 0 && spooling_->buffered_events == 0 &&
         std::all_of(queue_.begin(), queue_.end(), spooled) &&
         std::all_of(in_flight_.begin(), in_flight_.end(), spooled);
}

void Destination::settle_spool(Aftermath& after) {
  Spooling& spooling = *spooling_;
  pass_spool_by();
  if (spooling.scheduled || closed_) return;
  const bool writes = !spooling.open || spooling.failing || !spooling.released.empty() || !spooling.arrived.empty();
  if (!can_load() && (!writes || spooling.backing_off)) return;
  spooling.scheduled = true;
  after.spool_turn = true;
}

void Destination::release_locked(std::uint64_t serial) {
  spooling_->released.push_back(serial);
}

void Destination::release_after_letter(std::uint64_t serial) {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    release_locked(serial);
    settle(after);
  }
  run_aftermath(after);
}

std::optional<SpoolStatus> Destination::spool_status() const {
  const std::scoped_lock lock(mutex_);
  if (!spooling_) return std::nullopt;
  return SpoolStatus{spooling_->folder.string(), spooling_->live_bytes, settings_.spool, spooling_->problem};
}

// --- the end --------------------------------------------------------------------------------------------------------

// What is in memory goes to disk, between what is there already, if the settings say so; what is there stays. Waits for
// the disk without the lock: closed_ keeps everybody else from what it moves.
void Destination::keep_in_spool(std::unique_lock<std::mutex>& lock, Aftermath& after) {
  Spooling& spooling = *spooling_;
  not_delivering_.wait(lock, [&] { return !spooling.running; });
  if (spooling.parked) return;
  const platform::CallId retry = std::exchange(spooling.retry, 0);
  Entries rest;
  rest.splice(rest.end(), queue_);
  for (const Entry& entry : rest) {
    bytes_ -= entry.bytes;
    queued_bytes_ -= entry.bytes;
  }
  rest.splice(rest.end(), spooling.arrived);
  spooling.buffered_events = spooling.buffered_bytes = 0;
  Turn turn;
  turn.names = &spools_->names();
  turn.released = std::exchange(spooling.released, {});
  const bool write = settings_.spools();
  const bool was_open = spooling.open;
  std::vector<Entries::iterator> written;
  for (auto entry = rest.begin(); entry != rest.end() && write; ++entry) {
    if (entry->spooled) continue;
    turn.batches.push_back(
        {entry->serial, entry->offer.batch.get(), entry->offer.selection.indices(), entry->offer.selected, true});
    written.push_back(entry);
  }
  lock.unlock();
  if (retry != 0) executor_->cancel(retry);
  if (was_open || !turn.batches.empty()) last_turn(spooling, turn);
  lock.lock();
  spooling.store.reset();
  spooling.parked = true;
  if (turn.opened) count_recovered(turn);
  if (turn.written) {
    for (const auto& entry : written) entry->spooled = true;
    for (const std::size_t unfit : turn.unfit) written[unfit]->spooled = false;
  } else if (!turn.batches.empty()) {
    turn.report.push_back("what is in memory could not be kept: " + turn.error->message);
  }
  for (auto entry = rest.begin(); entry != rest.end();) {
    const auto next = std::next(entry);
    if (entry->spooled) {
      ledger_.queued -= entry->offer.selected;
      ledger_.spooled += entry->offer.selected;
      after.finished.splice(after.finished.end(), rest, entry);
    } else {  // settle() drops it
      bytes_ += entry->bytes;
      queued_bytes_ += entry->bytes;
    }
    entry = next;
  }
  queue_.splice(queue_.end(), rest);
  for (std::string& line : turn.report) after.spool_report.emplace_back(spool::SpoolHost::Tone::error, std::move(line));
}

// As a turn, but it opens what is not open yet, and writes even so.
void Destination::last_turn(Spooling& spooling, Turn& turn) {
  if (!spooling.store) {
    Turn opening;
    opening.names = turn.names;
    do_turn(spooling, opening);
    turn.opened = opening.opened;
    turn.waiting = opening.waiting;
    turn.error = opening.error;
    turn.report = std::move(opening.report);
    if (!opening.opened) return;
    const std::uint64_t first = turn.batches.empty() ? 0 : turn.batches.front().ordinal;
    const std::uint64_t shift = opening.next_ordinal > first ? opening.next_ordinal - first : 0;
    for (spool::NewBatch& batch : turn.batches) batch.ordinal += shift;
  }
  const bool opened = turn.opened;
  const spool::StoreCount found = turn.waiting;
  do_turn(spooling, turn);
  turn.opened = opened;
  if (opened) turn.waiting = found;
}

}  // namespace picket::routing
