// SPDX-License-Identifier: Apache-2.0
//
// The order of looking makes a read beside the sealer whole: hot files first, then the tiers, then raw partitions. An
// hour that is sealed meanwhile is then seen in both, and exact repetitions are dropped.
#include "history_reader.hpp"

#include <bit>
#include <map>
#include <optional>
#include <set>

#include "files.hpp"
#include "hot_reader.hpp"
#include "raw_file.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

using Rows = std::map<std::int64_t, Aggregate>;

// One question to points(), with everything that is looked at for it.
class Read {
 public:
  Read(fs::path directory, SeriesId series, std::int64_t from, std::int64_t to, std::int64_t step, PointsFn fn)
      : directory_(std::move(directory)),
        series_(series),
        from_(from),
        to_(to),
        step_(step),
        out_(step, std::move(fn)) {}

  Result<void> run() {
    load_hot(list_files(directory_));
    if (!load_tiers()) {
      return Error{"series " + std::to_string(series_) + " is not in " + path_text(directory_), PICKET_NOT_FOUND};
    }
    partitions_ = list_files(directory_).raw;
    for (const std::int64_t day : days_with_data()) {
      if (out_.cancelled()) break;
      read_day(day);
    }
    out_.finish();
    if (out_.cancelled()) return Error{"the reader ended it", PICKET_CANCELLED};
    if (!problem_.empty()) return Error{problem_};
    return {};
  }

 private:
  bool overlaps(std::int64_t start, std::int64_t span) const { return start < to_ && start + span > from_; }
  bool covers(std::int64_t start, std::int64_t span) const { return start >= from_ && start + span <= to_; }
  bool answers(std::int64_t start, std::int64_t span) const {
    return step_ > 0 && step_ % span == 0 && covers(start, span);
  }

  void load_hot(const Listing& listing) {
    for (const HotPart& part : listing.hot) {
      if (!overlaps(part.hour_ns, kHour)) continue;
      try {
        std::vector<TimedValue>& samples = hot_[part.hour_ns];
        const std::size_t damaged =
            HotReader(part.file, part.hour_ns)
                .scan(from_, to_, series_,
                      [&](std::int64_t time, std::span<const SeriesId> series, std::span<const std::uint64_t> values) {
                        for (std::size_t i = 0; i < series.size(); ++i) {
                          if (series[i] == series_) samples.push_back({time, std::bit_cast<double>(values[i])});
                        }
                      });
        if (damaged != 0) problem_ = path_text(part.file) + ": is damaged in " + std::to_string(damaged) + " places";
      } catch (const SqlError& error) {
        if (fs::exists(part.file)) problem_ = error.what();  // else it was sealed meanwhile
      }
    }
  }

  bool load_tiers() {
    const Database meta = open_for_reading(directory_ / kMetaFile, FileKind::meta);
    Statement known = meta.prepare("SELECT 1 FROM series WHERE id = ?1");
    if (!known.bind(1, std::int64_t{series_}).step()) return false;
    load_tier(meta, "hour", hours_);
    load_tier(meta, "day", days_);
    return true;
  }

  // Of whole days: whether a day has hours counts also where the range ends within it.
  void load_tier(const Database& meta, const std::string& table, Rows& rows) const {
    Statement select = meta.prepare("SELECT time, count, minimum, maximum, mean, last FROM " + table +
                                    " WHERE series = ?1 AND time >= ?2 AND time < ?3");
    select.bind(1, std::int64_t{series_}).bind(2, floor_to(from_, kDay) / kSecond);
    select.bind(3, floor_to(to_ + kDay - 1, kDay) / kSecond);
    while (select.step()) {
      const auto count = static_cast<std::uint64_t>(select.integer(1));
      const double sum = select.real(4) * static_cast<double>(count);
      rows.emplace_hint(rows.end(), select.integer(0) * kSecond,
                        Aggregate{count, select.real(2), select.real(3), sum, select.real(5)});
    }
  }

  std::set<std::int64_t> days_with_data() const {
    std::set<std::int64_t> found;
    for (const auto& [day, row] : days_) found.insert(day);
    for (const auto& [hour, row] : hours_) found.insert(floor_to(hour, kDay));
    for (const auto& [hour, samples] : hot_) found.insert(floor_to(hour, kDay));
    for (const auto& [week, file] : partitions_) {
      for (std::int64_t day = week; day < week + kWeek; day += kDay) {
        if (overlaps(day, kDay)) found.insert(day);
      }
    }
    return found;
  }

  void read_day(std::int64_t day) {
    const auto row = days_.find(day);
    const auto hot = hot_.lower_bound(day);
    const bool is_hot = hot != hot_.end() && hot->first < day + kDay;
    if (row != days_.end() && !is_hot && answers(day, kDay)) return out_.add(day, row->second);
    bool found = false;
    for (std::int64_t hour = day; hour < day + kDay && !out_.cancelled(); hour += kHour) {
      if (overlaps(hour, kHour)) found |= read_hour(hour);
    }
    const auto kept = hours_.lower_bound(day);
    const bool has_hours = kept != hours_.end() && kept->first < day + kDay;
    // Nothing finer is kept.
    if (!found && !has_hours && row != days_.end() && day >= from_) out_.add(day, row->second);
  }

