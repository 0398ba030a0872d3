// SPDX-License-Identifier: Apache-2.0
//
// When which group is to be looked at again: a binary heap with at most one entry for each group. A deadline that
// moves later costs nothing, the group is looked at too early instead and asks again. Used by alerts.hpp.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace picket::routing {

// Groups are small dense numbers (indices of a GroupTable). One thread at a time.
class Deadlines {
 public:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::int64_t next() const { return heap_.empty() ? kNever : heap_.front().at; }

  // `group` comes up at `at` or earlier. Not at all for kNever, if it has not asked before.
  void ask(std::uint32_t group, std::int64_t at) {
    if (at == kNever) return;
    if (group >= places_.size()) places_.resize(group + 1, kNone);
    if (places_[group] == kNone) {
      heap_.push_back({at, group});
      rise(heap_.size() - 1);
    } else if (heap_[places_[group]].at > at) {
      heap_[places_[group]].at = at;
      rise(places_[group]);
    }
  }

  void forget(std::uint32_t group) {
    if (group >= places_.size() || places_[group] == kNone) return;
    const std::size_t hole = std::exchange(places_[group], kNone);
    const Item last = heap_.back();
    heap_.pop_back();
    if (hole == heap_.size()) return;
    put(hole, last);
    rise(hole);
    sink(places_[last.group]);
  }

  // Takes off one group whose time has come; kNone when there is none.
  std::uint32_t take(std::int64_t now) {
    if (next() > now || heap_.empty()) return kNone;
    const std::uint32_t group = heap_.front().group;
    forget(group);
    return group;
  }

 private:
  struct Item {
    std::int64_t at;
    std::uint32_t group;
  };

  void put(std::size_t place, Item item) {
    heap_[place] = item;
    places_[item.group] = static_cast<std::uint32_t>(place);
  }
  void rise(std::size_t place) {
    const Item item = heap_[place];
    for (; place > 0 && heap_[(place - 1) / 2].at > item.at; place = (place - 1) / 2)
      put(place, heap_[(place - 1) / 2]);
    put(place, item);
  }
  void sink(std::size_t place) {
    const Item item = heap_[place];
    for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
      if (child + 1 < heap_.size() && heap_[child + 1].at < heap_[child].at) ++child;
      if (heap_[child].at >= item.at) break;
      put(place, heap_[child]);
      place = child;
    }
    put(place, item);
  }

  std::vector<Item> heap_;
  std::vector<std::uint32_t> places_;  // by group: where in the heap it is
};

}  // namespace picket::routing
