// SPDX-License-Identifier: Apache-2.0
//
// The assembly: one checked model turned into running instances and routes, and the daemon's own life (start, reload by
// difference, flush, stop with a drain). It is also the instance `picket`: its commands, and the source of its metrics.
//
// Everything happens on the core lane; public functions may be called from any thread and post there. The daemon must
// outlive its executor's work: stop it, stop the executor, then destroy it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "plugin_host/catalog.hpp"
#include "plugin_host/core.hpp"
#include "plugin_host/instance.hpp"
#include "service/config_events.hpp"
#include "service/logging.hpp"
#include "service/notify.hpp"
#include "service/os_log.hpp"
#include "service/recorder_files.hpp"
#include "service/reload.hpp"

namespace picket::service {

class Daemon final : public plugin_host::CommandTarget {
 public:
  struct Parts {
    std::shared_ptr<platform::Executor> executor;
    Log& log;
    Notifier& notifier;
    plugin_host::PluginCatalog& catalog;
    plugin_host::CommandBus::ArgsCheck check_args;
    std::function<LoadedModel()> load;  // for reload and plan; called on the core lane
    std::function<void()> on_stop;      // somebody asked for a stop by command
    // A plugin's call does not return, so that the stop cannot end: called stop_grace_ns after the stop's deadline, on
    // the core lane, when the instances that hang have been named in the log. What is not acknowledged is lost.
    std::function<void()> on_stuck = [] {};
    std::int64_t stop_grace_ns = 5 * platform::kSecond;
    // Each change of the configuration, and the model in force after it. On the core lane.
    std::function<void(const ConfigNotice&, const config::Model&)> on_config = [](const auto&, const auto&) {};
    std::string version = {};            // of the program, for the records in the system's event log
    std::shared_ptr<OsLog> os_log = {};  // null: there is none
  };

  Daemon(Parts parts, config::Model model);
  ~Daemon() override;

  const std::shared_ptr<platform::Lane>& lane() const { return lane_; }
  plugin_host::Core& core() { return core_; }
  routing::Recorder& recorder() { return recorder_; }

  // Starts everything; `done` runs on the core lane when every instance has started or failed once.
  void start(std::function<void()> done);
  // A stop has begun. On the core lane.
  bool stopping() const { return stopping_; }
  // Reads the configuration again and applies the difference; a bad one changes nothing, one with which an instance
  // does not get well is rolled back. See Reload. `done` runs on the core lane, with the problems if there were any.
  void reload(Reload::Done done, std::int64_t confirm_ns = 0);
  // A reload awaits its confirmation. On the core lane.
  bool awaits_confirmation() const { return reload_.confirm_by_ns() != 0; }
  // Stops sources first, lets the queues drain, then stops sinks; what is left after the model's stop_timeout is
  // dropped and counted. `done` runs on the core lane. A second call changes nothing but adds its `done`.
  void stop(std::function<void()> done);
  // Ends the drain of a stop that is under way.
  void stop_now();
  // Asks every sink to finish what it holds.
  void flush();
  // Writes the state of everything to the log.
  void dump();
  // Writes what the recorder holds to a file; `reason` is put into its first line. On the core lane.
  Result<RecordFile> record(const std::string& reason);
  // The state of everything as JSON. On the core lane.
  std::string status_json() const;
  // What a reload would do now, as config::plan_json(); the problems, if the files are not good. On the core lane.
  Result<std::string> plan_json() const;

  // --- CommandTarget: the commands of `picket` --------------------------------------------------------------------
  static std::vector<plugin_host::CommandInfo> command_list();
  std::vector<plugin_host::CommandInfo> commands() const override { return command_list(); }
  void execute(std::uint32_t index, std::string args_json, picket_call call) override;
  void abandoned(picket_call call) override;

 private:
  using InstanceRef = std::shared_ptr<plugin_host::Instance>;

  // On the core lane.
  void start_instances(const std::vector<std::string>& names, const std::function<void()>& done);
  InstanceRef make_instance(const std::string& name);
  void apply(config::Model next, const std::function<void(const Result<ReloadChanges>&)>& done);
  void note_daemon_settings(const config::DaemonSettings& next);
  void on_config(const ConfigNotice& notice);
  void reload_settled();
  void execute_reload(const std::string& args_json, picket_call call);
  void remove_instances(const std::vector<std::string>& names, const std::function<void()>& done);
  void stop_instance_after_drain(const InstanceRef& instance, std::function<void()> done);
  void stop_instances();
  void stop_step();
  void drain_own_commands();
  void finish_stop();
  void report_stuck();
  routing::CommandHost command_host();
  void report_unknown_commands();
  void give_up_draining();
  void publish_metrics(const picket_tick& tick);
  void report_state();
  void tell_os_log(const OsLogKind& kind, const std::string& message,
                   const std::vector<std::pair<std::string_view, std::string>>& fields);
  void tell_os_log(const ConfigNotice& notice);
  std::string counters_json(bool detail) const;
  std::string commands_json() const;
  void set_names();

  Parts parts_;
  routing::Recorder recorder_;
  const std::shared_ptr<platform::Lane> lane_;
  plugin_host::Core core_;
  const std::shared_ptr<plugin_host::Timers> timers_;
  routing::Source& source_;
  const std::int64_t started_ns_;  // monotonic

  // Core lane only.
  config::Model model_;
  std::map<std::string, InstanceRef> instances_;
  Reload reload_;
  ConfigEvents config_events_;
  bool stopping_ = false;
  bool stop_after_reload_ = false;
  bool stopped_ = false;
  bool drain_over_ = false;
  std::vector<std::function<void()>> stop_waiters_;
  std::vector<std::function<void()>> drains_;  // give up waiting
  std::set<std::string> to_stop_;
  platform::CallId stop_deadline_ = 0;
  platform::CallId stuck_deadline_ = 0;
  platform::CallId removal_deadline_ = 0;  // of the reload that is under way

  mutable std::mutex names_mutex_;
  std::set<std::string> names_;  // guarded by names_mutex_
};

}  // namespace picket::service
