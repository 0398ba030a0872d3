// SPDX-License-Identifier: Apache-2.0
//
// Sums processes by the name of their program and finds the N largest sums. Used by the group `processes` on the
// [control] thread; allocates only when a name appears that no living process had.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "process_usage.hpp"

namespace picket::perf_collector {

enum class TopBy { cpu, memory, io };

class ProcessTop {
 public:
  struct Sum {
    std::string_view name;
    ProcessUsage usage;  // its totals begin when the name appears
  };

  // Replaces the sums. Threads of the kernel count under their name up to the first '/', which is followed by the
  // number of a CPU or of a queue.
  void update(const std::vector<FollowedProcess>& processes);

  // At most `count` of the sums, largest first, equals by name; only those above zero. Valid until the next update.
  const std::vector<const Sum*>& largest(std::size_t count, TopBy by);

  // What at least one process refused.
  DetailSet refused() const { return refused_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  Sum& sum_of(std::string_view name);

  std::unordered_map<std::string, Sum, Hash, std::equal_to<>> sums_;
  std::vector<const Sum*> order_;
  DetailSet refused_ = 0;
};

}  // namespace picket::perf_collector
