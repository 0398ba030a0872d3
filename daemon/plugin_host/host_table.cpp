// SPDX-License-Identifier: Apache-2.0
//
// The functions behind picket_host and the host's extensions: thin shims from the C table to the instance.
#include <algorithm>
#include <span>

#include "plugin_host/call_scope.hpp"
#include "plugin_host/host_messages.hpp"
#include "plugin_host/instance.hpp"
#include "plugin_host/instance_processes.hpp"
#include "plugin_host/text.hpp"

namespace picket::plugin_host {

struct HostTable {
  static Instance& of(void* self) { return *static_cast<Instance*>(self); }

  // --- picket_host ------------------------------------------------------------------------------------------------
  static std::uint32_t log_enabled(void* self, std::uint32_t level) PICKET_NOEXCEPT {
    return of(self).core_.log.enabled(level_of(level)) ? 1 : 0;
  }
  static void log(void* self, std::uint32_t level, picket_str message, const char* file,
                  std::uint32_t line) PICKET_NOEXCEPT {
    of(self).core_.log.write(level_of(level), of(self).name_, view(message), {}, {file == nullptr ? "" : file, line});
  }
  static service::LogLevel level_of(std::uint32_t level) {
    return static_cast<service::LogLevel>(std::min(level, PICKET_LOG_CRITICAL));
  }
  static picket_name intern(void* self, picket_str text) PICKET_NOEXCEPT {
    return of(self).core_.names.intern(view(text));
  }
  static picket_str text_of(void* self, picket_name name) PICKET_NOEXCEPT {
    return text(of(self).core_.names.text(name));
  }
  static picket_batch* batch_new(void* /*self*/, std::uint32_t events, std::uint32_t fields,
                                 std::uint32_t bytes) PICKET_NOEXCEPT {
    return routing::batch_new(events, fields, bytes);
  }
  static void batch_retain(void* /*self*/, const picket_batch* batch) PICKET_NOEXCEPT { routing::batch_retain(batch); }
  static void batch_release(void* /*self*/, const picket_batch* batch) PICKET_NOEXCEPT {
    routing::batch_release(batch);
  }
  static picket_status emit(void* self, picket_name port, picket_batch* batch, std::uint64_t token) PICKET_NOEXCEPT {
    return of(self).emit(port, batch, token);
  }
  static void done(void* self, std::uint64_t ticket, picket_status status, const std::uint32_t* refused,
                   std::uint32_t refused_count) PICKET_NOEXCEPT {
    of(self).core_.router.done(ticket, status, {refused, refused == nullptr ? 0 : refused_count});
  }
  static std::int64_t monotonic_ns(void* self) PICKET_NOEXCEPT { return of(self).executor_->clock().monotonic_ns(); }
  static std::int64_t wall_ns(void* self) PICKET_NOEXCEPT { return of(self).executor_->clock().wall_ns(); }
  static picket_timer schedule(void* self, const picket_timer_spec* spec, picket_timer_fn fn,
                               void* context) PICKET_NOEXCEPT {
    return of(self).timers_->schedule(copy_table(spec), fn, context);
  }
  static void cancel(void* self, picket_timer timer) PICKET_NOEXCEPT { of(self).timers_->cancel(timer); }
  static picket_name describe_metric(void* self, const picket_metric* metric) PICKET_NOEXCEPT {
    return of(self).core_.metrics.describe(copy_table(metric));
  }
  static picket_status metric(void* self, picket_name name, picket_metric* metric) PICKET_NOEXCEPT {
    return of(self).core_.metrics.find(name, *metric);
  }
  static std::uint32_t register_counter(void* self, const picket_metric* metric) PICKET_NOEXCEPT {
    return of(self).counters_.add(copy_table(metric));
  }
  static void counter_add(void* self, std::uint32_t counter, std::int64_t delta) PICKET_NOEXCEPT {
    of(self).counters_.increment(counter, delta);
  }
  static void counter_set(void* self, std::uint32_t counter, std::int64_t value) PICKET_NOEXCEPT {
    of(self).counters_.set(counter, value);
  }

