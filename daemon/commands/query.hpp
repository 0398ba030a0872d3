// SPDX-License-Identifier: Apache-2.0
//
// `picket query`: what the history knows about some series over some time, as a table, CSV or JSON. Reads the files of
// a history instance that is created but not started, so a daemon may run meanwhile or not.
#pragma once

#include <optional>
#include <ostream>
#include <vector>

#include "commands/answer.hpp"

namespace picket::commands {

enum class QueryFormat { table, csv, json };

struct QueryOptions {
  Question question;  // with `raw`, numbers are as stored: units are not scaled
  QueryFormat format = QueryFormat::table;
};

// Writes the answer to `out`, everything else to `err`, and returns an exit code: kExitNotWell when nothing was found.
int query(const QueryOptions& options, History& history, const Surroundings& surroundings);

// Why a verb that reads the history found nothing or failed, and the exit code for it; `verb`: "query". The first also
// names what was damaged, if something was; kExitOk when nothing is to be said.
int say_how_it_went(const char* verb, const Answer& answer, std::ostream& err);
int say_history_error(const char* verb, const Error& error, std::ostream& err);

// --- query_output.cpp: what tables, CSV and JSON have in common ----------------------------------------------------
// One time in a row's values: of now, of the earlier time, or of neither where a gap begins.
struct RowMoment {
  std::int64_t time_ns = 0;
  std::optional<std::size_t> now, then;  // indexes of Part::values
};
// In order. `gaps`: with a moment for each gap.
std::vector<RowMoment> moments_of(const Row& row, const BucketGrid& grid, bool gaps);

// What the values of a part are in a moment, or not-a-number.
double value_at(const Part& part, const std::optional<std::size_t>& index, const std::vector<Stat>& stats,
                std::size_t stat);
// A statistic of the whole range, or not-a-number.
double value_of(const Part& part, std::size_t stat);

// What percentiles are of: "samples", "samples and means of longer times", or "values of 1m".
std::string percentile_basis(const Answer& answer, const Part& part);

// --- query_table.cpp -----------------------------------------------------------------------------------------------
void print_summary_table(const Answer& answer, bool raw, const platform::Terminal& terminal, std::ostream& out);
// A column for each series where there is room, else a line for each value.
void print_points_table(const Answer& answer, bool raw, const platform::Terminal& terminal, std::ostream& out);

// --- query_export.cpp ----------------------------------------------------------------------------------------------
void print_csv(const Answer& answer, bool points, bool raw, std::ostream& out);
void print_json(const Answer& answer, bool points, bool raw, std::ostream& out);

}  // namespace picket::commands
