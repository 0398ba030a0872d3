// SPDX-License-Identifier: Apache-2.0
#include "retention.hpp"

#include <algorithm>

#include "minute_file.hpp"
#include "minute_maker.hpp"
#include "picket/base.h"
#include "raw_file.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

// A wall clock that is set years ahead by mistake must not cost the history: after a jump of more than a week nothing
// is dropped for its age before so many passes (one a minute) have seen the new time.
constexpr const char* kLastPass = "retained_at";
constexpr std::int64_t kJump = kWeek;
constexpr int kDoubtfulPasses = 60;

// Once the history is too large, it is made this share smaller than it may be: not every pass shall drop something.
constexpr std::uint64_t kMargin = 64;

constexpr const char* kTooOld = "older than its limit";
constexpr const char* kTooLarge = "the history is larger than max_size";

std::string span_text(std::int64_t from_ns, std::int64_t to_ns) {
  return "from " + utc_text(from_ns) + " to " + utc_text(to_ns);
}

}  // namespace

Retention::Retention(fs::path directory, RetentionLimits limits, Log log, StepHook step, PromiseFn on_promise)
    : directory_(std::move(directory)),
      limits_(limits),
      enough_(limits.max_bytes - limits.max_bytes / kMargin),
      log_(std::move(log)),
      step_(std::move(step)),
      on_promise_(std::move(on_promise)) {}

void Retention::apply(std::int64_t now_ns, MetaStore& meta) {
  if (last_pass_ns_ == 0) last_pass_ns_ = meta.state(kLastPass);
  if (trusts(now_ns)) {
    drop_old_files(now_ns, meta);
    drop_old_rows(now_ns, meta);
  }
  reusable_ = 0;
  if (over(limits_.max_bytes)) drop_for_size(now_ns, meta);
}

bool Retention::trusts(std::int64_t now_ns) {
  if (last_pass_ns_ != 0 && now_ns - last_pass_ns_ > kJump) {
    doubtful_passes_ = kDoubtfulPasses;
    log_(PICKET_LOG_WARNING, path_text(directory_) + ": the clock went from " + utc_text(last_pass_ns_) + " to " +
                                 utc_text(now_ns) + "; nothing is dropped for its age in the next hour");
  }
  last_pass_ns_ = now_ns;
  if (doubtful_passes_ == 0) return true;
  --doubtful_passes_;
  return false;
}

void Retention::drop_old_files(std::int64_t now_ns, MetaStore& meta) {
  const Listing listing = list_files(directory_);
  for (const auto& [week, file] : listing.raw) {
    if (week + kWeek <= before(now_ns, limits_.keep_raw_ns)) drop_week(week, file, meta, kTooOld);
  }
  for (const auto& [month, file] : listing.minute) {
    if (next_month(month) <= before(now_ns, limits_.keep_minute_ns)) drop_month(month, file, kTooOld);
  }
}

void Retention::drop_old_rows(std::int64_t now_ns, MetaStore& meta) {
  // Whole-catalogue work: once a day is enough for tiers that are kept for months.
  if (now_ns - last_trim_ns_ < kDay && now_ns >= last_trim_ns_) return;
  last_trim_ns_ = now_ns;
  meta.set_state(kLastPass, now_ns);
  // A late sample makes its day again out of the hours: those stay as long as one may come.
  const std::int64_t keep_hour = std::max(limits_.keep_hour_ns, limits_.keep_raw_ns);
  if (keep_hour != kForever) meta.drop_hours_before(floor_to(before(now_ns, keep_hour), kDay));
  if (limits_.keep_day_ns != kForever) meta.drop_days_before(before(now_ns, limits_.keep_day_ns));
}

bool Retention::over(std::uint64_t limit) const {
  return directory_bytes(directory_) > limit + reusable_;
}

