// SPDX-License-Identifier: Apache-2.0
#include "publisher.hpp"

#include <algorithm>
#include <utility>

namespace picket::pipe_server {
namespace {

// Batches by habit grow up to this; what one read brings may be more.
constexpr Publisher::Room kLargeRoom{1'024, 8'192, 128U << 10U};
constexpr Publisher::Room kMostRoom{65'536, 1'048'576, 64U << 20U};  // the host's limits

bool fits(const picket_batch& batch, const Publisher::Room& room) {
  return batch.event_capacity - batch.event_count >= room.events &&
         batch.field_capacity - batch.field_count >= room.fields &&
         batch.byte_capacity - batch.byte_count >= room.bytes;
}

// An event takes some 64 bytes of text at least, a field some 16; more is seen when it comes.
Publisher::Room room_for_text(std::size_t bytes) {
  const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(bytes, kMostRoom.bytes / 2));
  return {length / 64 + 1, length / 16 + 8, length + 64};
}

std::uint32_t next_usual(std::uint32_t usual, std::uint32_t used, bool was_full, std::uint32_t most) {
  return std::min(was_full ? std::max(usual, used) * 2 : std::max(used, usual - usual / 4), most);
}

}  // namespace

Publisher::Publisher(Host host, Loop& loop) : host_(host), loop_(loop) {}
Publisher::~Publisher() = default;

std::uint64_t Publisher::begin(Participant& who, Answer answer) {
  const std::uint64_t id = next_publication_++;
  publications_.emplace(id, Publication{&who, answer});
  return id;
}

void Publisher::end(std::uint64_t publication) {
  const auto found = publications_.find(publication);
  if (found == publications_.end()) return;
  found->second.ended = true;
  // What nothing else may be in is as full as it gets.
  if (batch_owner_ == publication && !blocked_) emit();
  answer_if_over(publication);
}

void Publisher::forget(Participant& who) {
  waiting_.erase(&who);
  for (auto it = publications_.begin(); it != publications_.end();) {
    it = it->second.who == &who ? publications_.erase(it) : std::next(it);
  }
}

void Publisher::wait(Participant& who) {
  if (waiting_.insert(&who).second) queue_.push_back(&who);
}

// --- the batch -----------------------------------------------------------------------------------------------------

bool Publisher::make_room(std::uint64_t publication, Participant& who, const Room& room) {
  if (blocked_) {
    wait(who);
    return false;
  }
  const auto found = publication == 0 ? publications_.end() : publications_.find(publication);
  const bool alone = found != publications_.end() && found->second.answer == Answer::delivered;
  const bool mine = batch_ && batch_owner_ == (alone ? publication : 0);
  if (mine && fits(*batch_->c(), room)) return true;
  if (!make_other_room(publication, who, room)) return false;
  batch_owner_ = alone ? publication : 0;
  return true;
}

bool Publisher::make_other_room(std::uint64_t /*publication*/, Participant& who, const Room& room) {
  const std::uint64_t owner = batch_owner_;
  was_full_ = true;
  const bool emitted = emit();
  was_full_ = false;
  if (!emitted) {
    wait(who);
    return false;
  }
  // A queue is charged with the whole batch, so it is made no larger than it will be.
  const Room text = room_for_text(std::exchange(expected_bytes_, 0));
  batch_.emplace(host_, std::max({room.events, usual_.events, text.events}),
                 std::max({room.fields, usual_.fields, text.fields}), std::max({room.bytes, usual_.bytes, text.bytes}));
  batch_owner_ = owner;
  if (!flush_planned_) {
    flush_planned_ = true;
    loop_.at_end_of_round([this, alive = std::weak_ptr<int>(alive_)] {
      if (alive.expired()) return;
      flush_planned_ = false;
      flush();
    });
  }
  return true;
}

Publisher::Room Publisher::larger(const Room& room) {
  const auto times = [](std::uint32_t value, std::uint32_t most) { return value > most / 4 ? most : value * 4; };
  return {times(room.events, kMostRoom.events), times(room.fields, kMostRoom.fields),
          times(room.bytes, kMostRoom.bytes)};
}

bool Publisher::can_grow(const Room& room) {
  return room.events < kMostRoom.events || room.fields < kMostRoom.fields || room.bytes < kMostRoom.bytes;
}

Publisher::Mark Publisher::mark() const {
  const picket_batch& batch = *batch_->c();
  return {batch.event_count, batch.field_count, batch.byte_count};
}

void Publisher::restore(const Mark& mark) {
  picket_batch& batch = *batch_->c();
  batch.event_count = mark.events;
  batch.field_count = mark.fields;
  batch.byte_count = mark.bytes;
}

void Publisher::appended(std::uint64_t publication) {
  if (publication == 0) return;
  if (!in_batch_.empty() && in_batch_.back() == publication) return;
  const auto found = publications_.find(publication);
  if (found == publications_.end() || found->second.answer == Answer::none) return;
  if (std::find(in_batch_.begin(), in_batch_.end(), publication) != in_batch_.end()) return;
  in_batch_.push_back(publication);
  ++found->second.batches;
}

void Publisher::flush() {
  if (!blocked_) emit();
}

// False when the queues are full: the batch waits.
bool Publisher::emit() {
  if (blocked_) return false;
  if (!batch_) return true;
  if (batch_->empty()) {
    batch_.reset();
    return true;
  }
  const auto publication = batch_owner_ == 0 ? publications_.end() : publications_.find(batch_owner_);
  const std::uint64_t token = publication == publications_.end() ? 0 : next_token_;
  const std::uint32_t count = batch_->size();
  const Mark used = mark();
  // The answer can come, on another thread, before emit returns; it is posted to this one, and so comes later.
  const picket_status status = batch_->emit({}, token);
  if (status == PICKET_BUSY) {
    blocked_ = true;
    return false;
  }
  usual_ = {next_usual(usual_.events, used.events, was_full_, kLargeRoom.events),
            next_usual(usual_.fields, used.fields, was_full_, kLargeRoom.fields),
            next_usual(usual_.bytes, used.bytes, was_full_, kLargeRoom.bytes)};
  batch_.reset();
  std::vector<std::uint64_t> inside;
  inside.swap(in_batch_);
  batch_owner_ = 0;
  if (status != PICKET_OK) {
    host_.error("events of clients were refused by the daemon (status " + std::to_string(status) + ")");
  } else {
    events_ += count;
    if (token != 0) {
      ++next_token_;
      tokens_.emplace(token, std::move(inside));
      return true;
    }
  }
  for (const std::uint64_t id : inside) settle(id, status);
  return true;
}

// --- answers -------------------------------------------------------------------------------------------------------

void Publisher::on_ready() {
  if (!blocked_) return;
  blocked_ = false;
  if (!emit()) return;
  // One of them may fill the queues again, or end another; then the rest waits on, in its order.
  while (!blocked_ && !queue_.empty()) {
    Participant* const who = queue_.front();
    queue_.pop_front();
    if (waiting_.erase(who) != 0) who->publisher_ready();
  }
}

void Publisher::acknowledged(std::uint64_t token, picket_status status) {
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return;
  const std::vector<std::uint64_t> inside = std::move(found->second);
  tokens_.erase(found);
  for (const std::uint64_t id : inside) settle(id, status);
}

void Publisher::settle(std::uint64_t publication, picket_status status) {
  const auto found = publications_.find(publication);
  if (found == publications_.end()) return;
  --found->second.batches;
  if (status != PICKET_OK && found->second.status != PICKET_DROPPED) found->second.status = status;
  answer_if_over(publication);
}

void Publisher::answer_if_over(std::uint64_t publication) {
  const auto found = publications_.find(publication);
  if (found == publications_.end() || !found->second.ended || found->second.batches != 0) return;
  if (found->second.answer == Answer::none) {
    publications_.erase(found);
    return;
  }
  // Never from inside of a call of the participant's.
  loop_.post([this, publication, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    const auto over = publications_.find(publication);
    if (over == publications_.end()) return;
    const Publication answered = over->second;
    publications_.erase(over);
    answered.who->published(publication, answered.status);
  });
}

void Publisher::stop() {
  batch_.reset();
  blocked_ = false;
  waiting_.clear();
  queue_.clear();
  tokens_.clear();
  for (auto& [id, publication] : publications_) {
    publication.ended = true;
    publication.batches = 0;
    publication.status = PICKET_CANCELLED;
    answer_if_over(id);
  }
}

}  // namespace picket::pipe_server
