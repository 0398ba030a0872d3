// SPDX-License-Identifier: Apache-2.0
//
// Holds the rows of the hour and day tiers against what they were made from: hours against raw chunks and minutes, days
// against hours. Part of a deep verify; one thread, beside a daemon or not.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "meta_store.hpp"
#include "verify.hpp"

namespace picket::perf_database {

// Names in the table `state` of meta.db, written by a repair that could not bring back everything: rows of that week,
// or of any time, may count more samples than what they were made from still has.
std::string torn_week_key(std::int64_t week_ns);
inline constexpr const char* kTornRows = "torn_rows";

class RowChecker {
 public:
  // Throws SqlError; the caller finds out about a damaged catalogue elsewhere, too.
  explicit RowChecker(std::filesystem::path directory);

  // What the raw chunks of a series add up to in an hour.
  void add(std::int64_t hour_ns, SeriesId series, const Aggregate& sum);

  // What the minutes of a series add up to in an hour, or in a part of it; then what follows is of other hours.
  void add_minutes(std::int64_t hour_ns, SeriesId series, const Aggregate& sum);
  void end_minutes();

  // Says what does not agree; days as well.
  void finish(Findings& findings);

 private:
  // A row that did not agree when it was looked at first. A daemon may have been at work on it.
  struct Doubt {
    std::int64_t hour_ns;
    SeriesId series;
    bool minutes;  // of the minute tier; else of raw samples
  };
  bool agrees(std::int64_t hour_ns, SeriesId series, const Aggregate& sum);
  void look(const Doubt& doubt, const Aggregate& sum);
  bool agrees_now(const Doubt& doubt);
  void check_days(Findings& findings);

  bool is_torn(const std::string& key) const;

  const std::filesystem::path directory_;
  std::unique_ptr<Database> meta_;  // null: it cannot be read
  std::optional<Statement> select_;
  std::int64_t oldest_hour_ns_ = 0;  // before it, rows are no longer kept
  std::vector<Doubt> doubts_;
  std::uint64_t more_doubts_ = 0;
  Doubt minutes_of_{0, 0, true};  // what minutes_ is of; series 0: nothing
  Aggregate minutes_;
};

}  // namespace picket::perf_database
