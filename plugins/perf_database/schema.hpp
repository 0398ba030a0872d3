// SPDX-License-Identifier: Apache-2.0
//
// The three kinds of SQLite files in a history, their tables and their versions (FORMAT.md). Called by whoever opens
// one, on that thread.
#pragma once

#include "sql.hpp"

namespace picket::perf_database {

enum class FileKind { meta, hot, raw };

// What the name of a file ends in until its tables exist; one that is left over is of no use.
inline constexpr const char* kUnfinished = ".new";

// A history of a later daemon than this one: nothing is wrong with it, and nothing of it may be touched.
class VersionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Opens `file` for writing, making it when `mode` says so; its tables exist afterwards. Throws SqlError (damaged() when
// the file is something else), VersionError and std::filesystem::filesystem_error.
Database open_file(const std::filesystem::path& file, FileKind kind, Open mode);

// Opens it for reading, with the same checks.
Database open_for_reading(const std::filesystem::path& file, FileKind kind);

// Makes the tables in a database that has none, in a layout that some version had. For salvage.
void make_empty(Database& database, FileKind kind, int page_size, bool auto_vacuum);

}  // namespace picket::perf_database