  // --- picket.thread-check/1 --------------------------------------------------------------------------------------
  static std::uint32_t in_control(void* self) PICKET_NOEXCEPT {
    return CallScope::inside(self, CallKind::control) ? 1 : 0;
  }
  static std::uint32_t in_deliver(void* self) PICKET_NOEXCEPT {
    return CallScope::inside(self, CallKind::deliver) ? 1 : 0;
  }

  // --- picket.state/1 ---------------------------------------------------------------------------------------------
  static picket_status answer(const Error& reason, picket_error* error) {
    set_error(error, reason.status, reason.message);
    return reason.status;
  }
  static picket_str state_root(void* self) PICKET_NOEXCEPT { return text(of(self).state_.root()); }
  static picket_str state_directory(void* self, picket_error* error) PICKET_NOEXCEPT {
    Instance& instance = of(self);
    const auto directory = instance.state_.directory();
    if (!directory.ok()) {
      answer(directory.error(), error);
      return {};
    }
    const std::scoped_lock lock(instance.mutex_);
    if (instance.state_directory_.empty()) instance.state_directory_ = *directory;
    return text(instance.state_directory_);
  }
  static picket_status state_put(void* self, picket_str key, picket_str value, picket_error* error) PICKET_NOEXCEPT {
    const auto result = of(self).state_.put(view(key), view(value));
    return result.ok() ? PICKET_OK : answer(result.error(), error);
  }
  static picket_status state_get(void* self, picket_str key, char* buffer, std::uint64_t capacity,
                                 std::uint64_t* length, picket_error* error) PICKET_NOEXCEPT {
    const auto value = of(self).state_.get(view(key));
    if (!value.ok()) return answer(value.error(), error);
    if (length != nullptr) *length = value->size();
    const std::uint64_t count = std::min<std::uint64_t>(capacity, value->size());
    std::copy_n(value->data(), count, buffer);
    return PICKET_OK;
  }
  static picket_status state_remove(void* self, picket_str key, picket_error* error) PICKET_NOEXCEPT {
    const auto result = of(self).state_.remove(view(key));
    return result.ok() ? PICKET_OK : answer(result.error(), error);
  }

  // --- picket.commands/1 ------------------------------------------------------------------------------------------
  static void reply(void* self, picket_call call, picket_status status, picket_str json) PICKET_NOEXCEPT {
    of(self).core_.commands.reply(call, status, std::string(view(json)));
  }
  static picket_call call(void* self, picket_str instance, picket_str command, picket_str args, std::int64_t timeout_ns,
                          picket_reply_fn fn, void* context) PICKET_NOEXCEPT {
    return of(self).call_out(instance, command, args, timeout_ns, fn, context);
  }
  static void cancel_call(void* self, picket_call call) PICKET_NOEXCEPT { of(self).cancel_call_out(call); }

  // --- picket.subscribe/1 -----------------------------------------------------------------------------------------
  static std::uint64_t subscribe(void* self, const picket_subscription_spec* spec, picket_subscription_fn fn,
                                 void* context, picket_error* error) PICKET_NOEXCEPT {
    return of(self).subscribe(copy_table(spec), fn, context, error);
  }
  static void unsubscribe(void* self, std::uint64_t id) PICKET_NOEXCEPT { of(self).unsubscribe(id); }

  // --- picket.os-log/1 --------------------------------------------------------------------------------------------
  static picket_status os_log_write(void* self, const picket_os_log_record* record) PICKET_NOEXCEPT {
    const picket_os_log_record given = copy_table(record);
    if (given.field_count > service::kMaxOsLogFields || given.message.length > service::kMaxOsLogMessage ||
        given.event_id > UINT16_MAX || (given.field_count != 0 && given.fields == nullptr)) {
      return PICKET_INVALID;
    }
    service::OsLogRecord written;
    written.severity = given.severity;
    written.message_id = view(given.message_id);
    written.event_id = given.event_id;
    written.instance = of(self).name_;
    written.message = view(given.message);
    for (const picket_os_log_field& field : std::span(given.fields, given.field_count)) {
      written.fields.emplace_back(view(field.key), view(field.value));
    }
    return service::write_os_log(of(self).core_.os_log.get(), of(self).core_.log, written);
  }

