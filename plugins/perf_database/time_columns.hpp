// SPDX-License-Identifier: Apache-2.0
//
// The timestamp columns of a partition, table `times(id, data)`: chunks of one period (an hour, a day) that have the
// same timestamps share one column. Used by RawFile and MinuteFile, on their thread. Throws SqlError, DamageError.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "codec/column_codec.hpp"
#include "sql.hpp"

namespace picket::perf_database {

// Keys of both tables of a partition: period << 39 | series << 12 | part for chunks, period << 39 | number for columns,
// where periods (hours or days) count since 1970.
inline constexpr unsigned kPeriodShift = 39;
inline constexpr unsigned kSeriesShift = 12;
inline constexpr std::size_t kMaxParts = std::size_t{1} << kSeriesShift;

constexpr std::int64_t period_key(std::int64_t period) {
  return period << kPeriodShift;
}

constexpr std::int64_t chunk_key(std::int64_t period, std::uint32_t series) {
  return period_key(period) | (std::int64_t{series} << kSeriesShift);
}

// Into how many parts a column goes that packs into so many bytes, of which one part may have `limit`. Blocks that are
// long beside a page leave much of it empty. Powers of two, so that series share the timestamp columns of parts too.
std::size_t parts_for(std::size_t block_bytes, std::size_t limit);
inline constexpr std::size_t kMaxSplit = 64;

class TimeColumns {
 public:
  explicit TimeColumns(const Database& database) : database_(database) {}

  // The column of that id; borrowed until the next call. Neighbours in time or in the catalogue mostly share one, so
  // the last is kept. Throws DamageError when it is missing or damaged.
  const std::vector<std::int64_t>& read(std::int64_t id, Compressor& compressor);

  // The id of the column with these timestamps, a new one if the period has none like it. Within a transaction.
  std::int64_t store(std::int64_t period, std::span<const std::int64_t> times, Compressor& compressor);

  // Removes columns of the period that no chunk uses any more. Within a transaction.
  void drop_unused(std::int64_t period);
  // What was written may have been rolled back.
  void forget();

 private:
  void load(std::int64_t period);

  const Database& database_;
  std::optional<Statement> select_;
  std::int64_t cached_id_ = -1;
  Bytes cached_block_;  // what cached_ was unpacked from: the same timestamps come again under other ids
  std::vector<std::int64_t> cached_;
  // Of the period being written: packed column -> its row.
  std::int64_t period_ = -1;
  std::map<Bytes, std::int64_t> ids_;
  std::vector<std::int64_t> last_;
  std::int64_t last_id_ = -1;
};

}  // namespace picket::perf_database
