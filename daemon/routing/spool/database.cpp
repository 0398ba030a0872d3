// SPDX-License-Identifier: Apache-2.0
#include "routing/spool/database.hpp"

#include <sqlite3.h>

namespace picket::routing::spool {
namespace {

constexpr int kBusyTimeoutMs = 2'000;

// UTF-8, as SQLite wants it on every system.
std::string utf8_path(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

picket_status status_of_code(int code) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    // Nothing is wrong with our few statements: a table that is missing, a sum that overflows or a key that is there
    // twice is the file's fault.
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      return PICKET_INVALID;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return PICKET_DENIED;
    default:
      return PICKET_FAILED;
  }
}

}  // namespace

// --- statements ----------------------------------------------------------------------------------------------------

void Query::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Query& Query::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);  // a failure shows at the step: a parameter that is not bound
  return *this;
}

Query& Query::bind(int index, std::string_view blob) {
  sqlite3_bind_blob64(statement_.get(), index, blob.data(), blob.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Query::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  Error error = database_->error(sqlite3_extended_errcode(database_->handle_));
  reset();
  return error;
}

Result<void> Query::run() {
  for (;;) {
    const auto more = step();
    if (!more.ok()) return more.error();
    if (!*more) return {};
  }
}

void Query::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Query::blob(int column) const {
  const void* const data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(data), data == nullptr ? 0 : static_cast<std::size_t>(size)};
}

// --- files ---------------------------------------------------------------------------------------------------------

Error Database::error(int code) const {
  return {utf8_path(file_) + ": " + sqlite3_errmsg(handle_), status_of_code(code)};
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, OpenMode mode) {
  const int flags = mode == OpenMode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(utf8_path(file).c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return Error{utf8_path(file) + ": " + sqlite3_errstr(code), PICKET_FAILED};
  std::unique_ptr<Database> made(new Database(file, handle));
  if (code != SQLITE_OK) return made->error(sqlite3_extended_errcode(handle));
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return made;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<void> Database::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return error(sqlite3_extended_errcode(handle_));
}

Result<Query> Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  // Never later: a statement of a closed database would be one.
  const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(sqlite3_extended_errcode(handle_));
  Query query;
  query.database_ = this;
  query.statement_.reset(statement);
  return query;
}

}  // namespace picket::routing::spool