void Retention::drop_for_size(std::int64_t now_ns, MetaStore& meta) {
  const Listing listing = list_files(directory_);
  const auto runs = [now_ns](std::int64_t week) { return week + kWeek > now_ns; };
  for (const auto& [week, file] : listing.raw) {
    if (runs(week)) reusable_ += RawFile(file, Open::existing).free_bytes();
  }
  for (const auto& [week, file] : listing.raw) {
    if (!over(enough_)) return;
    if (!runs(week)) drop_week(week, file, meta, kTooLarge);
  }
  for (const auto& [week, file] : listing.raw) {
    if (!over(enough_)) return;
    if (runs(week)) drop_hours(file, meta);
  }
  for (const auto& [month, file] : list_files(directory_).minute) {
    if (!over(enough_)) return;
    if (next_month(month) <= now_ns) {
      drop_month(month, file, kTooLarge);
    } else {
      drop_days(month, file);
    }
  }
  if (!over(limits_.max_bytes)) return;
  throw std::runtime_error(path_text(directory_) + ": has " + std::to_string(directory_bytes(directory_)) +
                           " bytes, more than max_size, and nothing is left that may go; raise max_size");
}

void Retention::promise(std::int64_t until_ns, MetaStore& meta) {
  // Before anything goes: a sample that came late for what is gone would make a sum of its own.
  if (meta.state(kDroppedUntil) < until_ns) meta.set_state(kDroppedUntil, until_ns);
  on_promise_(until_ns);
}

void Retention::save_minutes(std::int64_t from_ns, std::int64_t to_ns, MetaStore& meta) {
  for (const MetaStore::PendingDay& day : meta.pending_days()) {
    if (day.minutes && day.day_ns + kDay > from_ns && day.day_ns < to_ns) {
      make_minutes(directory_, day.day_ns, meta.state(kDroppedUntil), step_);
    }
  }
}

void Retention::drop_week(std::int64_t week_ns, const fs::path& file, MetaStore& meta, const std::string& why) {
  save_minutes(week_ns, week_ns + kWeek, meta);
  promise(week_ns + kWeek, meta);
  if (!remove_database(file)) return;  // somebody reads it (Windows): the next pass tries again
  const auto [samples, bytes] = meta.sealed_between(week_ns, week_ns + kWeek, true);
  dropped_.samples += samples;
  log_(PICKET_LOG_INFO, path_text(file) + ": removed " + std::to_string(samples) + " raw samples " +
                            span_text(week_ns, week_ns + kWeek) + ": " + why);
}

// Of a week that still runs: hour by hour, until there is room.
void Retention::drop_hours(const fs::path& file, MetaStore& meta) {
  RawFile raw(file, Open::existing);
  std::optional<std::int64_t> from;
  std::int64_t until = 0;
  std::uint64_t lost = 0;
  const auto report = [&] {
    if (!from) return;
    dropped_.samples += lost;
    log_(PICKET_LOG_WARNING, path_text(file) + ": dropped " + std::to_string(lost) + " raw samples " +
                                 span_text(*from, until) + ": " + kTooLarge);
  };
  try {
    while (const auto hour = over(enough_) ? raw.first_hour() : std::nullopt) {
      save_minutes(*hour, *hour + kHour, meta);
      promise(*hour + kHour, meta);
      from = from.value_or(*hour);
      until = *hour + kHour;
      lost += meta.sealed_between(*hour, until, true).first;
      reusable_ -= raw.free_bytes();
      raw.drop_hour(*hour);
      raw.shrink();
      reusable_ += raw.free_bytes();
      step_("hour dropped");
    }
  } catch (...) {
    report();
    throw;
  }
  report();
}

void Retention::drop_month(std::int64_t month_ns, const fs::path& file, const std::string& why) {
  const std::uint64_t bytes = file_bytes(file);
  if (!remove_database(file)) return;
  dropped_.minute_days += static_cast<std::uint64_t>((next_month(month_ns) - month_ns) / kDay);
  log_(PICKET_LOG_INFO, path_text(file) + ": removed " + std::to_string(bytes) + " bytes of minutes " +
                            span_text(month_ns, next_month(month_ns)) + ": " + why);
}

void Retention::drop_days(std::int64_t month_ns, const fs::path& file) {
  MinuteFile minutes(file, Open::existing);
  std::optional<std::int64_t> until;
  const auto report = [&] {
    if (!until) return;
    log_(PICKET_LOG_WARNING,
         path_text(file) + ": dropped all minutes " + span_text(month_ns, *until) + ": " + std::string(kTooLarge));
  };
  try {
    while (const auto day = over(enough_) ? minutes.first_day() : std::nullopt) {
      minutes.drop_day(*day);
      ++dropped_.minute_days;
      until = *day + kDay;
      minutes.shrink();
      step_("day dropped");
    }
  } catch (...) {
    report();
    throw;
  }
  report();
}

}  // namespace picket::perf_database
