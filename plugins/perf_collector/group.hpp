// SPDX-License-Identifier: Apache-2.0
//
// The seam between the plugin and what it can measure: one group per subject (cpu, memory, ...), each made from its own
// settings by a make_... function of its header. A new group is one more header with a file per operating system.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "faults.hpp"
#include "machine.hpp"
#include "samples.hpp"

namespace picket::perf_collector {

// Never called concurrently. A group keeps what it needs for differences; it must not allocate in a steady state.
class Group {
 public:
  virtual ~Group() = default;

  // Reads everything once and appends it to `samples`. What cannot be read is left out and goes to faults(); the rest
  // is still appended. `monotonic_ns` is the time of this reading, for values per elapsed time.
  virtual void collect(std::int64_t monotonic_ns, Samples& samples) = 0;

  Faults& faults() { return faults_; }

 protected:
  Faults faults_;
};

}  // namespace picket::perf_collector