  // --- picket.inherited-sockets/1 -----------------------------------------------------------------------------------
  static std::int64_t duplicate_socket(void* self, picket_str name, picket_str path) PICKET_NOEXCEPT {
    return of(self).core_.inherited_sockets.duplicate(view(name), view(path));
  }

  static const void* extension(void* self, const char* id) PICKET_NOEXCEPT;
};

namespace {

constexpr picket_thread_check kThreadCheck = {sizeof(picket_thread_check), 0, &HostTable::in_control,
                                              &HostTable::in_deliver};
constexpr picket_state kState = {sizeof(picket_state),    0,
                                 &HostTable::state_root,  &HostTable::state_directory,
                                 &HostTable::state_put,   &HostTable::state_get,
                                 &HostTable::state_remove};
constexpr picket_host_commands kCommands = {sizeof(picket_host_commands), 0, &HostTable::reply, &HostTable::call,
                                            &HostTable::cancel_call};
constexpr picket_subscribe kSubscribe = {sizeof(picket_subscribe), 0, &HostTable::subscribe, &HostTable::unsubscribe};
constexpr picket_inherited_sockets kInheritedSockets = {sizeof(picket_inherited_sockets), 0,
                                                        &HostTable::duplicate_socket};
constexpr picket_os_log kOsLog = {sizeof(picket_os_log), 0, &HostTable::os_log_write};

}  // namespace

const void* HostTable::extension(void* /*self*/, const char* id) PICKET_NOEXCEPT {
  if (id == nullptr) return nullptr;
  const std::string_view wanted(id);
  if (wanted == PICKET_EXT_THREAD_CHECK) return &kThreadCheck;
  if (wanted == PICKET_EXT_STATE) return &kState;
  if (wanted == PICKET_EXT_COMMANDS) return &kCommands;
  if (wanted == PICKET_EXT_SUBSCRIBE) return &kSubscribe;
  if (wanted == PICKET_EXT_INHERITED_SOCKETS) return &kInheritedSockets;
  if (wanted == PICKET_EXT_MESSAGE_HANDLER) return &host_messages();
  if (wanted == PICKET_EXT_OS_LOG) return &kOsLog;
  if (wanted == PICKET_EXT_PROCESS) return &host_processes();
  return nullptr;
}

picket_host make_host_table(Instance& instance) {
  picket_host host{};
  host.size = sizeof host;
  host.abi_major = PICKET_ABI_MAJOR;
  host.abi_minor = PICKET_ABI_MINOR;
  host.self = &instance;
  host.log_enabled = &HostTable::log_enabled;
  host.log = &HostTable::log;
  host.intern = &HostTable::intern;
  host.text = &HostTable::text_of;
  host.batch_new = &HostTable::batch_new;
  host.batch_retain = &HostTable::batch_retain;
  host.batch_release = &HostTable::batch_release;
  host.emit = &HostTable::emit;
  host.done = &HostTable::done;
  host.monotonic_ns = &HostTable::monotonic_ns;
  host.wall_ns = &HostTable::wall_ns;
  host.schedule = &HostTable::schedule;
  host.cancel = &HostTable::cancel;
  host.describe_metric = &HostTable::describe_metric;
  host.metric = &HostTable::metric;
  host.register_counter = &HostTable::register_counter;
  host.counter_add = &HostTable::counter_add;
  host.counter_set = &HostTable::counter_set;
  host.extension = &HostTable::extension;
  return host;
}

}  // namespace picket::plugin_host
