// SPDX-License-Identifier: Apache-2.0
#include "commands/offline_instance.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

#include "platform/clock.hpp"
#include "plugin_host/config_view.hpp"
#include "plugin_host/metric_registry.hpp"
#include "plugin_host/state_store.hpp"
#include "plugin_host/text.hpp"
#include "routing/batch.hpp"
#include "routing/names.hpp"

namespace picket::commands {

using plugin_host::copy_table;
using plugin_host::set_error;
using plugin_host::text;
using plugin_host::view;

// What stands behind the plugin's picket_host, and the functions in it.
struct OfflineInstance::Host {
  Host(std::string instance, const std::string& state_dir, service::Log& the_log)
      : name(std::move(instance)), log(the_log), state(state_dir, name) {}

  static Host& of(void* self) { return *static_cast<Host*>(self); }
  static service::LogLevel level_of(std::uint32_t level) {
    return static_cast<service::LogLevel>(std::min(level, PICKET_LOG_CRITICAL));
  }
  picket_host table();

  static picket_str state_root(void* self) PICKET_NOEXCEPT { return text(of(self).state.root()); }
  static picket_str state_directory(void* self, picket_error* error) PICKET_NOEXCEPT {
    Host& host = of(self);
    if (host.directory.empty()) {
      auto made = host.state.directory();
      if (!made) {
        set_error(error, made.error().status, made.error().message);
        return {};
      }
      host.directory = std::move(*made);
    }
    return text(host.directory);
  }
  // What is read must not change: a running daemon may own it.
  static picket_status state_put(void* /*self*/, picket_str /*key*/, picket_str /*value*/,
                                 picket_error* error) PICKET_NOEXCEPT {
    set_error(error, PICKET_UNSUPPORTED, "an instance that is not started keeps no state");
    return PICKET_UNSUPPORTED;
  }
  static picket_status state_get(void* self, picket_str key, char* buffer, std::uint64_t capacity,
                                 std::uint64_t* length, picket_error* error) PICKET_NOEXCEPT {
    const auto value = of(self).state.get(view(key));
    if (!value) {
      set_error(error, value.error().status, value.error().message);
      return value.error().status;
    }
    if (length != nullptr) *length = value->size();
    const std::uint64_t count = std::min<std::uint64_t>(capacity, value->size());
    std::copy_n(value->data(), count, buffer);
    return PICKET_OK;
  }
  static picket_status state_remove(void* self, picket_str key, picket_error* error) PICKET_NOEXCEPT {
    return state_put(self, key, {}, error);
  }
  static const void* extension(void* /*self*/, const char* id) PICKET_NOEXCEPT {
    static constexpr picket_state kState = {sizeof(picket_state), 0,          &state_root,  &state_directory,
                                            &state_put,           &state_get, &state_remove};
    static constexpr picket_host_commands kCommands = {sizeof(picket_host_commands), 0, &reply, &call, &cancel_call};
    if (id == nullptr) return nullptr;
    if (std::string_view(id) == PICKET_EXT_STATE) return &kState;
    return std::string_view(id) == PICKET_EXT_COMMANDS ? &kCommands : nullptr;
  }

  // The one command that is under way; any thread may answer it.
  static void reply(void* self, picket_call call, picket_status status, picket_str json) PICKET_NOEXCEPT {
    Host& host = of(self);
    const std::lock_guard lock(host.mutex);
    if (call != host.open_call || host.answer) return;
    host.answer = status == PICKET_OK ? Result<std::string>(std::string(view(json)))
                                      : Result<std::string>(Error{std::string(view(json)), status});
    host.answered.notify_all();
  }
  // There are no other instances to call.
  static picket_call call(void* /*self*/, picket_str /*instance*/, picket_str /*command*/, picket_str /*args*/,
                          std::int64_t /*timeout*/, picket_reply_fn /*fn*/, void* /*context*/) PICKET_NOEXCEPT {
    return 0;
  }
  static void cancel_call(void* /*self*/, picket_call /*call*/) PICKET_NOEXCEPT {}

  static std::uint32_t register_counter(void* self, const picket_metric* metric) PICKET_NOEXCEPT {
    Host& host = of(self);
    const std::lock_guard lock(host.mutex);
    host.counters.emplace_back(view(copy_table(metric).name));
    return static_cast<std::uint32_t>(host.counters.size());
  }
  static void counter_set(void* self, std::uint32_t counter, std::int64_t value) PICKET_NOEXCEPT {
    Host& host = of(self);
    GaugeFn watcher;
    std::string gauge;
    {
      const std::lock_guard lock(host.mutex);
      if (!host.on_gauge || counter == 0 || counter > host.counters.size()) return;
      watcher = host.on_gauge;
      gauge = host.counters[counter - 1];
    }
    watcher(gauge, value);
  }

  const std::string name;
  service::Log& log;
  routing::Names names;
  plugin_host::MetricRegistry metrics{names};
  plugin_host::StateStore state;
  std::string directory;
  picket_host host{};

