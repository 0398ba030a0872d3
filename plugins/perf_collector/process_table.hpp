// SPDX-License-Identifier: Apache-2.0
//
// Follows each process from reading to reading by its identity, so that what it did since the last one is known
// whatever becomes of its pid, its name or its program. Where there are more processes than one tick may read, it goes
// round among them. Pure: the same on every operating system. Used on the [control] thread.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "process_match.hpp"
#include "process_source.hpp"

namespace picket::perf_collector {

// One living process as it was last read.
struct FollowedProcess {
  // Until the first reading only the pid is known, the state is `unknown`, and `start` is the newest start of all
  // processes when this one appeared: one that started later has done all it ever did since `read_ns`.
  ProcessStat now;
  std::array<std::uint64_t, kProcessCounters> spent{};  // between its last two readings; not for details it lacked
  std::int64_t read_ns = 0;                             // monotonic time of the last reading
  std::int64_t interval_ns = 0;                         // what `spent` covers; 0: nothing, there is no reading before
  MatchSet candidates = 0;                              // of ProcessMatcher::evaluate
  KeptFiles files;
  std::uint8_t evaluations = 0;
  bool tried = false;  // to read it, with whatever result
  bool known = false;  // it was read
  bool fresh = false;  // it was read at this tick
  bool gone = false;

  // CPU time in units per second, over the interval.
  double rate(ProcessCounter counter) const {
    return interval_ns > 0 ? static_cast<double>(spent[counter]) * 1e9 / static_cast<double>(interval_ns) : 0;
  }
};

class ProcessTable {
 public:
  // What the table asks about a process.
  struct Questions {
    // Asked of a process that is new, that executed another program or changed its name, and once more at the reading
    // after that, by when a starting daemon has become what it will be.
    std::function<MatchSet(const ProcessStat&)> evaluate;
    // The details to read of a process with these candidates; asked at every reading.
    std::function<DetailSet(MatchSet)> details;
  };

  // Reads at most `budget` processes per update (at least 4): new ones first, but never more than three quarters while
  // others wait, then round the others by pid. `source` outlives this.
  ProcessTable(ProcessSource& source, std::size_t budget, Questions questions);
  ~ProcessTable();
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  // The next tick, at `monotonic_ns`. False if the source has no list: then nothing changes.
  //
  // A process that started since the last list was made did everything since then. One that is older, but was not seen
  // before (the first reading, or one that was hidden), starts from zero.
  bool update(std::int64_t monotonic_ns);

  // All that live, pids ascending.
  const std::vector<FollowedProcess>& processes() const { return processes_; }

  // Whether there were too many to read all of them at this tick.
  bool sampled() const { return processes_.size() > budget_; }

 private:
  void follow_list();
  void add_new(std::size_t count);
  void forget_gone();
  void read_some(std::int64_t monotonic_ns);
  void read(FollowedProcess& process, std::int64_t monotonic_ns);
  void compare(const ProcessStat& now, FollowedProcess& process, std::int64_t monotonic_ns);

  ProcessSource& source_;
  std::size_t budget_;
  Questions questions_;
  std::vector<std::int64_t> pids_;
  std::vector<FollowedProcess> processes_;   // ascending pids
  std::int64_t round_ = 0;                   // the pid after which the round goes on
  std::int64_t list_ns_ = 0;                 // when the last list was made
  std::uint64_t newest_start_ = UINT64_MAX;  // of all processes read so far; none at first
  std::uint64_t newest_read_ = 0;
  bool round_ended_ = false;
};

}  // namespace picket::perf_collector
