// SPDX-License-Identifier: Apache-2.0
//
// The keys of chunks and timestamp columns (FORMAT.md), taken apart again. For those who read whole partitions: verify
// and repair. Pure functions.
#pragma once

#include "calendar.hpp"
#include "records.hpp"

namespace picket::perf_database {

struct ChunkKey {
  std::int64_t hour_ns;
  SeriesId series;
};

constexpr ChunkKey split_chunk_key(std::int64_t key) {
  return {(key >> 39) * kHour, static_cast<SeriesId>((key >> 12) & kMaxSeriesId)};
}

// The lowest key of a series in an hour; series 0: of the hour.
constexpr std::int64_t first_chunk_key(std::int64_t hour_ns, SeriesId series) {
  return ((hour_ns / kHour) << 39) | (std::int64_t{series} << 12);
}

}  // namespace picket::perf_database
