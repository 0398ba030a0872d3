// SPDX-License-Identifier: Apache-2.0
//
// Opening, writing and failing. What the sealer's thread does is in store_maintenance.cpp.
#include "store.hpp"

#include "directory.hpp"
#include "hot_reader.hpp"
#include "minute_file.hpp"
#include "picket/base.h"
#include "raw_file.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

// Late samples may touch several hours in turn; each open file costs a few hundred KiB.
constexpr std::size_t kMaxWriters = 4;
constexpr std::size_t kRebuildBatch = 10'000;  // hour rows

const fs::path* damaged_file(const std::exception& error) {
  if (const auto* damage = dynamic_cast<const DamageError*>(&error)) return &damage->file();
  const auto* sql = dynamic_cast<const SqlError*>(&error);
  return sql != nullptr && sql->damaged() ? &sql->file() : nullptr;
}

// Hour rows of what is kept by the minute only. A damaged chunk costs the rest of the file its rows, not the start.
void rebuild_from_minutes(const fs::path& file, MetaStore& meta) {
  std::vector<Bucket> hours;
  try {
    MinuteFile(file, Open::existing).each([&](std::int64_t, SeriesId series, const DayOfMinutes& day) {
      for (std::size_t i = 0; i < day.times.size(); ++i) {
        const std::int64_t hour = floor_to(day.times[i], kHour);
        if (hours.empty() || hours.back().series != series || hours.back().time_ns != hour) {
          if (hours.size() >= kRebuildBatch) {
            meta.rebuild_hours(hours);
            hours.clear();
          }
          hours.push_back({series, hour, {}});
        }
        hours.back().sum.merge(day.columns.at(i));
      }
    });
  } catch (const DamageError&) {
    // Whoever reads it says so.
  }
  meta.rebuild_hours(hours);
}

}  // namespace

Store::Store(StoreSettings settings, WallClock wall, Log log, StepHook step)
    : settings_(std::move(settings)),
      wall_(std::move(wall)),
      log_(std::move(log)),
      step_(step ? std::move(step) : [](std::string_view) {}),
      retention_(
          settings_.directory,
          {settings_.keep_raw_ns, settings_.keep_minute_ns, settings_.keep_hour_ns, settings_.keep_day_ns,
           settings_.max_bytes},
          log_, [this](std::string_view name) { durable_step(name); },
          [this](std::int64_t until) { oldest_admitted_ns_ = std::max(oldest_admitted_ns_.load(), until); }) {}

Store::~Store() {
  close();
}

Result<void> Store::open() {
  const std::lock_guard lock(mutex_);
  if (is_open()) return {};
  try {
    open_locked();
  } catch (const std::exception& error) {
    fail(error);
    return Error{problem_};
  }
  if (!problem_.empty() && epoch() != 0) log_(PICKET_LOG_INFO, path_text(settings_.directory) + ": writes again");
  problem_.clear();
  trouble_.clear();
  epoch_.fetch_add(1, std::memory_order_acq_rel);
  open_.store(true, std::memory_order_release);
  return {};
}

void Store::open_locked() {
  make_directory(settings_.directory);
  lock_.reset();
  Result<DirectoryLock> taken = DirectoryLock::acquire(settings_.directory);
  if (!taken) throw std::runtime_error(taken.error().message);
  lock_ = std::move(*taken);
  if (!bad_file_.empty()) {
    if (fs::exists(bad_file_)) move_aside(bad_file_, "it was found damaged");
    bad_file_.clear();
  }
  sweep_orphans(settings_.directory);
  check_files();
  open_meta();
  oldest_admitted_ns_ = std::max(meta_->state(kDroppedUntil), before(wall_(), settings_.keep_raw_ns));
}

void Store::open_meta() {
  const fs::path file = settings_.directory / kMetaFile;
  const Listing listing = list_files(settings_.directory);
  bool rebuild = !fs::exists(file) && (!listing.raw.empty() || !listing.minute.empty());
  try {
    meta_ = std::make_shared<MetaStore>(settings_.directory);
    catalogue_.emplace(std::min(settings_.max_series, kMaxSeriesId));
    catalogue_->load(meta_->load_series());
  } catch (const SqlError& error) {
    if (!error.damaged()) throw;
    meta_.reset();
    move_aside(file, error.what());
    meta_ = std::make_shared<MetaStore>(settings_.directory);
    catalogue_.emplace(std::min(settings_.max_series, kMaxSeriesId));
    rebuild = true;
  }
  if (rebuild || catalogue_lags_behind()) rebuild_catalogue();
}

