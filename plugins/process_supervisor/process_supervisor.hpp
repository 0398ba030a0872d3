// SPDX-License-Identifier: Apache-2.0
//
// The plugin class: keeps programs running. Policy alone: what starts, watches and ends processes is the host's
// picket.process/1. Everything here is [control].
#pragma once

#include <functional>
#include <memory>

#include <picket/plugin.hpp>

#include "desk.hpp"
#include "fleet.hpp"
#include "metrics.hpp"
#include "prober.hpp"
#include "watcher.hpp"

namespace picket::process_supervisor {

// What tests replace.
struct Surroundings {
  std::function<std::unique_ptr<Prober>(Host)> make_prober = make_network_prober;
  Watcher::List list = list_processes;
  std::function<std::uint64_t()> seed;  // left out: chance
};

class ProcessSupervisor : public Plugin, public Source, public Commands, public Reload, public Health {
 public:
  static constexpr CommandInfo kCommands[] = {
      {"status", "State, process, restarts and use of programs.", kStatusArguments, true},
      {"why", "Explain the present state of programs by their last changes.", kNameArguments, true},
      {"logs", "The last lines of output of programs.", kLogsArguments, true},
      {"start", "Start programs, and those that they require.", kStartArguments},
      {"stop", "Stop programs; whoever requires them goes down first.", kStopArguments},
      {"restart", "Stop programs and start them again; start those that do not run.", kRestartArguments},
      {"signal", "Send a signal to programs.", kSignalArguments},
      {"rotate", "Begin new files of output now.", kNameArguments}};

  ProcessSupervisor(Host host, const Config& config) : ProcessSupervisor(host, config, {}) {}
  ProcessSupervisor(Host host, const Config& config, Surroundings surroundings);
  ~ProcessSupervisor() override;

  void start() override;
  // Programs run on.
  void stop() override;
  void on_ready(Name port) override;
  void execute(std::string_view command, std::string_view args_json, Reply&& reply) override;
  void abandoned(picket_call call) override;
  bool reload(const Config& config) override;
  HealthReport health() override;

 private:
  void schedule();

  Settings settings_;  // until start(); then the fleet has them
  Surroundings surroundings_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Desk> desk_;
  Timer timer_;
};

}  // namespace picket::process_supervisor
