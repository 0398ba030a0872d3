// SPDX-License-Identifier: Apache-2.0
//
// The order of looking makes a read beside the sealer whole: snapshots of the hot files first, then what is yet to be
// made, the tiers, and the partitions. An hour that is sealed meanwhile is then seen in both, and exact repetitions are
// dropped.
//
// Within a day, what answers exactly and costs least comes first: the day row, an hour row, minutes, the sums of a
// chunk, samples. Where the finer is no longer kept, the next coarser one stands in.
#include "range_read.hpp"

#include <algorithm>

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = 1'024;    // points handed out at once, of one series
constexpr std::size_t kManySeries = 32;  // from so many on, buffers are smaller
constexpr std::size_t kChunkOfMany = 64;

}  // namespace

RangeRead::RangeRead(fs::path directory, std::span<const SeriesId> series, Range range, const SlotPointsFn& fn)
    : directory_(std::move(directory)),
      series_(series),
      from_(range.from_ns),
      to_(range.to_ns),
      step_(range.step_ns),
      hot_(series, from_, to_, step_) {
  slots_.reserve(series.size());
  const std::size_t chunk = series.size() < kManySeries ? kChunk : kChunkOfMany;
  for (std::size_t slot = 0; slot < series.size(); ++slot) {
    const auto hand_out = [this, &fn, slot](auto points) {
      cancelled_ = cancelled_ || !fn(slot, points);
      return !cancelled_;
    };
    slots_.push_back({PointStream(step_, chunk, hand_out), {}, {}});
  }
}

Result<void> RangeRead::run() {
  load_hot(list_files(directory_).hot);
  load_meta();
  for (const std::int64_t day : days_with_data()) {
    if (cancelled_) break;
    read_day(day);
  }
  for (Slot& slot : slots_) {
    if (!cancelled_) slot.out.finish();
  }
  if (cancelled_) return Error{"the reader ended it", PICKET_CANCELLED};
  if (problem_.empty()) problem_ = hot_.problem();
  if (!problem_.empty()) return Error{problem_};
  return {};
}

bool RangeRead::overlaps(std::int64_t start, std::int64_t span) const {
  return start < to_ && start + span > from_;
}

// Whether a sum over [start, start + span) can stand for the samples: all of them are wanted, and fall in one bucket.
bool RangeRead::answers(std::int64_t start, std::int64_t span) const {
  return step_ > 0 && start >= from_ && start + span <= to_ &&
         (step_ % span == 0 || (step_ > span && floor_to(start, step_) == floor_to(start + span - 1, step_)));
}

void RangeRead::load_hot(const std::vector<HotPart>& parts) {
  for (const HotPart& part : parts) {
    if (overlaps(part.hour_ns, kHour)) hot_.open(part);
  }
  raw_files_ = list_files(directory_).raw;
  hot_.load([this](std::int64_t hour) {
    RawFile* raw = raw_of(hour);
    return raw != nullptr && raw->has_hour(hour);
  });
  for (const auto& [hour, samples] : hot_.hours()) hot_hours_.insert(hour);
}

void RangeRead::load_meta() {
  const Database& meta = meta_.emplace(open_for_reading(directory_ / kMetaFile, FileKind::meta));
  if (version_of(meta) >= kMinuteTierVersion) {
    Statement stale = meta.prepare(
        "SELECT DISTINCT time - time % 86400 FROM sealed_hour WHERE NOT (day_done AND minute_done) AND time >= ?1 AND "
        "time < ?2");
    stale.bind(1, floor_to(from_, kDay) / kSecond).bind(2, floor_to(to_, kDay) / kSecond + kDay / kSecond);
    while (stale.step()) stale_days_.insert(stale.integer(0) * kSecond);
  }
  Statement known = meta.prepare("SELECT 1 FROM series WHERE id = ?1");
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    slots_[slot].exists = known.bind(1, std::int64_t{series_[slot]}).step();
    known.reset();
  }
  const auto select = [&](const char* table) {
    return meta.prepare(std::string("SELECT time, count, minimum, maximum, mean, last FROM ") + table +
                        " WHERE series = ?1 AND time >= ?2 AND time < ?3");
  };
  select_hours_.emplace(select("hour"));
  select_days_.emplace(select("day"));
  const Listing listing = list_files(directory_);
  raw_files_ = listing.raw;
  minute_files_ = listing.minute;
}

// Of whole days: whether a day has hours counts also where the range ends within it.
void RangeRead::load_rows(Statement& select, std::size_t slot, Rows& rows) const {
  rows.loaded = true;
  select.bind(1, std::int64_t{series_[slot]}).bind(2, floor_to(from_, kDay) / kSecond);
  select.bind(3, floor_to(to_ + kDay - 1, kDay) / kSecond);
  while (select.step()) {
    const auto count = static_cast<std::uint64_t>(select.integer(1));
    const double sum = select.real(4) * static_cast<double>(count);
    rows.rows.push_back({select.integer(0) * kSecond, {count, select.real(2), select.real(3), sum, select.real(5)}});
  }
  select.reset();
}

