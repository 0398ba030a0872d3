// SPDX-License-Identifier: Apache-2.0
#include "repair_meta.hpp"

#include <cmath>
#include <optional>
#include <tuple>

#include "calendar.hpp"
#include "chunk_keys.hpp"
#include "minute_file.hpp"
#include "minute_maker.hpp"
#include "verify_rows.hpp"

namespace picket::perf_database {
namespace {

constexpr std::size_t kRowsPerCommit = 4'096;
constexpr std::int64_t kMostSeries = 1 << 20;  // a damaged key may say anything
constexpr std::int64_t kMoreSeries =
    10'000;  // ids to try beyond those that are known, where the highest cannot be read

std::string identity(const SeriesInfo& info) {
  std::string key;
  for (const std::string* part : {&info.host, &info.source, &info.name, &info.attributes}) key += *part + '\0';
  return key;
}

// Columns series, time, count, minimum, maximum, mean, last.
Bucket bucket_of(const Statement& row) {
  const auto count = static_cast<std::uint64_t>(row.integer(2));
  return {static_cast<SeriesId>(row.integer(0)),
          row.integer(1) * kSecond,
          {count, row.real(3), row.real(4), row.real(5) * static_cast<double>(count), row.real(6)}};
}

bool plausible(const Bucket& row, std::int64_t span) {
  return row.time_ns >= 0 && row.time_ns % span == 0 && row.sum.count > 0 &&
         row.sum.count < (std::uint64_t{1} << 40U) && !(row.sum.minimum > row.sum.maximum) &&
         !std::isnan(row.sum.minimum);
}

// min(id) or max(id) of a table; nothing when that cannot be read.
std::optional<std::int64_t> end_id(const Database& database, const std::string& which) {
  try {
    Statement row = database.prepare("SELECT " + which);
    if (row.step() && !row.is_null(0)) return std::max<std::int64_t>(row.integer(0), 0);
  } catch (const SqlError& error) {
    if (!error.damaged()) throw;
  }
  return std::nullopt;
}

}  // namespace

RepairCatalogue::RepairCatalogue(const std::filesystem::path& directory)
    : directory_(directory),
      store_(directory),
      database_(open_file(directory / kMetaFile, FileKind::meta, Open::existing)) {
  for (auto& [id, info] : store_.load_series()) {
    ids_.emplace(identity(info), id);
    infos_.emplace(id, std::move(info));
  }
}

IdMap RepairCatalogue::take(const SeriesMap& series) {
  IdMap map;
  std::vector<std::pair<SeriesId, SeriesInfo>> added;
  for (const auto& [old_id, info] : series) {
    if (old_id == 0 || old_id > kMaxSeriesId) continue;
    const std::string key = identity(info);
    const auto known = ids_.find(key);
    if (known != ids_.end()) {
      map.emplace(old_id, known->second);
      continue;
    }
    const SeriesId id = infos_.contains(old_id) ? last_id() + 1 : old_id;
    if (id > kMaxSeriesId) continue;
    ids_.emplace(key, id);
    infos_.emplace(id, info);
    added.emplace_back(id, info);
    map.emplace(old_id, id);
  }
  if (!added.empty()) store_.add_series(added);
  series_added_ += added.size();
  return map;
}

RepairCatalogue::Taken RepairCatalogue::take_catalogue(const Database& damaged) {
  Taken taken;
  const std::int64_t known = std::int64_t{last_id()} + kMoreSeries;
  const std::int64_t last =
      std::min(end_id(damaged, "max(id) FROM series").value_or(known), std::max(known, kMostSeries));
  const SeriesMap series = salvage_series(damaged, static_cast<SeriesId>(last));
  const IdMap ids = take(series);
  taken.rows += series.size();
  take_tier(damaged, "hour", kHour, ids, taken);
  take_tier(damaged, "day", kDay, ids, taken);
  take_events(damaged, taken);
  try {
    Statement row = damaged.prepare("SELECT value FROM state WHERE key = 'dropped_until'");
    if (row.step() && row.integer(0) > dropped_until()) store_.set_state("dropped_until", row.integer(0));
  } catch (const SqlError& error) {
    if (!error.damaged()) throw;
    ++taken.unread_parts;
  }
  return taken;
}

void RepairCatalogue::take_tier(const Database& damaged, const char* table, std::int64_t span, const IdMap& ids,
                                Taken& taken) {
  std::vector<Bucket> rows;
  const auto flush = [&] {
    if (span == kDay)
      salvaged_days_.insert(salvaged_days_.end(), rows.begin(), rows.end());
    else
      taken.added += put_rows(table, rows);
    taken.rows += rows.size();
    rows.clear();
  };
  const auto read = [&](Statement& select) {
    Bucket row = bucket_of(select);
    const auto id = ids.find(row.series);
    if (id == ids.end()) return;
    row.series = id->second;
    if (plausible(row, span)) rows.push_back(row);
  };
  const std::string columns =
      std::string("SELECT series, time, count, minimum, maximum, mean, last FROM ") + table + " WHERE ";
  std::uint64_t patience = kPatience;
  // Series by series; within one whose rows cannot all be read, month by month.
  for (const auto& [id, ignored] : ids) {
    try {
      Statement select = damaged.prepare(columns + "series = ?1");
      select.bind(1, std::int64_t{id});
      while (select.step()) read(select);
    } catch (const SqlError& error) {
      if (!error.damaged()) throw;
      rows.clear();
      std::vector<std::int64_t> months;
      for (std::int64_t day = 0; day < 40'000; day += 30) months.push_back(day * (kDay / kSecond));
      taken.unread_parts +=
          read_around_damage(months, patience, [&](std::int64_t from, std::int64_t to, std::int64_t& next) {
            Statement select = damaged.prepare(columns + "series = ?1 AND time >= ?2 AND time < ?3 ORDER BY time");
            select.bind(1, std::int64_t{id}).bind(2, from).bind(3, to);
            while (select.step()) {
              next = select.integer(1) + 1;
              read(select);
            }
          });
    }
    if (rows.size() >= kRowsPerCommit || id == ids.rbegin()->first) flush();
    static_cast<void>(ignored);
  }
}

void RepairCatalogue::take_events(const Database& damaged, Taken& taken) {
  using Key = std::tuple<std::int64_t, std::string, std::string, std::string>;
  std::set<Key> known;
  const auto key_of = [](const EventRow& e) { return Key{e.time_ns, e.kind, e.source, e.message + '\0' + e.fields}; };
  const auto row_of = [](const Statement& row) {
    return EventRow{row.integer(1),           std::string(row.text(2)),
                    std::string(row.text(3)), static_cast<std::uint32_t>(row.integer(4)),
                    std::string(row.text(5)), std::string(row.text(6))};
  };
  const std::string columns = "SELECT id, time_ns, kind, source, severity, message, fields FROM events";
  {
    Statement rows = database_.prepare(columns);
    while (rows.step()) known.insert(key_of(row_of(rows)));
  }
  constexpr std::int64_t kMost = std::int64_t{1} << 32U;
  constexpr std::int64_t kParts = 65'536;
  const std::int64_t first = end_id(damaged, "min(id) FROM events").value_or(0);
  const std::int64_t last = std::min(end_id(damaged, "max(id) FROM events").value_or(kMost), first + kMost);
  const std::int64_t part = (last - first) / kParts + 1;
  std::vector<std::int64_t> bounds;
  for (std::int64_t id = first; id <= last + part; id += part) bounds.push_back(id);
  std::vector<EventRow> added;
  std::uint64_t patience = kPatience;
  taken.unread_parts +=
      read_around_damage(bounds, patience, [&](std::int64_t from, std::int64_t to, std::int64_t& next) {
        Statement rows = damaged.prepare(columns + " WHERE id >= ?1 AND id < ?2 ORDER BY id");
        rows.bind(1, from).bind(2, to);
        while (rows.step()) {
          next = rows.integer(0) + 1;
          EventRow event = row_of(rows);
          if (event.time_ns <= 0 || event.kind.empty()) continue;
          ++taken.rows;
          if (known.insert(key_of(event)).second) added.push_back(std::move(event));
        }
      });
  if (added.empty()) return;
  store_.add_events(added);
  store_.commit();
  taken.added += added.size();
}

// Keeps, of two rows for the same, the one that counts more samples. Returns how many were new or replaced.
std::uint64_t RepairCatalogue::put_rows(const char* table, std::span<const Bucket> rows) {
  std::uint64_t changed = 0;
  while (!rows.empty()) {
    const std::span<const Bucket> some = rows.first(std::min(rows.size(), kRowsPerCommit));
    Transaction transaction(database_, Durability::device);
    Statement put =
        database_.prepare(std::string("INSERT INTO ") + table +
                          "(series, time, count, minimum, maximum, mean, last) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
                          "?7) ON CONFLICT(series, time) DO UPDATE SET count = excluded.count, minimum = "
                          "excluded.minimum, maximum = excluded.maximum, mean = excluded.mean, last = "
                          "excluded.last WHERE excluded.count > count RETURNING 1");
    for (const Bucket& row : some) {
      put.bind(1, std::int64_t{row.series})
          .bind(2, row.time_ns / kSecond)
          .bind(3, static_cast<std::int64_t>(row.sum.count));
      put.bind(4, row.sum.minimum).bind(5, row.sum.maximum).bind(6, row.sum.mean()).bind(7, row.sum.last);
      while (put.step()) ++changed;
      put.reset();
    }
    transaction.commit();
    rows = rows.subspan(some.size());
  }
  return changed;
}

std::uint64_t RepairCatalogue::make_hours(const std::filesystem::path& raw_file, bool whole,
                                          const std::set<std::int64_t>& open) {
  const Database raw = open_for_reading(raw_file, FileKind::raw);
  Statement chunks = raw.prepare(
      "SELECT id, count, minimum, maximum, sum, last, length(data), first_ns, last_ns FROM chunk ORDER BY id");
  std::vector<SealedSeries> rows;
  std::int64_t hour = -1;
  std::uint64_t bytes = 0;
  std::uint64_t made = 0;
  Statement stored =
      database_.prepare("SELECT count, minimum, maximum, mean, last FROM hour WHERE series = ?1 AND time = ?2");
  const auto is_stored = [&](const SealedSeries& row) {
    stored.bind(1, std::int64_t{row.series}).bind(2, hour / kSecond);
    const bool found = stored.step();
    const auto count = found ? static_cast<std::uint64_t>(stored.integer(0)) : 0;
    const double mean = found ? stored.real(3) : 0;
    const bool same = found && count == row.sum.count && stored.real(1) == row.sum.minimum &&
                      stored.real(2) == row.sum.maximum && stored.real(4) == row.sum.last &&
                      std::fabs(mean - row.sum.mean()) <= 1e-9 * std::fabs(mean);
    stored.reset();
    return row.sum.count == 0 || same || (found && !whole && count > row.sum.count);
  };
  const auto flush = [&] {
    if (rows.empty() || open.contains(hour)) return;
    std::uint64_t samples = 0;
    for (const SealedSeries& row : rows) samples += row.sum.count;
    std::erase_if(rows, is_stored);
    const bool listed =
        database_.number("SELECT count(*) FROM sealed_hour WHERE time = " + std::to_string(hour / kSecond)) != 0;
    if (rows.empty() && listed) return;
    store_.put_hours(hour, rows);
    store_.finish_hour(hour, samples, bytes);
    made += rows.size();
  };
  while (chunks.step()) {
    const ChunkKey key = split_chunk_key(chunks.integer(0), kHour);
    if (key.start_ns != hour) {
      flush();
      rows.clear();
      bytes = 0;
      hour = key.start_ns;
    }
    if (rows.empty() || rows.back().series != key.series) rows.push_back({key.series, {}, chunks.integer(7), 0});
    const auto count = static_cast<std::uint64_t>(chunks.integer(1));
    rows.back().sum.merge({count, chunks.real(2), chunks.real(3), chunks.real(4), chunks.real(5)});
    rows.back().last_ns = chunks.integer(8);
    bytes += static_cast<std::uint64_t>(chunks.integer(6));
  }
  flush();
  return made;
}

void RepairCatalogue::distrust_rows() {
  Transaction transaction(database_, Durability::device);
  for (const std::string table : {"hour", "day", "hour_now"}) {
    database_.execute("DELETE FROM " + table + " WHERE count <= 0 OR time % " + (table == "day" ? "86400" : "3600") +
                      " <> 0 OR minimum > maximum OR series NOT IN (SELECT id FROM series)");
  }
  // A day whose first hours are no longer kept has the only row that there will be.
  database_.execute(
      "UPDATE sealed_hour SET day_done = 0 WHERE time - time % 86400 >= (SELECT coalesce(min(time), 0) FROM hour)");
  transaction.commit();
}

std::uint64_t RepairCatalogue::make_days(std::int64_t now_ns, const std::set<std::int64_t>& open_hours) {
  if (is_torn(kTornRows)) {
    // Hours may be missing that the rows there are were summed from.
    Statement rows = database_.prepare(
        "SELECT series, time, count, minimum, maximum, mean, last FROM day WHERE time IN "
        "(SELECT time - time % 86400 FROM sealed_hour WHERE day_done = 0)");
    while (rows.step()) salvaged_days_.push_back(bucket_of(rows));
  }
  std::uint64_t made = 0;
  for (const MetaStore::PendingDay& pending : store_.pending_days()) {
    const std::int64_t day = pending.day_ns;
    const auto open = open_hours.lower_bound(day);
    if (day + kDay > now_ns || (open != open_hours.end() && *open < day + kDay)) continue;
    if (pending.minutes) make_minutes(directory_, day, dropped_until(), [](std::string_view) {});
    if (pending.rows) store_.sum_day(day);
    store_.finish_day(day);
    ++made;
  }
  put_rows("day", salvaged_days_);
  salvaged_days_.clear();
  return made;
}

void RepairCatalogue::make_hours_from_minutes(const std::filesystem::path& minute_file) {
  std::vector<Bucket> hours;
  MinuteFile(minute_file, Open::read_only).each([&](std::int64_t, SeriesId series, const DayOfMinutes& day) {
    for (std::size_t i = 0; i < day.times.size(); ++i) {
      const std::int64_t hour = floor_to(day.times[i], kHour);
      if (hours.empty() || hours.back().series != series || hours.back().time_ns != hour) {
        hours.push_back({series, hour, {}});
      }
      hours.back().sum.merge(day.columns.at(i));
    }
    if (hours.size() < kRowsPerCommit) return;
    // The last one may go on in the next part.
    const Bucket last = hours.back();
    hours.pop_back();
    store_.rebuild_hours(hours);
    hours.assign(1, last);
  });
  if (!hours.empty()) store_.rebuild_hours(hours);
}

void RepairCatalogue::distrust_minutes(std::int64_t month_ns) {
  Transaction transaction(database_, Durability::device);
  database_.prepare("UPDATE sealed_hour SET minute_done = 0 WHERE time >= ?1 AND time < ?2")
      .bind(1, month_ns / kSecond)
      .bind(2, next_month(month_ns) / kSecond)
      .run();
  transaction.commit();
}

RepairCatalogue::Missing RepairCatalogue::missing_in(const std::filesystem::path& raw_file, std::int64_t week_ns,
                                                     const std::set<std::int64_t>& open) {
  std::map<std::pair<std::int64_t, SeriesId>, std::uint64_t> there;
  if (std::filesystem::exists(raw_file)) {
    const Database raw = open_for_reading(raw_file, FileKind::raw);
    Statement chunks = raw.prepare("SELECT id, count FROM chunk");
    while (chunks.step()) {
      const ChunkKey key = split_chunk_key(chunks.integer(0), kHour);
      there[{key.start_ns, key.series}] += static_cast<std::uint64_t>(chunks.integer(1));
    }
  }
  Missing missing;
  Statement rows = database_.prepare("SELECT time, series, count FROM hour WHERE time >= ?1 AND time < ?2");
  rows.bind(1, std::max(week_ns, dropped_until()) / kSecond).bind(2, (week_ns + kWeek) / kSecond);
  while (rows.step()) {
    const std::int64_t hour = rows.integer(0) * kSecond;
    const auto series = static_cast<SeriesId>(rows.integer(1));
    const auto promised = static_cast<std::uint64_t>(rows.integer(2));
    const auto found = there.find({hour, series});
    const std::uint64_t count = found == there.end() ? 0 : found->second;
    if (count >= promised || open.contains(hour)) continue;
    missing.from_ns = missing.series.empty() ? hour : std::min(missing.from_ns, hour);
    missing.to_ns = std::max(missing.to_ns, hour + kHour);
    missing.series.insert(series);
    missing.samples += promised - count;
  }
  return missing;
}

}  // namespace picket::perf_database
