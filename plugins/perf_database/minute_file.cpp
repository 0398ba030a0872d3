// SPDX-License-Identifier: Apache-2.0
#include "minute_file.hpp"

#include "calendar.hpp"

namespace picket::perf_database {
namespace {

std::int64_t day_number(std::int64_t day_ns) {
  return day_ns / kDay;
}

}  // namespace

MinuteFile::MinuteFile(const std::filesystem::path& file, Open mode)
    : database_(mode == Open::read_only ? open_for_reading(file, FileKind::minute)
                                        : open_file(file, FileKind::minute, mode)) {}

DayOfMinutes MinuteFile::unpack(std::int64_t key, std::int64_t times_id, ByteView block) {
  auto columns = decode_minutes(block, compressor_);
  const std::vector<std::int64_t>& times = times_.read(times_id, compressor_);
  if (!columns || columns->size() != times.size()) {
    throw DamageError(file(), "the minutes of series " +
                                  std::to_string((key >> kSeriesShift) & static_cast<std::int64_t>(kMaxSeriesId)) +
                                  " are damaged on the day " + utc_text((key >> kPeriodShift) * kDay).substr(0, 10));
  }
  return {times, std::move(*columns)};
}

std::optional<DayOfMinutes> MinuteFile::read(std::int64_t day_ns, SeriesId series) {
  if (!select_) select_.emplace(database_.prepare("SELECT times, data FROM chunk WHERE id = ?1"));
  const std::int64_t key = chunk_key(day_number(day_ns), series);
  std::optional<DayOfMinutes> day;
  try {
    if (select_->bind(1, key).step()) day = unpack(key, select_->integer(0), select_->blob(1));
  } catch (...) {
    select_->reset();
    throw;
  }
  select_->reset();
  return day;
}

void MinuteFile::each(const ChunkFn& fn) {
  Statement rows = database_.prepare("SELECT id, times, data FROM chunk ORDER BY id");
  while (rows.step()) {
    const std::int64_t key = rows.integer(0);
    fn((key >> kPeriodShift) * kDay, static_cast<SeriesId>(key >> kSeriesShift) & kMaxSeriesId,
       unpack(key, rows.integer(1), rows.blob(2)));
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
    insert_.emplace(database_.prepare("INSERT OR REPLACE INTO chunk VALUES(?1, ?2, ?3)"));
  }
  bind_series(*describe_, id, info);
  describe_->run();
  const Bytes block = encode_minutes(day.columns, compressor_);
  insert_->bind(1, chunk_key(day_number(day_ns), id));
  insert_->bind(2, times_.store(day_number(day_ns), day.times, compressor_)).bind(3, ByteView(block)).run();
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
