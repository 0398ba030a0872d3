// SPDX-License-Identifier: Apache-2.0
//
// Times in the tables for people are seconds since 1970; columns named _ns are nanoseconds.
#include "meta_store.hpp"

#include "calendar.hpp"

namespace picket::perf_database {
namespace {

// Rows per transaction of the slow, whole-catalogue jobs, so that nobody waits for the lock for long.
constexpr SeriesId kSlice = 256;

void bind_bucket(Statement& statement, SeriesId series, std::int64_t time_ns, const Aggregate& sum) {
  statement.bind(1, std::int64_t{series}).bind(2, time_ns / kSecond).bind(3, static_cast<std::int64_t>(sum.count));
  statement.bind(4, sum.minimum).bind(5, sum.maximum).bind(6, sum.mean()).bind(7, sum.last);
}

// Of all that an event says but its time, which stands beside it in the index: 64-bit FNV-1a, lengths included so that
// no text runs into the next.
std::int64_t digest_of(const EventRow& event) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  const auto mix = [&hash](std::string_view bytes) {
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
  };
  for (const std::string* text : {&event.kind, &event.source, &event.message, &event.fields}) {
    mix(std::to_string(text->size()) + ":");
    mix(*text);
  }
  mix(std::to_string(event.severity));
  return static_cast<std::int64_t>(hash);
}

}  // namespace

std::pair<SeriesId, SeriesInfo> read_series(const Statement& row) {
  SeriesInfo info;
  info.host = row.text(1);
  info.source = row.text(2);
  info.name = row.text(3);
  info.attributes = row.text(4);
  info.unit = row.text(5);
  info.instrument = static_cast<std::uint32_t>(row.integer(6));
  info.decimals = static_cast<std::int32_t>(row.integer(7));
  return {static_cast<SeriesId>(row.integer(0)), std::move(info)};
}

std::vector<std::pair<SeriesId, SeriesInfo>> load_series(const Database& database) {
  std::vector<std::pair<SeriesId, SeriesInfo>> series;
  Statement rows = database.prepare(std::string(kSelectSeries) + " ORDER BY id");
  while (rows.step()) series.push_back(read_series(rows));
  return series;
}

void bind_series(Statement& statement, SeriesId id, const SeriesInfo& info) {
  statement.bind(1, std::int64_t{id}).bind(2, std::string_view(info.host)).bind(3, std::string_view(info.source));
  statement.bind(4, std::string_view(info.name)).bind(5, std::string_view(info.attributes));
  statement.bind(6, std::string_view(info.unit)).bind(7, std::int64_t{info.instrument});
  statement.bind(8, std::int64_t{info.decimals});
}

MetaStore::MetaStore(const std::filesystem::path& directory)
    : database_(open_file(directory / kMetaFile, FileKind::meta, Open::create)) {}

std::vector<std::pair<SeriesId, SeriesInfo>> MetaStore::load_series() {
  const std::lock_guard lock(mutex_);
  return perf_database::load_series(database_);
}

void MetaStore::add_series(std::span<const std::pair<SeriesId, SeriesInfo>> series) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::device);
  Statement insert = database_.prepare(kInsertSeries);
  for (const auto& [id, info] : series) {
    bind_series(insert, id, info);
    insert.run();
  }
  transaction.commit();
}

void MetaStore::put_hours(std::int64_t hour_ns, std::span<const SealedSeries> rows) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::device);
  // Once the samples of an hour were dropped, its row is what is left of them: one that came late must not replace it.
  const bool dropped = hour_ns < database_.number("SELECT value FROM state WHERE key = 'dropped_until'");
  Statement insert = database_.prepare(std::string("INSERT OR ") + (dropped ? "IGNORE" : "REPLACE") +
                                       " INTO hour VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  Statement seen = database_.prepare(
      "UPDATE series SET first_ns = min(coalesce(first_ns, ?2), ?2), last_ns = max(coalesce(last_ns, ?3), ?3) WHERE id "
      "= ?1");
  for (const SealedSeries& row : rows) {
    seen.bind(1, std::int64_t{row.series}).bind(2, row.first_ns).bind(3, row.last_ns).run();
    if (row.sum.count == 0) continue;  // nothing but NaN
    bind_bucket(insert, row.series, hour_ns, row.sum);
    insert.run();
  }
  transaction.commit();
}

void MetaStore::finish_hour(std::int64_t hour_ns, std::uint64_t samples, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::device);
  database_
      .prepare(
          "INSERT OR REPLACE INTO sealed_hour(time, samples, bytes, day_done, minute_done) "
          "VALUES(?1, ?2, ?3, 0, 0)")
      .bind(1, hour_ns / kSecond)
      .bind(2, static_cast<std::int64_t>(samples))
      .bind(3, static_cast<std::int64_t>(bytes))
      .run();
  database_.prepare("DELETE FROM hour_now WHERE time = ?1").bind(1, hour_ns / kSecond).run();
  transaction.commit();
}