  bool read_hour(std::int64_t hour) {
    const auto row = hours_.find(hour);
    const auto hot = hot_.find(hour);
    if (row != hours_.end() && hot == hot_.end() && answers(hour, kHour)) {
      out_.add(hour, row->second);
      return true;
    }
    std::vector<TimedValue> samples;
    read_raw(hour, samples);
    if (hot != hot_.end()) samples.insert(samples.end(), hot->second.begin(), hot->second.end());
    if (samples.empty()) {
      if (row == hours_.end() || hour < from_) return false;
      out_.add(hour, row->second);
      return true;
    }
    sort_and_merge(samples);
    for (const TimedValue& sample : samples) {
      if (sample.time_ns >= from_ && sample.time_ns < to_) out_.add(sample.time_ns, sample.value);
    }
    return true;
  }

  void read_raw(std::int64_t hour, std::vector<TimedValue>& samples) {
    const std::int64_t week = week_start(hour);
    const auto file = partitions_.find(week);
    if (file == partitions_.end()) return;
    try {
      if (raw_week_ != week) {
        raw_.reset();
        raw_week_ = week;
        raw_.emplace(file->second, Open::read_only);
      }
      if (raw_) raw_->read(hour, series_, samples);
    } catch (const std::runtime_error& error) {
      raw_.reset();  // the rest of this week comes from the coarser tiers
      samples.clear();
      if (fs::exists(file->second)) problem_ = error.what();
    }
  }

  const fs::path directory_;
  const SeriesId series_;
  const std::int64_t from_;
  const std::int64_t to_;
  const std::int64_t step_;
  PointStream out_;
  std::map<std::int64_t, std::vector<TimedValue>> hot_;
  Rows hours_;
  Rows days_;
  std::map<std::int64_t, fs::path> partitions_;
  std::optional<RawFile> raw_;
  std::int64_t raw_week_ = -1;
  std::string problem_;
};

Error no_history(const fs::path& directory) {
  return {path_text(directory) + ": there is no history here (no " + kMetaFile + ")", PICKET_NOT_FOUND};
}

}  // namespace

bool matches_glob(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return true;
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;  // the last one seen, and where its text began
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<void> HistoryReader::series(std::string_view name, const std::function<bool(const StoredSeries&)>& fn) const {
  std::vector<StoredSeries> found;
  try {
    if (!fs::exists(directory_ / kMetaFile)) return no_history(directory_);
    std::map<SeriesId, HotReader::Extent> hot;
    for (const HotPart& part : list_files(directory_).hot) {
      try {
        for (const auto& [id, extent] : HotReader(part.file, part.hour_ns).extents()) {
          const auto [at, is_new] = hot.emplace(id, extent);
          at->second.first_ns = std::min(at->second.first_ns, extent.first_ns);
          at->second.last_ns = std::max(at->second.last_ns, extent.last_ns);
        }
      } catch (const SqlError&) {
        continue;  // sealed meanwhile, or damaged: points() says so
      }
    }
    const Database meta = open_for_reading(directory_ / kMetaFile, FileKind::meta);
    Statement rows = meta.prepare(
        "SELECT id, host, source, name, attributes, unit, instrument, decimals, first_ns, last_ns FROM series "
        "ORDER BY name, source, attributes, host");
    while (rows.step()) {
      if (!matches_glob(rows.text(3), name)) continue;
      auto [id, info] = read_series(rows);
      StoredSeries series{id, std::move(info), rows.integer(8), rows.integer(9)};
      if (const auto at = hot.find(id); at != hot.end()) {
        series.first_ns = rows.is_null(8) ? at->second.first_ns : std::min(series.first_ns, at->second.first_ns);
        series.last_ns = std::max(series.last_ns, at->second.last_ns);
      }
      found.push_back(std::move(series));
    }
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
  for (const StoredSeries& series : found) {
    if (!fn(series)) return Error{"the reader ended it", PICKET_CANCELLED};
  }
  return {};
}

Result<void> HistoryReader::points(SeriesId series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns,
                                   PointsFn fn) const {
  if (step_ns < 0) return Error{"a step must not be negative", PICKET_INVALID};
  // Nothing lies outside of these, and sums of days and weeks do not overflow within them.
  from_ns = std::clamp<std::int64_t>(from_ns, 0, kForever - 2 * kWeek);
  to_ns = std::clamp<std::int64_t>(to_ns, 0, kForever - 2 * kWeek);
  try {
    if (!fs::exists(directory_ / kMetaFile)) return no_history(directory_);
    return Read(directory_, series, from_ns, to_ns, step_ns, std::move(fn)).run();
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
}

Result<void> HistoryReader::points_of(std::span<const SeriesId> series, Range range, const SlotPointsFn& fn) const {
  Result<void> outcome;
  for (std::size_t i = 0; i < series.size(); ++i) {
    Result<void> read =
        points(series[i], range.from_ns, range.to_ns, range.step_ns, [&](auto found) { return fn(i, found); });
    if (read || read.error().status == PICKET_NOT_FOUND) continue;
    outcome = std::move(read);
    if (outcome.error().status == PICKET_CANCELLED) break;
  }
  return outcome;
}

}  // namespace picket::perf_database