  std::mutex mutex;  // guards what follows
  std::vector<std::string> counters;
  GaugeFn on_gauge;
  std::condition_variable answered;
  picket_call open_call = 0;
  std::optional<Result<std::string>> answer;
};

picket_host OfflineInstance::Host::table() {
  picket_host result{};
  result.size = sizeof result;
  result.abi_major = PICKET_ABI_MAJOR;
  result.abi_minor = PICKET_ABI_MINOR;
  result.self = this;
  result.log_enabled = [](void* self, std::uint32_t level)
                           PICKET_NOEXCEPT -> std::uint32_t { return of(self).log.enabled(level_of(level)) ? 1 : 0; };
  result.log = [](void* self, std::uint32_t level, picket_str message, const char* file, std::uint32_t line)
                   PICKET_NOEXCEPT {
                     of(self).log.write(level_of(level), of(self).name, view(message), {}, {file, line});
                   };
  result.intern = [](void* self, picket_str words) PICKET_NOEXCEPT { return of(self).names.intern(view(words)); };
  result.text = [](void* self, picket_name id) PICKET_NOEXCEPT { return text(of(self).names.text(id)); };
  result.batch_new = [](void*, std::uint32_t events, std::uint32_t fields, std::uint32_t bytes)
                         PICKET_NOEXCEPT { return routing::batch_new(events, fields, bytes); };
  result.batch_retain = [](void*, const picket_batch* batch) PICKET_NOEXCEPT { routing::batch_retain(batch); };
  result.batch_release = [](void*, const picket_batch* batch) PICKET_NOEXCEPT { routing::batch_release(batch); };
  result.emit = [](void*, picket_name, picket_batch*, std::uint64_t)
                    PICKET_NOEXCEPT -> picket_status { return PICKET_CANCELLED; };
  result.done = [](void*, std::uint64_t, picket_status, const std::uint32_t*, std::uint32_t) PICKET_NOEXCEPT {};
  result.monotonic_ns = [](void*) PICKET_NOEXCEPT { return platform::system_clock().monotonic_ns(); };
  result.wall_ns = [](void*) PICKET_NOEXCEPT { return platform::system_clock().wall_ns(); };
  result.schedule = [](void*, const picket_timer_spec*, picket_timer_fn, void*)
                        PICKET_NOEXCEPT -> picket_timer { return 0; };
  result.cancel = [](void*, picket_timer) PICKET_NOEXCEPT {};
  result.describe_metric = [](void* self, const picket_metric* metric)
                               PICKET_NOEXCEPT { return of(self).metrics.describe(copy_table(metric)); };
  result.metric = [](void* self, picket_name id, picket_metric* metric)
                      PICKET_NOEXCEPT { return of(self).metrics.find(id, *metric); };
  result.register_counter = &register_counter;
  result.counter_add = [](void*, std::uint32_t, std::int64_t) PICKET_NOEXCEPT {};
  result.counter_set = &counter_set;
  result.extension = &extension;
  return result;
}

Result<std::unique_ptr<OfflineInstance>> OfflineInstance::create(const config::Instance& instance,
                                                                 const plugin_host::PluginType& type,
                                                                 const std::string& state_dir, service::Log& log) {
  std::unique_ptr<OfflineInstance> made(new OfflineInstance(std::make_unique<Host>(instance.name, state_dir, log)));
  made->host_->host = made->host_->table();
  const plugin_host::ConfigView settings(instance.settings);
  picket_plugin plugin{};
  plugin.size = sizeof plugin;
  picket_error error{};
  picket_status status = PICKET_FAILED;
  try {
    status = type.create(&made->host_->host, settings.get(), &plugin, &error);
  } catch (const std::exception& exception) {
    return Error{std::string("create threw across the plugin boundary: ") + exception.what()};
  } catch (...) {
    return Error{"create threw an unknown exception across the plugin boundary"};
  }
  if (status != PICKET_OK) {
    return Error{error.message[0] != '\0' ? error.message : "create failed with status " + std::to_string(status),
                 status < 0 ? status : PICKET_FAILED};
  }
  made->plugin_ = copy_table(&plugin);
  return made;
}

OfflineInstance::OfflineInstance(std::unique_ptr<Host> host) : host_(std::move(host)) {}

OfflineInstance::~OfflineInstance() {
  if (plugin_.destroy != nullptr) plugin_.destroy(plugin_.self);
}

const void* OfflineInstance::extension(const char* id) const {
  return plugin_.extension == nullptr ? nullptr : plugin_.extension(plugin_.self, id);
}

namespace {

// The position of a command in the plugin's list; nothing when it has none of that name.
std::optional<std::uint32_t> command_index(const picket_commands& table, const std::string& command) {
  for (std::uint32_t i = 0; table.execute != nullptr && i < table.count; ++i) {
    if (command == copy_table(table.list[i]).name) return i;
  }
  return std::nullopt;
}

}  // namespace

bool OfflineInstance::has_command(const std::string& command) const {
  const auto table = copy_table(static_cast<const picket_commands*>(extension(PICKET_EXT_COMMANDS)));
  return command_index(table, command).has_value();
}

Result<std::string> OfflineInstance::call(const std::string& command, const std::string& args_json) {
  const auto table = copy_table(static_cast<const picket_commands*>(extension(PICKET_EXT_COMMANDS)));
  const auto index = command_index(table, command);
  if (!index) return Error{"there is no command `" + command + "`", PICKET_NOT_FOUND};
  picket_call call = 0;
  {
    const std::lock_guard lock(host_->mutex);
    call = ++host_->open_call;
    host_->answer.reset();
  }
  picket_error error{};
  const picket_status status = table.execute(self(), *index, text(args_json), call, &error);
  if (status != PICKET_OK) {
    return Error{error.message[0] != '\0' ? error.message : "failed with status " + std::to_string(status), status};
  }
  std::unique_lock lock(host_->mutex);
  host_->answered.wait(lock, [this] { return host_->answer.has_value(); });
  return std::move(*host_->answer);
}

void OfflineInstance::watch_gauges(GaugeFn fn) {
  const std::lock_guard lock(host_->mutex);
  host_->on_gauge = std::move(fn);
}

}  // namespace picket::commands
