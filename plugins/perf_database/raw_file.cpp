// SPDX-License-Identifier: Apache-2.0
#include "raw_file.hpp"

#include <algorithm>
#include <set>

#include "calendar.hpp"
#include "once_filter.hpp"

namespace picket::perf_database {
namespace {

constexpr std::size_t kLargeBlock = 4'096;  // bytes

std::int64_t period_of(std::int64_t hour_ns) {
  return hour_ns / kHour;
}

}  // namespace

void sort_and_merge(std::vector<TimedValue>& samples) {
  const auto earlier = [](const TimedValue& a, const TimedValue& b) { return a.time_ns < b.time_ns; };
  if (!std::is_sorted(samples.begin(), samples.end(), earlier)) {
    std::stable_sort(samples.begin(), samples.end(), earlier);
  }
  OnceFilter once;
  std::erase_if(samples, [&](const TimedValue& sample) { return !once.is_new(sample.time_ns, sample.value); });
}

RawFile::RawFile(const std::filesystem::path& file, Open mode)
    : database_(mode == Open::read_only ? open_for_reading(file, FileKind::raw)
                                        : open_file(file, FileKind::raw, mode)) {}

bool RawFile::read(std::int64_t hour_ns, SeriesId series, const ColumnsFn& fn) {
  if (!select_) {
    select_.emplace(database_.prepare("SELECT times, data FROM chunk WHERE id >= ?1 AND id < ?2 ORDER BY id"));
  }
  const std::int64_t first = chunk_key(period_of(hour_ns), series);
  select_->bind(1, first).bind(2, first + static_cast<std::int64_t>(kMaxParts));
  parts_.clear();
  while (select_->step()) {
    auto values = decode_values(select_->blob(1), compressor_);
    const std::int64_t times_id = select_->integer(0);
    if (!values) {
      select_->reset();
      throw damaged_chunk(hour_ns, series);
    }
    parts_.emplace_back(times_id, std::move(*values));
  }
  select_->reset();  // whoever is called now may take its time: no transaction is open
  for (const auto& [times_id, values] : parts_) {
    const std::vector<std::int64_t>& times = times_.read(times_id, compressor_);
    if (values.size() != times.size()) throw damaged_chunk(hour_ns, series);
    fn(times, values);
  }
  return !parts_.empty();
}

DamageError RawFile::damaged_chunk(std::int64_t hour_ns, SeriesId series) const {
  return {file(), "a chunk of series " + std::to_string(series) + " is damaged in the hour " + utc_text(hour_ns)};
}

bool RawFile::read(std::int64_t hour_ns, SeriesId series, std::vector<TimedValue>& out) {
  return read(hour_ns, series, [&](std::span<const std::int64_t> times, std::span<const double> values) {
    for (std::size_t i = 0; i < times.size(); ++i) out.push_back({times[i], values[i]});
  });
}

std::optional<SealedSeries> RawFile::summary(std::int64_t hour_ns, SeriesId series) {
  if (!select_summary_) {
    select_summary_.emplace(
        database_.prepare("SELECT first_ns, last_ns, count, minimum, maximum, sum, last FROM chunk WHERE id >= ?1 AND "
                          "id < ?2 ORDER BY id"));
  }
  const std::int64_t first = chunk_key(period_of(hour_ns), series);
  select_summary_->bind(1, first).bind(2, first + static_cast<std::int64_t>(kMaxParts));
  std::optional<SealedSeries> whole;
  while (select_summary_->step()) {
    const Statement& row = *select_summary_;
    if (!whole) whole = SealedSeries{series, {}, row.integer(0), 0};
    whole->last_ns = row.integer(1);
    whole->sum.merge({static_cast<std::uint64_t>(row.integer(2)), row.real(3), row.real(4), row.real(5), row.real(6)});
  }
  select_summary_->reset();
  return whole;
}

bool RawFile::has_hour(std::int64_t hour_ns) {
  return database_.prepare("SELECT 1 FROM chunk WHERE id >= ?1 AND id < ?2 LIMIT 1")
      .bind(1, period_key(period_of(hour_ns)))
      .bind(2, period_key(period_of(hour_ns) + 1))
      .step();
}

std::vector<SeriesId> RawFile::series_in(std::int64_t from_ns, std::int64_t to_ns) {
  std::set<SeriesId> found;
  Statement rows = database_.prepare("SELECT id FROM chunk WHERE id >= ?1 AND id < ?2");
  rows.bind(1, period_key(period_of(from_ns))).bind(2, period_key(period_of(to_ns)));
  while (rows.step()) found.insert(static_cast<SeriesId>(rows.integer(0) >> kSeriesShift) & kMaxSeriesId);
  return {found.begin(), found.end()};
}

std::optional<std::int64_t> RawFile::first_hour() {
  Statement first = database_.prepare("SELECT min(id) FROM chunk");
  if (!first.step() || first.is_null(0)) return std::nullopt;
  return (first.integer(0) >> kPeriodShift) * kHour;
}

std::vector<std::pair<SeriesId, SeriesInfo>> RawFile::series() {
  return load_series(database_);
}

std::optional<std::int64_t> RawFile::newest_hour() const {
  const std::int64_t key = database_.number("SELECT max(id) FROM chunk");
  return key > 0 ? std::optional((key >> kPeriodShift) * kHour) : std::nullopt;
}

void RawFile::commit() {
  transaction_->commit();
  transaction_.reset();
}

SealedSeries RawFile::put(std::int64_t hour_ns, SeriesId id, const SeriesInfo& info,
                          std::span<const std::int64_t> times, std::span<const double> values) {
  if (values.size() > kMaxParts / kMaxSplit * kMaxColumn) {
    throw std::length_error("series " + std::to_string(id) + " has too many samples in one hour");
  }
  if (!insert_) {
    describe_.emplace(database_.prepare(kInsertSeries));
    delete_.emplace(database_.prepare("DELETE FROM chunk WHERE id >= ?1 AND id < ?2"));
    insert_.emplace(database_.prepare("INSERT INTO chunk VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
  }
  bind_series(*describe_, id, info);
  describe_->run();
  std::int64_t key = chunk_key(period_of(hour_ns), id);
  if (has_chunk(key)) {
    replaced_ = true;
    delete_->bind(1, key).bind(2, key + static_cast<std::int64_t>(kMaxParts)).run();
  }
  SealedSeries whole{id, {}, times.front(), times.back()};
  for (std::size_t at = 0; at < values.size(); at += kMaxColumn) {
    const std::size_t size = std::min(values.size() - at, kMaxColumn);
    key = put_parts(key, times.subspan(at, size), values.subspan(at, size), whole.sum);
  }
  return whole;
}

// One part, or several where one would not pack well into pages. Returns the key after the last.
std::int64_t RawFile::put_parts(std::int64_t key, std::span<const std::int64_t> times, std::span<const double> values,
                                Aggregate& whole) {
  Bytes block = encode_values(values, compressor_);
  const std::size_t parts = parts_for(block.size(), kLargeBlock);
  const std::size_t size = (values.size() + parts - 1) / parts;
  for (std::size_t at = 0; at < values.size(); at += size, ++key) {
    const std::span<const double> part = values.subspan(at, std::min(size, values.size() - at));
    const std::span<const std::int64_t> part_times = times.subspan(at, part.size());
    if (parts > 1) block = encode_values(part, compressor_);
    Aggregate sum;
    for (const double value : part) sum.add(value);
    insert_->bind(1, key).bind(2, times_.store(key >> kPeriodShift, part_times, compressor_));
    insert_->bind(3, part_times.front()).bind(4, part_times.back()).bind(5, static_cast<std::int64_t>(sum.count));
    insert_->bind(6, sum.minimum).bind(7, sum.maximum).bind(8, sum.sum).bind(9, sum.last).bind(10, ByteView(block));
    insert_->run();
    whole.merge(sum);
  }
  return key;
}

bool RawFile::has_chunk(std::int64_t first_key) {
  if (!find_) find_.emplace(database_.prepare("SELECT 1 FROM chunk WHERE id >= ?1 AND id < ?2"));
  const bool found = find_->bind(1, first_key).bind(2, first_key + static_cast<std::int64_t>(kMaxParts)).step();
  find_->reset();
  return found;
}

void RawFile::drop_unused_times(std::int64_t hour_ns) {
  if (!replaced_) return;
  begin();
  times_.drop_unused(period_of(hour_ns));
  commit();
}

void RawFile::drop_hour(std::int64_t hour_ns) {
  begin();
  for (const char* table : {"chunk", "times"}) {
    database_.prepare(std::string("DELETE FROM ") + table + " WHERE id >= ?1 AND id < ?2")
        .bind(1, period_key(period_of(hour_ns)))
        .bind(2, period_key(period_of(hour_ns) + 1))
        .run();
  }
  times_.forget();
  commit();
}

std::pair<std::uint64_t, std::uint64_t> RawFile::totals(std::int64_t hour_ns) {
  Statement row = database_.prepare(
      "SELECT coalesce(sum(count), 0), coalesce(sum(length(data)), 0) + (SELECT coalesce(sum(length(data)), 0) FROM "
      "times WHERE id >= ?1 AND id < ?2) FROM chunk WHERE id >= ?1 AND id < ?2");
  row.bind(1, period_key(period_of(hour_ns))).bind(2, period_key(period_of(hour_ns) + 1)).step();
  return {static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1))};
}

}  // namespace picket::perf_database
