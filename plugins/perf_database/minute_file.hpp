// SPDX-License-Identifier: Apache-2.0
//
// One month of the minute tier: per series and UTC day one chunk of one-minute buckets. MinuteMaker writes; it and
// readers read. One thread per object. Throws SqlError, VersionError, DamageError.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "meta_store.hpp"
#include "minute_chunk.hpp"
#include "schema.hpp"
#include "time_columns.hpp"

namespace picket::perf_database {

// The buckets of one series on one day, ascending; times are their starts.
struct DayOfMinutes {
  std::vector<std::int64_t> times;  // ns
  MinuteColumns columns;
};

class MinuteFile {
 public:
  MinuteFile(const std::filesystem::path& file, Open mode);

  // Nothing when there is no chunk.
  std::optional<DayOfMinutes> read(std::int64_t day_ns, SeriesId series);

  // Every chunk, by day, then series.
  using ChunkFn = std::function<void(std::int64_t day_ns, SeriesId series, const DayOfMinutes& day)>;
  void each(const ChunkFn& fn);
  // The start of the first day that has buckets; nothing when there is none.
  std::optional<std::int64_t> first_day();
  std::vector<std::pair<SeriesId, SeriesInfo>> series() { return load_series(database_); }

  // --- writing: between begin() and commit(), which brings all to the device --------------------------------------
  void begin() { transaction_.emplace(database_, Durability::device); }
  void commit();
  // Replaces what there is of this series and day. REQUIRES: not empty
  void put(std::int64_t day_ns, SeriesId id, const SeriesInfo& info, const DayOfMinutes& day);
  // Removes timestamp columns of the day that no chunk uses any more, in a transaction of its own.
  void drop_unused_times(std::int64_t day_ns);
  // Removes everything of a day, in a transaction of its own; shrink() then makes the file smaller.
  void drop_day(std::int64_t day_ns);
  void shrink() { shrink_file(database_); }

  const std::filesystem::path& file() const { return database_.file(); }

 private:
  void unpack(std::int64_t key, std::int64_t times_id, ByteView block, DayOfMinutes& out);
  void put_parts(std::int64_t key, const DayOfMinutes& day);

  Database database_;
  std::optional<Transaction> transaction_;
  Compressor compressor_;
  TimeColumns times_{database_};
  std::optional<Statement> select_;
  std::optional<Statement> describe_;
  std::optional<Statement> delete_;
  std::optional<Statement> insert_;
};

}  // namespace picket::perf_database
