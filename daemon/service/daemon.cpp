// SPDX-License-Identifier: Apache-2.0
#include "service/daemon.hpp"

#include <algorithm>
#include <utility>

namespace picket::service {
namespace {

// Runs `then` when every copy that was handed out is gone.
std::shared_ptr<void> when_all_gone(std::function<void()> then) {
  return {nullptr, [then = std::move(then)](void*) { then(); }};
}

bool same_instance(const config::Instance& a, const config::Instance& b) {
  return a.type == b.type && a.settings == b.settings;
}

}  // namespace

Daemon::Daemon(Parts parts, config::Model model)
    : parts_(std::move(parts)),
      lane_(platform::Lane::make(parts_.executor)),
      core_(parts_.executor, parts_.log, model.daemon.state_dir, parts_.check_args),
      timers_(std::make_shared<plugin_host::Timers>(
          lane_, this,
          [this](const char* what) {
            parts_.log.write(LogLevel::error, "", std::string("the daemon's metrics failed: ") + what);
          })),
      source_(core_.router.source("picket")),
      started_ns_(parts_.executor->clock().monotonic_ns()),
      model_(std::move(model)) {
  core_.instance_exists = [this](const std::string& name) {
    const std::scoped_lock lock(names_mutex_);
    return names_.contains(name);
  };
}

Daemon::~Daemon() = default;

// --- start ---------------------------------------------------------------------------------------------------------

void Daemon::start(std::function<void()> done) {
  lane_->post([this, done = std::move(done)] {
    set_names();
    if (const auto applied = core_.router.apply(model_.routes); !applied.ok()) {
      parts_.log.write(LogLevel::critical, "", applied.error().message);  // the configuration was checked
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
    std::vector<std::string> names;
    names.reserve(model_.instances.size());
    for (const auto& [name, instance] : model_.instances) names.push_back(name);
    start_instances(names, [this, done] {
      if (!stopping_) report_state();
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

void Daemon::reload(std::function<void(Result<void>)> done) {
  lane_->post([this, done = std::move(done)]() mutable {
    if (stopping_) return done(Error{"the daemon is stopping", PICKET_CANCELLED});
    next_reload_waiters_.push_back(std::move(done));
    if (!reloading_) do_reload();
  });
}

void Daemon::do_reload() {
  reloading_ = true;
  reload_waiters_ = std::exchange(next_reload_waiters_, {});
  parts_.notifier.reloading();
  LoadedModel loaded = parts_.load();
  const auto answer = [this](const Result<void>& result) {
    if (!stopping_) {
      parts_.notifier.ready();
      report_state();
    }
    for (const auto& waiter : std::exchange(reload_waiters_, {})) waiter(result);
    reloading_ = false;
    if (stopping_) {
      stop_instances();
    } else if (!next_reload_waiters_.empty()) {
      do_reload();
    }
  };
  if (!loaded.model) {
    std::string all = "the new configuration is refused; nothing was changed";
    parts_.log.write(LogLevel::error, "", all, {{"problems", std::to_string(loaded.problems.size())}});
    for (const std::string& problem : loaded.problems) {
      parts_.log.answer(LogLevel::error, "", problem);
      all += "\n" + problem;
    }
    last_reload_problem_ = all;
    return answer(Error{all, PICKET_INVALID});
  }
  apply(std::move(*loaded.model), [this, answer](const Result<void>& applied) {
    if (!applied.ok()) {
      last_reload_problem_ = "the new configuration is refused; nothing was changed\n" + applied.error().message;
      parts_.log.write(LogLevel::error, "", last_reload_problem_);
      return answer(Error{last_reload_problem_, applied.error().status});
    }
    last_reload_problem_.clear();
    ++generation_;
    parts_.log.write(LogLevel::info, "", "configuration reloaded", {{"generation", std::to_string(generation_)}});
    answer({});
  });
}

void Daemon::apply(config::Model next, const std::function<void(const Result<void>&)>& done) {
  // First what can fail (a filter that does not compile, a full table of names), so that it changes nothing.
  if (const auto applied = core_.router.apply(next.routes); !applied.ok()) return done(applied);
  if (next.daemon != model_.daemon) {
    parts_.log.set_format(next.daemon.log_format);
    if (const auto level = parse_log_level(next.daemon.log_level)) parts_.log.set_level(*level);
    if (next.daemon.state_dir != model_.daemon.state_dir || next.daemon.threads != model_.daemon.threads ||
        next.daemon.plugin_dirs != model_.daemon.plugin_dirs ||
        next.daemon.metrics_interval_ns != model_.daemon.metrics_interval_ns) {
      parts_.log.write(LogLevel::warning, "",
                       "daemon.state_dir, threads, plugin_dirs and metrics.interval take effect at the next start");
    }
  }
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;
  for (const auto& [name, instance] : next.instances) {
    const auto old = model_.instances.find(name);
    if (old == model_.instances.end()) {
      added.push_back(name);
    } else if (old->second.type != instance.type || !instances_.contains(name)) {
      removed.push_back(name);
      added.push_back(name);
    } else if (!same_instance(old->second, instance)) {
      changed.push_back(name);
    }
  }
  for (const auto& [name, instance] : model_.instances) {
    if (!next.instances.contains(name)) removed.push_back(name);
  }
  model_ = std::move(next);
  set_names();
  remove_instances(removed, [this, added, changed, done] {
    const auto all = when_all_gone([this, done] { lane_->post([done] { done({}); }); });
    start_instances(added, [all] { static_cast<void>(all); });
    for (const std::string& name : changed) {
      instances_.at(name)->reconfigure(model_.instances.at(name), [all] { static_cast<void>(all); });
    }
  });
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
  if (drain_over_ || !instance->is_sink() || instance->status().state != plugin_host::InstanceState::running) {
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
    if (!reloading_) stop_instances();
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
  if (to_stop_.empty()) return finish_stop();
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

void Daemon::finish_stop() {
  parts_.executor->cancel(stop_deadline_);
  parts_.executor->cancel(stuck_deadline_);
  core_.commands.remove("picket");
  core_.router.close();
  std::uint64_t dropped = 0;
  for (const routing::DestinationStatus& status : core_.router.status()) {
    dropped += status.ledger.dropped[static_cast<int>(routing::DropReason::shutdown)];
  }
  instances_.clear();
  stopped_ = true;
  if (dropped != 0) {
    parts_.log.write(LogLevel::warning, "", "events were dropped at the stop", {{"events", std::to_string(dropped)}});
  }
  parts_.log.write(LogLevel::info, "", "stopped");
  for (const auto& waiter : std::exchange(stop_waiters_, {})) waiter();
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
                         (last_reload_problem_.empty() ? "" : "; the last reload was refused"));
}

}  // namespace picket::service
