// SPDX-License-Identifier: Apache-2.0
//
// The history of one directory: takes ticks, keeps them safe, seals hours, keeps within its limits. Knows nothing of
// the daemon: the clock, the log and a hook between durable steps are handed in.
//
// Threads: append(), resolve() and the like belong to one delivering thread; commit(), health() and stats() may be
// called from any; maintain() from one thread at a time, beside all others. Failures of the disk close the store; it
// is opened again with open(), and nothing that was acknowledged is lost by that.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>

#include "current_hour.hpp"
#include "hot_writer.hpp"
#include "machine.hpp"
#include "picket/result.hpp"
#include "retention.hpp"
#include "sealer.hpp"

namespace picket::perf_database {

// Unless set otherwise, a sample may come this late into an hour before that hour is sealed.
inline constexpr std::int64_t kLateness = 2 * kMinute;
// A sample further ahead of the wall clock than this has a wrong clock behind it.
inline constexpr std::int64_t kMaxAhead = kHour;

struct StoreSettings {
  std::filesystem::path directory;
  std::int64_t keep_raw_ns = 30 * kDay;  // each: kForever or longer than nothing
  std::int64_t keep_minute_ns = 365 * kDay;
  std::int64_t keep_hour_ns = kForever;
  std::int64_t keep_day_ns = kForever;
  std::uint64_t keep_events = 100'000;
  std::uint64_t max_bytes = std::uint64_t{20} << 30U;
  std::uint32_t max_series = 100'000;
  std::int64_t late_ns = kLateness;  // how long after its end an hour waits for late samples
};

// What a store counted since it was made.
struct StoreCounts {
  std::uint64_t samples = 0;
  std::uint64_t ticks = 0;
  std::uint64_t commits = 0;        // to the device
  std::uint64_t sealed_chunks = 0;  // series-hours
  Dropped dropped;                  // for their age or for max_size
};

struct StoreStats {
  std::uint64_t series = 0;
  std::uint64_t sealed_samples = 0;
  std::uint64_t sealed_bytes = 0;  // of chunks and timestamp columns
  std::uint64_t disk_bytes = 0;    // of all files
  std::uint64_t hot_files = 0;
  std::uint64_t raw_files = 0;
  std::uint64_t minute_files = 0;
  std::uint64_t damaged_files = 0;
  std::int64_t oldest_raw_ns = 0;  // 0: none
};

enum class StoreState { good, degraded, closed };

struct StoreHealth {
  StoreState state = StoreState::closed;
  std::string message;
};

enum class Admission { ok, too_old, too_far_ahead };

class Store {
 public:
  using WallClock = std::function<std::int64_t()>;  // UTC ns

  Store(StoreSettings settings, WallClock wall, Log log, StepHook step = {});
  // Commits what it can.
  ~Store();

  // Makes the directory if needed, locks it, opens what is there, sets damaged files aside. May be called again after
  // a failure; does nothing while open.
  Result<void> open();
  void close();
  bool is_open() const { return open_.load(std::memory_order_acquire); }

  // Changes whenever ids of series may have changed: every open() begins a new one.
  std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }

  // The id of a series. LIMIT: there are too many; any other error: the store is closed.
  Result<SeriesId> resolve(const SeriesInfo& info);

  // Whether a sample of that time is taken at all.
  Admission admit(std::int64_t time_ns) const;

  // Stores ticks whose ids were resolved in `epoch`, all or nothing for each hour. On success they survive the end of
  // this process, and are on the device after the next commit(). Repeating it after an error stores nothing twice.
  Result<void> append(std::uint64_t epoch, std::span<const Tick> ticks);
  Result<void> append_events(std::span<const EventRow> events);

  // Everything appended in the epoch that it returns is on the device when this succeeds.
  Result<std::uint64_t> commit();

  // Seals hours that have ended (`early`: without waiting for late samples), makes the minutes and the rows of days,
  // updates the provisional rows, and drops what is over its limits. Returns how many hours were sealed.
  Result<std::size_t> maintain(bool early);
  // Makes a running maintain() and every later one end early, between two durable steps, without an error of its own.
  void cancel_maintenance() { cancelled_.store(true, std::memory_order_relaxed); }

  StoreHealth health() const;
  StoreCounts counts() const;
  Result<StoreStats> stats();

 private:
  HotWriter& writer_for(std::int64_t hour_ns);
  void open_locked();
  void open_meta();
  void check_files();
  bool catalogue_lags_behind() const;
  void rebuild_catalogue();
  void fail(const std::exception& error);
  std::filesystem::path move_aside(const std::filesystem::path& file, const std::string& why);
  void quarantine(const std::filesystem::path& file, const std::string& why);
  std::vector<HotPart> claim(bool early);
  std::size_t seal_claimed(const std::vector<HotPart>& parts, MetaStore& meta);
  std::size_t make_days(const Listing& listing, MetaStore& meta, bool early);
  // The hook between durable steps of maintain(): ends it when the store is to stop.
  void durable_step(std::string_view name);
  void list_partitions(MetaStore& meta);

  const StoreSettings settings_;
  const WallClock wall_;
  const Log log_;
  const StepHook step_;

  std::atomic<bool> open_{false};
  std::atomic<bool> cancelled_{false};
  std::atomic<std::uint64_t> epoch_{0};
  std::atomic<std::int64_t> oldest_admitted_ns_{0};

  mutable std::mutex mutex_;  // guards what follows
  std::optional<DirectoryLock> lock_;
  std::shared_ptr<MetaStore> meta_;  // shared: maintain() uses it without the lock
  std::optional<Catalogue> catalogue_;
  std::vector<std::unique_ptr<HotWriter>> writers_;  // least recently used first
  std::set<std::int64_t> claimed_;                   // hours being sealed: their files are closed to the writer
  std::filesystem::path bad_file_;                   // found damaged while in use; set aside by the next open
  std::string problem_ = "not opened yet";
  std::string trouble_;  // of the last maintain(); empty: none
  std::string damage_;   // files set aside; empty: none
  StoreCounts counts_;

  std::mutex maintain_mutex_;  // one maintain() at a time; guards what follows
  CurrentHour current_hour_;
  Retention retention_;
};

}  // namespace picket::perf_database
