// SPDX-License-Identifier: Apache-2.0
//
// See faults.hpp.
#include "faults.hpp"

#include <utility>

namespace picket::perf_collector {

Faults::Slot Faults::add(std::string what) {
  slots_.push_back({std::move(what), {}, false, false});
  return slots_.size() - 1;
}

void Faults::bad(Slot slot, std::string_view why) {
  Entry& entry = slots_[slot];
  if (!entry.failing) entry.why = why;
  entry.failing = true;
  ++count_;
}

std::uint64_t Faults::take_count() {
  return std::exchange(count_, 0);
}

void Faults::tell_changes(const std::function<void(bool, const std::string&)>& tell) {
  for (Entry& entry : slots_) {
    if (entry.failing == entry.told) continue;
    entry.told = entry.failing;
    tell(entry.failing, entry.what + ": " + (entry.failing ? entry.why : "readable again"));
  }
}

std::string Faults::message() const {
  std::string all;
  for (const Entry& entry : slots_) {
    if (!entry.failing) continue;
    if (!all.empty()) all += "; ";
    all += entry.what + ": " + entry.why;
  }
  return all;
}

}  // namespace picket::perf_collector