const Aggregate* RangeRead::find_hour(std::size_t slot, std::int64_t hour) {
  Rows& rows = slots_[slot].hours;
  if (!rows.loaded) load_rows(*select_hours_, slot, rows);
  return find(rows, hour);
}

bool RangeRead::has_hours(std::size_t slot, std::int64_t day) {
  Rows& hours = slots_[slot].hours;
  if (!hours.loaded) load_rows(*select_hours_, slot, hours);
  const auto first = std::lower_bound(hours.rows.begin(), hours.rows.end(), day,
                                      [](const Row& row, std::int64_t time) { return row.time_ns < time; });
  return first != hours.rows.end() && first->time_ns < day + kDay;
}

const Aggregate* RangeRead::find_day(std::size_t slot, std::int64_t day) {
  Rows& rows = slots_[slot].days;
  if (!rows.loaded) load_rows(*select_days_, slot, rows);
  return find(rows, day);
}

const Aggregate* RangeRead::find(Rows& rows, std::int64_t time_ns) {
  while (rows.next < rows.rows.size() && rows.rows[rows.next].time_ns < time_ns) ++rows.next;
  const bool found = rows.next < rows.rows.size() && rows.rows[rows.next].time_ns == time_ns;
  return found ? &rows.rows[rows.next].sum : nullptr;
}

// Every sealed hour is listed before its hot files go.
std::vector<std::int64_t> RangeRead::days_with_data() const {
  std::set<std::int64_t> found;
  for (const std::int64_t hour : hot_hours_) found.insert(floor_to(hour, kDay));
  // From the first hour of one day to the first hour after it, in one statement: each has locks to take.
  Statement first_hours = meta_->prepare(
      "WITH RECURSIVE first(time) AS (SELECT min(time) FROM sealed_hour WHERE time >= ?1 AND time < ?2 UNION ALL "
      "SELECT (SELECT min(time) FROM sealed_hour WHERE time >= first.time - first.time % 86400 + 86400 AND time < ?2) "
      "FROM first WHERE first.time NOT NULL) SELECT time FROM first WHERE time NOT NULL");
  first_hours.bind(1, floor_to(from_, kDay) / kSecond).bind(2, to_ / kSecond + 1);
  while (first_hours.step()) found.insert(floor_to(first_hours.integer(0) * kSecond, kDay));
  return {found.begin(), found.end()};
}

void RangeRead::read_day(std::int64_t day) {
  const auto hot = hot_hours_.lower_bound(day);
  const bool settled = (hot == hot_hours_.end() || *hot >= day + kDay) && !stale_days_.contains(day);
  const bool row_answers = settled && answers(day, kDay);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    const Aggregate* row = row_answers ? find_day(i, day) : nullptr;
    slot.done = row != nullptr;
    slot.found = false;
    if (row != nullptr) slot.out.add(day, *row);
  }
  // Chunks of raw samples lie hour by hour, those of minutes day by day.
  const bool by_series = slots_.size() == 1 || !raw_files_.contains(week_start(day)) ||
                         (settled && step_ > 0 && step_ % kMinute == 0 && minute_files_.contains(month_start(day)));
  if (by_series) {
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      if (slots_[slot].done) continue;
      for (std::int64_t hour = day; hour < day + kDay; hour += kHour) read_hour(slot, hour);
    }
  } else {
    for (std::int64_t hour = day; hour < day + kDay; hour += kHour) {
      for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
        if (!slots_[slot].done) read_hour(slot, hour);
      }
    }
  }
  // Nothing finer is kept, also not of the part of the day that nobody asks about.
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].done || slots_[i].found || day < from_ || has_hours(i, day)) continue;
    if (const Aggregate* row = find_day(i, day)) slots_[i].out.add(day, *row);
  }
}

void RangeRead::read_hour(std::size_t slot, std::int64_t hour) {
  if (!overlaps(hour, kHour) || cancelled_) return;
  Slot& out = slots_[slot];
  if (hot_hours_.contains(hour)) {
    out.found |= add_merged(slot, hour);
    return;
  }
  const Aggregate* row = answers(hour, kHour) ? find_hour(slot, hour) : nullptr;
  const bool settled = !stale_days_.contains(floor_to(hour, kDay));
  const bool whole_minutes = std::max(hour, from_) % kMinute == 0 && std::min(hour + kHour, to_) % kMinute == 0;
  if (row == nullptr) {
    if ((settled && whole_minutes && step_ > 0 && step_ % kMinute == 0 && add_minutes(slot, hour)) ||
        (step_ >= kHour && add_summary(slot, hour)) || add_samples(slot, hour) || add_minutes(slot, hour)) {
      out.found = true;
      return;
    }
    if (hour >= from_) row = find_hour(slot, hour);
  }
  if (row != nullptr) {
    out.out.add(hour, *row);
    out.found = true;
  }
}

