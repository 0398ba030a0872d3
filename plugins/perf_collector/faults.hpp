// SPDX-License-Identifier: Apache-2.0
//
// What a group could not read. Each thing that can fail has a slot; a slot that keeps failing is told once, then only
// counted, and its recovery is told once. Nothing is allocated while all is well. Used on the [control] thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace picket::perf_collector {

class Faults {
 public:
  using Slot = std::size_t;

  // A new slot, in order. `what` names the thing: "/proc/meminfo: Cached".
  Slot add(std::string what);

  void good(Slot slot) { slots_[slot].failing = false; }
  // One failure, counted. `why` is kept from the first failure in a row.
  void bad(Slot slot, std::string_view why);

  // Failures since the last call.
  std::uint64_t take_count();

  // Tells each slot whose state changed since the last call: "what: why", or "what: readable again".
  void tell_changes(const std::function<void(bool failing, const std::string& message)>& tell);

  // "what: why" of every failing slot, parted by "; ". Empty when all is well.
  std::string message() const;

 private:
  struct Entry {
    std::string what;
    std::string why;
    bool failing = false;
    bool told = false;
  };
  std::vector<Entry> slots_;
  std::uint64_t count_ = 0;
};

}  // namespace picket::perf_collector