// Series and hours reach the catalogue before, or as soon as, anything else knows of them, so it never lags behind. It
// does when the end of its log was damaged, which SQLite takes for the end: then the ids of the series that it has
// forgotten must not be given away.
bool Store::catalogue_lags_behind() const {
  const Listing listing = list_files(settings_.directory);
  const auto knows_more = [&](const fs::path& file, FileKind kind) {
    const std::int64_t id = open_file(file, kind, Open::existing).number("SELECT max(id) FROM series");
    return id > 0 && id <= kMaxSeriesId && catalogue_->find(static_cast<SeriesId>(id)) == nullptr;
  };
  std::set<std::int64_t> open_hours;
  for (const HotPart& part : listing.hot) {
    open_hours.insert(part.hour_ns);
    if (knows_more(part.file, FileKind::hot)) return true;
  }
  for (const auto& [week, file] : listing.raw) {
    if (knows_more(file, FileKind::raw)) return true;
  }
  for (const auto& [month, file] : listing.minute) {
    if (knows_more(file, FileKind::minute)) return true;
  }
  if (listing.raw.empty()) return false;
  const std::optional<std::int64_t> newest = RawFile(listing.raw.rbegin()->second, Open::existing).newest_hour();
  return newest && !open_hours.contains(*newest) && !meta_->is_sealed(*newest);
}

void Store::rebuild_catalogue() {
  const Listing listing = list_files(settings_.directory);
  std::vector<std::pair<SeriesId, SeriesInfo>> all;
  const auto add = [&](std::vector<std::pair<SeriesId, SeriesInfo>> series) {
    all.insert(all.end(), std::make_move_iterator(series.begin()), std::make_move_iterator(series.end()));
  };
  for (const auto& [week, file] : listing.raw) add(RawFile(file, Open::existing).series());
  for (const auto& [month, file] : listing.minute) add(MinuteFile(file, Open::existing).series());
  for (const HotPart& part : listing.hot) add(HotReader(part.file, part.hour_ns).series());
  meta_->add_series(all);
  catalogue_->load(meta_->load_series());
  for (const auto& [week, file] : listing.raw) meta_->rebuild_hours(file);
  for (const auto& [month, file] : listing.minute) rebuild_from_minutes(file, *meta_);
  log_(PICKET_LOG_WARNING, path_text(settings_.directory) + ": made the catalogue of " +
                               std::to_string(catalogue_->size()) + " series and the hour rows again from " +
                               std::to_string(listing.raw.size()) + " raw and " +
                               std::to_string(listing.minute.size()) + " minute partitions");
}

void Store::check_files() {
  const Listing listing = list_files(settings_.directory);
  const auto check = [this](const fs::path& file, FileKind kind) {
    try {
      open_file(file, kind, Open::create);  // an empty file, from a crash while it was made, becomes a whole one
    } catch (const SqlError& error) {
      if (!error.damaged()) throw;
      move_aside(file, error.what());
    }
  };
  for (const auto& [week, file] : listing.raw) check(file, FileKind::raw);
  for (const auto& [month, file] : listing.minute) check(file, FileKind::minute);
  for (const HotPart& part : listing.hot) check(part.file, FileKind::hot);
  damage_.clear();
  for (const fs::path& file : list_files(settings_.directory).damaged) {
    damage_ += (damage_.empty() ? "damaged, set aside: " : ", ") + path_text(file.filename());
  }
}

fs::path Store::move_aside(const fs::path& file, const std::string& why) {
  fs::path target = set_aside(file);
  log_(PICKET_LOG_ERROR, path_text(file) + ": set aside as " + path_text(target.filename()) + ": " + why);
  return target;
}

void Store::close() {
  (void)commit();
  const std::lock_guard lock(mutex_);
  open_ = false;
  problem_ = "closed";
  writers_.clear();
  meta_.reset();
  lock_.reset();
}

