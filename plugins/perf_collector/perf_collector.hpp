// SPDX-License-Identifier: Apache-2.0
//
// The plugin class: ticks of the host's timer become batches of metric events. Everything here is [control], so nothing
// needs a lock.
#pragma once

#include <memory>
#include <optional>
#include <picket/plugin.hpp>
#include <vector>

#include "groups.hpp"

namespace picket::perf_collector {

class PerfCollector : public Plugin, public Source, public Commands, public Reload, public Health {
 public:
  static constexpr CommandInfo kCommands[] = {
      {"collect", "Read every group twice, a short time apart, and answer all values as JSON.", R"json({
        "type": "object", "additionalProperties": false,
        "properties": {"seconds": {"type": "number", "minimum": 0.05, "maximum": 60, "default": 0.25,
          "description": "Time between the two readings, over which utilization is measured."}}})json",
       true}};

  PerfCollector(Host host, const Config& config);
  // The same on another machine: a test's folder in the place of /proc.
  PerfCollector(Host host, const Config& config, Machine machine);
  ~PerfCollector() override;

  void start() override;
  void stop() override;

  // A tick waited because a queue was full.
  void on_ready(Name port) override;

  void execute(std::string_view command, std::string_view args_json, Reply&& reply) override;
  void abandoned(picket_call call) override;

  // Every change takes effect at once; groups whose settings did not change keep their differences.
  bool reload(const Config& config) override;

  // Degraded while something cannot be read, bad while nothing can.
  HealthReport health() override;

 private:
  struct Probe;  // one running `collect`

  void schedule();
  void tick(const Tick& tick);
  void tell_faults();
  // Emits pending_. False: it stays pending.
  bool emit_pending();
  void finish(Probe& probe);

  Machine machine_;
  Vocabulary vocabulary_;
  Settings settings_;
  std::unique_ptr<Groups> groups_;
  Samples samples_;
  std::optional<Batch> pending_;  // at most one tick waits for room; those that come meanwhile are dropped and counted
  bool nothing_read_ = false;     // at the last tick at which a group was due
  Counter ticks_, missed_ticks_, dropped_ticks_, read_errors_, emitted_;
  Timer timer_;
  std::vector<std::unique_ptr<Probe>> probes_;
};

}  // namespace picket::perf_collector
