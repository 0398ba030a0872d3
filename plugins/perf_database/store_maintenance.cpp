// SPDX-License-Identifier: Apache-2.0
//
// The part of the store that runs on the sealer's thread: it takes the writer's lock only to claim hours and to say
// what happened, and works on connections of its own.
#include <sqlite3.h>

#include <algorithm>
#include <map>

#include "minute_maker.hpp"
#include "picket/base.h"
#include "store.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

// The instance stops: what is left is done at its next start.
class Cancelled : public std::exception {};

}  // namespace

Result<std::size_t> Store::maintain(bool early) {
  const std::lock_guard one(maintain_mutex_);
  std::shared_ptr<MetaStore> meta;
  std::uint64_t begun_in = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!is_open()) return Error{problem_};
    meta = meta_;
    begun_in = epoch();
  }
  std::size_t sealed = 0;
  std::string trouble;
  try {
    sealed = seal_claimed(claim(early), *meta);
    const Listing listing = list_files(settings_.directory);
    const std::size_t days = make_days(listing, *meta, early);
    current_hour_.update(listing, *meta);
    oldest_admitted_ns_ = std::max(meta->state(kDroppedUntil), before(wall_(), settings_.keep_raw_ns));
    retention_.apply(wall_(), *meta);
    meta->trim_events(settings_.keep_events);
    if (sealed != 0 || days != 0) list_partitions(*meta);
  } catch (const Cancelled&) {
    sealed = 0;
  } catch (const DamageError& error) {
    trouble = error.what();
    quarantine(error.file(), trouble);
  } catch (const SqlError& error) {
    trouble = error.what();
    if (error.damaged()) quarantine(error.file(), trouble);
  } catch (const std::exception& error) {
    trouble = error.what();
  }

  const std::lock_guard lock(mutex_);
  claimed_.clear();
  counts_.dropped = retention_.dropped();
  if (trouble != trouble_ && !trouble.empty()) log_(PICKET_LOG_ERROR, "sealing and retention: " + trouble);
  // What ailed a pass that began before the store was opened anew says nothing of how it is now.
  if (epoch() == begun_in) trouble_ = trouble;
  try {
    damage_.clear();
    for (const fs::path& file : list_files(settings_.directory).damaged) {
      damage_ += (damage_.empty() ? "damaged, set aside: " : ", ") + path_text(file.filename());
    }
  } catch (const fs::filesystem_error& error) {
    trouble_ = error.what();
  }
  if (!trouble.empty()) return Error{trouble};
  return sealed;
}

void Store::quarantine(const fs::path& file, const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (file.filename() == kMetaFile) return fail(SqlError(SQLITE_CORRUPT, file, why));  // the next open() replaces it
  std::erase_if(writers_, [&](const auto& writer) { return writer->file() == file; });
  try {
    move_aside(file, why);
  } catch (const fs::filesystem_error& error) {
    log_(PICKET_LOG_ERROR, path_text(file) + ": is damaged and cannot be set aside: " + error.what());
  }
}

std::vector<HotPart> Store::claim(bool early) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = wall_();
  std::vector<HotPart> parts;
  for (HotPart& part : list_files(settings_.directory).hot) {
    const bool ended = part.hour_ns + kHour + (early ? 0 : settings_.late_ns) <= now;
    // Left behind by a clock that was ahead: nothing more will come for it.
    const bool abandoned = part.hour_ns > now + kMaxAhead;
    if (ended || abandoned) parts.push_back(std::move(part));
  }
  for (const HotPart& part : parts) {
    for (const auto& writer : writers_) {
      if (writer->hour_ns() != part.hour_ns) continue;
      writer->sync();
      writer->leave_log();
    }
    std::erase_if(writers_, [&](const auto& writer) { return writer->hour_ns() == part.hour_ns; });
    claimed_.insert(part.hour_ns);
  }
  return parts;
}

std::size_t Store::seal_claimed(const std::vector<HotPart>& parts, MetaStore& meta) {
  std::map<std::int64_t, std::vector<HotPart>> hours;
  for (const HotPart& part : parts) hours[part.hour_ns].push_back(part);
  const StepHook step = [this](std::string_view name) { durable_step(name); };
  for (const auto& [hour, files] : hours) {
    const SealResult result = seal_hour(settings_.directory, hour, files, meta, step);
    for (const fs::path& file : result.damaged) {
      log_(PICKET_LOG_ERROR, path_text(file) + ": set aside: parts of it could not be read; the rest was sealed");
    }
    const std::lock_guard lock(mutex_);
    counts_.sealed_chunks += result.chunks;
    claimed_.erase(hour);
  }
  return hours.size();
}

void Store::durable_step(std::string_view name) {
  if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
  step_(name);
}

// A day that is over, all of whose hours are sealed: its minutes first, then its rows, then the mark that both are
// made.
std::size_t Store::make_days(const Listing& listing, MetaStore& meta, bool early) {
  const std::int64_t now = wall_();
  std::size_t made = 0;
  for (const MetaStore::PendingDay& pending : meta.pending_days()) {
    const std::int64_t day = pending.day_ns;
    const auto waiting = [&](const HotPart& part) { return part.hour_ns >= day && part.hour_ns < day + kDay; };
    if (day + kDay + (early ? 0 : settings_.late_ns) > now) continue;
    if (std::any_of(listing.hot.begin(), listing.hot.end(), waiting)) continue;
    if (pending.minutes && day >= before(now, settings_.keep_minute_ns)) {
      make_minutes(settings_.directory, day, meta.state(kDroppedUntil),
                   [this](std::string_view name) { durable_step(name); });
    }
    if (pending.rows) meta.sum_day(day);
    durable_step("day rows written");
    meta.finish_day(day);
    durable_step("day finished");
    ++made;
  }
  return made;
}

void Store::list_partitions(MetaStore& meta) {
  const Listing listing = list_files(settings_.directory);
  std::vector<PartitionRow> rows;
  rows.reserve(listing.raw.size() + listing.minute.size() + listing.hot.size());
  for (const auto& [week, file] : listing.raw) {
    rows.push_back({path_text(file.filename()), "raw", "open", week, week + kWeek, file_bytes(file)});
  }
  for (const auto& [month, file] : listing.minute) {
    rows.push_back({path_text(file.filename()), "minute", "open", month, next_month(month), file_bytes(file)});
  }
  for (const HotPart& part : listing.hot) {
    rows.push_back(
        {path_text(part.file.filename()), "hot", "open", part.hour_ns, part.hour_ns + kHour, file_bytes(part.file)});
  }
  for (const fs::path& file : listing.damaged) {
    rows.push_back({path_text(file.filename()), "", "damaged", 0, 0, file_bytes(file)});
  }
  meta.set_partitions(rows);
}

Result<StoreStats> Store::stats() {
  std::shared_ptr<MetaStore> meta;
  StoreStats stats;
  {
    const std::lock_guard lock(mutex_);
    if (!is_open()) return Error{problem_};
    meta = meta_;
    stats.series = catalogue_->size();
  }
  try {
    const Listing listing = list_files(settings_.directory);
    stats.disk_bytes = directory_bytes(settings_.directory);
    stats.hot_files = listing.hot.size();
    stats.raw_files = listing.raw.size();
    stats.minute_files = listing.minute.size();
    stats.damaged_files = listing.damaged.size();
    if (!listing.raw.empty()) stats.oldest_raw_ns = listing.raw.begin()->first;
    std::tie(stats.sealed_samples, stats.sealed_bytes) = meta->sealed_samples_and_bytes();
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
  return stats;
}

}  // namespace picket::perf_database
