// SPDX-License-Identifier: Apache-2.0
#include "perf_database.hpp"

#include <nlohmann/json.hpp>

#include "inspection.hpp"
#include "machine.hpp"

namespace picket::perf_database {
namespace {

// A delivery is pinned in memory until it is committed, so many of them bring the commit forward.
constexpr std::uint64_t kMaxPendingEvents = 65'536;
constexpr auto kPassInterval = std::chrono::minutes(1);  // of the sealer

Failure failure(const Error& error) {
  return Failure(error.message, error.status);
}

}  // namespace

PerfDatabase::PerfDatabase(Host host, const Config& config)
    : Plugin(host),
      settings_(read_settings(host, config)),
      mapper_(host, settings_.host),
      store_(
          settings_.store, [host] { return host.wall_ns(); },
          [host](std::uint32_t level, const std::string& message) { host.log(level, message); }),
      reader_(settings_.store.directory) {}

PerfDatabase::~PerfDatabase() {
  PerfDatabase::stop();
}

void PerfDatabase::start() {
  if (const Result<void> opened = store_.open(); !opened) throw failure(opened.error());
  {
    const std::lock_guard lock(consume_mutex_);
    stopped_ = false;
  }
  stop_inspecting_ = false;
  pass_due_ = true;  // what an earlier life left unsealed
  sealer_ = std::thread([this] { seal_loop(); });
  commit_timer_ = Timer::every(host(), settings_.commit_interval, [this](const picket::Tick&) { tick(); });
  seal_timer_ = Timer::every(host(), kPassInterval, [this](const picket::Tick&) {
    const std::lock_guard lock(seal_mutex_);
    pass_due_ = true;
    seal_wanted_.notify_one();
  });
}

void PerfDatabase::stop() {
  commit_timer_.cancel();
  seal_timer_.cancel();
  {
    const std::lock_guard lock(consume_mutex_);
    stopped_ = true;
  }
  if (inspector_.joinable()) {
    stop_inspecting_ = true;
    inspector_.join();
  }
  if (sealer_.joinable()) {
    store_.cancel_maintenance();
    {
      const std::lock_guard lock(seal_mutex_);
      ending_ = true;
      seal_wanted_.notify_one();
    }
    sealer_.join();
  }
  (void)commit();  // answers every delivery, whatever the outcome
  store_.close();
}

void PerfDatabase::flush() {
  (void)commit();  // answers the deliveries that wait for it; a failure is told by health and counted there
}

picket_status PerfDatabase::consume(const Delivery& delivery) {
  const std::lock_guard lock(consume_mutex_);
  if (stopped_ || !store_.is_open()) return PICKET_BUSY;
  const std::uint64_t epoch = store_.epoch();
  Result<Gathered> gathered = mapper_.map(delivery, store_);
  if (!gathered) return PICKET_BUSY;
  // Samples first: repeating them stores nothing twice, repeating an event row would.
  if (!gathered->ticks.empty() && !store_.append(epoch, gathered->ticks)) return PICKET_BUSY;
  if (!gathered->events.empty() && !store_.append_events(gathered->events)) return PICKET_BUSY;

  samples_.add(gathered->samples);
  ticks_.add(gathered->ticks.size());
  refused_series_.add(gathered->over_series_limit);
  refused_samples_.add(gathered->refused.size());
  if (!gathered->why.empty()) {
    host().warning("refused " + std::to_string(gathered->refused.size()) + " of " + std::to_string(delivery.size()) +
                   " events: " + gathered->why);
  }
  bool full = false;
  {
    const std::lock_guard pending(pending_mutex_);
    pending_.push_back({delivery.ticket(), epoch, std::move(gathered->refused)});
    pending_events_ += delivery.size();
    full = pending_events_ >= kMaxPendingEvents;
  }
  if (full) (void)commit();
  return PICKET_PENDING;
}

Result<std::size_t> PerfDatabase::commit() {
  const std::lock_guard one(commit_mutex_);
  std::vector<Pending> pending;
  {
    const std::lock_guard lock(pending_mutex_);
    pending.swap(pending_);
    pending_events_ = 0;
  }
  const Result<std::uint64_t> committed = store_.commit();
  if (committed) commits_.add();
  for (const Pending& delivery : pending) {
    // What was stored before a failure may be gone with it: it is offered again, and stored once all the same.
    const bool durable = committed.ok() && *committed == delivery.epoch;
    host().done(delivery.ticket, durable ? PICKET_OK : PICKET_BUSY,
                durable ? delivery.refused : std::vector<std::uint32_t>());
  }
  if (!committed) return committed.error();
  return pending.size();
}

void PerfDatabase::tick() {
  (void)commit();  // a failure closes the store, which says so itself
  if (!store_.is_open()) (void)store_.open();
}

void PerfDatabase::seal_loop() {
  StoreCounts before;
  std::unique_lock lock(seal_mutex_);
  for (;;) {
    seal_wanted_.wait(lock, [this] { return ending_ || pass_due_ || !seal_replies_.empty(); });
    if (ending_) break;
    pass_due_ = false;
    std::vector<Reply> replies;
    replies.swap(seal_replies_);
    lock.unlock();

    const Result<std::size_t> sealed = store_.maintain(!replies.empty());
    give_back_memory();
    for (Reply& reply : replies) {
      if (sealed) {
        reply.ok(nlohmann::json{{"hours", *sealed}}.dump());
      } else {
        reply.fail(sealed.error().message);
      }
    }
    const StoreCounts counts = store_.counts();
    sealed_chunks_.add(counts.sealed_chunks - before.sealed_chunks);
    dropped_samples_.add(counts.dropped.samples - before.dropped.samples);
    dropped_minute_days_.add(counts.dropped.minute_days - before.dropped.minute_days);
    before = counts;
    if (const Result<StoreStats> stats = store_.stats()) {
      series_.set(static_cast<std::int64_t>(stats->series));
      bytes_.set(static_cast<std::int64_t>(stats->disk_bytes));
    }
    lock.lock();
  }
  for (Reply& reply : seal_replies_) reply.fail("the instance stops");
  seal_replies_.clear();
}

void PerfDatabase::execute(std::string_view command, std::string_view args_json, Reply&& reply) {
  if (command == "flush") {
    const Result<std::size_t> committed = commit();
    if (!committed) throw failure(committed.error());
    reply.ok(nlohmann::json{{"deliveries", *committed}}.dump());
  } else if (command == "seal") {
    const std::lock_guard lock(seal_mutex_);
    seal_replies_.push_back(std::move(reply));
    seal_wanted_.notify_one();
  } else if (command == "stats") {
    reply.ok(stats_json());
  } else {
    inspect(std::string(command), std::string(args_json), std::move(reply));
  }
}

void PerfDatabase::inspect(const std::string& command, const std::string& args_json, Reply&& reply) {
  const InspectionHooks hooks{[this](int percent) { progress_.set(percent); },
                              [this] { return stop_inspecting_.load(); }};
  const std::filesystem::path directory = settings_.store.directory;
  if (command == "info") return reply.ok(info_json(directory));
  // The store of an instance that runs has the directory's lock, which refuses the repair.
  if (command == "repair") return reply.ok(repair_json(directory, host().wall_ns(), args_json, hooks));
  if (!sealer_.joinable()) return reply.ok(verify_json(directory, args_json, hooks));  // not started: nobody waits
  if (inspecting_.exchange(true)) throw Failure("a verify is running already", PICKET_BUSY);
  if (inspector_.joinable()) inspector_.join();
  inspector_ = std::thread([this, directory, args_json, hooks, answer = std::move(reply)]() mutable {
    try {
      answer.ok(verify_json(directory, args_json, hooks));
    } catch (const Failure& failure) {
      answer.fail(failure.what(), failure.status());
    } catch (const std::exception& error) {
      answer.fail(error.what());
    }
    inspecting_ = false;
  });
}

std::string PerfDatabase::stats_json() {
  const Result<StoreStats> stats = store_.stats();
  if (!stats) throw failure(stats.error());
  const StoreCounts counts = store_.counts();
  nlohmann::json json{{"directory", path_text(settings_.store.directory)},
                      {"series", stats->series},
                      {"samples", counts.samples},
                      {"ticks", counts.ticks},
                      {"commits", counts.commits},
                      {"sealed_chunks", counts.sealed_chunks},
                      {"sealed_samples", stats->sealed_samples},
                      {"sealed_bytes", stats->sealed_bytes},
                      {"disk_bytes", stats->disk_bytes},
                      {"hot_files", stats->hot_files},
                      {"raw_files", stats->raw_files},
                      {"minute_files", stats->minute_files},
                      {"dropped_samples", counts.dropped.samples},
                      {"dropped_minute_days", counts.dropped.minute_days},
                      {"damaged_files", stats->damaged_files}};
  if (stats->sealed_samples != 0) {
    json["bytes_per_sample"] = static_cast<double>(stats->sealed_bytes) / static_cast<double>(stats->sealed_samples);
  }
  if (stats->oldest_raw_ns != 0) json["oldest_raw_ns"] = stats->oldest_raw_ns;
  return json.dump();
}

HealthReport PerfDatabase::health() {
  StoreHealth health = store_.health();
  if (health.state == StoreState::closed) return HealthReport::bad(std::move(health.message));
  if (health.state == StoreState::degraded) return HealthReport::degraded(std::move(health.message));
  return HealthReport::good();
}

void PerfDatabase::series(std::string_view name_glob, SeriesReader& reader) {
  const Result<void> read = reader_.series(name_glob, [&](const StoredSeries& series) {
    picket_history_series out{};
    out.instrument = series.info.instrument;
    out.id = series.id;
    out.host = to_str(series.info.host);
    out.source = to_str(series.info.source);
    out.name = to_str(series.info.name);
    out.attributes = to_str(series.info.attributes);
    out.unit = to_str(series.info.unit);
    out.decimals = series.info.decimals;
    out.first_ns = series.first_ns;
    out.last_ns = series.last_ns;
    return reader(out);
  });
  if (!read) throw failure(read.error());
}

void PerfDatabase::points(std::uint64_t series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns,
                          PointsReader& reader) {
  if (series == 0 || series > kMaxSeriesId)
    throw Failure("there is no series " + std::to_string(series), PICKET_NOT_FOUND);
  const Result<void> read = reader_.points(static_cast<SeriesId>(series), from_ns, to_ns, step_ns,
                                           [&](std::span<const picket_history_point> chunk) { return reader(chunk); });
  if (!read) throw failure(read.error());
}

void PerfDatabase::points_of(std::span<const std::uint64_t> series, std::int64_t from_ns, std::int64_t to_ns,
                             std::int64_t step_ns, ManyPointsReader& reader) {
  std::vector<SeriesId> ids;  // one that cannot exist is asked for as 0, which never does
  for (const std::uint64_t id : series) ids.push_back(id > kMaxSeriesId ? 0 : static_cast<SeriesId>(id));
  const Result<void> read = reader_.points_of(ids, {from_ns, to_ns, step_ns},
                                              [&](std::size_t slot, std::span<const picket_history_point> chunk) {
                                                return reader(static_cast<std::uint32_t>(slot), chunk);
                                              });
  if (!read) throw failure(read.error());
}

}  // namespace picket::perf_database
