// SPDX-License-Identifier: Apache-2.0
//
// From a WHERE clause or the arguments of a call to a question that the reader can answer. The planner of SQLite asks
// first which of its terms we make use of (choose_plan), and then hands us their values (read_question). Called by the
// virtual tables, on the thread of the connection.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "calendar.hpp"
#include "records.hpp"
#include "tables.hpp"

struct sqlite3_index_info;
struct sqlite3_value;

namespace picket::perf_database::extension {

// What an SQL user gets to read. It names the table that was asked.
class BadQuestion : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct FreeValue {
  void operator()(sqlite3_value* value) const;
};
using OwnedValue = std::unique_ptr<sqlite3_value, FreeValue>;

struct Question {
  bool nothing = false;  // no row can be an answer, as with WHERE time > NULL
  std::optional<SeriesId> series;
  std::optional<std::string> name;
  std::string pattern;  // empty: all names
  std::int64_t from_ns = 0;
  std::int64_t to_ns = kForever;
  std::int64_t step_ns = 0;
  std::optional<std::string> directory;
  bool partial = false;
  std::map<Column, OwnedValue> given;  // the arguments as they came: SQLite may ask for them again
};

// xBestIndex: fills in what of `info` is used and what that costs. Returns an SQLite result code.
int choose_plan(const TableShape& shape, sqlite3_index_info& info);

// xFilter: `plan` is the text that choose_plan left. Throws BadQuestion.
Question read_question(const TableShape& shape, const char* plan, std::span<sqlite3_value*> values);

}  // namespace picket::perf_database::extension
