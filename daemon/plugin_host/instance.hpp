// SPDX-License-Identifier: Apache-2.0
//
// One configured, named use of a plugin type: its life cycle, and the host's side of its plugin's calls.
//
// Operations (start, stop, reconfigure) come from the daemon's core lane, one at a time, and carry on asynchronously on
// the instance's control lane. A failure stays inside: the instance becomes `failed` and is tried again with back-off.
#pragma once

#include <condition_variable>
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
#include "picket/picket.h"
#include "platform/executor.hpp"
#include "plugin_host/catalog.hpp"
#include "plugin_host/config_view.hpp"
#include "plugin_host/core.hpp"
#include "plugin_host/counters.hpp"
#include "plugin_host/state_store.hpp"
#include "plugin_host/timers.hpp"

namespace picket::plugin_host {

class InstanceProcesses;

enum class InstanceState { created, starting, running, draining, stopped, failed };
const char* to_string(InstanceState state);

struct InstanceStatus {
  std::string name, type;
  InstanceState state = InstanceState::created;
  std::string last_error;      // empty if it never failed
  std::uint64_t failures = 0;  // to start, ever
  std::uint64_t starts = 0;    // that succeeded
  std::uint32_t health = PICKET_HEALTH_GOOD;
  std::string health_message;
  bool takes_settings = false;  // in place (picket.reload/1), as far as is known: false while it does not run
};

// Held by shared_ptr. `core` outlives it.
class Instance final : public CommandTarget, public std::enable_shared_from_this<Instance> {
 public:
  static std::shared_ptr<Instance> make(Core& core, config::Instance model, const PluginType& type);
  ~Instance() override;

  const std::string& name() const { return name_; }
  const PluginType& type() const { return type_; }

  // --- operations; each runs `done` on the control lane when it is over ------------------------------------------
  // Over at the first success or failure; after a failure it goes on trying by itself.
  void start(std::function<void()> done);
  // Over when the plugin's instance is destroyed and nothing of it runs. Retries end.
  void stop(std::function<void()> done);
  // Takes new settings: in place if the plugin can, else by a restart.
  void reconfigure(config::Instance model, std::function<void()> done);

  // [any]
  InstanceStatus status() const;
  std::vector<CounterValue> counters() const { return counters_.read(); }
  // [any] Asks the plugin how it is; status() shows the answer when `done` runs, on the control lane.
  void check_health(std::function<void()> done = {});
  bool is_sink() const;

  // --- CommandTarget ---------------------------------------------------------------------------------------------
  std::vector<CommandInfo> commands() const override;
  void execute(std::uint32_t index, std::string args_json, picket_call call) override;
  void abandoned(picket_call call) override;

 private:
  friend struct HostTable;      // host_table.cpp: the functions behind picket_host
  friend struct HostMessages;   // host_messages.cpp
  friend struct HostProcesses;  // host_processes.cpp
  class InstanceSink;
  class Life;
  class SubscriptionSink;

  // A call of this plugin to another instance, by the id that the plugin knows.
  struct OutgoingCall {
    picket_call bus_call = 0;
    picket_reply_fn fn = nullptr;
    void* context = nullptr;
  };

  Instance(Core& core, config::Instance model, const PluginType& type);

  // On the control lane.
  void begin(const std::function<void()>& done);
  void query_extensions();
  void open_message_port();
  void fail(const char* step, picket_status status, const std::string& reason);
  void end(InstanceState final_state, std::function<void()> done);
  void end_now(InstanceState final_state, std::function<void()> done);
  void finish_end(InstanceState final_state, const std::function<void()>& done);
  void apply_or_restart(config::Instance model, std::function<void()> done);
  void release_outgoing();
  bool alive() const;
  void set_state(InstanceState state);
  void set_emitting(bool emitting);
  void report_exception(const char* call, const char* what);

  // Runs `call` as a [control] call: nothing that it throws gets out, and a slow one is reported.
  picket_status control_call(const char* what, picket_error* error, const std::function<picket_status()>& call);

  // The host's functions.
  picket_call call_out(picket_str instance, picket_str command, picket_str args, std::int64_t timeout_ns,
                       picket_reply_fn fn, void* context);
  void cancel_call_out(picket_call call);
  std::uint64_t subscribe(const picket_subscription_spec& spec, picket_subscription_fn fn, void* context,
                          picket_error* error);
  void unsubscribe(std::uint64_t id);
  picket_status emit(picket_name port, picket_batch* batch, std::uint64_t token);

  Core& core_;
  const std::string name_;
  const PluginType& type_;
  const std::shared_ptr<platform::Executor> executor_;  // shared, or its own if the plugin blocks
  const std::shared_ptr<platform::Lane> control_;
  const std::shared_ptr<platform::Lane> deliver_;
  const std::shared_ptr<Timers> timers_;
  Counters counters_;
  StateStore state_;
  const std::shared_ptr<InstanceProcesses> processes_;
  routing::Source& source_;
  picket_host host_{};
  std::string state_directory_;        // what picket.state/1 handed out; guarded by mutex_
  std::atomic<bool> emitting_{false};  // changed under mutex_

  // Control lane only.
  config::Instance model_;
  std::optional<picket_plugin> plugin_;
  std::shared_ptr<InstanceSink> sink_port_;
  std::shared_ptr<MessagePort> message_port_;
  picket_source source_table_{};
  picket_commands commands_table_{};
  picket_reload reload_table_{};
  picket_health_check health_table_{};
  platform::CallId retry_ = 0;
  std::uint64_t attempt_ = 0;  // counts failures and ends, so that a retry that comes late knows itself overtaken
  std::int64_t back_off_ns_ = 0;

  mutable std::mutex mutex_;  // guards everything below
  InstanceStatus status_;
  bool is_sink_ = false;
  std::vector<CommandInfo> command_list_;
  std::map<picket_call, OutgoingCall> outgoing_;
  picket_call next_outgoing_ = 1;
  picket_call replying_ = 0;  // whose reply function runs now
  std::condition_variable reply_over_;
  std::set<std::uint64_t> subscriptions_;
  std::shared_ptr<Life> life_;  // hears the answers to what this life of the plugin emits; null while it has none
};

// Fills the table that a plugin gets; `instance` is its self. Defined in host_table.cpp.
picket_host make_host_table(Instance& instance);

}  // namespace picket::plugin_host
