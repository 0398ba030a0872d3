// SPDX-License-Identifier: Apache-2.0
#include "service/daemon.hpp"

#include <algorithm>
#include <utility>

#include "config/model_diff.hpp"

namespace picket::service {
namespace {

// Runs `then` when every copy that was handed out is gone.
std::shared_ptr<void> when_all_gone(std::function<void()> then) {
  return {nullptr, [then = std::move(then)](void*) { then(); }};
}

bool same_instance(const config::Instance& a, const config::Instance& b) {
  return a.type == b.type && a.settings == b.settings;
}

std::string files_of(const config::Model& model) {
  std::string files;
  for (const std::string& file : model.files) files += (files.empty() ? "" : ", ") + file;
  return files;
}

OsLogSettings os_log_settings(const config::DaemonSettings& daemon) {
  return {daemon.os_log_enabled, daemon.os_log_journal, daemon.os_log_syslog};
}

}  // namespace

Daemon::Daemon(Parts parts, config::Model model)
    : parts_(std::move(parts)),
      recorder_(model.daemon.recorder_bytes, parts_.executor->clock()),
      lane_(platform::Lane::make(parts_.executor)),
      core_(parts_.executor, parts_.log, model.daemon.state_dir, parts_.check_args),
      timers_(std::make_shared<plugin_host::Timers>(
          lane_, this,
          [this](const char* what) {
            parts_.log.write(LogLevel::error, "", std::string("the daemon's metrics failed: ") + what);
          })),
      source_(core_.router.source("picket")),
      started_ns_(parts_.executor->clock().monotonic_ns()),
      model_(std::move(model)),
      reload_({lane_, parts_.log, parts_.notifier, [this] { return parts_.load(); },
               [this](config::Model next, const auto& done) { apply(std::move(next), done); },
               [this]() -> const config::Model& { return model_; },
               [this](const std::string& name) {
                 const auto found = instances_.find(name);
                 return found == instances_.end() ? nullptr : found->second;
               },
               [this](const ConfigNotice& notice) { on_config(notice); }, [this] { reload_settled(); }}),
      config_events_(core_, source_) {
  core_.instance_exists = [this](const std::string& name) {
    const std::scoped_lock lock(names_mutex_);
    return names_.contains(name);
  };
  core_.os_log = parts_.os_log;
  if (core_.os_log) core_.os_log->configure(os_log_settings(model_.daemon));
  core_.router.use_recorder(&recorder_);
  if (recorder_.on()) {
    parts_.log.use_tap([this](std::string_view line) { recorder_.add_log(line); });
  }
  core_.router.use_commands(command_host());
  core_.router.on_step_failure(
      [&log = parts_.log](const std::string& route, const std::string& step, const std::string& what) {
        log.write(LogLevel::error, "", "a step failed; its events passed unchanged",
                  {{"route", route}, {"step", step}, {"reason", what}});
      });
}

Daemon::~Daemon() {
  parts_.log.use_tap(nullptr);
}

// --- start ---------------------------------------------------------------------------------------------------------

void Daemon::start(std::function<void()> done) {
  lane_->post([this, done = std::move(done)] {
    set_names();
    // Those of crashes came without asking how many there are.
    if (recorder_.on()) prune_record_files(recorder_directory(core_.state_root), model_.daemon.recorder_keep);
    core_.spools->set_dead_letters(model_.daemon.dead_letters, model_.daemon.dead_letters_bytes);
    if (const auto applied = core_.router.apply(model_.routes); !applied.ok()) {
      parts_.log.write(LogLevel::critical, "", applied.error().message);  // the configuration was checked
    }
    for (const std::string& kept : core_.spools->kept_for_nobody(model_.routes)) {
      parts_.log.write(LogLevel::warning, "",
                       "a backlog is kept for a route that is gone: " + kept + " (`picket spool drop` deletes it)");
    }
    // The daemon's commands belong to this object, which outlives the bus's users.
    core_.commands.add("picket", std::shared_ptr<plugin_host::CommandTarget>(this, [](auto*) {}));
    timers_->open();
    picket_timer_spec every{};
    every.size = sizeof every;
    every.flags = PICKET_TIMER_ALIGNED;
    every.period_ns = model_.daemon.metrics_interval_ns;
    timers_->schedule(
        every, [](void* self, const picket_tick* tick) { static_cast<Daemon*>(self)->publish_metrics(*tick); }, this);
    reload_.begin();
    std::vector<std::string> names;
    names.reserve(model_.instances.size());
    for (const auto& [name, instance] : model_.instances) names.push_back(name);
    start_instances(names, [this, done] {
      if (!stopping_) {
        report_state();
        report_unknown_commands();
        tell_os_log(kOsLogStarted, "Picket " + parts_.version + " has started.",
                    {{"instances", std::to_string(model_.instances.size())},
                     {"routes", std::to_string(model_.routes.size())},
                     {"files", files_of(model_)}});
      }
      done();
    });
  });
}

Daemon::InstanceRef Daemon::make_instance(const std::string& name) {
  const config::Instance& model = model_.instances.at(name);
  const auto type = parts_.catalog.find(model.type);
  if (!type.ok()) {
    // The check of the configuration loads every type, so this is a file that went away since.
    parts_.log.write(LogLevel::error, name, type.error().message);
    return nullptr;
  }
  return plugin_host::Instance::make(core_, model, **type);
}

void Daemon::start_instances(const std::vector<std::string>& names, const std::function<void()>& done) {
  const auto all = when_all_gone([this, done] { lane_->post(done); });
  for (const std::string& name : names) {
    const InstanceRef instance = make_instance(name);
    if (!instance) continue;
    instances_[name] = instance;
    instance->start([all] { static_cast<void>(all); });
  }
}

void Daemon::set_names() {
  const std::scoped_lock lock(names_mutex_);
  names_.clear();
  for (const auto& [name, instance] : model_.instances) names_.insert(name);
}

// --- reload --------------------------------------------------------------------------------------------------------

void Daemon::reload(Reload::Done done, std::int64_t confirm_ns) {
  lane_->post([this, done = std::move(done), confirm_ns] { reload_.request(confirm_ns, done); });
}

void Daemon::note_daemon_settings(const config::DaemonSettings& next) {
  if (next == model_.daemon) return;
  parts_.log.set_format(next.log_format);
  if (const auto level = parse_log_level(next.log_level)) parts_.log.set_level(*level);
  if (core_.os_log) core_.os_log->configure(os_log_settings(next));
  core_.spools->set_dead_letters(next.dead_letters, next.dead_letters_bytes);
  if (next.state_dir != model_.daemon.state_dir || next.threads != model_.daemon.threads ||
      next.plugin_dirs != model_.daemon.plugin_dirs || next.metrics_interval_ns != model_.daemon.metrics_interval_ns ||
      next.recorder_bytes != model_.daemon.recorder_bytes) {
    parts_.log.write(
        LogLevel::warning, "",
        "daemon.state_dir, threads, plugin_dirs, metrics.interval and recorder.size take effect at the next "
        "start");
  }
}

void Daemon::apply(config::Model next, const std::function<void(const Result<ReloadChanges>&)>& done) {
  // First what can fail (a filter that does not compile, a full table of names), so that it changes nothing.
  if (const auto applied = core_.router.apply(next.routes); !applied.ok()) return done(applied.error());
  note_daemon_settings(next.daemon);
  const config::ModelDiff difference = config::diff(model_, next);
  const auto changes = std::make_shared<ReloadChanges>();
  changes->anything = !difference.empty();
  changes->started = difference.instances.added;
  changes->stopped = difference.instances.removed;
  for (const auto* routes : {&difference.routes.added, &difference.routes.removed, &difference.routes.changed}) {
    changes->rewired.insert(changes->rewired.end(), routes->begin(), routes->end());
  }
  std::sort(changes->rewired.begin(), changes->rewired.end());
  std::vector<std::string> added = difference.instances.added;
  std::vector<std::string> removed = difference.instances.removed;
  std::vector<std::string> changed;
  const auto make_anew = [&](const std::string& name) {
    removed.push_back(name);
    added.push_back(name);
    changes->restarted.push_back(name);
  };
  for (const std::string& name : difference.instances.changed) {
    if (model_.instances.at(name).type != next.instances.at(name).type || !instances_.contains(name)) {
      make_anew(name);
    } else {
      changed.push_back(name);
    }
  }
  for (const auto& [name, instance] : next.instances) {  // what could never be made has another chance
    const auto old = model_.instances.find(name);
    if (old != model_.instances.end() && same_instance(old->second, instance) && !instances_.contains(name)) {
      make_anew(name);
    }
  }
  model_ = std::move(next);
  set_names();
  remove_instances(removed, [this, added, changed, changes, done] {
    std::map<std::string, plugin_host::InstanceStatus> before;
    for (const std::string& name : changed) before[name] = instances_.at(name)->status();
    const auto all = when_all_gone([this, changes, before, done] {
      lane_->post([this, changes, before, done] {
        for (const auto& [name, old] : before) {
          const plugin_host::InstanceStatus now = instances_.at(name)->status();
          const bool in_place = now.starts == old.starts && now.failures == old.failures;
          (in_place ? changes->reconfigured : changes->restarted).push_back(name);
        }
        std::sort(changes->restarted.begin(), changes->restarted.end());
        done(*changes);
      });
    });
    start_instances(added, [all] { static_cast<void>(all); });
    for (const std::string& name : changed) {
      instances_.at(name)->reconfigure(model_.instances.at(name), [all] { static_cast<void>(all); });
    }
  });
}

void Daemon::on_config(const ConfigNotice& notice) {
  config_events_.emit(notice);
  parts_.on_config(notice, model_);
  tell_os_log(notice);
}

void Daemon::tell_os_log(const ConfigNotice& notice) {
  const std::string problem = notice.problems.empty() ? "" : notice.problems.front();
  switch (notice.outcome) {
    case ConfigNotice::Outcome::applied:
    case ConfigNotice::Outcome::confirmed:
    case ConfigNotice::Outcome::rolled_back:
      return tell_os_log(kOsLogConfigurationApplied, "Picket has put a configuration in force.",
                         {{"outcome", to_string(notice.outcome)},
                          {"generation", std::to_string(notice.generation)},
                          {"hash", notice.hash},
                          {"files", files_of(model_)},
                          {"first_problem", problem}});
    case ConfigNotice::Outcome::refused:
      return tell_os_log(kOsLogConfigurationRefused, "Picket refused a new configuration; nothing was changed.",
                         {{"problems", std::to_string(notice.problems.size())}, {"first_problem", problem}});
  }
}

void Daemon::reload_settled() {
  if (!stopping_) {
    report_unknown_commands();
    return report_state();
  }
  if (stop_after_reload_) stop_instances();
}

void Daemon::remove_instances(const std::vector<std::string>& names, const std::function<void()>& done) {
  const auto all = when_all_gone([this, done] {
    lane_->post([this, done] {
      // A stop that came meanwhile has a deadline of its own.
      parts_.executor->cancel(std::exchange(removal_deadline_, 0));
      drains_.clear();
      done();
    });
  });
  if (names.empty()) return;
  const std::int64_t due = parts_.executor->clock().monotonic_ns() + model_.daemon.stop_timeout_ns;
  // Its end may come late and meet a stop, whose drains are not its business.
  removal_deadline_ = parts_.executor->call_at(due, [this] {
    lane_->post([this] {
      if (std::exchange(removal_deadline_, 0) != 0) give_up_draining();
    });
  });
  for (const std::string& name : names) {
    const auto found = instances_.find(name);
    if (found == instances_.end()) {  // it could never be made
      core_.router.forget_sink(name);
      continue;
    }
    const InstanceRef instance = found->second;
    instances_.erase(found);
    auto removed = [this, name, all] {
      core_.router.forget_sink(name);
      parts_.log.write(LogLevel::info, name, "removed");
    };
    if (model_.instances.contains(name)) {  // of another type from now on: its successor gets what waits
      instance->stop([this, removed] { lane_->post(removed); });
    } else {
      stop_instance_after_drain(instance, removed);
    }
  }
}

// Waits until the queues to a running sink are empty or the drain is over, then stops it. `done` runs on the core lane.
void Daemon::stop_instance_after_drain(const InstanceRef& instance, std::function<void()> done) {
  auto stop = [this, instance, done = std::move(done)] { instance->stop([this, done] { lane_->post(done); }); };
  if (drain_over_ || instance->status().state != plugin_host::InstanceState::running) {
    return stop();
  }
  // Whoever comes first, the empty queues or the end of patience, takes the work out; nothing is held on to after it.
  const auto pending = std::make_shared<std::function<void()>>(std::move(stop));
  const std::function<void()> proceed = [pending] {
    if (const auto work = std::exchange(*pending, nullptr)) work();
  };
  drains_.push_back(proceed);
  core_.router.drain(instance->name());
  core_.router.when_drained(instance->name(), [this, proceed] { lane_->post(proceed); });
}

// --- stop ----------------------------------------------------------------------------------------------------------

void Daemon::stop(std::function<void()> done) {
  lane_->post([this, done = std::move(done)]() mutable {
    if (stopped_) return done();
    stop_waiters_.push_back(std::move(done));
    if (stopping_) return;
    stopping_ = true;
    parts_.notifier.stopping();
    parts_.log.write(LogLevel::info, "", "stopping");
    timers_->close();
    const std::int64_t due = parts_.executor->clock().monotonic_ns() + model_.daemon.stop_timeout_ns;
    stop_deadline_ = parts_.executor->call_at(due, [this] {
      lane_->post([this] {
        if (!stopped_) parts_.log.write(LogLevel::warning, "", "the queues did not drain within daemon.stop_timeout");
        stop_now();
      });
    });
    stuck_deadline_ =
        parts_.executor->call_at(due + parts_.stop_grace_ns, [this] { lane_->post([this] { report_stuck(); }); });
    reload_.stop();
    if (reload_.busy()) {
      stop_after_reload_ = true;
    } else {
      stop_instances();
    }
  });
}

void Daemon::stop_now() {
  lane_->post([this] {
    if (!stopping_) return;
    drain_over_ = true;
    give_up_draining();
  });
}

// Once nothing can start any more: a reload that was under way may just have added some.
void Daemon::stop_instances() {
  for (const auto& [name, instance] : instances_) to_stop_.insert(name);
  stop_step();
}

void Daemon::give_up_draining() {
  for (const auto& give_up : std::exchange(drains_, {})) give_up();
}

// Stops every instance that no running instance feeds, then the ones that only those fed, and so on.
void Daemon::stop_step() {
  for (auto it = to_stop_.begin(); it != to_stop_.end();) {
    it = instances_.contains(*it) ? std::next(it) : to_stop_.erase(it);
  }
  if (to_stop_.empty()) return drain_own_commands();
  std::set<std::string> fed;
  for (const auto& [name, route] : model_.routes) {
    for (const config::SourceRef& from : route.from) {
      if (!to_stop_.contains(from.instance)) continue;
      for (const config::Destination& to : route.to) {
        if (to.instance != from.instance) fed.insert(to.instance);
      }
    }
  }
  std::vector<InstanceRef> now;
  for (const std::string& name : to_stop_) {
    if (!fed.contains(name)) now.push_back(instances_.at(name));
  }
  if (now.empty()) {  // only circles are left
    for (const std::string& name : to_stop_) now.push_back(instances_.at(name));
  }
  const auto all = when_all_gone([this] { lane_->post([this] { stop_step(); }); });
  for (const InstanceRef& instance : now) {
    to_stop_.erase(instance->name());
    stop_instance_after_drain(instance, [all] { static_cast<void>(all); });
  }
}

void Daemon::report_stuck() {
  if (stopped_) return;
  for (const auto& [name, instance] : instances_) {
    const auto state = instance->status().state;
    if (state == plugin_host::InstanceState::stopped) continue;
    parts_.log.answer(LogLevel::critical, name,
                      std::string("does not stop: a call into its plugin does not return (state ") +
                          plugin_host::to_string(state) + ")");
  }
  parts_.on_stuck();
}

// What was sent to the daemon itself is carried out before it goes, as with any other instance.
void Daemon::drain_own_commands() {
  if (drain_over_) return finish_stop();
  const auto pending = std::make_shared<std::function<void()>>([this] { finish_stop(); });
  const std::function<void()> proceed = [pending] {
    if (const auto work = std::exchange(*pending, nullptr)) work();
  };
  drains_.push_back(proceed);
  core_.router.when_drained("picket", [this, proceed] { lane_->post(proceed); });
}

void Daemon::finish_stop() {
  parts_.executor->cancel(stop_deadline_);
  parts_.executor->cancel(stuck_deadline_);
  core_.commands.remove("picket");
  const std::uint64_t dropped = core_.router.close();
  recorder_.close();
  instances_.clear();
  stopped_ = true;
  if (dropped != 0) {
    parts_.log.write(LogLevel::warning, "", "events were dropped at the stop", {{"events", std::to_string(dropped)}});
  }
  parts_.log.write(LogLevel::info, "", "stopped");
  tell_os_log(kOsLogStopped, "Picket has stopped.", {{"dropped", std::to_string(dropped)}});
  for (const auto& waiter : std::exchange(stop_waiters_, {})) waiter();
}

// What the daemon's own log says already is not said there twice: no detour by core_.log.
void Daemon::tell_os_log(const OsLogKind& kind, const std::string& message,
                         const std::vector<std::pair<std::string_view, std::string>>& fields) {
  if (!core_.os_log) return;
  OsLogRecord record;
  record.severity = kind.severity;
  record.message_id = kind.message_id;
  record.event_id = kind.event_id;
  record.instance = "picket";
  record.message = message;
  for (const auto& [key, value] : fields) record.fields.emplace_back(key, value);
  core_.os_log->write(record);
}

// --- flush, state --------------------------------------------------------------------------------------------------

void Daemon::flush() {
  core_.router.flush();
}

void Daemon::report_state() {
  std::size_t running = 0;
  for (const auto& [name, instance] : instances_) {
    if (instance->status().state == plugin_host::InstanceState::running) ++running;
  }
  parts_.notifier.status(std::to_string(running) + " of " + std::to_string(model_.instances.size()) +
                         " instances running, " + std::to_string(model_.routes.size()) + " routes" +
                         (awaits_confirmation() ? "; the configuration awaits its confirmation" : "") +
                         (reload_.last_problem().empty() ? "" : "; the last reload was refused or rolled back"));
}

}  // namespace picket::service
