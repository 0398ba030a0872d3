// SPDX-License-Identifier: Apache-2.0
//
// A thin owner around SQLite: databases, statements, transactions. Errors are exceptions (SqlError) that name the file;
// they stay inside this plugin. Every object belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace picket::perf_database {

// "FILE: DOING: what SQLite says". The code is SQLite's primary result code.
class SqlError : public std::runtime_error {
 public:
  SqlError(int code, std::filesystem::path file, const std::string& problem);

  int code() const { return code_; }
  const std::filesystem::path& file() const { return *file_; }
  // The file's content is bad (as opposed to: no space, no access, busy).
  bool damaged() const;

 private:
  int code_;
  std::shared_ptr<const std::filesystem::path> file_;  // shared: copying an exception must not throw
};

// UTF-8, as SQLite and people read it.
std::string path_text(const std::filesystem::path& path);

// A block that fails its checksum or its format, in a file that SQLite finds whole.
class DamageError : public std::runtime_error {
 public:
  DamageError(std::filesystem::path file, const std::string& problem)
      : std::runtime_error(path_text(file) + ": " + problem),
        file_(std::make_shared<std::filesystem::path>(std::move(file))) {}
  const std::filesystem::path& file() const { return *file_; }

 private:
  std::shared_ptr<const std::filesystem::path> file_;
};

class Statement {
 public:
  Statement(sqlite3* database, const std::filesystem::path& file, std::string_view sql);

  // Parameters count from 1. Texts and blobs are borrowed until reset(). A NaN is stored as NULL.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, double value);
  Statement& bind(int index, std::string_view value);
  Statement& bind(int index, std::span<const std::uint8_t> value);

  // True while there is a row. Throws SqlError.
  bool step();
  // Steps to the end and resets.
  void run();
  // Ready for the next bindings; ends the read of a half-read statement.
  void reset();

  // Columns count from 0; borrowed until the next step. real() of NULL is NaN.
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  std::span<const std::uint8_t> blob(int column) const;
  bool is_null(int column) const;

 private:
  void check(int code);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::shared_ptr<const std::filesystem::path> file_;
};

enum class Open { create, existing, read_only };

class Database {
 public:
  // `create` and `existing` write. A read-only open works also where the directory cannot be written and nobody else
  // has the file open. Waits up to 5 s for a lock. Throws SqlError.
  Database(const std::filesystem::path& file, Open mode);

  Statement prepare(std::string_view sql) const { return {database_.get(), file_, sql}; }
  void execute(const std::string& sql);
  // The first column of the first row; 0 without rows.
  std::int64_t number(std::string_view sql) const;
  // Closing does not copy the write-ahead log into the file; the next connection finds it there.
  void leave_log();

  const std::filesystem::path& file() const { return file_; }
  sqlite3* handle() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> database_;
};

// How far a commit goes before it returns: to the operating system, or to the device (then also all that was committed
// to this file before it).
enum class Durability { system, device };

// Rolls back unless committed.
class Transaction {
 public:
  Transaction(Database& database, Durability durability);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace picket::perf_database