void Store::fail(const std::exception& error) {
  if (const fs::path* file = damaged_file(error)) bad_file_ = *file;
  if (problem_ != error.what()) log_(PICKET_LOG_ERROR, error.what());
  problem_ = error.what();
  open_ = false;
  writers_.clear();
  meta_.reset();
  lock_.reset();
}

Result<SeriesId> Store::resolve(const SeriesInfo& info) {
  const std::lock_guard lock(mutex_);
  if (!is_open()) return Error{problem_};
  const SeriesId id = catalogue_->resolve(info);
  if (id == 0) {
    return Error{"there are " + std::to_string(catalogue_->size()) + " series, which is the limit (max_series)",
                 PICKET_LIMIT};
  }
  return id;
}

Admission Store::admit(std::int64_t time_ns) const {
  if (time_ns < oldest_admitted_ns_.load(std::memory_order_relaxed)) return Admission::too_old;
  return time_ns > wall_() + kMaxAhead ? Admission::too_far_ahead : Admission::ok;
}

Result<void> Store::append(std::uint64_t epoch, std::span<const Tick> ticks) {
  const std::lock_guard lock(mutex_);
  if (!is_open()) return Error{problem_};
  if (epoch != this->epoch()) return Error{"the history was opened anew meanwhile"};
  try {
    catalogue_->flush(*meta_);
    std::size_t done = 0;
    while (done < ticks.size()) {
      const std::int64_t hour = floor_to(ticks[done].time_ns, kHour);
      HotWriter& writer = writer_for(hour);
      writer.begin();
      for (; done < ticks.size() && floor_to(ticks[done].time_ns, kHour) == hour; ++done) {
        writer.append(ticks[done].time_ns, ticks[done].samples, *catalogue_);
        counts_.samples += ticks[done].samples.size();
        ++counts_.ticks;
      }
      step_("ticks written");
      writer.commit();
    }
  } catch (const std::exception& error) {
    fail(error);
    return Error{problem_};
  }
  return {};
}

HotWriter& Store::writer_for(std::int64_t hour_ns) {
  const auto known =
      std::find_if(writers_.begin(), writers_.end(), [&](const auto& writer) { return writer->hour_ns() == hour_ns; });
  if (known != writers_.end()) {
    std::rotate(known, known + 1, writers_.end());
    return *writers_.back();
  }
  if (writers_.size() >= kMaxWriters) {
    writers_.front()->sync();
    writers_.erase(writers_.begin());
  }
  unsigned generation = 0;
  for (const HotPart& part : list_files(settings_.directory).hot) {
    if (part.hour_ns == hour_ns) generation = part.generation + (claimed_.contains(hour_ns) ? 1 : 0);
  }
  const fs::path file = settings_.directory / hot_file_name(hour_ns, generation);
  writers_.push_back(std::make_unique<HotWriter>(file, hour_ns));
  return *writers_.back();
}

Result<void> Store::append_events(std::span<const EventRow> events) {
  const std::lock_guard lock(mutex_);
  if (!is_open()) return Error{problem_};
  try {
    meta_->add_events(events);
  } catch (const std::exception& error) {
    fail(error);
    return Error{problem_};
  }
  return {};
}

Result<std::uint64_t> Store::commit() {
  const std::lock_guard lock(mutex_);
  if (!is_open()) return Error{problem_};
  try {
    step_("commit");
    for (const auto& writer : writers_) writer->sync();
    meta_->commit();
    // SQLite goes on writing to files that somebody removed; their data would be gone with the last handle.
    bool there = fs::exists(settings_.directory / kMetaFile);
    for (const auto& writer : writers_) there = there && fs::exists(writer->file());
    if (!there) throw std::runtime_error(path_text(settings_.directory) + ": files were removed while in use");
    ++counts_.commits;
  } catch (const std::exception& error) {
    fail(error);
    return Error{problem_};
  }
  return epoch();
}

StoreHealth Store::health() const {
  const std::lock_guard lock(mutex_);
  if (!is_open()) return {StoreState::closed, problem_};
  if (!trouble_.empty()) return {StoreState::degraded, trouble_};
  if (!damage_.empty()) return {StoreState::degraded, damage_};
  return {StoreState::good, {}};
}

StoreCounts Store::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace picket::perf_database
