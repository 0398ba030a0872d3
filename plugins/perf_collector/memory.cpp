// SPDX-License-Identifier: Apache-2.0
//
// See memory.hpp.
#include "memory.hpp"

namespace picket::perf_collector {

MemoryMeter::MemoryMeter(const Vocabulary& vocabulary)
    : usage_(vocabulary.metric(kMemoryUsage)),
      utilization_(vocabulary.metric(kMemoryUtilization)),
      limit_(vocabulary.metric(kMemoryLimit)),
      state_key_(vocabulary.name("system.memory.state")),
      states_{vocabulary.name("used"), vocabulary.name("free"), vocabulary.name("buffers"), vocabulary.name("cached")} {
}

void MemoryMeter::add_limit(std::int64_t bytes, Samples& samples) const {
  samples.add(limit_, bytes);
}

void MemoryMeter::add(State state, std::int64_t bytes, std::int64_t limit, Samples& samples) const {
  samples.add(usage_, bytes).set(state_key_, states_[state]);
  if (limit <= 0) return;
  samples.add(utilization_, static_cast<double>(bytes) / static_cast<double>(limit)).set(state_key_, states_[state]);
}

}  // namespace picket::perf_collector
