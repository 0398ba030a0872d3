// SPDX-License-Identifier: Apache-2.0
#include "routing/recorder/recorder.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

#include "routing/steps/event_writer.hpp"

namespace picket::routing {
namespace {

constexpr std::int64_t kCopyEvery = platform::kMillisecond;
constexpr std::uint32_t kCopiedEvents = 64;
constexpr std::uint64_t kBytesPerSlot = 512;  // of the whole size

std::uint64_t kept_size(std::uint64_t size) {
  return size == 0 ? 0 : std::max(size, Recorder::kLeastSize);
}

// Takes what an EventWriter made, the first batch of it.
class OneBatch final : public Output {
 public:
  void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
  void pass(const Events& /*in*/) override {}
  void add(BatchRef batch) override {
    if (!made) made = std::move(batch);
  }
  BatchRef made;
};

// The last events of a batch in one that is just large enough, or null.
BatchRef copy_of_last(const picket_batch& batch) {
  OneBatch out;
  EventWriter writer(out);
  const std::uint32_t count = std::min(batch.event_count, kCopiedEvents);
  for (std::uint32_t i = batch.event_count - count; i < batch.event_count; ++i) writer.copy(batch, batch.events[i]);
  writer.flush();
  return std::move(out.made);
}

std::uint64_t used_bytes(const picket_batch& batch) {
  return std::uint64_t{batch.event_count} * sizeof(picket_event) +
         std::uint64_t{batch.field_count} * sizeof(picket_field) + batch.byte_count;
}

}  // namespace

// Of the size 1/8 each is for decisions, lines and the latest batches, about 1/16 for slots, the rest for history.
Recorder::Recorder(std::uint64_t size, const platform::Clock& clock)
    : size_(kept_size(size)),
      clock_(clock),
      latest_(size_ / 8, size_ / 4 / kBytesPerSlot),
      history_(size_ / 2, size_ / kBytesPerSlot),
      history_allowance_(history_.limit),
      decision_count_(size_ / 8 / sizeof(Decision)),
      decisions_(new Decision[std::max<std::size_t>(decision_count_, 1)]),
      text_size_(size_ / 8),
      text_(new char[std::max<std::size_t>(text_size_, 1)]) {}

Recorder::~Recorder() {
  close();
}

Recorder::Ring::Ring(std::uint64_t limit_bytes, std::size_t slot_count)
    : limit(limit_bytes), count(slot_count), slots(new Slot[std::max<std::size_t>(slot_count, 1)]) {}

void Recorder::Ring::put(const Slot& slot) {
  slots[(first + used) % count] = slot;
  ++used;
  bytes += slot.cost;
}

Recorder::Slot Recorder::Ring::take_oldest() {
  const Slot slot = slots[first];
  slots[first] = Slot{};
  first = (first + 1) % count;
  --used;
  bytes -= slot.cost;
  return slot;
}

void Recorder::lock() {
  for (int spins = 0; locked_.test_and_set(std::memory_order_acquire); ++spins) {
    if (spins > 64) std::this_thread::yield();
  }
}

// --- adding --------------------------------------------------------------------------------------------------------

Recorder::Entry::Entry(Recorder& recorder) : recorder_(recorder) {
  recorder_.lock();
}

Recorder::Entry::~Entry() {
  recorder_.unlock();
  for (std::size_t i = 0; i < gone_count_; ++i) batch_release(gone_[i]);
}

void Recorder::Entry::add(const picket_batch* batch) {
  Recorder& r = recorder_;
  if (r.closed_ || !r.on() || batch->event_count == 0) return;
  std::uint64_t cost = batch_cost(batch);
  BatchRef held;
  // What would take much room for little, or push out all the rest, is copied; not too often, for a copy takes time.
  const bool wasteful = cost > 16'384 && used_bytes(*batch) < cost / 2;
  const bool large = cost > r.latest_.limit;
  if ((wasteful || large) && r.may_copy()) {
    held = copy_of_last(*batch);
    if (held) cost = batch_cost(held.get());
  }
  if (!held && !large) held = BatchRef::retain(batch);
  if (!held || cost > r.latest_.limit) {
    ++r.left_out_;
    return;
  }
  while (r.latest_.full(cost)) {
    const Slot old = r.latest_.take_oldest();
    if (!r.becomes_history(old)) {
      let_go(old.batch);
      continue;
    }
    while (r.history_.full(old.cost)) let_go(r.history_.take_oldest().batch);
    r.history_.put(old);
  }
  batch_retain(held.get());
  r.latest_.put({held.get(), r.next_serial_++, cost});
}

void Recorder::Entry::let_go(const picket_batch* batch) {
  if (gone_count_ == std::size(gone_)) {
    batch_release(batch);  // rare: one large batch for many small ones
  } else {
    gone_[gone_count_++] = batch;
  }
}

bool Recorder::becomes_history(const Slot& slot) {
  if (history_allowance_ < slot.cost) {
    const std::int64_t now = clock_.monotonic_ns();
    const std::int64_t passed = std::clamp<std::int64_t>(now - history_asked_ns_, 0, platform::kSecond);
    const auto more = static_cast<std::uint64_t>(static_cast<double>(passed) / platform::kSecond *
                                                 static_cast<double>(history_.limit));
    history_asked_ns_ = now;
    history_allowance_ = std::min(history_allowance_ + more, history_.limit);
  }
  if (history_allowance_ < slot.cost) {
    ++left_out_;
    return false;
  }
  history_allowance_ -= slot.cost;
  return true;
}

bool Recorder::may_copy() {
  const std::int64_t now = clock_.monotonic_ns();
  if (now < next_copy_ns_) return false;
  next_copy_ns_ = now + kCopyEvery;
  return true;
}

void Recorder::Entry::add(const Decision& decision) {
  Recorder& r = recorder_;
  if (r.closed_ || r.decision_count_ == 0) return;
  Decision& place = r.decisions_[(r.first_decision_ + r.used_decisions_) % r.decision_count_];
  place = decision;
  place.serial = r.next_serial_++;
  if (r.used_decisions_ == r.decision_count_) {
    r.first_decision_ = (r.first_decision_ + 1) % r.decision_count_;
  } else {
    ++r.used_decisions_;
  }
}

void Recorder::add_log(std::string_view line) {
  if (!on()) return;
  const Entry entry(*this);  // for its lock
  if (closed_) return;
  if (line.size() > kMaxLine) {
    ++left_out_;
    return;
  }
  const LineHeader header{static_cast<std::uint32_t>(line.size()), 0, next_serial_++};
  while (used_text_ + sizeof header + line.size() > text_size_) drop_oldest_line();
  put(&header, sizeof header);
  put(line.data(), line.size());
}

void Recorder::put(const void* data, std::size_t length) {
  const std::size_t at = (first_text_ + used_text_) % text_size_;
  const std::size_t first = std::min(length, text_size_ - at);
  std::memcpy(text_.get() + at, data, first);
  std::memcpy(text_.get(), static_cast<const char*>(data) + first, length - first);
  used_text_ += length;
}

void Recorder::get(std::size_t at, void* data, std::size_t length) const {
  at %= text_size_;
  const std::size_t first = std::min(length, text_size_ - at);
  std::memcpy(data, text_.get() + at, first);
  std::memcpy(static_cast<char*>(data) + first, text_.get(), length - first);
}

void Recorder::drop_oldest_line() {
  LineHeader header;
  get(first_text_, &header, sizeof header);
  const std::size_t whole = sizeof header + header.length;
  first_text_ = (first_text_ + whole) % text_size_;
  used_text_ -= whole;
}

// --- reading -------------------------------------------------------------------------------------------------------

void Recorder::close() {
  std::vector<const picket_batch*> gone;
  gone.reserve(history_.count + latest_.count);
  lock();
  closed_ = true;
  for (Ring* ring : {&history_, &latest_}) {
    while (ring->used != 0) gone.push_back(ring->take_oldest().batch);
  }
  used_decisions_ = 0;
  used_text_ = 0;
  unlock();
  for (const picket_batch* batch : gone) batch_release(batch);
}

Recorder::Contents Recorder::contents() {
  Contents all;
  all.batches.reserve(history_.count + latest_.count);
  all.decisions.reserve(decision_count_);
  std::string text;
  text.reserve(text_size_);
  lock();
  for (const Ring* ring : {&history_, &latest_}) {
    for (std::size_t i = 0; i < ring->used; ++i) {
      all.batches.push_back({ring->at(i).serial, BatchRef::retain(ring->at(i).batch)});
    }
  }
  for (std::size_t i = 0; i < used_decisions_; ++i) {
    all.decisions.push_back(decisions_[(first_decision_ + i) % decision_count_]);
  }
  text.resize(used_text_);
  if (used_text_ != 0) get(first_text_, text.data(), text.size());
  all.left_out = left_out_;
  unlock();
  for (std::size_t at = 0; at < text.size();) {
    LineHeader header;
    std::memcpy(&header, text.data() + at, sizeof header);
    at += sizeof header;
    all.lines.push_back({header.serial, text.substr(at, header.length)});
    at += header.length;
  }
  return all;
}

std::uint64_t Recorder::held_bytes() {
  if (!on()) return 0;
  lock();
  const std::uint64_t bytes = latest_.bytes + history_.bytes + (latest_.count + history_.count) * sizeof(Slot) +
                              decision_count_ * sizeof(Decision) + text_size_;
  unlock();
  return bytes;
}

}  // namespace picket::routing
