// SPDX-License-Identifier: Apache-2.0
//
// A bounded hash table from the keys of groups to what a step remembers of each. Entries have an index that stays
// theirs until they are removed, and an order: the one that was touched longest ago comes first. Finding, adding,
// touching and removing take constant time; nothing here ever walks all groups, except clear().
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "routing/steps/grouping.hpp"

namespace picket::routing {

// One thread at a time. `State` is made by default, and made anew when its group is removed.
template <typename State>
class GroupTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // At most `limit` groups.
  explicit GroupTable(std::uint32_t limit) : limit_(limit) {}

  std::uint32_t size() const { return size_; }
  bool full() const { return size_ == limit_; }

  // kNone when there is no such group.
  std::uint32_t find(GroupKey key) const {
    if (slots_.empty()) return kNone;
    for (std::uint32_t at = key.hash & mask(); slots_[at].index != kNone; at = (at + 1) & mask()) {
      if (slots_[at].hash == key.hash && this->key(slots_[at].index) == key.bytes) return slots_[at].index;
    }
    return kNone;
  }

  // A new group, the last one of the order; kNone when the table is full. REQUIRES: find(key) == kNone
  std::uint32_t add(GroupKey key) {
    if (full()) return kNone;
    if (4 * (std::size_t{size_} + 1) > 3 * slots_.size()) grow();
    auto bytes = std::make_unique_for_overwrite<char[]>(key.bytes.size());
    key.bytes.copy(bytes.get(), key.bytes.size());
    const std::uint32_t index = take_entry();
    Entry& entry = at(index);
    entry.bytes = std::move(bytes);
    entry.length = static_cast<std::uint32_t>(key.bytes.size());
    entry.hash = key.hash;
    place({key.hash, index});
    link_last(index);
    ++size_;
    return index;
  }

  // Makes it the last one of the order.
  void touch(std::uint32_t index) {
    if (index == last_) return;
    unlink(index);
    link_last(index);
  }

  std::uint32_t first() const { return first_; }  // kNone: there is none
  std::uint32_t after(std::uint32_t index) const { return at(index).next; }

  void remove(std::uint32_t index) {
    unplace(index);
    unlink(index);
    Entry& entry = at(index);
    entry.bytes.reset();
    entry.state = State();
    entry.next = free_;
    free_ = index;
    --size_;
  }

  // Forgets all groups and gives their memory back.
  void clear() { *this = GroupTable(limit_); }

  std::string_view key(std::uint32_t index) const {
    const Entry& entry = at(index);
    return {entry.bytes.get(), entry.length};
  }
  GroupKey whole_key(std::uint32_t index) const { return {key(index), at(index).hash}; }
  State& operator[](std::uint32_t index) { return at(index).state; }
  const State& operator[](std::uint32_t index) const { return at(index).state; }

 private:
  static constexpr std::uint32_t kChunk = 256;
  static constexpr std::size_t kFewestSlots = 16;

  struct Entry {
    std::unique_ptr<char[]> bytes;
    std::uint32_t length = 0;
    std::uint32_t hash = 0;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;  // of a free entry: the next free one
    State state;
  };
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t index = kNone;
  };

  Entry& at(std::uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }
  const Entry& at(std::uint32_t index) const { return chunks_[index / kChunk][index % kChunk]; }
  std::uint32_t mask() const { return static_cast<std::uint32_t>(slots_.size() - 1); }

  std::uint32_t take_entry() {
    if (free_ != kNone) {
      const std::uint32_t index = free_;
      free_ = at(index).next;
      return index;
    }
    if (used_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Entry[]>(kChunk));
    return used_++;
  }

  void place(Slot slot) {
    std::uint32_t at = slot.hash & mask();
    while (slots_[at].index != kNone) at = (at + 1) & mask();
    slots_[at] = slot;
  }

  // Linear probing without tombstones: what comes after moves up if it may.
  void unplace(std::uint32_t index) {
    std::uint32_t hole = at(index).hash & mask();
    while (slots_[hole].index != index) hole = (hole + 1) & mask();
    for (std::uint32_t next = (hole + 1) & mask(); slots_[next].index != kNone; next = (next + 1) & mask()) {
      const std::uint32_t home = slots_[next].hash & mask();
      if (((next - home) & mask()) < ((next - hole) & mask())) continue;  // would come before its home
      slots_[hole] = slots_[next];
      hole = next;
    }
    slots_[hole] = Slot{};
  }

  void grow() {
    std::vector<Slot> before(std::max(kFewestSlots, 2 * slots_.size()));
    before.swap(slots_);
    for (const Slot& slot : before) {
      if (slot.index != kNone) place(slot);
    }
  }

  void link_last(std::uint32_t index) {
    at(index).previous = last_;
    at(index).next = kNone;
    (last_ == kNone ? first_ : at(last_).next) = index;
    last_ = index;
  }
  void unlink(std::uint32_t index) {
    const Entry& entry = at(index);
    (entry.previous == kNone ? first_ : at(entry.previous).next) = entry.next;
    (entry.next == kNone ? last_ : at(entry.next).previous) = entry.previous;
  }

  std::uint32_t limit_;
  std::uint32_t size_ = 0;
  std::uint32_t used_ = 0;  // entries that were ever taken
  std::uint32_t free_ = kNone;
  std::uint32_t first_ = kNone;
  std::uint32_t last_ = kNone;
  std::vector<Slot> slots_;  // a power of two
  std::vector<std::unique_ptr<Entry[]>> chunks_;
};

}  // namespace picket::routing
