// SPDX-License-Identifier: Apache-2.0
//
// The catalogue's side of a repair: one place for what is known of series, and the rows that are made again. One
// thread; the directory's lock is held. Throws SqlError.
#pragma once

#include <map>
#include <set>

#include "meta_store.hpp"
#include "salvage.hpp"

namespace picket::perf_database {

// Series id in some file -> id in the catalogue.
using IdMap = std::map<SeriesId, SeriesId>;

class RepairCatalogue {
 public:
  // Opens the catalogue, or makes an empty one.
  explicit RepairCatalogue(const std::filesystem::path& directory);

  // Takes in what a file says of series. One that is known by its identity keeps its id; another gets the id that it
  // had, if that is free, or a new one. On the device when it returns.
  IdMap take(const SeriesMap& series);
  std::uint64_t series_added() const { return series_added_; }
  const SeriesInfo& info(SeriesId id) const { return infos_.at(id); }
  const SeriesMap& all() const { return infos_; }
  SeriesId last_id() const { return infos_.empty() ? 0 : infos_.rbegin()->first; }

  // Everything that can be read of a damaged catalogue. Rows that count more samples than those that are there win.
  struct Taken {
    std::uint64_t rows = 0;
    std::uint64_t added = 0;
    std::uint64_t unread_parts = 0;
  };
  Taken take_catalogue(const Database& damaged);

  // The hour rows of a raw partition from its chunks. `whole`: it has all that ever was in it, so a row that says
  // something else is wrong; else the row that counts more samples stays. Hours in `open` are left to the sealer.
  std::uint64_t make_hours(const std::filesystem::path& raw_file, bool whole, const std::set<std::int64_t>& open);
  // Removes rows that make no sense, and has all days summed again whose hours are still there.
  void distrust_rows();
  // Hour rows for what is kept by the minute only.
  void make_hours_from_minutes(const std::filesystem::path& minute_file);
  // Has the minutes of a month made again, as far as raw samples are there to make them from.
  void distrust_minutes(std::int64_t month_ns);
  // Makes the rows and minutes of days that are over and of which an hour was sealed since. Returns how many days.
  std::uint64_t make_days(std::int64_t now_ns, const std::set<std::int64_t>& open_hours);

  // What hour rows promise and the raw partition (of the same week) has not.
  struct Missing {
    std::set<SeriesId> series;
    std::uint64_t samples = 0;
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
  };
  Missing missing_in(const std::filesystem::path& raw_file, std::int64_t week_ns, const std::set<std::int64_t>& open);

  // That something of a week, or of rows, is gone for good: see verify_rows.hpp.
  bool is_torn(const std::string& key) { return store_.state(key) != 0; }
  void mark_torn(const std::string& key) {
    if (!is_torn(key)) store_.set_state(key, 1);
  }

  std::int64_t dropped_until() { return store_.state("dropped_until"); }

 private:
  std::uint64_t put_rows(const char* table, std::span<const Bucket> rows);
  void take_tier(const Database& damaged, const char* table, std::int64_t span, const IdMap& ids, Taken& taken);
  void take_events(const Database& damaged, Taken& taken);

  const std::filesystem::path directory_;
  MetaStore store_;
  Database database_;
  SeriesMap infos_;
  std::map<std::string, SeriesId> ids_;  // by identity
  std::uint64_t series_added_ = 0;
  std::vector<Bucket> salvaged_days_;  // put when the days have been summed from their hours
};

}  // namespace picket::perf_database
