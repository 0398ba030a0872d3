// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/instance.hpp"

#include <algorithm>
#include <utility>

#include "plugin_host/call_scope.hpp"
#include "plugin_host/instance_processes.hpp"
#include "plugin_host/text.hpp"

namespace picket::plugin_host {
namespace {
constexpr std::int64_t kFirstRetry = 500 * platform::kMillisecond;
constexpr std::int64_t kMaxRetry = 60 * platform::kSecond;
constexpr std::int64_t kControlBudget = 2 * platform::kSecond;  // a longer call is worth a warning
constexpr unsigned kDedicatedThreads = 2;                       // one for control, one for deliver

std::string text_of(const picket_error& error) {
  return {error.message, std::find(std::begin(error.message), std::end(error.message), '\0')};
}
}  // namespace

const char* to_string(InstanceState state) {
  switch (state) {
    case InstanceState::created:
      return "created";
    case InstanceState::starting:
      return "starting";
    case InstanceState::running:
      return "running";
    case InstanceState::draining:
      return "draining";
    case InstanceState::stopped:
      return "stopped";
    case InstanceState::failed:
      return "failed";
  }
  return "";
}

// The plugin's consume, as the queues call it. Lives as long as a queue might still hold it; calls only while attached.
class Instance::InstanceSink final : public routing::SinkPort {
 public:
  InstanceSink(std::shared_ptr<platform::Lane> lane, Instance& instance, const picket_sink& table, void* plugin)
      : SinkPort(std::move(lane)), instance_(instance), table_(table), plugin_(plugin) {}

  picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
    const CallScope scope(&instance_, CallKind::deliver);
    picket_status status = PICKET_FAILED;
    const auto consume = [&] {
      status = table_.consume(plugin_, &delivery);
      if (status < 0) report(delivery, status);
    };
    guarded(consume, [&](const char* what) { instance_.report_exception("consume", what); });
    return status;
  }
  void idle() override { call("idle", table_.idle); }
  void flush() override { call("flush", table_.flush); }
  // On the deliver lane, before the plugin goes.
  void detach() { attached_ = false; }

 private:
  void call(const char* name, void (*function)(void* self)) {
    if (function == nullptr || !attached_) return;
    const CallScope scope(&instance_, CallKind::deliver);
    guarded([&] { function(plugin_); }, [&](const char* what) { instance_.report_exception(name, what); });
  }

  void report(const picket_delivery& delivery, picket_status status) {
    instance_.core_.log.write(service::LogLevel::warning, instance_.name_, "refused events for good",
                              {{"route", std::string(instance_.core_.names.text(delivery.route))},
                               {"events", std::to_string(delivery.count)},
                               {"status", std::to_string(status)}});
  }

  Instance& instance_;
  const picket_sink table_;
  void* const plugin_;
  bool attached_ = true;  // deliver lane only
};

std::shared_ptr<Instance> Instance::make(Core& core, config::Instance model, const PluginType& type) {
  return std::shared_ptr<Instance>(new Instance(core, std::move(model), type));
}

Instance::Instance(Core& core, config::Instance model, const PluginType& type)
    : core_(core),
      name_(model.name),
      type_(type),
      executor_(type.blocks() ? core.executor->make_dedicated(model.name.substr(0, 15), kDedicatedThreads)
                              : core.executor),
      control_(platform::Lane::make(executor_)),
      deliver_(platform::Lane::make(executor_)),
      timers_(
          std::make_shared<Timers>(control_, this, [this](const char* what) { report_exception("a timer", what); })),
      state_(core.state_root, model.name),
      processes_(std::make_shared<InstanceProcesses>(
          InstanceProcesses::Parts{model.name, control_, core.processes,
                                   [this](const char* what, const std::function<void()>& call) {
                                     control_call(what, nullptr, [&] { return call(), PICKET_OK; });
                                   },
                                   [this] { return CallScope::inside(this, CallKind::control); }})),
      source_(core.router.source(model.name)),
      host_(make_host_table(*this)),
      model_(std::move(model)) {
  status_.name = name_;
  status_.type = type.id;
}

Instance::~Instance() {
  processes_->close();
}

