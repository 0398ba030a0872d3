// SPDX-License-Identifier: Apache-2.0
//
// Small stable numbers for the processes of one match (`sum: each`): a series needs a name that outlives a pid. A
// process keeps its number while it lives; the next one takes the lowest that is free, so that four workers are 0 to 3
// however often they are replaced. Used by the group `processes` on the [control] thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace picket::perf_collector {

class ProcessSlots {
 public:
  static constexpr std::size_t kMost = 100;

  // Starts a reading. Then find() for every process, free_unseen(), and take() for those that were not found.
  void begin();
  // The number that the process has already, if any; keeps it.
  std::optional<std::size_t> find(std::int64_t pid, std::uint64_t start);
  // Ends the reading of known processes: numbers that were not found are free now.
  void free_unseen();
  // A number for a new process; nothing if all kMost are taken.
  std::optional<std::size_t> take(std::int64_t pid, std::uint64_t start);

 private:
  struct Slot {
    std::int64_t pid = 0;  // 0: free
    std::uint64_t start = 0;
    bool seen = false;
  };
  std::vector<Slot> slots_;
};

}  // namespace picket::perf_collector
