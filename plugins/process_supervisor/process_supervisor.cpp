// SPDX-License-Identifier: Apache-2.0
//
// See process_supervisor.hpp.
//
// The mistakes of one program are its own: the others run. But whoever only looks at the settings (`picket validate`)
// must hear of all of them; such a host has no picket.process/1.
#include "process_supervisor.hpp"

#include <chrono>
#include <random>
#include <utility>

namespace picket::process_supervisor {
namespace {

Settings settings_of(Host host, const Config& config) {
  auto parsed = parse_settings(config.json());
  if (!parsed) throw Failure(parsed.error().message, parsed.error().status);
  if (!parsed->problems.empty() && !host.has(PICKET_EXT_PROCESS)) {
    throw Failure(all_problems(*parsed), PICKET_INVALID);
  }
  return std::move(parsed).value();
}

std::uint64_t by_chance() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

ProcessSupervisor::ProcessSupervisor(Host host, const Config& config, Surroundings surroundings)
    : Plugin(host), settings_(settings_of(host, config)), surroundings_(std::move(surroundings)) {}

ProcessSupervisor::~ProcessSupervisor() {
  stop();
}

void ProcessSupervisor::start() {
  const auto watch = settings_.watch;
  const std::int64_t watch_interval = settings_.watch_interval_ns;
  fleet_ = std::make_unique<Fleet>(host(), settings_, surroundings_.make_prober(host()),
                                   surroundings_.seed ? surroundings_.seed() : by_chance());
  watcher_ =
      std::make_unique<Watcher>(host(), fleet_->agenda(), fleet_->processes(), fleet_->reporter(), surroundings_.list);
  metrics_ = std::make_unique<Metrics>(host(), *fleet_, *watcher_);
  desk_ = std::make_unique<Desk>(host(), *fleet_, *watcher_);
  fleet_->on_change = [this](Program& /*program*/) { desk_->changed(); };
  fleet_->on_measured_any = [this](ProgramId id, const ProgramUsage& usage) {
    watcher_->measured(id, usage);
    metrics_->measured(id);
  };
  fleet_->on_exited_other = [this](ProgramId id, const ProgramExit& exit) { watcher_->exited(id, exit); };
  fleet_->on_holder = [this] { watcher_->begin(); };
  watcher_->configure(watch, watch_interval);
  for (const auto& [name, problem] : fleet_->settings().problems) {
    host().error(name + ": its settings cannot work: " + problem);
  }
  try {
    fleet_->open();
    schedule();
  } catch (...) {
    stop();
    throw;
  }
}

void ProcessSupervisor::schedule() {
  timer_ = Timer::aligned(host(), std::chrono::nanoseconds(fleet_->settings().interval_ns),
                          [this](const Tick& tick) { metrics_->tick(tick.due_ns); });
}

void ProcessSupervisor::stop() {
  timer_.cancel();
  if (!fleet_) return;
  metrics_->end();
  watcher_->end();
  desk_->end();
  fleet_->on_change = nullptr;
  fleet_->close();
  desk_.reset();
  metrics_.reset();
  watcher_.reset();
  fleet_.reset();
}

void ProcessSupervisor::on_ready(Name /*port*/) {
  if (fleet_) fleet_->reporter().on_ready();
}

void ProcessSupervisor::execute(std::string_view command, std::string_view args_json, Reply&& reply) {
  if (!desk_) return reply.fail("the supervisor is stopped", PICKET_CANCELLED);
  desk_->execute(command, args_json, std::move(reply));
}

void ProcessSupervisor::abandoned(picket_call call) {
  if (desk_) desk_->abandoned(call);
}

bool ProcessSupervisor::reload(const Config& config) {
  auto parsed = parse_settings(config.json());
  if (!parsed) throw Failure(parsed.error().message, parsed.error().status);
  for (const auto& [name, problem] : parsed->problems) {
    host().error(name + ": its new settings cannot work and are not taken: " + problem);
  }
  if (!fleet_) {
    settings_ = std::move(parsed).value();
    return true;
  }
  const bool new_interval = parsed->interval_ns != fleet_->settings().interval_ns;
  watcher_->configure(parsed->watch, parsed->watch_interval_ns);
  fleet_->reload(std::move(parsed).value());
  if (new_interval) schedule();
  return true;
}

HealthReport ProcessSupervisor::health() {
  if (!fleet_) return HealthReport::good();
  if (!fleet_->holder_ready()) return HealthReport::bad("there is no holder of processes");
  std::string troubled;
  std::size_t count = 0;
  const auto add = [&](const std::string& name, std::string_view what) {
    if (++count <= 5) troubled += (troubled.empty() ? "" : ", ") + name + " " + std::string(what);
  };
  for (const auto& [name, problem] : fleet_->settings().problems) add(name, "has wrong settings");
  for (const auto& [name, program] : fleet_->programs()) {
    const State state = program->state();
    if (state == State::failed || state == State::degraded || program->failures() > 0)
      add(name, "is " + std::string(name_of(state)));
  }
  if (count > 5) troubled += " and " + std::to_string(count - 5) + " more";
  return count == 0 ? HealthReport::good() : HealthReport::degraded(std::move(troubled));
}

}  // namespace picket::process_supervisor