// Runs `call` as a [control] call of this instance: nothing that it throws gets out, and a slow one is reported.
picket_status Instance::control_call(const char* what, picket_error* error,
                                     const std::function<picket_status()>& call) {
  const CallScope scope(this, CallKind::control);
  const std::int64_t began = executor_->clock().monotonic_ns();
  picket_status status = PICKET_FAILED;
  guarded([&] { status = call(); },
          [&](const char* thrown) {
            set_error(error, PICKET_FAILED, std::string("threw across the plugin boundary: ") + thrown);
            if (error == nullptr) report_exception(what, thrown);
          });
  const std::int64_t took = executor_->clock().monotonic_ns() - began;
  if (took > kControlBudget) {
    core_.log.write(service::LogLevel::warning, name_, "a control call took long",
                    {{"call", what}, {"ms", std::to_string(took / platform::kMillisecond)}});
  }
  return status;
}

// --- life cycle ----------------------------------------------------------------------------------------------------

void Instance::start(std::function<void()> done) {
  control_->post([self = shared_from_this(), done = std::move(done)] { self->begin(done); });
}

void Instance::begin(const std::function<void()>& done) {
  set_state(InstanceState::starting);
  picket_error error{};
  picket_plugin raw{};
  raw.size = sizeof raw;
  const ConfigView config(model_.settings);
  picket_status status =
      control_call("create", &error, [&] { return type_.create(&host_, config.get(), &raw, &error); });
  if (status == PICKET_OK) {
    plugin_ = copy_table(&raw);
    if (plugin_->start == nullptr || plugin_->stop == nullptr || plugin_->destroy == nullptr) {
      plugin_.reset();
      fail("create", PICKET_INVALID, "the plugin's table lacks start, stop or destroy");
      return done();
    }
    query_extensions();
    timers_->open();
    set_emitting(true);
    status = control_call("start", &error, [&] { return plugin_->start(plugin_->self, &error); });
    if (status != PICKET_OK) {
      set_emitting(false);
      timers_->close();
      processes_->close();
      release_outgoing();
      control_call("destroy", nullptr, [&] { return plugin_->destroy(plugin_->self), PICKET_OK; });
      plugin_.reset();
      fail("start", status, text_of(error));
      return done();
    }
  } else {
    fail("create", status, text_of(error));
    return done();
  }
  back_off_ns_ = 0;
  {
    const std::scoped_lock lock(mutex_);
    ++status_.starts;
  }
  set_state(InstanceState::running);
  picket_sink sink{};
  if (plugin_->extension != nullptr) {
    sink = copy_table(static_cast<const picket_sink*>(plugin_->extension(plugin_->self, PICKET_EXT_SINK)));
  }
  {
    const std::scoped_lock lock(mutex_);
    is_sink_ = sink.consume != nullptr;
  }
  if (sink.consume != nullptr) {
    sink_port_ = std::make_shared<InstanceSink>(deliver_, *this, sink, plugin_->self);
    core_.router.attach(name_, sink_port_);
  }
  open_message_port();
  core_.commands.add(name_, shared_from_this());
  core_.log.write(service::LogLevel::debug, name_, "running");
  done();
}

void Instance::open_message_port() {
  if (plugin_->extension == nullptr) return;
  const auto table = copy_table(
      static_cast<const picket_message_handler*>(plugin_->extension(plugin_->self, PICKET_EXT_MESSAGE_HANDLER)));
  if (table.message == nullptr) return;
  message_port_ = std::make_shared<MessagePort>(
      MessagePort::Parts{name_, table, plugin_->self, type_.blocks() ? deliver_ : nullptr,
                         [this](const char* call, const char* what) { report_exception(call, what); }});
  core_.conversations.add(message_port_);
}

