// SPDX-License-Identifier: Apache-2.0
//
// The items that a group finds at each reading (devices, interfaces, ...), by name: remembers for each whether it is
// wanted, so that globs are matched once per item, not once per reading. Allocates only when an item is new.
// Used on the [control] thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "choice.hpp"

namespace picket::perf_collector {

class Items {
 public:
  static constexpr std::size_t kMost = 1'000;  // wanted items of one group

  explicit Items(Choice choice, std::size_t most = kMost) : choice_(std::move(choice)), most_(most) {}

  // A new reading; between begin() and end() every item is asked for by wants(), best in the same order as before.
  void begin();

  // Whether the item is chosen and there is room for it. `also(name)` is asked when a chosen name is first seen, and
  // may refuse it for as long as it stays.
  template <typename Also>
  bool wants(std::string_view name, const Also& also) {
    Item* item = find(name);
    if (item == nullptr) item = &remember(name, choice_.wants(name) && also(name));
    return count(*item);
  }
  bool wants(std::string_view name) {
    return wants(name, [](std::string_view) { return true; });
  }

  // Forgets the items that were not asked for. Returns how many chosen ones had no room.
  std::size_t end();

 private:
  struct Item {
    std::string name;
    bool chosen;
    std::uint32_t reading;  // the last one at which it was asked for
  };

  Item* find(std::string_view name);
  Item& remember(std::string_view name, bool chosen);
  bool count(Item& item);

  Choice choice_;
  std::size_t most_;
  std::vector<Item> items_;
  std::uint32_t reading_ = 0;
  std::size_t next_ = 0;    // where the next name is, if the order is that of the last reading
  std::size_t seen_ = 0;    // different items of this reading
  std::size_t chosen_ = 0;  // of which are chosen
};

}  // namespace picket::perf_collector
