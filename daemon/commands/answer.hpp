// SPDX-License-Identifier: Apache-2.0
//
// A question to the history and its answer: what `picket query` and `picket plot` have in common, before anything is
// printed. Single thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands/bucket_grid.hpp"
#include "commands/comparison.hpp"
#include "commands/history.hpp"
#include "commands/series_values.hpp"
#include "commands/statistics.hpp"
#include "commands/surroundings.hpp"
#include "commands/time_range.hpp"

namespace picket::commands {

inline constexpr std::size_t kMaxQueryValues = 1'000'000;       // over time, in one answer
inline constexpr std::size_t kMaxPercentileValues = 4'000'000;  // held at once for percentiles of whole ranges

// As typed.
struct Question {
  std::vector<std::string> names;   // globs; none: every series
  std::vector<std::string> labels;  // see parse_labels
  RangeWords range;
  std::optional<std::string> step;     // see parse_step; else chosen by the range
  std::optional<std::string> stats;    // see parse_stats; else last, min, mean, max, count
  std::optional<std::string> compare;  // see Comparison
  std::optional<std::string> total;    // sum, mean, min, max: one row for each group of series
  std::vector<std::string> by;         // labels that make the groups; without `total` they are summed
  std::optional<std::string> sort;     // a statistic, largest first; else by name
  std::size_t top = 0;                 // only so many, the largest of `sort` (mean); 0: all
  bool reverse = false;                // of the order
  bool points = false;                 // values over time too, not only the statistics
  bool utc = false;                    // days and printed times are UTC's instead of local
  bool raw = false;                    // counters are not turned into rates
  bool rate = false;                   // everything is
  std::size_t limit = 1'000;           // series
  std::int64_t wanted_points = 60;     // of each series, where the step is chosen
};

// One series, or the total of several, over one range.
struct Part {
  Summary summary{false};
  std::vector<double> stats;        // of the whole range, as Answer::stats
  std::vector<Value> values;        // only with Question::points
  std::vector<double> percentiles;  // of each value, as many as Answer::stats has percentiles
  bool coarse = false;              // percentiles are also of means over some time, where samples are no longer kept
};

struct Row {
  Series series;  // of a total: only what its members have in common by its making
  bool rate = false;
  std::string unit;         // of the values
  std::size_t members = 1;  // series
  Part now;
  std::optional<Part> then;  // with Question::compare; its times are moved onto those of now
};

struct Answer {
  TimeRange range;
  BucketGrid grid{0, platform::utc_zone()};
  const platform::TimeZone* zone = nullptr;
  std::vector<Stat> stats;
  bool stats_given = false;
  std::int64_t read_step_ns = 0;  // what percentiles are of: samples, or values over such a step
  std::optional<Comparison> comparison;
  bool totals = false;
  bool any_series = false;  // some matched, also if they had no values
  std::string problem;      // what could not be read, while the rest could; empty: nothing
  std::vector<Row> rows;    // those with values, in the order to show
};

// Reads it. PICKET_INVALID and PICKET_LIMIT name the option to change; other errors are the history's.
Result<Answer> ask(const Question& question, History& history, const Surroundings& surroundings);

// What `stat` says of a value of a row: number `index` of Part::values.
double stat_of_value(const Part& part, std::size_t index, const std::vector<Stat>& stats, std::size_t stat);

// Where a line through the values must be broken: what stands for the gap before value number `index`, a time at which
// there is none. REQUIRES: part.values[index].after_gap
std::int64_t gap_time(const Part& part, std::size_t index, const BucketGrid& grid);

}  // namespace picket::commands
