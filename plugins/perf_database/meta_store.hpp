// SPDX-License-Identifier: Apache-2.0
//
// meta.db: the catalogue of series, the hour and day tiers as plain rows, kept events, and the list of partitions.
// Thread-safe: the delivering thread and the sealer share one connection behind one lock, held for short transactions.
// Throws SqlError and VersionError.
#pragma once

#include <mutex>
#include <span>
#include <utility>

#include "records.hpp"
#include "schema.hpp"

namespace picket::perf_database {

inline constexpr const char* kMetaFile = "meta.db";

// What the sealer learned of one series in one hour.
struct SealedSeries {
  SeriesId series = 0;
  Aggregate sum;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};

struct PartitionRow {
  std::string file;
  std::string tier;   // hot, raw, minute
  std::string state;  // open, damaged
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
  std::uint64_t bytes = 0;
};

class MetaStore {
 public:
  explicit MetaStore(const std::filesystem::path& directory);

  std::vector<std::pair<SeriesId, SeriesInfo>> load_series();
  // On the device when it returns. A series that is there already stays as it is.
  void add_series(std::span<const std::pair<SeriesId, SeriesInfo>> series);

  // The final rows of a sealed hour, for some of its series; repeatable.
  void put_hours(std::int64_t hour_ns, std::span<const SealedSeries> rows);
  // After the last of put_hours. The day of this hour is then to be made (again).
  void finish_hour(std::int64_t hour_ns, std::uint64_t samples, std::uint64_t bytes);
  bool is_sealed(std::int64_t hour_ns);

  // Days of which an hour was sealed since their rows or their minutes were made, ascending.
  struct PendingDay {
    std::int64_t day_ns = 0;
    bool rows = false;     // the day rows are to be made
    bool minutes = false;  // the minute chunks are to be made
  };
  std::vector<PendingDay> pending_days();
  // Sums the hour rows of a day into day rows; repeatable.
  void sum_day(std::int64_t day_ns);
  // After its rows and its minutes were made.
  void finish_day(std::int64_t day_ns);

  // Hour rows from the sums in the chunks of a raw partition, for a catalogue that was lost.
  void rebuild_hours(const std::filesystem::path& raw_file);
  // The same from one day of minutes, for series that have no row of that hour yet.
  void rebuild_hours(std::span<const Bucket> hours);

  // Replaces the provisional rows of an hour that still runs.
  void put_hour_now(std::int64_t hour_ns, std::span<const Bucket> rows);

  // Committed to the operating system; commit() brings it to the device. A row that is there already, the same in all
  // it says, is left out: a delivery that is offered again repeats nothing.
  void add_events(std::span<const EventRow> events);
  void trim_events(std::uint64_t keep);
  void commit();

  // Samples and bytes of the sealed hours in [from_ns, to_ns); forgets them when `forget`, since their raw samples go.
  std::pair<std::uint64_t, std::uint64_t> sealed_between(std::int64_t from_ns, std::int64_t to_ns, bool forget);

  // Removes the rows of a tier before `horizon_ns`.
  void drop_hours_before(std::int64_t horizon_ns);
  void drop_days_before(std::int64_t horizon_ns);

  void set_partitions(std::span<const PartitionRow> rows);
  // A named number; 0 when it was never set.
  std::int64_t state(std::string_view key);
  void set_state(std::string_view key, std::int64_t value);

  std::pair<std::uint64_t, std::uint64_t> sealed_samples_and_bytes();

 private:
  void drop_before(const char* table, std::int64_t horizon_ns);
  void sum_day(std::int64_t day_ns, SeriesId from, SeriesId to);

  std::mutex mutex_;
  Database database_;   // guarded by mutex_
  bool dirty_ = false;  // guarded by mutex_: something is committed to the system only
};

// Reads identity columns (id, host, source, name, attributes, unit, instrument, decimals) from a row.
std::pair<SeriesId, SeriesInfo> read_series(const Statement& row);
// All rows of a file's table `series`, by id.
std::vector<std::pair<SeriesId, SeriesInfo>> load_series(const Database& database);
// Binds the same as parameters 1 to 8.
void bind_series(Statement& statement, SeriesId id, const SeriesInfo& info);
inline constexpr const char* kSelectSeries =
    "SELECT id, host, source, name, attributes, unit, instrument, decimals FROM series";
inline constexpr const char* kInsertSeries =
    "INSERT OR IGNORE INTO series(id, host, source, name, attributes, unit, instrument, decimals) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

}  // namespace picket::perf_database