bool MetaStore::is_sealed(std::int64_t hour_ns) {
  const std::lock_guard lock(mutex_);
  return database_.prepare("SELECT 1 FROM sealed_hour WHERE time = ?1").bind(1, hour_ns / kSecond).step();
}

std::vector<MetaStore::PendingDay> MetaStore::pending_days() {
  const std::lock_guard lock(mutex_);
  std::vector<PendingDay> days;
  Statement open = database_.prepare(
      "SELECT time - time % 86400, min(day_done), min(minute_done) FROM sealed_hour WHERE NOT (day_done AND "
      "minute_done) GROUP BY 1 ORDER BY 1");
  while (open.step()) days.push_back({open.integer(0) * kSecond, open.integer(1) == 0, open.integer(2) == 0});
  return days;
}

void MetaStore::sum_day(std::int64_t day_ns) {
  SeriesId last_series = 0;
  {
    const std::lock_guard lock(mutex_);
    last_series = static_cast<SeriesId>(database_.number("SELECT max(id) FROM series"));
  }
  for (SeriesId from = 1; from <= last_series; from += kSlice) sum_day(day_ns, from, from + kSlice);
}

void MetaStore::finish_day(std::int64_t day_ns) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::device);
  database_.prepare("UPDATE sealed_hour SET day_done = 1, minute_done = 1 WHERE time >= ?1 AND time < ?2")
      .bind(1, day_ns / kSecond)
      .bind(2, (day_ns + kDay) / kSecond)
      .run();
  transaction.commit();
}

void MetaStore::sum_day(std::int64_t day_ns, SeriesId from, SeriesId to) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::system);
  Statement hours = database_.prepare(
      "SELECT count, minimum, maximum, mean, last FROM hour WHERE series = ?1 AND time >= ?2 AND time < ?3 ORDER BY "
      "time");
  Statement insert = database_.prepare("INSERT OR REPLACE INTO day VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  for (SeriesId series = from; series < to; ++series) {
    Aggregate sum;
    hours.bind(1, std::int64_t{series}).bind(2, day_ns / kSecond).bind(3, (day_ns + kDay) / kSecond);
    while (hours.step()) {
      const auto count = static_cast<std::uint64_t>(hours.integer(0));
      sum.merge({count, hours.real(1), hours.real(2), hours.real(3) * static_cast<double>(count), hours.real(4)});
    }
    hours.reset();
    if (sum.count == 0) continue;
    bind_bucket(insert, series, day_ns, sum);
    insert.run();
  }
  transaction.commit();
}

void MetaStore::rebuild_hours(const std::filesystem::path& raw_file) {
  const Database raw = open_for_reading(raw_file, FileKind::raw);
  // An hour's parts of one series follow each other in the order of the key.
  Statement chunks = raw.prepare(
      "SELECT id >> 39, (id >> 12) & 134217727, count, minimum, maximum, sum, last, first_ns, last_ns, length(data) "
      "FROM chunk ORDER BY id");
  std::vector<SealedSeries> rows;
  std::int64_t hour = -1;
  std::uint64_t samples = 0;
  std::uint64_t bytes = 0;
  const auto flush = [&] {
    if (rows.empty()) return;
    put_hours(hour * kHour, rows);
    finish_hour(hour * kHour, samples, bytes);
    rows.clear();
    samples = bytes = 0;
  };
  while (chunks.step()) {
    if (chunks.integer(0) != hour) flush();
    hour = chunks.integer(0);
    const auto series = static_cast<SeriesId>(chunks.integer(1));
    if (rows.empty() || rows.back().series != series) rows.push_back({series, {}, chunks.integer(7), 0});
    const auto count = static_cast<std::uint64_t>(chunks.integer(2));
    rows.back().sum.merge({count, chunks.real(3), chunks.real(4), chunks.real(5), chunks.real(6)});
    rows.back().last_ns = chunks.integer(8);
    samples += count;
    bytes += static_cast<std::uint64_t>(chunks.integer(9));
  }
  flush();
}

void MetaStore::rebuild_hours(std::span<const Bucket> hours) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::system);
  Statement insert = database_.prepare("INSERT OR IGNORE INTO hour VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  // No minutes are to be made from it: they are where it comes from.
  Statement sealed = database_.prepare(
      "INSERT OR IGNORE INTO sealed_hour(time, samples, bytes, day_done, minute_done) VALUES(?1, 0, 0, 0, 1)");
  Statement seen = database_.prepare(
      "UPDATE series SET first_ns = min(coalesce(first_ns, ?2), ?2), last_ns = max(coalesce(last_ns, ?2), ?2) WHERE id "
      "= ?1");
  for (const Bucket& hour : hours) {
    bind_bucket(insert, hour.series, hour.time_ns, hour.sum);
    insert.run();
    sealed.bind(1, hour.time_ns / kSecond).run();
    seen.bind(1, std::int64_t{hour.series}).bind(2, hour.time_ns).run();
  }
  transaction.commit();
}