// By the sums that are stored with the chunks, if they all fall in one bucket.
bool RangeRead::add_summary(std::size_t slot, std::int64_t hour) {
  RawFile* raw = raw_of(hour);
  if (raw == nullptr) return false;
  const std::optional<SealedSeries> chunk = raw->summary(hour, series_[slot]);
  if (!chunk || chunk->first_ns < from_ || chunk->last_ns >= to_) return false;
  if (floor_to(chunk->first_ns, step_) != floor_to(chunk->last_ns, step_)) return false;
  slots_[slot].out.add(chunk->first_ns, chunk->sum);
  return true;
}

void RangeRead::add_columns(PointStream& out, std::span<const std::int64_t> times,
                            std::span<const double> values) const {
  if (times.front() < from_ || times.back() >= to_) {
    const auto first = std::lower_bound(times.begin(), times.end(), from_) - times.begin();
    const auto end = std::lower_bound(times.begin(), times.end(), to_) - times.begin();
    if (first >= end) return;
    times = times.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first));
    values = values.subspan(static_cast<std::size_t>(first), times.size());
  }
  for (std::size_t i = 0; i < times.size(); ++i) out.add(times[i], values[i]);
}

bool RangeRead::add_samples(std::size_t slot, std::int64_t hour) {
  RawFile* raw = raw_of(hour);
  if (raw == nullptr) return false;
  PointStream& out = slots_[slot].out;
  try {
    return raw->read(hour, series_[slot], [&](auto times, auto values) { add_columns(out, times, values); });
  } catch (const std::runtime_error& error) {
    raw_.reset();  // the rest of this week comes from the coarser tiers
    if (fs::exists(raw_files_.at(week_start(hour)))) problem_ = error.what();
    return false;
  }
}

bool RangeRead::add_merged(std::size_t slot, std::int64_t hour) {
  const HotSamples::Hour& hot = hot_.hours().at(hour);
  Slot& out = slots_[slot];
  if (!hot.buckets[slot].empty()) {
    for (const HotSamples::Bucket& bucket : hot.buckets[slot]) out.out.add(bucket.start_ns, bucket.sum);
    return true;
  }
  std::vector<TimedValue> samples;
  if (hot.merge) {
    try {
      if (RawFile* raw = raw_of(hour)) raw->read(hour, series_[slot], samples);
    } catch (const std::runtime_error& error) {
      raw_.reset();
      samples.clear();
      problem_ = error.what();
    }
  }
  const std::vector<TimedValue> fresh = hot_.take(hour, slot);
  samples.insert(samples.end(), fresh.begin(), fresh.end());
  sort_and_merge(samples);
  for (const TimedValue& sample : samples) {
    if (sample.time_ns >= from_ && sample.time_ns < to_) out.out.add(sample.time_ns, sample.value);
  }
  return !samples.empty();
}

bool RangeRead::add_minutes(std::size_t slot, std::int64_t hour) {
  const DayOfMinutes* day = minutes_of(slot, floor_to(hour, kDay));
  if (day == nullptr) return false;
  const auto from = std::lower_bound(day->times.begin(), day->times.end(), std::max(hour, from_));
  const auto to = std::lower_bound(from, day->times.end(), std::min(hour + kHour, to_));
  for (auto at = from; at != to; ++at) {
    slots_[slot].out.add(*at, day->columns.at(static_cast<std::size_t>(at - day->times.begin())));
  }
  // Minutes outside of the range are minutes all the same: no coarser row stands in for them.
  return from != to || (std::lower_bound(day->times.begin(), day->times.end(), hour) !=
                        std::lower_bound(day->times.begin(), day->times.end(), hour + kHour));
}

// The last one read is kept: the hours of a day follow each other.
const DayOfMinutes* RangeRead::minutes_of(std::size_t slot, std::int64_t day) {
  if (minutes_day_ != day || minutes_slot_ != slot) {
    minutes_.reset();
    minutes_day_ = day;
    minutes_slot_ = slot;
    const std::int64_t month = month_start(day);
    const auto file = minute_files_.find(month);
    if (file == minute_files_.end()) return nullptr;
    try {
      if (minute_month_ != month) {
        minute_.reset();
        minute_month_ = month;
        minute_ = std::make_unique<MinuteFile>(file->second, Open::read_only);
      }
      if (minute_) minutes_ = minute_->read(day, series_[slot]);
    } catch (const std::runtime_error& error) {
      minute_.reset();  // the rest of this month comes from the other tiers
      if (fs::exists(file->second)) problem_ = error.what();
    }
  }
  return minutes_ ? &*minutes_ : nullptr;
}

RawFile* RangeRead::raw_of(std::int64_t hour) {
  const std::int64_t week = week_start(hour);
  if (raw_week_ == week) return raw_.get();
  raw_.reset();
  raw_week_ = week;
  const auto file = raw_files_.find(week);
  if (file == raw_files_.end()) return nullptr;
  try {
    raw_ = std::make_unique<RawFile>(file->second, Open::read_only);
  } catch (const std::runtime_error& error) {
    if (fs::exists(file->second)) problem_ = error.what();
  }
  return raw_.get();
}

}  // namespace picket::perf_database
