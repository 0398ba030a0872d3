// SPDX-License-Identifier: Apache-2.0
//
// Follows each process from reading to reading by its identity, so that its CPU time since the last one is known
// whatever becomes of its pid or its name. Pure: the same on every operating system. Used on the [control] thread.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "process_match.hpp"
#include "process_source.hpp"

namespace picket::perf_collector {

// One living process at this reading.
struct FollowedProcess {
  ProcessStat now;
  std::uint64_t user_spent = 0, system_spent = 0;  // since the last reading, in the source's units
  MatchSet candidates = 0;                         // of ProcessMatcher::evaluate
  std::uint8_t evaluations = 0;
};

class ProcessTable {
 public:
  // Takes the next reading, pids ascending. `evaluate` is asked for a process that is new, that changed its name (it
  // executed another program), and once more at the reading after that, by when a starting daemon has become what it
  // will be.
  //
  // A process that started since the last reading spent all of its CPU time since then. One that is older, but was not
  // seen before (the first reading, or a process that could not be read last time), starts from zero.
  void update(const std::vector<ProcessStat>& reading, const std::function<MatchSet(const ProcessStat&)>& evaluate);

  const std::vector<FollowedProcess>& processes() const { return processes_; }

 private:
  std::vector<FollowedProcess> processes_, next_;  // ascending pids
  std::uint64_t newest_start_ = UINT64_MAX;        // of all processes seen so far
};

}  // namespace picket::perf_collector
