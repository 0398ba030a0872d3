// SPDX-License-Identifier: Apache-2.0
//
// `picket query`: what the history knows about some series over some time. Reads the files of a history instance that
// is created but not started, so a daemon may run meanwhile or not.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "commands/history.hpp"
#include "commands/series_values.hpp"
#include "commands/time_range.hpp"
#include "platform/terminal.hpp"

namespace picket::commands {

enum class QueryFormat { table, csv, json };

struct QueryOptions {
  std::vector<std::string> names;   // globs; none: every series
  std::vector<std::string> labels;  // "key=value": an attribute, or `host` or `source`; all must match
  RangeWords range;
  std::optional<std::string> step;  // a duration; else chosen by the range
  bool points = false;              // values over time instead of one line for each series
  bool raw = false;                 // numbers as stored: counters are no rates, units are not scaled
  QueryFormat format = QueryFormat::table;
  std::size_t limit = 1'000;  // series
};

inline constexpr std::size_t kMaxQueryValues = 1'000'000;  // in one answer

// Writes the answer to `out`, everything else to `err`, and returns an exit code: kExitNotWell when nothing was found.
int query(const QueryOptions& options, History& history, std::int64_t now_ns, const platform::Terminal& terminal,
          std::ostream& out, std::ostream& err);

// One series with what was found; what query() hands to the functions that print.
struct QueryRow {
  Series series;
  bool rate = false;
  std::string unit;  // of the values
  Summary summary{false};
  std::vector<Value> values;  // only with `points`
};

// --- query_output.cpp ----------------------------------------------------------------------------------------------
void print_summary_table(const std::vector<QueryRow>& rows, bool raw, const platform::Terminal& terminal,
                         std::ostream& out);
// A column for each series where there are few, else a line for each value.
void print_points_table(const std::vector<QueryRow>& rows, bool raw, const platform::Terminal& terminal,
                        std::ostream& out);
void print_csv(const std::vector<QueryRow>& rows, bool points, std::ostream& out);
void print_json(const std::vector<QueryRow>& rows, const TimeRange& range, std::int64_t step_ns, bool points,
                std::ostream& out);

}  // namespace picket::commands
