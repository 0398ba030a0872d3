// SPDX-License-Identifier: Apache-2.0
//
// Keys (FORMAT.md): chunk = hour << 39 | series << 12 | part, times = hour << 39 | number; hours count since 1970.
#include "raw_file.hpp"

#include <algorithm>
#include <bit>

#include "calendar.hpp"

namespace picket::perf_database {
namespace {

constexpr unsigned kHourShift = 39;
constexpr unsigned kSeriesShift = 12;
constexpr std::size_t kMaxParts = std::size_t{1} << kSeriesShift;

std::int64_t hour_key(std::int64_t hour_ns) {
  return (hour_ns / kHour) << kHourShift;
}

std::int64_t chunk_key(std::int64_t hour_ns, SeriesId series) {
  return hour_key(hour_ns) | (std::int64_t{series} << kSeriesShift);
}

bool same(const TimedValue& a, const TimedValue& b) {
  return a.time_ns == b.time_ns && std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
}

}  // namespace

void sort_and_merge(std::vector<TimedValue>& samples) {
  const auto earlier = [](const TimedValue& a, const TimedValue& b) { return a.time_ns < b.time_ns; };
  if (!std::is_sorted(samples.begin(), samples.end(), earlier)) {
    std::stable_sort(samples.begin(), samples.end(), earlier);
  }
  // Repetitions of one time may have others between them, so each is compared with all of its time.
  auto kept = samples.begin();
  auto first_of_time = samples.begin();
  for (auto at = samples.begin(); at != samples.end(); ++at) {
    if (kept != samples.begin() && (kept - 1)->time_ns != at->time_ns) first_of_time = kept;
    if (std::any_of(first_of_time, kept, [&](const TimedValue& other) { return same(other, *at); })) continue;
    *kept++ = *at;
  }
  samples.erase(kept, samples.end());
}

RawFile::RawFile(const std::filesystem::path& file, Open mode)
    : database_(mode == Open::read_only ? open_for_reading(file, FileKind::raw)
                                        : open_file(file, FileKind::raw, mode)) {}

void RawFile::read(std::int64_t hour_ns, SeriesId series, std::vector<TimedValue>& out) {
  if (!select_chunks_) {
    select_chunks_.emplace(database_.prepare("SELECT times, data FROM chunk WHERE id >= ?1 AND id < ?2 ORDER BY id"));
    select_times_.emplace(database_.prepare("SELECT data FROM times WHERE id = ?1"));
  }
  const std::int64_t first = chunk_key(hour_ns, series);
  select_chunks_->bind(1, first).bind(2, first + static_cast<std::int64_t>(kMaxParts));
  const auto damaged = [&](const char* what) {
    select_chunks_->reset();
    return DamageError(file(), std::string(what) + " of series " + std::to_string(series) + " is damaged in the hour " +
                                   std::to_string(hour_ns / kSecond));
  };
  while (select_chunks_->step()) {
    const std::int64_t times_id = select_chunks_->integer(0);
    if (times_id != cached_times_id_) {
      cached_times_id_ = -1;
      const bool found = select_times_->bind(1, times_id).step();
      auto times = found ? decode_times(select_times_->blob(0), compressor_) : std::nullopt;
      select_times_->reset();
      if (!times) throw damaged("the timestamp column");
      cached_times_ = std::move(*times);
      cached_times_id_ = times_id;
    }
    const auto values = decode_values(select_chunks_->blob(1), compressor_);
    if (!values || values->size() != cached_times_.size()) throw damaged("a chunk");
    for (std::size_t i = 0; i < values->size(); ++i) out.push_back({cached_times_[i], (*values)[i]});
  }
  select_chunks_->reset();
}

std::vector<std::pair<SeriesId, SeriesInfo>> RawFile::series() {
  std::vector<std::pair<SeriesId, SeriesInfo>> series;
  Statement rows = database_.prepare(kSelectSeries);
  while (rows.step()) series.push_back(read_series(rows));
  return series;
}

std::optional<std::int64_t> RawFile::newest_hour() const {
  const std::int64_t key = database_.number("SELECT max(id) FROM chunk");
  return key > 0 ? std::optional((key >> kHourShift) * kHour) : std::nullopt;
}

void RawFile::commit() {
  transaction_->commit();
  transaction_.reset();
}

void RawFile::load_times(std::int64_t hour_ns) {
  if (times_hour_ == hour_ns) return;
  times_ids_.clear();
  last_times_id_ = -1;
  Statement rows = database_.prepare("SELECT id, data FROM times WHERE id >= ?1 AND id < ?2");
  rows.bind(1, hour_key(hour_ns)).bind(2, hour_key(hour_ns + kHour));
  while (rows.step()) times_ids_.emplace(Bytes(rows.blob(1).begin(), rows.blob(1).end()), rows.integer(0));
  times_hour_ = hour_ns;
}

std::int64_t RawFile::store_times(std::int64_t hour_ns, std::span<const std::int64_t> times) {
  if (last_times_id_ != -1 && std::equal(times.begin(), times.end(), last_times_.begin(), last_times_.end())) {
    return last_times_id_;
  }
  Bytes block = encode_times(times, compressor_);
  auto known = times_ids_.find(block);
  if (known == times_ids_.end()) {
    Statement last = database_.prepare("SELECT max(id) FROM times WHERE id >= ?1 AND id < ?2");
    last.bind(1, hour_key(hour_ns)).bind(2, hour_key(hour_ns + kHour)).step();
    const std::int64_t id = last.is_null(0) ? hour_key(hour_ns) : last.integer(0) + 1;
    database_.prepare("INSERT INTO times VALUES(?1, ?2)").bind(1, id).bind(2, ByteView(block)).run();
    known = times_ids_.emplace(std::move(block), id).first;
  }
  last_times_.assign(times.begin(), times.end());
  last_times_id_ = known->second;
  return known->second;
}

SealedSeries RawFile::put(std::int64_t hour_ns, SeriesId id, const SeriesInfo& info,
                          std::span<const TimedValue> samples) {
  load_times(hour_ns);
  if (samples.size() > kMaxParts * kMaxColumn) {
    throw std::length_error("series " + std::to_string(id) + " has too many samples in one hour");
  }
  Statement describe = database_.prepare(kInsertSeries);
  bind_series(describe, id, info);
  describe.run();
  const std::int64_t first_key = chunk_key(hour_ns, id);
  replaced_ = replaced_ || has_chunk(first_key);
  database_.prepare("DELETE FROM chunk WHERE id >= ?1 AND id < ?2")
      .bind(1, first_key)
      .bind(2, first_key + static_cast<std::int64_t>(kMaxParts))
      .run();
  Statement insert = database_.prepare("INSERT INTO chunk VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  SealedSeries whole{id, {}, samples.front().time_ns, samples.back().time_ns};
  std::vector<std::int64_t> times;
  std::vector<double> values;
  std::int64_t key = first_key;
  for (; !samples.empty(); samples = samples.subspan(times.size()), ++key) {
    times.clear();
    values.clear();
    Aggregate sum;
    for (const TimedValue& sample : samples.first(std::min(samples.size(), kMaxColumn))) {
      times.push_back(sample.time_ns);
      values.push_back(sample.value);
      sum.add(sample.value);
    }
    const Bytes block = encode_values(values, compressor_);
    insert.bind(1, key).bind(2, store_times(hour_ns, times)).bind(3, times.front()).bind(4, times.back());
    insert.bind(5, static_cast<std::int64_t>(sum.count)).bind(6, sum.minimum).bind(7, sum.maximum).bind(8, sum.sum);
    insert.bind(9, sum.last).bind(10, ByteView(block)).run();
    whole.sum.merge(sum);
  }
  return whole;
}

bool RawFile::has_chunk(std::int64_t first_key) {
  return database_.prepare("SELECT 1 FROM chunk WHERE id >= ?1 AND id < ?2")
      .bind(1, first_key)
      .bind(2, first_key + static_cast<std::int64_t>(kMaxParts))
      .step();
}

void RawFile::drop_unused_times(std::int64_t hour_ns) {
  if (!replaced_) return;
  begin();
  const std::int64_t from = hour_key(hour_ns);
  const std::int64_t to = hour_key(hour_ns + kHour);
  database_
      .prepare(
          "DELETE FROM times WHERE id >= ?1 AND id < ?2 AND id NOT IN "
          "(SELECT times FROM chunk WHERE id >= ?1 AND id < ?2)")
      .bind(1, from)
      .bind(2, to)
      .run();
  commit();
  times_hour_ = -1;
}

std::pair<std::uint64_t, std::uint64_t> RawFile::totals(std::int64_t hour_ns) {
  Statement row = database_.prepare(
      "SELECT coalesce(sum(count), 0), coalesce(sum(length(data)), 0) + (SELECT coalesce(sum(length(data)), 0) FROM "
      "times "
      "WHERE id >= ?1 AND id < ?2) FROM chunk WHERE id >= ?1 AND id < ?2");
  row.bind(1, hour_key(hour_ns)).bind(2, hour_key(hour_ns + kHour)).step();
  return {static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1))};
}

}  // namespace picket::perf_database
