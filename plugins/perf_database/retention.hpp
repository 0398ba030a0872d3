// SPDX-License-Identifier: Apache-2.0
//
// What is let go of, and in which order: what is older than its limit, and then, while all files together are too
// large, the oldest raw samples first and the oldest minutes next. Only what is sealed can go: hot files hold what may
// not be acknowledged yet. Runs on the sealer's thread, as the last part of a pass.
#pragma once

#include "files.hpp"
#include "meta_store.hpp"
#include "sealer.hpp"

namespace picket::perf_database {

struct RetentionLimits {
  std::int64_t keep_raw_ns = kForever;
  std::int64_t keep_minute_ns = kForever;
  std::int64_t keep_hour_ns = kForever;
  std::int64_t keep_day_ns = kForever;
  std::uint64_t max_bytes = 0;
};

struct Dropped {
  std::uint64_t samples = 0;      // raw
  std::uint64_t minute_days = 0;  // days of the minute tier
};

// The wall time before which samples are no longer taken, since what they belong to was dropped.
inline constexpr const char* kDroppedUntil = "dropped_until";

class Retention {
 public:
  // Called before samples up to that time are dropped: from then on none may be taken for it.
  using PromiseFn = std::function<void(std::int64_t until_ns)>;

  Retention(std::filesystem::path directory, RetentionLimits limits, Log log, StepHook step, PromiseFn on_promise);

  // Throws SqlError, DamageError and, when the history is too large and nothing is left that may go,
  // std::runtime_error.
  void apply(std::int64_t now_ns, MetaStore& meta);

  // Since this object was made.
  const Dropped& dropped() const { return dropped_; }

 private:
  bool trusts(std::int64_t now_ns);
  void drop_old_files(std::int64_t now_ns, MetaStore& meta);
  void drop_old_rows(std::int64_t now_ns, MetaStore& meta);
  void drop_for_size(std::int64_t now_ns, MetaStore& meta);
  bool over(std::uint64_t limit) const;
  void drop_week(std::int64_t week_ns, const std::filesystem::path& file, MetaStore& meta, const std::string& why);
  void drop_hours(const std::filesystem::path& file, MetaStore& meta);
  void drop_month(std::int64_t month_ns, const std::filesystem::path& file, const std::string& why);
  void drop_days(std::int64_t month_ns, const std::filesystem::path& file);
  void promise(std::int64_t until_ns, MetaStore& meta);
  void save_minutes(std::int64_t from_ns, std::int64_t to_ns, MetaStore& meta);

  const std::filesystem::path directory_;
  const RetentionLimits limits_;
  const std::uint64_t enough_;  // bytes, to which a history that is too large is brought
  const Log log_;
  const StepHook step_;
  const PromiseFn on_promise_;
  // Pages of running weeks that were freed and cannot be given back (files of an older daemon): the next samples go
  // there.
  std::uint64_t reusable_ = 0;
  Dropped dropped_;
  std::int64_t last_pass_ns_ = 0;
  int doubtful_passes_ = 0;  // left, until a clock that jumped ahead is believed
  std::int64_t last_trim_ns_ = 0;
};

}  // namespace picket::perf_database
