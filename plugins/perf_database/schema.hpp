// SPDX-License-Identifier: Apache-2.0
//
// The four kinds of SQLite files in a history, their tables, their versions and the steps between versions (FORMAT.md).
// Called by whoever opens one, on that thread.
#pragma once

#include "sql.hpp"

namespace picket::perf_database {

enum class FileKind { meta, hot, raw, minute };

// The first version of meta.db, and with it of a history, that has a minute tier.
inline constexpr std::int64_t kMinuteTierVersion = 2;

// What the name of a file ends in until its tables exist; one that is left over is of no use.
inline constexpr const char* kUnfinished = ".new";

// A history of a later daemon than this one: nothing is wrong with it, and nothing of it may be touched.
class VersionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Opens `file` for writing, making it when `mode` says so; its tables exist afterwards, in the newest version. Throws
// SqlError (damaged() when the file is something else), VersionError and std::filesystem::filesystem_error.
Database open_file(const std::filesystem::path& file, FileKind kind, Open mode);

// Opens it for reading, with the same checks.
Database open_for_reading(const std::filesystem::path& file, FileKind kind);

// Makes the tables in a database that has none, in a layout that some version had. For salvage.
void make_empty(Database& database, FileKind kind, int page_size, bool shrinks);

// The format version of an open file.
std::int64_t version_of(const Database& database);

// Gives pages that were freed back to the system, as far as the file was made for that, and empties its log.
void shrink_file(Database& database);

}  // namespace picket::perf_database
