// SPDX-License-Identifier: Apache-2.0
//
// One question to the history: the points of some series in a range of time, in one pass over the files. Takes no lock,
// opens each file once, and holds no read transaction while it calls out. One thread; used once.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "hot_samples.hpp"
#include "minute_file.hpp"
#include "picket/result.hpp"
#include "point_stream.hpp"
#include "raw_file.hpp"

namespace picket::perf_database {

// Points of the `slot`-th series; false ends the read.
using SlotPointsFn = std::function<bool(std::size_t slot, std::span<const picket_history_point> points)>;

class RangeRead {
 public:
  struct Range {
    std::int64_t from_ns;
    std::int64_t to_ns;
    std::int64_t step_ns;  // 0: raw samples
  };

  // REQUIRES: `series` ascending, without repetitions; borrowed
  RangeRead(const RangeRead&) = delete;
  RangeRead& operator=(const RangeRead&) = delete;
  RangeRead(std::filesystem::path directory, std::span<const SeriesId> series, Range range, const SlotPointsFn& fn);

  // CANCELLED when `fn` ended it. What is damaged is left out, and named by the error that then ends the read. Throws
  // SqlError, VersionError and std::filesystem::filesystem_error for what no answer can do without.
  Result<void> run();

  // After run(): whether the series is in the catalogue.
  bool exists(std::size_t slot) const { return slots_[slot].exists; }

 private:
  struct Row {
    std::int64_t time_ns;
    Aggregate sum;
  };
  // Rows of a tier, ascending, looked up in order of time. Loaded when the first one is asked for.
  struct Rows {
    bool loaded = false;
    std::vector<Row> rows;
    std::size_t next = 0;
  };
  struct Slot {
    PointStream out;
    Rows hours;
    Rows days;
    bool exists = false;
    bool done = false;   // this day is answered
    bool found = false;  // anything finer than a day row, on this day
  };

  bool overlaps(std::int64_t start, std::int64_t span) const;
  bool answers(std::int64_t start, std::int64_t span) const;
  void load_meta();
  static const Aggregate* find(Rows& rows, std::int64_t time_ns);
  const Aggregate* find_hour(std::size_t slot, std::int64_t hour);
  const Aggregate* find_day(std::size_t slot, std::int64_t day);
  void load_rows(Statement& select, std::size_t slot, Rows& rows) const;
  bool has_hours(std::size_t slot, std::int64_t day);
  void load_hot(const std::vector<HotPart>& parts);
  std::vector<std::int64_t> days_with_data() const;
  void read_day(std::int64_t day);
  void read_hour(std::size_t slot, std::int64_t hour);
  bool add_summary(std::size_t slot, std::int64_t hour);
  bool add_samples(std::size_t slot, std::int64_t hour);
  bool add_merged(std::size_t slot, std::int64_t hour);
  bool add_minutes(std::size_t slot, std::int64_t hour);
  void add_columns(PointStream& out, std::span<const std::int64_t> times, std::span<const double> values) const;
  const DayOfMinutes* minutes_of(std::size_t slot, std::int64_t day);
  RawFile* raw_of(std::int64_t hour);

  const std::filesystem::path directory_;
  const std::span<const SeriesId> series_;
  const std::int64_t from_;
  const std::int64_t to_;
  const std::int64_t step_;
  std::vector<Slot> slots_;
  std::optional<Database> meta_;
  std::optional<Statement> select_hours_;
  std::optional<Statement> select_days_;
  HotSamples hot_;
  std::set<std::int64_t> hot_hours_;
  std::set<std::int64_t> stale_days_;  // whose rows and minutes are yet to be made (again)
  std::map<std::int64_t, std::filesystem::path> raw_files_;
  std::map<std::int64_t, std::filesystem::path> minute_files_;
  std::unique_ptr<RawFile> raw_;
  std::int64_t raw_week_ = -1;
  std::unique_ptr<MinuteFile> minute_;
  std::int64_t minute_month_ = -1;
  std::optional<DayOfMinutes> minutes_;  // of minutes_slot_ on minutes_day_
  std::size_t minutes_slot_ = 0;
  std::int64_t minutes_day_ = -1;
  bool cancelled_ = false;
  std::string problem_;
};

}  // namespace picket::perf_database
