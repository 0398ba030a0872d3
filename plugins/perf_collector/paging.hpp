// SPDX-License-Identifier: Apache-2.0
//
// The group `paging`: page faults, traffic between memory and disk, and how full each swap device (or page file) is.
// PagingMeter, common to both operating systems, writes the last of these.
#pragma once

#include "choice.hpp"
#include "group.hpp"
#include "items.hpp"

namespace picket::perf_collector {

inline constexpr Metric kPagingUsage{"system.paging.usage", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                     "Room of each swap device or page file by state."};
inline constexpr Metric kPagingUtilization{"system.paging.utilization", "1", PICKET_INSTRUMENT_GAUGE, 4,
                                           "Share of each swap device or page file in each state."};
inline constexpr Metric kPagingFaults{"system.paging.faults", "{fault}", PICKET_INSTRUMENT_COUNTER, 0,
                                      "Page faults; major ones waited for a disk."};
inline constexpr Metric kPagingOperations{"system.paging.operations", "{operation}", PICKET_INSTRUMENT_COUNTER, 0,
                                          "Pages that were swapped in and out; reads and writes of pages on Windows."};
inline constexpr Metric kPagingIo{"system.paging.io", "By", PICKET_INSTRUMENT_COUNTER, 0,
                                  "Bytes read from and written to block devices by the page cache and by swapping."};
inline constexpr Metric kOomKills{"system.linux.memory.oom_kills", "{kill}", PICKET_INSTRUMENT_COUNTER, 0,
                                  "Processes that the kernel killed for want of memory."};

class PagingMeter {
 public:
  PagingMeter(const Choice& devices, const Vocabulary& vocabulary);

  // One reading is begin(), an add() for each device, end(); see Items.
  void begin() { devices_.begin(); }
  void add(std::string_view device, std::int64_t total, std::int64_t used, Samples& samples);
  std::size_t end() { return devices_.end(); }

  bool wanted() const { return usage_ != 0 || utilization_ != 0; }

 private:
  Items devices_;
  picket_name usage_, utilization_, device_key_, state_key_, used_, free_;
};

std::unique_ptr<Group> make_paging(const Choice& devices, const Machine& machine, const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