void Instance::query_extensions() {
  const auto table = [&](const char* id) -> const void* {
    return plugin_->extension == nullptr ? nullptr : plugin_->extension(plugin_->self, id);
  };
  source_table_ = copy_table(static_cast<const picket_source*>(table(PICKET_EXT_SOURCE)));
  commands_table_ = copy_table(static_cast<const picket_commands*>(table(PICKET_EXT_COMMANDS)));
  reload_table_ = copy_table(static_cast<const picket_reload*>(table(PICKET_EXT_RELOAD)));
  health_table_ = copy_table(static_cast<const picket_health_check*>(table(PICKET_EXT_HEALTH)));
  std::vector<CommandInfo> list;
  if (commands_table_.execute != nullptr) {
    for (std::uint32_t i = 0; i < commands_table_.count; ++i) {
      const picket_command command = copy_table(commands_table_.list[i]);
      const auto text_or_empty = [](const char* text) { return text == nullptr ? std::string() : std::string(text); };
      list.push_back({text_or_empty(command.name), text_or_empty(command.summary), text_or_empty(command.args_schema),
                      (command.flags & PICKET_COMMAND_READ_ONLY) != 0});
    }
  }
  const std::scoped_lock lock(mutex_);
  command_list_ = std::move(list);
  status_.takes_settings = reload_table_.apply != nullptr;
}

void Instance::fail(const char* step, picket_status status, const std::string& reason) {
  back_off_ns_ = back_off_ns_ == 0 ? kFirstRetry : std::min(back_off_ns_ * 2, kMaxRetry);
  const std::string text =
      std::string(step) +
      " failed: " + (reason.empty() ? "the plugin gave no reason (status " + std::to_string(status) + ")" : reason);
  {
    const std::scoped_lock lock(mutex_);
    status_.last_error = text;
    ++status_.failures;
    status_.takes_settings = false;
    command_list_.clear();
  }
  set_state(InstanceState::failed);
  core_.log.write(service::LogLevel::error, name_, text,
                  {{"retry_in_ms", std::to_string(back_off_ns_ / platform::kMillisecond)}});
  const std::int64_t due = executor_->clock().monotonic_ns() + back_off_ns_;
  retry_ = executor_->call_at(due, [weak = weak_from_this(), attempt = ++attempt_] {
    const auto self = weak.lock();
    if (!self) return;
    self->control_->post([self, attempt] {
      if (attempt == self->attempt_) self->begin([] {});
    });
  });
}

void Instance::stop(std::function<void()> done) {
  control_->post([self = shared_from_this(), done = std::move(done)]() mutable {
    self->end(InstanceState::stopped, std::move(done));
  });
}

void Instance::end(InstanceState final_state, std::function<void()> done) {
  ++attempt_;
  if (retry_ != 0) executor_->cancel(std::exchange(retry_, 0));
  if (!plugin_) {
    set_state(final_state);
    return done();
  }
  set_state(InstanceState::draining);
  core_.commands.remove(name_);
  if (!message_port_) return end_now(final_state, std::move(done));
  // Clients that have asked get their answers; the others are let go.
  core_.conversations.drain_port(message_port_, [self = shared_from_this(), final_state, done = std::move(done)] {
    self->control_->post([self, final_state, done] { self->end_now(final_state, done); });
  });
}

void Instance::end_now(InstanceState final_state, std::function<void()> done) {
  if (message_port_) core_.conversations.close_port(message_port_);
  message_port_.reset();
  core_.router.pause(name_);
  control_call("stop", nullptr, [&] { return plugin_->stop(plugin_->self), PICKET_OK; });
  set_emitting(false);
  timers_->close();
  processes_->close();
  release_outgoing();
  core_.conversations.forget_server(this);
  // A delivery may still be running; the queues are paused, so behind this task there is none.
  deliver_->post([self = shared_from_this(), final_state, done = std::move(done)]() mutable {
    if (self->sink_port_) self->sink_port_->detach();
    self->control_->post([self, final_state, done = std::move(done)] { self->finish_end(final_state, done); });
  });
}

void Instance::finish_end(InstanceState final_state, const std::function<void()>& done) {
  core_.router.detach(name_);
  sink_port_.reset();
  control_call("destroy", nullptr, [&] { return plugin_->destroy(plugin_->self), PICKET_OK; });
  plugin_.reset();
  source_table_ = {};
  commands_table_ = {};
  reload_table_ = {};
  health_table_ = {};
  {
    const std::scoped_lock lock(mutex_);
    command_list_.clear();
    status_.takes_settings = false;
    status_.health = PICKET_HEALTH_GOOD;
    status_.health_message.clear();
  }
  set_state(final_state);
  core_.log.write(service::LogLevel::debug, name_, "stopped");
  done();
}

