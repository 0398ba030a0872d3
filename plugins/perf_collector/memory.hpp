// SPDX-License-Identifier: Apache-2.0
//
// The group `memory`: physical memory by state, as bytes and as a share of all of it.
#pragma once

#include <array>

#include "group.hpp"

namespace picket::perf_collector {

inline constexpr Metric kMemoryUsage{"system.memory.usage", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                     "Physical memory in each state; the states add up to system.memory.limit."};
inline constexpr Metric kMemoryUtilization{"system.memory.utilization", "1", PICKET_INSTRUMENT_GAUGE, 4,
                                           "Share of the physical memory in each state."};
inline constexpr Metric kMemoryLimit{"system.memory.limit", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                     "Physical memory of the machine."};
inline constexpr Metric kMemoryShared{"system.memory.shared", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                      "Memory shared between processes, mostly of tmpfs."};
inline constexpr Metric kMemoryAvailable{"system.linux.memory.available", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                         "What new programs could use without swapping, as the kernel estimates it."};
inline constexpr Metric kMemorySlab{"system.linux.memory.slab.usage", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                    "Memory in the kernel's caches of its own objects."};

// Writes one state as bytes and, if the total is known, as a share; common to both operating systems.
class MemoryMeter {
 public:
  enum State : std::size_t { kUsed, kFree, kBuffers, kCached, kStates };

  explicit MemoryMeter(const Vocabulary& vocabulary);

  void add_limit(std::int64_t bytes, Samples& samples) const;
  // `limit` 0: not known.
  void add(State state, std::int64_t bytes, std::int64_t limit, Samples& samples) const;

 private:
  picket_name usage_, utilization_, limit_, state_key_;
  std::array<picket_name, kStates> states_;
};

std::unique_ptr<Group> make_memory(const Machine& machine, const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
