// SPDX-License-Identifier: Apache-2.0
//
// See disks.hpp.
#include "disks.hpp"

#include "rows.hpp"

namespace picket::perf_collector {

namespace {

double seconds_of(std::uint64_t milliseconds) {
  return static_cast<double>(milliseconds) / 1000;
}

}  // namespace

DiskMeter::DiskMeter(const Vocabulary& vocabulary, bool queue)
    : io_(vocabulary.metric(kDiskIo)),
      operations_(vocabulary.metric(kDiskOperations)),
      operation_time_(vocabulary.metric(kDiskOperationTime)),
      io_time_(vocabulary.metric(kDiskIoTime)),
      pending_(vocabulary.metric(kDiskPending)),
      device_key_(vocabulary.name("system.device")),
      direction_key_(vocabulary.name("disk.io.direction")),
      read_(vocabulary.name("read")),
      write_(vocabulary.name("write")) {
  if (!queue) return;
  merged_ = vocabulary.metric(kDiskMerged);
  weighted_time_ = vocabulary.metric(kDiskWeightedTime);
}

void DiskMeter::add_direction(std::string_view device, picket_name direction, const DiskReading::Direction& reading,
                              Samples& samples) const {
  const auto attribute = [&](Samples& row) { row.set_text(device_key_, device).set(direction_key_, direction); };
  attribute(samples.add(io_, counter_value(reading.bytes)));
  attribute(samples.add(operations_, counter_value(reading.operations)));
  attribute(samples.add(operation_time_, seconds_of(reading.milliseconds)));
  attribute(samples.add(merged_, counter_value(reading.merged)));
}

void DiskMeter::add(std::string_view device, const DiskReading& reading, Samples& samples) const {
  add_direction(device, read_, reading.read, samples);
  add_direction(device, write_, reading.write, samples);
  samples.add(io_time_, seconds_of(reading.busy_ms)).set_text(device_key_, device);
  samples.add(weighted_time_, seconds_of(reading.weighted_ms)).set_text(device_key_, device);
  samples.add(pending_, counter_value(reading.pending)).set_text(device_key_, device);
}

}  // namespace picket::perf_collector
