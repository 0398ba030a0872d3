// SPDX-License-Identifier: Apache-2.0
//
// One scan of one of the tables: which history, which series, and then row after row. Made by virtual_table.cpp, on the
// thread of the connection. Throws BadQuestion, SqlError, VersionError, DamageError.
#pragma once

#include <optional>

#include "pager.hpp"
#include "question.hpp"
#include "wanted_series.hpp"

struct sqlite3;
struct sqlite3_context;

namespace picket::perf_database::extension {

// The directory of the first database of this connection (opened or attached) whose file is called meta.db. Throws
// BadQuestion when there is none.
std::filesystem::path history_of(sqlite3* database, const TableShape& shape);

class Cursor {
 public:
  Cursor(const TableShape& shape, sqlite3* database) : shape_(shape), database_(database) {}

  // Begins anew with the values of a plan (question.hpp), at the first row.
  void start(const char* plan, std::span<sqlite3_value*> values);
  void advance();
  bool at_end() const { return row_ == nullptr; }

  // The result of one column of the row.
  void answer(sqlite3_context* context, std::size_t column) const;
  // The same for the same row whatever the scan that finds it: SQLite drops by it what two scans of an OR both find.
  std::int64_t row_id() const;

 private:
  const TableShape& shape_;
  sqlite3* database_;
  Question question_;
  std::vector<WantedSeries> series_;
  std::optional<Pager> pager_;
  const Row* row_ = nullptr;
};

}  // namespace picket::perf_database::extension
