// SPDX-License-Identifier: Apache-2.0
//
// The plugin class: deliveries in, acknowledgements out after the commit that made them durable, and a thread that
// seals. Everything about storage is in Store; everything about events is in EventMapper.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "event_mapper.hpp"
#include "history_reader.hpp"
#include "settings.hpp"

namespace picket::perf_database {

class PerfDatabase final : public Plugin, public Sink, public Commands, public Health, public History {
 public:
  static constexpr const char* kVerifyArgs =
      R"({"type": "object", "additionalProperties": false, "properties": {"deep": {"type": "boolean", "default": false,
        "description": "hold the rows of the tiers against what they were made from"}}})";
  static constexpr const char* kRepairArgs =
      R"({"type": "object", "additionalProperties": false, "properties": {"delete": {"type": "boolean",
        "default": false, "description": "remove damaged files when all that can be read of them is elsewhere"}}})";
  static constexpr CommandInfo kCommands[] = {
      {"flush", "forces everything taken so far to the disk, and acknowledges it"},
      {"seal", "seals the hours that have ended now, without waiting for late samples"},
      {"stats", "sizes and counts of the history", nullptr, true},
      {"info", "the history's files and tiers; also of an instance that is not started", nullptr, true},
      {"verify", "reads everything and says what is damaged; also beside a daemon that runs", kVerifyArgs, true},
      {"repair", "brings back what can be read of damaged files; only while no instance runs", kRepairArgs},
  };

  PerfDatabase(Host host, const Config& config);
  ~PerfDatabase() override;

  void start() override;
  void stop() override;
  picket_status consume(const Delivery& delivery) override;
  void flush() override;
  void execute(std::string_view command, std::string_view args_json, Reply&& reply) override;
  HealthReport health() override;
  void series(std::string_view name_glob, SeriesReader& reader) override;
  void points(std::uint64_t series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns,
              PointsReader& reader) override;
  void points_of(std::span<const std::uint64_t> series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns,
                 ManyPointsReader& reader) override;

 private:
  // A delivery that is stored and waits for the commit.
  struct Pending {
    std::uint64_t ticket;
    std::uint64_t epoch;  // of the store, when it was stored
    std::vector<std::uint32_t> refused;
  };

  Result<std::size_t> commit();
  void tick();
  void seal_loop();
  std::string stats_json();
  void inspect(const std::string& command, const std::string& args_json, Reply&& reply);

  const Settings settings_;
  EventMapper mapper_;
  Store store_;
  const HistoryReader reader_;

  Counter samples_{host(), "samples", "{sample}", "samples that were stored"};
  Counter ticks_{host(), "ticks", "{tick}", "ticks that were stored"};
  Counter commits_{host(), "commits", "{commit}", "commits that were forced to the disk"};
  Counter sealed_chunks_{host(), "sealed_chunks", "{chunk}", "hours of one series that were sealed"};
  Counter dropped_samples_{host(), "dropped_samples", "{sample}", "raw samples dropped for keep.raw or max_size"};
  Counter dropped_minute_days_{host(), "dropped_minute_days", "d",
                               "days of minutes dropped for keep.minute or max_size"};
  Counter refused_series_{host(), "refused_series", "{sample}", "samples refused because there are too many series"};
  Counter refused_samples_{host(), "refused_samples", "{sample}", "samples refused for any reason"};
  Gauge series_{host(), "series", "{series}", "series in the catalogue"};
  Gauge bytes_{host(), "bytes", "By", "size of the history on disk"};
  Gauge progress_{host(), "inspected", "%", "how far the running verify or repair is"};

  std::mutex consume_mutex_;  // held by consume(); stop() waits for it
  bool stopped_ = true;       // guarded by consume_mutex_

  std::mutex commit_mutex_;  // one commit at a time
  std::mutex pending_mutex_;
  std::vector<Pending> pending_;      // guarded by pending_mutex_
  std::uint64_t pending_events_ = 0;  // guarded by pending_mutex_

  std::mutex seal_mutex_;
  std::condition_variable seal_wanted_;
  bool pass_due_ = false;            // guarded by seal_mutex_
  bool ending_ = false;              // guarded by seal_mutex_
  std::vector<Reply> seal_replies_;  // guarded by seal_mutex_
  std::thread sealer_;

  std::thread inspector_;                // the verify of an instance that runs
  std::atomic<bool> inspecting_{false};  // until it has answered
  std::atomic<bool> stop_inspecting_{false};

  Timer commit_timer_;
  Timer seal_timer_;
};

}  // namespace picket::perf_database
