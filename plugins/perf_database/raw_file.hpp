// SPDX-License-Identifier: Apache-2.0
//
// One week of raw samples: per series and hour one chunk of values, and the timestamp columns that series share. The
// sealer writes; readers and the sealer read. One thread per object. Throws SqlError, VersionError, DamageError.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "codec/column_codec.hpp"
#include "meta_store.hpp"
#include "schema.hpp"

namespace picket::perf_database {

// One sample of a series that is known from the context.
struct TimedValue {
  std::int64_t time_ns;
  double value;
};

// Sorts by time and drops exact repetitions (same time, same bits): what a retried delivery or a repeated seal gives.
void sort_and_merge(std::vector<TimedValue>& samples);

class RawFile {
 public:
  RawFile(const std::filesystem::path& file, Open mode);

  // Appends the samples of one series in one hour, ascending.
  void read(std::int64_t hour_ns, SeriesId series, std::vector<TimedValue>& out);

  std::vector<std::pair<SeriesId, SeriesInfo>> series();
  // The start of the last hour that has chunks.
  std::optional<std::int64_t> newest_hour() const;

  // --- writing: between begin() and commit(), which brings all to the device --------------------------------------
  void begin() { transaction_.emplace(database_, Durability::device); }
  void commit();
  // Replaces what there is of this series and hour. REQUIRES: samples sorted and merged, not empty
  SealedSeries put(std::int64_t hour_ns, SeriesId id, const SeriesInfo& info, std::span<const TimedValue> samples);

  // Removes timestamp columns of the hour that no chunk uses any more, in a transaction of its own.
  void drop_unused_times(std::int64_t hour_ns);
  // Samples and bytes of all chunks and columns of an hour.
  std::pair<std::uint64_t, std::uint64_t> totals(std::int64_t hour_ns);

  const std::filesystem::path& file() const { return database_.file(); }

 private:
  std::int64_t store_times(std::int64_t hour_ns, std::span<const std::int64_t> times);
  void load_times(std::int64_t hour_ns);
  bool has_chunk(std::int64_t first_key);

  Database database_;
  std::optional<Transaction> transaction_;
  Compressor compressor_;
  // The timestamp column read last: neighbours in a range of hours or in a catalogue mostly share it.
  std::int64_t cached_times_id_ = -1;
  std::vector<std::int64_t> cached_times_;
  // Of the hour being written: packed column -> its row.
  std::int64_t times_hour_ = -1;
  std::map<Bytes, std::int64_t> times_ids_;
  std::vector<std::int64_t> last_times_;
  std::int64_t last_times_id_ = -1;
  bool replaced_ = false;  // a chunk that was there before
  std::optional<Statement> select_chunks_;
  std::optional<Statement> select_times_;
};

}  // namespace picket::perf_database
