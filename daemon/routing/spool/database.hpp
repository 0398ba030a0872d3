// SPDX-License-Identifier: Apache-2.0
//
// A thin owner around one SQLite file of a spool: statements and errors as values. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "picket/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace picket::routing::spool {

class Database;

// One prepared statement; belongs to its database. Parameters count from 1, columns from 0.
class Query {
 public:
  Query() = default;
  Query& bind(int index, std::int64_t value);
  Query& bind(int index, std::string_view blob);  // borrowed until the next step() that ends it

  // True while there is a row. Afterwards, and on an error, it is ready for new values.
  Result<bool> step();
  Result<void> run();
  void reset();

  std::int64_t integer(int column) const;
  std::string_view blob(int column) const;  // until the next step

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Database* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

enum class OpenMode : std::uint8_t { read_write, read_only };

// Errors name the file. PICKET_INVALID: its content is bad; PICKET_DENIED: no permission; PICKET_FAILED: all else, a
// full disk among it.
class Database {
 public:
  // Makes the file if it may write. Waits up to 2 s for the lock of another process.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, OpenMode mode);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Result<void> execute(const char* sql);
  Result<Query> prepare(const char* sql);

 private:
  friend class Query;
  Database(std::filesystem::path file, sqlite3* handle) : file_(std::move(file)), handle_(handle) {}
  Error error(int code) const;

  const std::filesystem::path file_;
  sqlite3* const handle_;
};

}  // namespace picket::routing::spool