void Instance::reconfigure(config::Instance model, std::function<void()> done) {
  control_->post([self = shared_from_this(), model = std::move(model), done = std::move(done)]() mutable {
    self->apply_or_restart(std::move(model), std::move(done));
  });
}

void Instance::apply_or_restart(config::Instance model, std::function<void()> done) {
  model_ = std::move(model);
  if (plugin_ && reload_table_.apply != nullptr) {
    picket_error error{};
    const ConfigView config(model_.settings);
    const picket_status status =
        control_call("reload", &error, [&] { return reload_table_.apply(plugin_->self, config.get(), &error); });
    if (status == PICKET_OK) {
      core_.log.write(service::LogLevel::info, name_, "took new settings");
      return done();
    }
    if (status != PICKET_UNSUPPORTED) {
      core_.log.write(service::LogLevel::warning, name_, "could not take new settings in place: " + text_of(error));
    }
  }
  back_off_ns_ = 0;
  end(InstanceState::created, [self = shared_from_this(), done = std::move(done)] {
    self->core_.log.write(service::LogLevel::info, self->name_, "restarting with new settings");
    self->begin(done);
  });
}

void Instance::release_outgoing() {
  std::map<picket_call, OutgoingCall> calls;
  std::set<std::uint64_t> subscriptions;
  {
    const std::scoped_lock lock(mutex_);
    calls.swap(outgoing_);
    subscriptions.swap(subscriptions_);
  }
  for (const auto& [id, call] : calls) core_.commands.cancel(call.bus_call);
  for (const std::uint64_t id : subscriptions) core_.router.unsubscribe(id);
}

// --- status --------------------------------------------------------------------------------------------------------

bool Instance::alive() const {
  return plugin_.has_value() && emitting_;
}

void Instance::report_exception(const char* call, const char* what) {
  core_.log.write(service::LogLevel::error, name_,
                  std::string(call) + " threw an exception across the plugin boundary, a bug of the plugin: " + what);
}

void Instance::set_state(InstanceState state) {
  const std::scoped_lock lock(mutex_);
  status_.state = state;
}

InstanceStatus Instance::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

bool Instance::is_sink() const {
  const std::scoped_lock lock(mutex_);
  return is_sink_;
}

void Instance::check_health(std::function<void()> done) {
  control_->post([self = shared_from_this(), done = std::move(done)] {
    if (self->alive() && self->health_table_.check != nullptr) {
      picket_health health{};
      health.size = sizeof health;
      self->control_call("health", nullptr, [&] { return self->health_table_.check(self->plugin_->self, &health), 0; });
      const std::scoped_lock lock(self->mutex_);
      self->status_.health = health.state;
      self->status_.health_message.assign(health.message,
                                          std::find(std::begin(health.message), std::end(health.message), '\0'));
    }
    if (done) done();
  });
}

// --- commands and answers to this instance -------------------------------------------------------------------------

std::vector<CommandInfo> Instance::commands() const {
  const std::scoped_lock lock(mutex_);
  return command_list_;
}

void Instance::execute(std::uint32_t index, std::string args_json, picket_call call) {
  control_->post([self = shared_from_this(), index, args = std::move(args_json), call] {
    if (!self->alive() || index >= self->commands_table_.count) {
      return self->core_.commands.reply(call, PICKET_CANCELLED, "'" + self->name_ + "' is stopping");
    }
    picket_error error{};
    const picket_status status = self->control_call("command", &error, [&] {
      return self->commands_table_.execute(self->plugin_->self, index, text(args), call, &error);
    });
    if (status != PICKET_OK) self->core_.commands.reply(call, status < 0 ? status : PICKET_FAILED, text_of(error));
  });
}

void Instance::abandoned(picket_call call) {
  control_->post([self = shared_from_this(), call] {
    if (!self->alive() || self->commands_table_.abandoned == nullptr) return;
    self->control_call("abandoned", nullptr,
                       [&] { return self->commands_table_.abandoned(self->plugin_->self, call), PICKET_OK; });
  });
}

}  // namespace picket::plugin_host
