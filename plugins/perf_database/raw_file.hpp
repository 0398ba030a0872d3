// SPDX-License-Identifier: Apache-2.0
//
// One week of raw samples: per series and hour one chunk of values, and the timestamp columns that series share. The
// sealer writes; readers, the sealer and the maker of the minute tier read. One thread per object. Throws SqlError,
// VersionError, DamageError.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "meta_store.hpp"
#include "schema.hpp"
#include "time_columns.hpp"

namespace picket::perf_database {

// One sample of a series that is known from the context.
struct TimedValue {
  std::int64_t time_ns;
  double value;
};

// Sorts by time and drops exact repetitions (same time, same bits): what a retried delivery or a repeated seal gives.
// Different values of one time stay, in the order they came.
void sort_and_merge(std::vector<TimedValue>& samples);

class RawFile {
 public:
  RawFile(const std::filesystem::path& file, Open mode);

  // The samples of one series in one hour, ascending, in one call for each part. Returns whether there are any.
  using ColumnsFn = std::function<void(std::span<const std::int64_t> times, std::span<const double> values)>;
  bool read(std::int64_t hour_ns, SeriesId series, const ColumnsFn& fn);
  // The same, appended.
  bool read(std::int64_t hour_ns, SeriesId series, std::vector<TimedValue>& out);
  // What they add up to, without unpacking them. Nothing if there are none.
  std::optional<SealedSeries> summary(std::int64_t hour_ns, SeriesId series);

  // Whether any series has samples in this hour.
  bool has_hour(std::int64_t hour_ns);
  // The series that have samples in [from_ns, to_ns), ascending.
  std::vector<SeriesId> series_in(std::int64_t from_ns, std::int64_t to_ns);
  // The start of the first hour that has samples; nothing when there is none.
  std::optional<std::int64_t> first_hour();
  std::vector<std::pair<SeriesId, SeriesInfo>> series();
  // The start of the last hour that has chunks.
  std::optional<std::int64_t> newest_hour() const;

  // --- writing: between begin() and commit(), which brings all to the device --------------------------------------
  void begin() { transaction_.emplace(database_, Durability::device); }
  void commit();
  // Replaces what there is of this series and hour. REQUIRES: ascending times, as many values, not empty
  SealedSeries put(std::int64_t hour_ns, SeriesId id, const SeriesInfo& info, std::span<const std::int64_t> times,
                   std::span<const double> values);

  // Removes timestamp columns of the hour that no chunk uses any more, in a transaction of its own.
  void drop_unused_times(std::int64_t hour_ns);
  // Removes everything of an hour, in a transaction of its own; shrink() then makes the file smaller.
  void drop_hour(std::int64_t hour_ns);
  void shrink() { shrink_file(database_); }
  // Of pages that are there and empty.
  std::uint64_t free_bytes() const {
    return static_cast<std::uint64_t>(database_.number("PRAGMA freelist_count") * database_.number("PRAGMA page_size"));
  }
  // Samples and bytes of all chunks and columns of an hour.
  std::pair<std::uint64_t, std::uint64_t> totals(std::int64_t hour_ns);

  const std::filesystem::path& file() const { return database_.file(); }

 private:
  bool has_chunk(std::int64_t first_key);
  std::int64_t put_parts(std::int64_t key, std::span<const std::int64_t> times, std::span<const double> values,
                         Aggregate& whole);
  DamageError damaged_chunk(std::int64_t hour_ns, SeriesId series) const;

  Database database_;
  std::optional<Transaction> transaction_;
  Compressor compressor_;
  TimeColumns times_{database_};
  std::vector<std::pair<std::int64_t, std::vector<double>>> parts_;  // being read: column of times, values
  bool replaced_ = false;                                            // a chunk that was there before
  std::optional<Statement> select_;
  std::optional<Statement> select_summary_;
  std::optional<Statement> find_;
  std::optional<Statement> describe_;
  std::optional<Statement> delete_;
  std::optional<Statement> insert_;
};

}  // namespace picket::perf_database