void MetaStore::put_hour_now(std::int64_t hour_ns, std::span<const Bucket> rows) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::system);
  Statement insert = database_.prepare("INSERT OR REPLACE INTO hour_now VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  for (const Bucket& row : rows) {
    if (row.sum.count == 0) continue;
    bind_bucket(insert, row.series, hour_ns, row.sum);
    insert.run();
  }
  transaction.commit();
}

void MetaStore::add_events(std::span<const EventRow> events) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::system);
  Statement insert = database_.prepare(
      "INSERT OR IGNORE INTO events(time_ns, kind, source, severity, message, fields, digest) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  for (const EventRow& event : events) {
    insert.bind(1, event.time_ns).bind(2, std::string_view(event.kind)).bind(3, std::string_view(event.source));
    insert.bind(4, std::int64_t{event.severity}).bind(5, std::string_view(event.message));
    insert.bind(6, std::string_view(event.fields)).bind(7, digest_of(event)).run();
  }
  transaction.commit();
  dirty_ = true;
}

void MetaStore::trim_events(std::uint64_t keep) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::system);
  database_.prepare("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?1")
      .bind(1, static_cast<std::int64_t>(keep))
      .run();
  transaction.commit();
}

void MetaStore::commit() {
  const std::lock_guard lock(mutex_);
  if (!dirty_) return;
  Transaction transaction(database_, Durability::device);
  database_.execute("INSERT INTO state VALUES('commits', 1) ON CONFLICT(key) DO UPDATE SET value = value + 1");
  transaction.commit();
  dirty_ = false;
}

void MetaStore::drop_hours_before(std::int64_t horizon_ns) {
  drop_before("hour", horizon_ns);
}

void MetaStore::drop_days_before(std::int64_t horizon_ns) {
  drop_before("day", horizon_ns);
}

void MetaStore::drop_before(const char* table, std::int64_t horizon_ns) {
  SeriesId last_series = 0;
  {
    const std::lock_guard lock(mutex_);
    last_series = static_cast<SeriesId>(database_.number("SELECT max(id) FROM series"));
  }
  const std::string sql = std::string("DELETE FROM ") + table + " WHERE series = ?1 AND time < ?2";
  for (SeriesId from = 1; from <= last_series; from += kSlice) {
    const std::lock_guard lock(mutex_);
    Transaction transaction(database_, Durability::system);
    Statement remove = database_.prepare(sql);
    for (SeriesId series = from; series < from + kSlice; ++series) {
      remove.bind(1, std::int64_t{series}).bind(2, horizon_ns / kSecond).run();
    }
    transaction.commit();
  }
}

void MetaStore::set_partitions(std::span<const PartitionRow> rows) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::system);
  database_.execute("DELETE FROM partitions");
  Statement insert = database_.prepare("INSERT INTO partitions VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
  for (const PartitionRow& row : rows) {
    insert.bind(1, std::string_view(row.file)).bind(2, std::string_view(row.tier)).bind(3, row.from_ns / kSecond);
    insert.bind(4, row.to_ns / kSecond).bind(5, std::string_view(row.state));
    insert.bind(6, static_cast<std::int64_t>(row.bytes)).run();
  }
  transaction.commit();
}

std::int64_t MetaStore::state(std::string_view key) {
  const std::lock_guard lock(mutex_);
  Statement row = database_.prepare("SELECT value FROM state WHERE key = ?1");
  return row.bind(1, key).step() ? row.integer(0) : 0;
}

void MetaStore::set_state(std::string_view key, std::int64_t value) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_, Durability::device);
  database_.prepare("INSERT OR REPLACE INTO state VALUES(?1, ?2)").bind(1, key).bind(2, value).run();
  transaction.commit();
}

std::pair<std::uint64_t, std::uint64_t> MetaStore::sealed_between(std::int64_t from_ns, std::int64_t to_ns,
                                                                  bool forget) {
  const std::lock_guard lock(mutex_);
  Statement row = database_.prepare(
      "SELECT coalesce(sum(samples), 0), coalesce(sum(bytes), 0) FROM sealed_hour WHERE time >= ?1 AND time < ?2");
  row.bind(1, from_ns / kSecond).bind(2, to_ns / kSecond).step();
  const std::pair found{static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1))};
  row.reset();
  if (forget) {
    Transaction transaction(database_, Durability::system);
    database_.prepare("UPDATE sealed_hour SET samples = 0, bytes = 0 WHERE time >= ?1 AND time < ?2")
        .bind(1, from_ns / kSecond)
        .bind(2, to_ns / kSecond)
        .run();
    transaction.commit();
  }
  return found;
}

std::pair<std::uint64_t, std::uint64_t> MetaStore::sealed_samples_and_bytes() {
  const std::lock_guard lock(mutex_);
  Statement row = database_.prepare("SELECT sum(samples), sum(bytes) FROM sealed_hour");
  row.step();
  return {static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1))};
}

}  // namespace picket::perf_database
