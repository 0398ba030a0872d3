// SPDX-License-Identifier: Apache-2.0
//
// The turns of a spool: on its lane, the disk without the destination's lock, and what it said with it.
#include <algorithm>
#include <utility>

#include "routing/destination_spool.hpp"

namespace picket::routing {
namespace {
constexpr std::uint64_t kTurnBytes = 8ULL << 20U;  // of batches, in one transaction
constexpr std::uint64_t kLoadBytes = 4ULL << 20U;  // at once
constexpr std::int64_t kFirstSpoolBackOff = 100 * platform::kMillisecond;
constexpr std::int64_t kMaxSpoolBackOff = 5 * platform::kSecond;
}  // namespace

void Destination::spool_turn() {
  Turn turn;
  {
    const std::scoped_lock lock(mutex_);
    if (!begin_turn(turn)) {
      spooling_->scheduled = false;
      return;
    }
  }
  do_turn(*spooling_, turn);
  end_turn(turn);
}

bool Destination::begin_turn(Turn& turn) {
  Spooling& spooling = *spooling_;
  if (closed_) return false;
  spooling.running = true;
  turn.names = &spools_->names();
  if (!spooling.open) return true;
  if (can_load()) {
    const std::uint64_t room = settings_.bytes / 2 - std::min(settings_.bytes / 2, held_bytes());
    turn.load_bytes = std::clamp<std::uint64_t>(room, 1, kLoadBytes);
  }
  turn.reads_only = spooling.backing_off;
  if (turn.reads_only) return true;
  turn.released = std::exchange(spooling.released, {});
  if (settings_.when_full() == config::OnFull::drop_oldest) turn.make_room_below = settings_.spool;
  // What fits stays in memory as well, and need not be read again.
  bool held = spooling.waiting.batches == 0;
  std::uint64_t events = held_events();
  std::uint64_t bytes = held_bytes();
  for (std::uint64_t taken = 0; !spooling.arrived.empty() && taken < kTurnBytes;) {
    const auto entry = spooling.arrived.begin();
    taken += entry->bytes;
    events += entry->offer.selected;
    bytes += entry->bytes;
    held = held && events <= settings_.events && bytes <= settings_.bytes;
    turn.batches.push_back(
        {entry->serial, entry->offer.batch.get(), entry->offer.selection.indices(), entry->offer.selected, held});
    spooling.writing.splice(spooling.writing.end(), spooling.arrived, entry);
  }
  return true;
}

// No lock is held. What it was told to release stays with the store until it is gone from the file.
void Destination::do_turn(Spooling& spooling, Turn& turn) {
  if (!spooling.store) {
    auto opened = spool::SpoolStore::open(spooling.folder, *turn.names);
    if (!opened.ok()) {
      turn.error = opened.error();
      return;
    }
    spooling.store = std::move(opened).value();
    turn.opened = true;
  } else {
    work(*spooling.store, turn);
  }
  spool::SpoolStore& store = *spooling.store;
  turn.lost = store.take_lost();
  turn.waiting = store.waiting();
  turn.live_bytes = store.live_bytes();
  turn.next_ordinal = store.next_ordinal();
  turn.report = store.report();
}

void Destination::work(spool::SpoolStore& store, Turn& turn) {
  for (const std::uint64_t serial : turn.released) store.release(serial);
  std::uint64_t coming = 0;
  for (const spool::NewBatch& batch : turn.batches) coming += batch_cost(batch.batch);
  while (turn.make_room_below != 0 && store.waiting().batches != 0 &&
         store.live_bytes() + coming > turn.make_room_below) {
    const auto dropped = store.drop_oldest();
    if (!dropped.ok()) break;
    turn.dropped += *dropped;
  }
  if (!turn.batches.empty()) {
    const auto written = store.write(turn.batches, turn.unfit);
    turn.written = written.ok();
    if (!written.ok()) turn.error = written.error();
  } else if (!turn.reads_only) {
    const auto gone = store.commit();
    if (!gone.ok()) turn.error = gone.error();
  }
  // A disk that takes no more can still be read.
  if (turn.load_bytes == 0 || store.waiting().batches == 0) return;
  auto loaded = store.load(turn.load_bytes);
  if (loaded.ok()) {
    turn.loaded = std::move(loaded).value();
  } else {
    turn.load_error = loaded.error();
  }
}

void Destination::end_turn(Turn& turn) {
  Aftermath after;
  {
    const std::scoped_lock lock(mutex_);
    Spooling& spooling = *spooling_;
    for (std::string& line : turn.report) {
      after.spool_report.emplace_back(spool::SpoolHost::Tone::error, std::move(line));
    }
    if (turn.opened || spooling.store) {
      spooling.waiting = turn.waiting;
      spooling.live_bytes = turn.live_bytes;
    }
    if (turn.opened) finish_opening(turn, after);
    const std::uint64_t gone = std::min(turn.lost + turn.dropped, ledger_.spooled);
    const std::uint64_t dropped = std::min(turn.dropped, gone);
    ledger_.spooled -= gone;
    ledger_.dropped[static_cast<int>(DropReason::full)] += dropped;
    ledger_.dropped[static_cast<int>(DropReason::damaged)] += gone - dropped;
    spooling.lost_before += gone;
    if (turn.written) finish_writing(turn, after);
    finish_loading(turn);
    judge_turn(turn, after);
    spooling.running = false;
    spooling.scheduled = false;
    not_delivering_.notify_all();
    settle(after);
  }
  run_aftermath(after);
}

void Destination::count_recovered(const Turn& turn) {
  ledger_.in += turn.waiting.events;
  ledger_.recovered += turn.waiting.events;
  ledger_.spooled += turn.waiting.events;
}

void Destination::finish_opening(const Turn& turn, Aftermath& after) {
  Spooling& spooling = *spooling_;
  spooling.open = true;
  spooling.problem.clear();
  spooling.recovered_before = turn.next_ordinal;
  count_recovered(turn);
  if (turn.waiting.events != 0) {
    after.spool_report.emplace_back(spool::SpoolHost::Tone::info,
                                    std::to_string(turn.waiting.events) + " events were found in the spool");
  }
  // What came before it was open is numbered behind what is there.
  next_serial_ = std::max(next_serial_, turn.next_ordinal);
  for (Entry& entry : spooling.arrived) entry.serial = next_serial_++;
}

void Destination::finish_writing(Turn& turn, Aftermath& after) {
  Spooling& spooling = *spooling_;
  for (std::size_t i = 0; i < turn.batches.size(); ++i) {
    const auto entry = spooling.writing.begin();
    const std::uint32_t count = entry->offer.selected;
    spooling.buffered_events -= count;
    spooling.buffered_bytes -= entry->bytes;
    if (std::binary_search(turn.unfit.begin(), turn.unfit.end(), i)) {
      ledger_.queued -= count;
      ledger_.dropped[static_cast<int>(DropReason::damaged)] += count;
      record_dropped(*entry->offer.batch, DropReason::damaged, count);
      spooling.lost_before += count + entry->lost;
      if (entry->offer.acknowledgement) entry->offer.acknowledgement->dropped(DropReason::damaged, count);
      after.finished.splice(after.finished.end(), spooling.writing, entry);
    } else if (turn.batches[i].held) {
      entry->spooled = true;
      after.acknowledged.push_back(std::move(entry->offer.acknowledgement));
      bytes_ += entry->bytes;
      queued_bytes_ += entry->bytes;
      queue_.splice(queue_.end(), spooling.writing, entry);
    } else {
      ledger_.queued -= count;
      ledger_.spooled += count;
      spooling.lost_before += entry->lost;
      after.finished.splice(after.finished.end(), spooling.writing, entry);
    }
  }
}

void Destination::finish_loading(Turn& turn) {
  Spooling& spooling = *spooling_;
  for (spool::StoredBatch& stored : turn.loaded) {
    if (spare_.empty()) spare_.emplace_back();
    Entry& entry = spare_.front();
    const std::uint32_t count = stored.batch->event_count;
    entry.bytes = batch_cost(stored.batch.get());
    entry.offer.batch = std::move(stored.batch);
    entry.offer.total = entry.offer.selected = count;
    entry.serial = stored.ordinal;
    entry.spooled = true;
    entry.lost = std::exchange(spooling.lost_before, 0);
    // An earlier life may have handed it out.
    if (stored.ordinal < spooling.recovered_before) entry.flags |= PICKET_DELIVERY_AGAIN;
    ledger_.spooled -= count;
    ledger_.queued += count;
    bytes_ += entry.bytes;
    queued_bytes_ += entry.bytes;
    queue_.splice(queue_.end(), spare_, spare_.begin());
  }
}

void Destination::judge_turn(const Turn& turn, Aftermath& after) {
  Spooling& spooling = *spooling_;
  if (!turn.written) spooling.arrived.splice(spooling.arrived.begin(), spooling.writing);
  if (turn.load_error) spooling.reading_failed = true;
  const std::optional<Error>& error = turn.error ? turn.error : turn.load_error;
  if (error) {
    if (std::exchange(spooling.problem, error->message).empty()) {
      after.spool_report.emplace_back(spool::SpoolHost::Tone::error, "the spool fails: " + error->message);
    }
  }
  if (turn.error) spooling.failing = true;
  if (!turn.reads_only && !turn.error && std::exchange(spooling.failing, false)) {
    after.spool_report.emplace_back(spool::SpoolHost::Tone::info, "the spool works again");
  }
  if (!spooling.failing && !spooling.reading_failed) {
    spooling.back_off_ns = 0;
    spooling.problem.clear();
  } else if (!spooling.backing_off) {
    spooling.backing_off = true;
    spooling.back_off_ns =
        spooling.back_off_ns == 0 ? kFirstSpoolBackOff : std::min(spooling.back_off_ns * 2, kMaxSpoolBackOff);
    after.spool_retry = true;
  }
}

void Destination::arm_spool_retry() {
  const std::scoped_lock lock(mutex_);
  Spooling& spooling = *spooling_;
  if (closed_) return;
  const std::int64_t due = executor_->clock().monotonic_ns() + spooling.back_off_ns;
  spooling.retry = executor_->call_at(due, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    Aftermath inner;
    {
      const std::scoped_lock inner_lock(self->mutex_);
      self->spooling_->retry = 0;
      self->spooling_->backing_off = false;
      self->spooling_->reading_failed = false;
      self->settle(inner);
    }
    self->run_aftermath(inner);
  });
}

}  // namespace picket::routing
