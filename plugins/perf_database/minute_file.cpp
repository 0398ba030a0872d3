// SPDX-License-Identifier: Apache-2.0
#include "minute_file.hpp"

#include <algorithm>

#include "calendar.hpp"

namespace picket::perf_database {
namespace {

constexpr std::size_t kLargeDay = 12'288;  // bytes; a day in few parts is quicker to read

std::int64_t day_number(std::int64_t day_ns) {
  return day_ns / kDay;
}

std::int64_t chunk_day(std::int64_t key) {
  return (key >> kPeriodShift) * kDay;
}

SeriesId chunk_series(std::int64_t key) {
  return static_cast<SeriesId>(key >> kSeriesShift) & kMaxSeriesId;
}

}  // namespace

MinuteFile::MinuteFile(const std::filesystem::path& file, Open mode)
    : database_(mode == Open::read_only ? open_for_reading(file, FileKind::minute)
                                        : open_file(file, FileKind::minute, mode)) {}

void MinuteFile::unpack(std::int64_t key, std::int64_t times_id, ByteView block, DayOfMinutes& out) {
  auto columns = decode_minutes(block, compressor_);
  const std::vector<std::int64_t>& times = times_.read(times_id, compressor_);
  const auto in_day = [](std::int64_t minute) { return minute >= 0 && minute < kDay / kMinute; };
  if (!columns || columns->size() != times.size() || !std::all_of(times.begin(), times.end(), in_day)) {
    throw DamageError(file(), "the minutes of series " + std::to_string(chunk_series(key)) +
                                  " are damaged on the day " + utc_text(chunk_day(key)).substr(0, 10));
  }
  const std::int64_t day = chunk_day(key);
  for (const std::int64_t minute : times) out.times.push_back(day + minute * kMinute);
  if (out.columns.size() == 0) {
    out.columns = std::move(*columns);
  } else {
    out.columns.append(*columns);
  }
}

std::optional<DayOfMinutes> MinuteFile::read(std::int64_t day_ns, SeriesId series) {
  if (!select_) {
    select_.emplace(database_.prepare("SELECT id, times, data FROM chunk WHERE id >= ?1 AND id < ?2 ORDER BY id"));
  }
  const std::int64_t key = chunk_key(day_number(day_ns), series);
  select_->bind(1, key).bind(2, key + static_cast<std::int64_t>(kMaxParts));
  DayOfMinutes day;
  try {
    while (select_->step()) unpack(select_->integer(0), select_->integer(1), select_->blob(2), day);
  } catch (...) {
    select_->reset();
    throw;
  }
  select_->reset();
  return day.times.empty() ? std::nullopt : std::optional(std::move(day));
}

void MinuteFile::each(const ChunkFn& fn) {
  Statement rows = database_.prepare("SELECT id, times, data FROM chunk ORDER BY id");
  while (rows.step()) {
    DayOfMinutes part;
    unpack(rows.integer(0), rows.integer(1), rows.blob(2), part);
    fn(chunk_day(rows.integer(0)), chunk_series(rows.integer(0)), part);
  }
}

std::optional<std::int64_t> MinuteFile::first_day() {
  Statement first = database_.prepare("SELECT min(id) FROM chunk");
  if (!first.step() || first.is_null(0)) return std::nullopt;
  return (first.integer(0) >> kPeriodShift) * kDay;
}

void MinuteFile::commit() {
  transaction_->commit();
  transaction_.reset();
}

void MinuteFile::put(std::int64_t day_ns, SeriesId id, const SeriesInfo& info, const DayOfMinutes& day) {
  if (!insert_) {
    describe_.emplace(database_.prepare(kInsertSeries));
    delete_.emplace(database_.prepare("DELETE FROM chunk WHERE id >= ?1 AND id < ?2"));
    insert_.emplace(database_.prepare("INSERT INTO chunk VALUES(?1, ?2, ?3)"));
  }
  bind_series(*describe_, id, info);
  describe_->run();
  const std::int64_t key = chunk_key(day_number(day_ns), id);
  delete_->bind(1, key).bind(2, key + static_cast<std::int64_t>(kMaxParts)).run();
  put_parts(key, day);
}

void MinuteFile::put_parts(std::int64_t key, const DayOfMinutes& day) {
  Bytes block = encode_minutes(day.columns, compressor_);
  const std::size_t parts = parts_for(block.size(), kLargeDay);
  const std::size_t size = (day.times.size() + parts - 1) / parts;
  std::vector<std::int64_t> minutes;  // of the day: days without gaps have the same
  for (std::size_t at = 0; at < day.times.size(); at += size, ++key) {
    const std::size_t some = std::min(size, day.times.size() - at);
    if (parts > 1) block = encode_minutes(day.columns.slice(at, some), compressor_);
    minutes.clear();
    for (std::size_t i = at; i < at + some; ++i) minutes.push_back((day.times[i] - chunk_day(key)) / kMinute);
    insert_->bind(1, key).bind(2, times_.store(key >> kPeriodShift, minutes, compressor_)).bind(3, ByteView(block));
    insert_->run();
  }
}

void MinuteFile::drop_unused_times(std::int64_t day_ns) {
  begin();
  times_.drop_unused(day_number(day_ns));
  commit();
}

void MinuteFile::drop_day(std::int64_t day_ns) {
  begin();
  for (const char* table : {"chunk", "times"}) {
    database_.prepare(std::string("DELETE FROM ") + table + " WHERE id >= ?1 AND id < ?2")
        .bind(1, period_key(day_number(day_ns)))
        .bind(2, period_key(day_number(day_ns) + 1))
        .run();
  }
  times_.forget();
  commit();
}

}  // namespace picket::perf_database
