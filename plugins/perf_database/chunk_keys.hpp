// SPDX-License-Identifier: Apache-2.0
//
// The keys of chunks (time_columns.hpp) taken apart again, for those who read whole partitions: verify and repair. Pure
// functions.
#pragma once

#include "calendar.hpp"
#include "records.hpp"
#include "time_columns.hpp"

namespace picket::perf_database {

struct ChunkKey {
  std::int64_t start_ns;  // of its hour or day
  SeriesId series;
};

// `period_ns`: kHour in raw partitions, kDay in those of minutes.
constexpr ChunkKey split_chunk_key(std::int64_t key, std::int64_t period_ns) {
  return {(key >> kPeriodShift) * period_ns, static_cast<SeriesId>((key >> kSeriesShift) & kMaxSeriesId)};
}

}  // namespace picket::perf_database
