// SPDX-License-Identifier: Apache-2.0
#include "schema.hpp"

#include <sqlite3.h>

#include "directory.hpp"

namespace picket::perf_database {
namespace {

constexpr std::int64_t kVersion = 1;

struct Schema {
  const char* name;
  std::int64_t application_id;  // "Pkm", "Pkh", "Pkr" and 1, as bytes
  int page_size;                // chunks are larger than rows
  const char* tables;
};

#define PICKET_SERIES_COLUMNS                                                              \
  "id INTEGER PRIMARY KEY, host TEXT NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL, " \
  "attributes TEXT NOT NULL, unit TEXT NOT NULL, instrument INTEGER NOT NULL, decimals INTEGER NOT NULL"

#define PICKET_BUCKET_COLUMNS                                                              \
  "series INTEGER NOT NULL, time INTEGER NOT NULL, count INTEGER NOT NULL, minimum REAL, " \
  "maximum REAL, mean REAL, last REAL"

#define PICKET_VIEW_COLUMNS                                                                           \
  "b.time, b.series, s.host, s.source, s.name, s.attributes, s.unit, b.count, b.minimum, b.maximum, " \
  "b.mean, b.last"

const Schema kMeta = {"catalogue", 0x506B6D01, 4'096,
                      "CREATE TABLE series(" PICKET_SERIES_COLUMNS
                      ", first_ns INTEGER, last_ns INTEGER, UNIQUE(name, source, host, attributes));"
                      "CREATE TABLE hour(" PICKET_BUCKET_COLUMNS
                      ", PRIMARY KEY(series, time)) WITHOUT ROWID;"
                      "CREATE TABLE day(" PICKET_BUCKET_COLUMNS
                      ", PRIMARY KEY(series, time)) WITHOUT ROWID;"
                      "CREATE TABLE hour_now(" PICKET_BUCKET_COLUMNS
                      ", PRIMARY KEY(time, series)) WITHOUT ROWID;"
                      "CREATE TABLE sealed_hour(time INTEGER PRIMARY KEY, samples INTEGER NOT NULL, "
                      "bytes INTEGER NOT NULL, day_done INTEGER NOT NULL);"
                      "CREATE TABLE partitions(file TEXT PRIMARY KEY, tier TEXT NOT NULL, from_time INTEGER NOT NULL, "
                      "to_time INTEGER NOT NULL, state TEXT NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;"
                      "CREATE TABLE events(id INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, kind TEXT NOT NULL, "
                      "source TEXT NOT NULL, severity INTEGER NOT NULL, message TEXT NOT NULL, fields TEXT NOT NULL);"
                      "CREATE TABLE state(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
                      "CREATE VIEW history_1h AS SELECT " PICKET_VIEW_COLUMNS
                      " FROM hour b JOIN series s ON s.id = b.series UNION ALL SELECT " PICKET_VIEW_COLUMNS
                      " FROM hour_now b JOIN series s ON s.id = b.series WHERE NOT EXISTS "
                      "(SELECT 1 FROM hour h WHERE h.series = b.series AND h.time = b.time);"
                      "CREATE VIEW history_1d AS SELECT " PICKET_VIEW_COLUMNS
                      " FROM day b JOIN series s ON s.id = b.series;"};

const Schema kHot = {"hot file", 0x506B6801, 4'096,
                     "CREATE TABLE series(" PICKET_SERIES_COLUMNS
                     ");"
                     "CREATE TABLE layout(id INTEGER PRIMARY KEY, series BLOB NOT NULL);"
                     "CREATE TABLE run(id INTEGER PRIMARY KEY, layout INTEGER NOT NULL);"
                     "CREATE TABLE tick(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, frame INTEGER NOT NULL, "
                     "data BLOB NOT NULL);"
                     "CREATE TABLE mark(id INTEGER PRIMARY KEY, commits INTEGER NOT NULL);"
                     "INSERT INTO mark VALUES(1, 0);"};

const Schema kRaw = {"raw partition", 0x506B7201, 16'384,
                     "CREATE TABLE series(" PICKET_SERIES_COLUMNS
                     ");"
                     "CREATE TABLE times(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
                     "CREATE TABLE chunk(id INTEGER PRIMARY KEY, times INTEGER NOT NULL, first_ns INTEGER NOT NULL, "
                     "last_ns INTEGER NOT NULL, count INTEGER NOT NULL, minimum REAL, maximum REAL, sum REAL, "
                     "last REAL, data BLOB NOT NULL);"};

const Schema& schema_of(FileKind kind) {
  return kind == FileKind::meta ? kMeta : kind == FileKind::hot ? kHot : kRaw;
}

// Throws unless the file is of this kind and of a version that we know.
void check(const Database& database, const Schema& schema) {
  const std::int64_t id = database.number("PRAGMA application_id");
  if (id != schema.application_id) {
    throw SqlError(SQLITE_NOTADB, database.file(), std::string("is not a ") + schema.name + " of a Picket history");
  }
  const std::int64_t version = database.number("PRAGMA user_version");
  if (version > kVersion) {
    throw VersionError(path_text(database.file()) + ": has format version " + std::to_string(version) +
                       ", and this daemon knows versions up to " + std::to_string(kVersion) +
                       "; update Picket or use another directory");
  }
}

bool is_fresh(const Database& database) {
  return database.number("PRAGMA application_id") == 0 && database.number("SELECT count(*) FROM sqlite_master") == 0;
}

// Makes the tables of a database that has none.
void prepare(Database& database, const Schema& schema, int page_size) {
  database.execute("PRAGMA page_size=" + std::to_string(page_size));
  database.execute("PRAGMA journal_mode=WAL");
  Transaction transaction(database, Durability::device);
  database.execute(schema.tables);
  database.execute("PRAGMA application_id=" + std::to_string(schema.application_id));
  database.execute("PRAGMA user_version=" + std::to_string(kVersion));
  transaction.commit();
  // The tables are in the file itself before it gets its name: closing would move them there too, but not say if it
  // could not.
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace

Database open_file(const std::filesystem::path& file, FileKind kind, Open mode) {
  const Schema& schema = schema_of(kind);
  if (mode == Open::create && !std::filesystem::exists(file)) {
    // Under another name until it is whole: a reader never sees half of it.
    std::filesystem::path unfinished = file;
    unfinished += kUnfinished;
    {
      Database database(unfinished, Open::create);
      prepare(database, schema, schema.page_size);
    }
    rename_file(unfinished, file);
    sync_directory(file.parent_path());
  }
  Database database(file, Open::existing);
  if (mode == Open::create && is_fresh(database)) prepare(database, schema, schema.page_size);
  check(database, schema);
  return database;
}

Database open_for_reading(const std::filesystem::path& file, FileKind kind) {
  Database database(file, Open::read_only);
  check(database, schema_of(kind));
  return database;
}

void make_empty(Database& database, FileKind kind, int page_size, bool auto_vacuum) {
  database.execute(auto_vacuum ? "PRAGMA auto_vacuum=INCREMENTAL" : "PRAGMA auto_vacuum=NONE");
  prepare(database, schema_of(kind), page_size);
}

}  // namespace picket::perf_database
