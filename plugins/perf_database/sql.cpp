// SPDX-License-Identifier: Apache-2.0
#include "sql.hpp"

#include <sqlite3.h>

#include <cmath>
#include <limits>
#include <utility>

namespace picket::perf_database {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

// For a URI: SQLite takes %XX of every byte.
std::string percent_encoded(const std::string& text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       byte == '/' || byte == '.' || byte == '-' || byte == '_' || byte == ':';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    }
  }
  return out;
}

// A file that nobody can write needs no locks and no shared memory.
std::string immutable_uri(const std::filesystem::path& file) {
  const std::u8string generic = file.generic_u8string();
  std::string text(generic.begin(), generic.end());
  if (text.size() > 1 && text[1] == ':') text.insert(0, "/");  // C:/x is /C:/x in a URI
  return "file:" + percent_encoded(text) + "?immutable=1";
}

int open_flags(Open mode) {
  if (mode == Open::create) return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  return mode == Open::existing ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
}

}  // namespace

std::string path_text(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

SqlError::SqlError(int code, std::filesystem::path file, const std::string& problem)
    : std::runtime_error(path_text(file) + ": " + problem),
      code_(code & 0xFF),
      file_(std::make_shared<const std::filesystem::path>(std::move(file))) {}

bool SqlError::damaged() const {
  return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB;
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* database, const std::filesystem::path& file, std::string_view sql)
    : file_(std::make_shared<const std::filesystem::path>(file)) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) throw SqlError(code, file, sqlite3_errmsg(database));
}

void Statement::check(int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  const std::string problem = sqlite3_errmsg(sqlite3_db_handle(statement_.get()));
  sqlite3_reset(statement_.get());
  throw SqlError(code, *file_, problem);
}

Statement& Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), index, value));
  return *this;
}

Statement& Statement::bind(int index, double value) {
  check(sqlite3_bind_double(statement_.get(), index, value));
  return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* data = value.empty() ? "" : value.data();
  check(sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int index, std::span<const std::uint8_t> value) {
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  check(sqlite3_bind_blob64(statement_.get(), index, data, value.size(), SQLITE_STATIC));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  check(code);
  return code == SQLITE_ROW;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  return is_null(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? std::string_view()
                         : std::string_view(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
}

std::span<const std::uint8_t> Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

namespace {

// SQLite opens a file whose "write version" it does not know for reading only, and says no more than that
// (sqlite.org/fileformat.html, section 1.3.3). Read through SQLite's own descriptor: on Linux, closing another one of
// the file would release its locks.
bool has_unknown_write_version(sqlite3* database) {
  constexpr sqlite3_int64 kWriteVersion = 18;
  sqlite3_file* file = nullptr;
  unsigned char version = 0;
  return sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK && file != nullptr &&
         file->pMethods != nullptr && file->pMethods->xRead(file, &version, 1, kWriteVersion) == SQLITE_OK &&
         version > 2;
}

}  // namespace

Database::Database(const std::filesystem::path& file, Open mode) : file_(file) {
  // Opening alone reads nothing: asking for the schema shows whether the file can be read at all.
  const auto attempt = [this](const std::string& name, int flags) {
    sqlite3* database = nullptr;
    int code = sqlite3_open_v2(name.c_str(), &database, flags, nullptr);
    database_.reset(database);
    if (code == SQLITE_OK) {
      sqlite3_busy_timeout(database, kBusyTimeoutMs);
      code = sqlite3_exec(database, "SELECT 1 FROM sqlite_master", nullptr, nullptr, nullptr);
    }
    return code;
  };
  int code = attempt(path_text(file), open_flags(mode));
  std::filesystem::path log = file;
  log += "-wal";
  std::error_code ignored;
  if (mode == Open::read_only && (code & 0xFF) == SQLITE_CANTOPEN && std::filesystem::exists(file, ignored) &&
      !std::filesystem::exists(log, ignored)) {
    code = attempt(immutable_uri(file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  }
  // Nothing is wrong with that statement: it is the file that SQLite cannot make out.
  if (code == SQLITE_ERROR) code = SQLITE_NOTADB;
  if (code != SQLITE_OK) {
    throw SqlError(code, file, database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code));
  }
  if (mode != Open::read_only && sqlite3_db_readonly(database_.get(), "main") != 0 &&
      has_unknown_write_version(database_.get())) {
    throw SqlError(SQLITE_NOTADB, file, "its header asks for a later SQLite");
  }
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw SqlError(code, file_, sqlite3_errmsg(database_.get()));
}

std::int64_t Database::number(std::string_view sql) const {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Database::leave_log() {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Transaction::Transaction(Database& database, Durability durability) : database_(database) {
  database_.execute(durability == Durability::device ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // Some errors have rolled back already; then this one fails, and that is fine.
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace picket::perf_database
