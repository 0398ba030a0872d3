// SPDX-License-Identifier: Apache-2.0
//
// What one series of processes shows, and its rows: the sum of a match, one process of a match, or all processes of a
// program. Used by the group `processes` on the [control] thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "process_table.hpp"
#include "samples.hpp"

namespace picket::perf_collector {

struct ProcessUsage {
  // Of a sum: what its processes did since it began, dead ones included, so that it never falls. Of one process: as the
  // system counts it.
  std::array<std::uint64_t, kProcessCounters> totals{};
  std::array<std::int64_t, kProcessGauges> gauges{};
  double user_rate = 0, system_rate = 0;  // units of CPU time per second
  double io_rate = 0;                     // bytes read and written per second
  std::int64_t count = 0;
  std::int64_t interval_ns = 0;             // the longest that any of its figures covers
  std::uint64_t oldest_start = UINT64_MAX;  // of its processes
  DetailSet have = 0;                       // what at least one of its processes told
  DetailSet refused = 0;                    // what at least one of them refused

  // Empties all but the totals, for the next reading.
  void begin();
  // One more process in the sum; only what a fresh reading brought is added to the totals. Processes that were never
  // read are none of it.
  void add(const FollowedProcess& process);
  // A single process.
  static ProcessUsage of(const FollowedProcess& process);

 private:
  void add_present(const FollowedProcess& process);
};

// Tells the series apart.
struct ProcessTag {
  picket_name match = 0;     // 0: none
  std::int64_t slot = -1;    // below 0: none
  std::string_view program;  // empty: none
};

class ProcessRows {
 public:
  // `vocabulary` outlives this. `ticks_per_second`: of the CPU times.
  ProcessRows(const Vocabulary& vocabulary, std::int64_t ticks_per_second);

  void add_count(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const;
  void add_interval(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const;
  void add_cpu_time(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const;
  // By mode; `cpus` is how many the machine has.
  void add_utilization(const ProcessUsage& usage, const ProcessTag& tag, int cpus, Samples& samples) const;
  void add_whole_utilization(const ProcessUsage& usage, const ProcessTag& tag, int cpus, Samples& samples) const;
  void add_memory(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const;
  void add_virtual(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const;
  // Those of `details` that are known. `age_seconds` is that of its oldest process; not used while it has none.
  void add_details(const ProcessUsage& usage, DetailSet details, double age_seconds, const ProcessTag& tag,
                   Samples& samples) const;

 private:
  void add_counter(picket_name metric, const ProcessUsage& usage, ProcessCounter counter, picket_name key,
                   picket_name value, const ProcessTag& tag, Samples& samples) const;
  void add_gauge(picket_name metric, const ProcessUsage& usage, ProcessGauge gauge, const ProcessTag& tag,
                 Samples& samples) const;
  void set(const ProcessTag& tag, Samples& samples) const;

  double ticks_per_second_;
  picket_name count_, interval_, cpu_time_, cpu_utilization_, memory_, virtual_, shared_, pss_, threads_, files_, io_,
      io_calls_, switches_, faults_, uptime_;
  picket_name match_key_, slot_key_, program_key_, mode_key_, direction_key_, switch_key_, fault_key_;
  picket_name user_, system_, read_, write_, voluntary_, involuntary_, minor_, major_;
};

}  // namespace picket::perf_collector
