// SPDX-License-Identifier: Apache-2.0
#include "schema.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <span>

#include "directory.hpp"

namespace picket::perf_database {
namespace {

struct Schema {
  const char* name;
  std::int64_t application_id;  // "Pkm", "Pkh", "Pkr", "Pkt" and 1, as bytes
  int page_size;                // bytes; about twenty chunks should fit a page, else a fifth of it stays empty
  int checkpoint_pages;         // of the write-ahead log; bounds its size
  int cache_kib;                // pages that stay in memory
  bool shrinks;                 // pages that were freed can be given back to the system
  const char* tables;           // of version 1
  std::span<const char* const> upgrades;  // to version 2, 3, ...

  std::int64_t version() const { return 1 + static_cast<std::int64_t>(upgrades.size()); }
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

// Version 2: the minute tier, whose days count as not made yet, and events that are told apart. Events of version 1
// have their id for a digest: they are told from each other, and a redelivery of one of them is not noticed.
constexpr std::array kMetaUpgrades = {
    "ALTER TABLE sealed_hour ADD COLUMN minute_done INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX sealed_hour_pending ON sealed_hour(time) WHERE NOT (day_done AND minute_done);"
    "ALTER TABLE events ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;"
    "UPDATE events SET digest = id;"
    "CREATE UNIQUE INDEX events_once ON events(time_ns, digest);"};

// Version 2: the tables are the same; chunks may be packed in ways that version 1 cannot read (codec/FORMAT.md).
constexpr std::array kRawUpgrades = {""};

const Schema kMeta = {"catalogue",
                      0x506B6D01,
                      4'096,
                      1'000,
                      512,
                      false,
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
                      " FROM day b JOIN series s ON s.id = b.series;",
                      kMetaUpgrades};

// Each tick is a commit, and a commit writes the first page, the leaf and the new pages: the smaller, the fewer bytes.
// What the log still holds when the hour is sealed is never written to the file: a long log, fewer writes. What was
// appended is not looked at again before that: little of it stays in memory.
const Schema kHot = {"hot file",
                     0x506B6801,
                     1'024,
                     16'000,
                     256,
                     false,
                     "CREATE TABLE series(" PICKET_SERIES_COLUMNS
                     ");"
                     "CREATE TABLE layout(id INTEGER PRIMARY KEY, series BLOB NOT NULL);"
                     "CREATE TABLE run(id INTEGER PRIMARY KEY, layout INTEGER NOT NULL);"
                     "CREATE TABLE tick(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, frame INTEGER NOT NULL, "
                     "data BLOB NOT NULL);"
                     "CREATE TABLE mark(id INTEGER PRIMARY KEY, commits INTEGER NOT NULL);"
                     "INSERT INTO mark VALUES(1, 0);",
                     {}};

const Schema kRaw = {"raw partition",
                     0x506B7201,
                     65'536,
                     64,
                     2'000,
                     true,
                     "CREATE TABLE series(" PICKET_SERIES_COLUMNS
                     ");"
                     "CREATE TABLE times(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
                     "CREATE TABLE chunk(id INTEGER PRIMARY KEY, times INTEGER NOT NULL, first_ns INTEGER NOT NULL, "
                     "last_ns INTEGER NOT NULL, count INTEGER NOT NULL, minimum REAL, maximum REAL, sum REAL, "
                     "last REAL, data BLOB NOT NULL);",
                     kRawUpgrades};

const Schema kMinuteFile = {"minute partition",
                            0x506B7401,
                            65'536,
                            64,
                            2'000,
                            true,
                            "CREATE TABLE series(" PICKET_SERIES_COLUMNS
                            ");"
                            "CREATE TABLE times(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
                            "CREATE TABLE chunk(id INTEGER PRIMARY KEY, times INTEGER NOT NULL, data BLOB NOT NULL);",
                            {}};

const Schema& schema_of(FileKind kind) {
  switch (kind) {
    case FileKind::meta:
      return kMeta;
    case FileKind::hot:
      return kHot;
    case FileKind::minute:
      return kMinuteFile;
    case FileKind::raw:
      break;
  }
  return kRaw;
}

// Returns the version. Throws unless the file is of this kind and of a version that we know.
std::int64_t check(const Database& database, const Schema& schema) {
  const std::int64_t id = database.number("PRAGMA application_id");
  if (id != schema.application_id) {
    throw SqlError(SQLITE_NOTADB, database.file(), std::string("is not a ") + schema.name + " of a Picket history");
  }
  const std::int64_t version = version_of(database);
  if (version > schema.version()) {
    throw VersionError(path_text(database.file()) + ": has format version " + std::to_string(version) +
                       ", and this daemon knows versions up to " + std::to_string(schema.version()) +
                       "; update Picket or use another directory");
  }
  return version;
}

bool is_fresh(const Database& database) {
  return database.number("PRAGMA application_id") == 0 && database.number("SELECT count(*) FROM sqlite_master") == 0;
}

// All steps from `version` to the newest, or none. REQUIRES: a transaction
void apply_upgrades(Database& database, const Schema& schema, std::int64_t version) {
  for (const char* step : schema.upgrades.subspan(static_cast<std::size_t>(version - 1))) database.execute(step);
  database.execute("PRAGMA user_version=" + std::to_string(schema.version()));
}

void lay_out(Database& database, int page_size, bool shrinks) {
  database.execute("PRAGMA page_size=" + std::to_string(page_size));
  if (shrinks) database.execute("PRAGMA auto_vacuum=INCREMENTAL");
}

// A new file takes the same way through the versions as an old one. REQUIRES: a transaction
void make_tables(Database& database, const Schema& schema) {
  database.execute(schema.tables);
  database.execute("PRAGMA application_id=" + std::to_string(schema.application_id));
  apply_upgrades(database, schema, 1);
}

// Makes the tables of a file that nobody looks at before it gets its name: what a crash leaves of it is thrown away, so
// only its end is synced, by the switch to the log, which is a commit. That is a start in a few milliseconds.
void prepare_unfinished(Database& database, const Schema& schema) {
  lay_out(database, schema.page_size, schema.shrinks);
  database.execute("PRAGMA journal_mode=MEMORY");
  database.execute("PRAGMA synchronous=OFF");
  database.execute("BEGIN IMMEDIATE");
  make_tables(database, schema);
  database.execute("COMMIT");
  database.execute("PRAGMA synchronous=FULL");
  Statement change = database.prepare("PRAGMA journal_mode=WAL");
  if (!change.step() || change.text(0) != "wal") {
    throw SqlError(SQLITE_IOERR, database.file(), "cannot have a write-ahead log");
  }
}

// What a failure left of such a file, which sweep_orphans() has not seen yet.
void remove_unfinished(const std::filesystem::path& file) {
  for (const char* companion : {"", "-wal", "-shm"}) {
    std::filesystem::path left = file;
    left += companion;
    if (std::filesystem::exists(left)) remove_file(left);
  }
}

// Makes the tables of a database that has none, in a file that is known by its name already.
void prepare(Database& database, const Schema& schema, int page_size, bool shrinks) {
  lay_out(database, page_size, shrinks);
  database.execute("PRAGMA journal_mode=WAL");
  Transaction transaction(database, Durability::device);
  make_tables(database, schema);
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
    remove_unfinished(unfinished);
    {
      Database database(unfinished, Open::create);
      prepare_unfinished(database, schema);
    }
    rename_file(unfinished, file);
    sync_directory(file.parent_path());
  }
  Database database(file, Open::existing);
  if (mode == Open::create && is_fresh(database)) prepare(database, schema, schema.page_size, schema.shrinks);
  const std::int64_t version = check(database, schema);
  if (version < schema.version()) {
    Transaction transaction(database, Durability::device);
    apply_upgrades(database, schema, std::max<std::int64_t>(version, 1));
    transaction.commit();
  }
  database.execute("PRAGMA wal_autocheckpoint=" + std::to_string(schema.checkpoint_pages));
  database.execute("PRAGMA cache_size=-" + std::to_string(schema.cache_kib));
  return database;
}

Database open_for_reading(const std::filesystem::path& file, FileKind kind) {
  Database database(file, Open::read_only);
  check(database, schema_of(kind));
  return database;
}

void make_empty(Database& database, FileKind kind, int page_size, bool shrinks) {
  prepare(database, schema_of(kind), page_size, shrinks);
}

std::int64_t version_of(const Database& database) {
  return database.number("PRAGMA user_version");
}

void shrink_file(Database& database) {
  database.execute("PRAGMA incremental_vacuum");
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace picket::perf_database
