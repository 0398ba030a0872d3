// SPDX-License-Identifier: Apache-2.0
//
// The group `disks`: traffic, operations and busy time of each block device. DiskMeter, common to both operating
// systems, turns readings into samples.
#pragma once

#include <array>
#include <string_view>

#include "choice.hpp"
#include "group.hpp"

namespace picket::perf_collector {

inline constexpr Metric kDiskIo{"system.disk.io", "By", PICKET_INSTRUMENT_COUNTER, 0,
                                "Bytes read from and written to each disk."};
inline constexpr Metric kDiskOperations{"system.disk.operations", "{operation}", PICKET_INSTRUMENT_COUNTER, 0,
                                        "Reads and writes that each disk completed."};
inline constexpr Metric kDiskOperationTime{"system.disk.operation_time", "s", PICKET_INSTRUMENT_COUNTER, 3,
                                           "Sum of the time that each operation took, waiting included."};
inline constexpr Metric kDiskMerged{"system.disk.merged", "{operation}", PICKET_INSTRUMENT_COUNTER, 0,
                                    "Operations that were joined with a neighbour before they reached the disk."};
inline constexpr Metric kDiskIoTime{"system.disk.io_time", "s", PICKET_INSTRUMENT_COUNTER, 3,
                                    "Time during which the disk had something to do."};
inline constexpr Metric kDiskWeightedTime{
    "system.disk.weighted_io_time", "s", PICKET_INSTRUMENT_COUNTER, 3,
    "Time during which the disk had something to do, times the operations that waited."};
inline constexpr Metric kDiskPending{"system.disk.pending_operations", "{operation}", PICKET_INSTRUMENT_UPDOWNCOUNTER,
                                     0, "Operations that are under way."};

// Kept out by default: what has no disk of its own.
inline constexpr std::string_view kDisksExcluded[] = {"loop*", "ram*", "zram*", "fd*", "sr*"};

struct DisksSettings {
  Choice devices;
  bool partitions = false;  // also the partitions of a disk

  bool operator==(const DisksSettings&) const = default;
};

// The counters of one disk as the system has them, times in ms.
struct DiskReading {
  struct Direction {
    std::uint64_t operations = 0, merged = 0, bytes = 0, milliseconds = 0;
  };
  Direction read, write;
  std::uint64_t pending = 0, busy_ms = 0, weighted_ms = 0;
};

class DiskMeter {
 public:
  // `queue`: the system knows merged operations and weighted time.
  DiskMeter(const Vocabulary& vocabulary, bool queue);

  void add(std::string_view device, const DiskReading& reading, Samples& samples) const;

 private:
  void add_direction(std::string_view device, picket_name direction, const DiskReading::Direction& reading,
                     Samples& samples) const;

  picket_name io_, operations_, operation_time_, io_time_, pending_;
  picket_name merged_ = 0, weighted_time_ = 0;
  picket_name device_key_, direction_key_, read_, write_;
};

std::unique_ptr<Group> make_disks(const DisksSettings& settings, const Machine& machine, const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
