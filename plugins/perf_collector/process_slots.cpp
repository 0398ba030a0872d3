// SPDX-License-Identifier: Apache-2.0
//
// See process_slots.hpp.
#include "process_slots.hpp"

namespace picket::perf_collector {

void ProcessSlots::begin() {
  for (Slot& slot : slots_) slot.seen = false;
}

std::optional<std::size_t> ProcessSlots::find(std::int64_t pid, std::uint64_t start) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].pid != pid || slots_[i].start != start) continue;
    slots_[i].seen = true;
    return i;
  }
  return std::nullopt;
}

void ProcessSlots::free_unseen() {
  for (Slot& slot : slots_) {
    if (!slot.seen) slot = Slot{};
  }
}

std::optional<std::size_t> ProcessSlots::take(std::int64_t pid, std::uint64_t start) {
  std::size_t free = 0;
  while (free < slots_.size() && slots_[free].pid != 0) ++free;
  if (free == kMost) return std::nullopt;
  if (free == slots_.size()) slots_.emplace_back();
  slots_[free] = Slot{pid, start, true};
  return free;
}

}  // namespace picket::perf_collector
