// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include <algorithm>
#include <chrono>

#include "duration_text.hpp"
#include "fleet.hpp"
#include "launch.hpp"

namespace picket::process_supervisor {
namespace {

constexpr std::size_t kKeptTransitions = 12;
constexpr std::array<std::string_view, kCauses> kCauseNames = {
    "exit",   "crash",  "out_of_memory", "start_failure", "not_ready", "unhealthy", "watchdog",
    "memory", "policy", "command",       "dependency",    "settings",  "lost"};

// An end that counts as a failure of the program, though somebody else ended it.
bool is_failure(Cause cause) {
  return cause == Cause::not_ready || cause == Cause::unhealthy || cause == Cause::watchdog;
}

Severity severity_of(State to, bool after_failure) {
  if (to == State::failed) return Severity::error;
  if (to == State::degraded || (to == State::backoff && after_failure)) return Severity::warning;
  return Severity::info;
}

}  // namespace

std::string_view name_of(Cause cause) {
  return kCauseNames[static_cast<std::size_t>(cause)];
}

std::optional<Cause> cause_of(std::string_view name) {
  const auto found = std::find(kCauseNames.begin(), kCauseNames.end(), name);
  if (found == kCauseNames.end()) return std::nullopt;
  return static_cast<Cause>(found - kCauseNames.begin());
}

Program::Program(Fleet& fleet, std::uint32_t index, ProgramSettings settings)
    : fleet_(fleet),
      index_(index),
      settings_(std::move(settings)),
      word_(fleet.host().name(settings_.name)),
      fingerprint_(fingerprint(settings_.launch)),
      since_ns_(fleet.agenda().now_ns()) {
  last_lines_.limit(settings_.launch.output.last_lines);
}

Program::~Program() {
  end_checks();
  fleet_.agenda().cancel(delay_);
  fleet_.agenda().cancel(next_run_);
  fleet_.agenda().cancel(drain_limit_);
  fleet_.helpers().cancel(drain_run_);
  fleet_.leave_limiter(*this);
}

// --- wishes ----------------------------------------------------------------------------------------------------------

void Program::start(const std::string& reason) {
  wanted_ = true;
  failures_ = 0;
  after_failure_ = false;
  if (pending_stop_) {
    pending_stop_ = false;
    cause_.reset();
    fleet_.changed(*this);
  }
  for (const std::string& required : settings_.requires_) {
    Program* const other = fleet_.find(required);
    if (other != nullptr && !other->wanted() && !other->available()) other->start(name() + " requires it");
  }
  drive(Event::start, reason);
}

void Program::stop(StopWish wish) {
  wanted_ = false;
  if (is_down(state_)) {
    pending_stop_ = false;
    return drive(Event::stop, wish.reason);
  }
  if (state_ != State::stopping) return go_down(Event::stop, std::move(wish));
  const bool now = wish.now;
  if (now) wish_ = std::move(wish);
  drive(Event::stop, wish_.reason);
  if (now) end_tree();
}

void Program::restart(Cause cause, StopWish wish) {
  wanted_ = true;
  if (is_down(state_)) return start(wish.reason);
  if (state_ == State::stopping) {
    if (!cause_) cause_ = cause;
    return drive(Event::restart, wish.reason);
  }
  cause_ = cause;
  go_down(Event::restart, std::move(wish));
}

// Whoever requires it goes down first; review() goes on when they are.
void Program::go_down(Event event, StopWish wish) {
  pending_stop_ = true;
  pending_event_ = event;
  wish_ = std::move(wish);
  fleet_.changed(*this);
}

void Program::retire() {
  retired_ = true;
  fleet_.agenda().cancel(next_run_);
  stop({"it is no longer in the settings"});
}

void Program::apply(ProgramSettings settings) {
  const ProgramSettings before = std::exchange(settings_, std::move(settings));
  retired_ = false;
  problem_.clear();
  fingerprint_ = fingerprint(settings_.launch);
  last_lines_.limit(settings_.launch.output.last_lines);
  if (!(before.schedule == settings_.schedule)) plan_schedule();
  fleet_.changed(*this);
  if (is_down(state_) || state_ == State::stopping) return;
  const Priority &old = before.launch.priority, &now = settings_.launch.priority;
  // What is no longer set has no old value that could be given back.
  const bool taken_away = (old.nice && !now.nice) || (old.io_class && !now.io_class) || (old.cpus && !now.cpus) ||
                          (old.oom_score && !now.oom_score);
  if (fingerprint_ != started_as_ || taken_away) return restart(Cause::settings, {"its settings changed"});
  if (!(old == now)) {
    ProcessTuning tuning = tuning_of(now);
    tuning.whole_tree = true;
    fleet_.processes().tune(id_, tuning);
  }
  if (!(before.launch.limits == settings_.launch.limits)) {
    fleet_.processes().limit(id_, limits_of(settings_.launch.limits));
  }
  if (state_ == State::starting && started_ns_ != 0 && !(before.ready == settings_.ready)) begin_readiness();
  if (is_up(state_) && !(before.healthy == settings_.healthy)) {
    liveness_.reset();
    begin_up();
  }
}

// --- the table -------------------------------------------------------------------------------------------------------

void Program::drive(Event event, const std::string& reason) {
  const Cell cell = transition(state_, event);
  if (cell.action == Action::ignore) return;
  const State before = std::exchange(state_, cell.next);
  if (before != state_) {
    const std::int64_t pid = leader_.pid;
    since_ns_ = fleet_.agenda().now_ns();
    transitions_.push_back({fleet_.host().wall_ns(), before, state_, reason});
    if (transitions_.size() > kKeptTransitions) transitions_.pop_front();
    enter(before);
    fleet_.reporter().tell({word_, name_of(before), name_of(state_), reason, pid, severity_of(state_, after_failure_)});
  }
  fleet_.changed(*this);
  carry_out(cell.action, reason);
}

void Program::enter(State before) {
  if (is_up(state_)) {
    if (state_ == State::running) failures_ = 0;
    if (state_ == State::ready) begin_up();
  } else if (state_ == State::stopping) {
    end_checks();
  } else if (is_down(state_) && !is_down(before)) {
    end_checks();
    forget_process();
  }
}

void Program::carry_out(Action action, const std::string& reason) {
  switch (action) {
    case Action::nothing:
    case Action::ignore:
    case Action::report:  // on_stragglers has said it
    case Action::adopt:   // on_found does it
      return;
    case Action::arm:
      return arm(reason);
    case Action::hasten:
      after_failure_ = false;
      fleet_.agenda().cancel(delay_);
      ready_to_start_ns_ = 0;
      return;
    case Action::disarm:
      fleet_.agenda().cancel(delay_);
      fleet_.leave_limiter(*this);
      return;
    case Action::spawn:
      return spawn();
    case Action::stop:
      return begin_stop();
    case Action::finish:
      cause_.reset();
      wish_ = {};
      return end_tree();
    case Action::recall:
      if (!cause_) cause_ = Cause::command;
      return;
    case Action::settle:
      return;
  }
}

void Program::arm(const std::string& reason) {
  arm_reason_ = reason;
  granted_ = false;
  fleet_.agenda().cancel(delay_);
  ready_to_start_ns_ = 0;
  if (!after_failure_) return;
  const std::int64_t delay = backoff_delay(settings_.backoff, failures_, fleet_.random());
  ready_to_start_ns_ = fleet_.agenda().now_ns() + delay;
  delay_ = fleet_.agenda().at(ready_to_start_ns_, [this] {
    delay_ = 0;
    ready_to_start_ns_ = 0;
    review();
  });
}

std::string Program::hold() const {
  if (!fleet_.holder_ready()) return "waits for the holder of processes";
  if (ready_to_start_ns_ != 0) {
    return "waits " + duration_text(ready_to_start_ns_ - fleet_.agenda().now_ns()) + " before the next start";
  }
  for (const std::string& required : settings_.requires_) {
    const Program* const other = fleet_.find(required);
    if (other == nullptr) return "requires " + required + ", whose settings are wrong";
    if (!other->available()) return "waits for " + required + ", which is " + std::string(name_of(other->state()));
  }
  for (const std::string& first : settings_.after) {
    const Program* const other = fleet_.find(first);
    if (other != nullptr && other->on_its_way()) return "waits for " + first + ", which comes first";
  }
  return {};
}

std::string Program::lost_requirement() const {
  for (const std::string& required : settings_.requires_) {
    const Program* const other = fleet_.find(required);
    // What a task has done stays done while it runs again.
    if (other == nullptr || other->settings().task || other->available()) continue;
    return required + (is_up(other->state()) ? " goes down" : " went down");
  }
  return {};
}

bool Program::dependents_down() const {
  if (settings_.task) return true;
  for (const Program* const other : fleet_.requiring(*this)) {
    if (!is_down(other->state())) return false;
  }
  for (const Program* const other : fleet_.following(*this)) {
    if (other->going_down() && !is_down(other->state())) return false;
  }
  return true;
}

bool Program::available() const {
  if (settings_.task) return state_ == State::exited && success_;
  return is_up(state_) && !pending_stop_;
}

bool Program::on_its_way() const {
  if (!wanted_ || failures_ > 0) return false;
  for (const std::string& required : settings_.requires_) {
    const Program* const other = fleet_.find(required);
    if (other == nullptr || (!other->available() && !other->wanted())) return false;
  }
  return settings_.task ? !is_settled(state_) : !is_settled(state_) && !is_up(state_);
}

void Program::review() {
  if (pending_stop_) {
    if (!wish_.now && !dependents_down()) return;
    pending_stop_ = false;
    return drive(pending_event_, wish_.reason);
  }
  if (state_ == State::backoff) {
    if (!hold().empty()) return;
    if (after_failure_ && !granted_) return fleet_.ask_limiter(*this);
    return drive(Event::clear, arm_reason_);
  }
  if (!wanted_ || (!is_up(state_) && state_ != State::starting)) return;
  if (const std::string lost = lost_requirement(); !lost.empty()) restart(Cause::dependency, {lost});
}

void Program::grant() {
  granted_ = true;
  review();
}

// --- a process -------------------------------------------------------------------------------------------------------

void Program::spawn() {
  ++starts_;
  success_ = false;
  cause_.reset();
  exit_.reset();
  usage_.reset();
  measurements_.clear();
  status_text_.clear();
  last_problem_.clear();
  wish_ = {};
  started_as_ = fingerprint_;
  auto spec = make_spec(settings_);
  if (!spec) return start_failed(spec.error().message);
  spec->blob = blob(false);
  try {
    id_ = fleet_.processes().start(*spec);
  } catch (const Failure& failure) {
    return start_failed(failure.what());
  }
  started_wall_ns_ = fleet_.host().wall_ns();
  fleet_.bind(id_, *this);
}

void Program::start_failed(const std::string& why) {
  fleet_.host().warning(name() + " could not be started: " + why);
  gone("could not be started: " + why, Cause::start_failure, false);
}

void Program::begin_stop() {
  const Drain& drain = settings_.drain;
  if (!wish_.drain || (!drain.signal && drain.command.empty()) || exit_) return end_tree();
  drain_limit_ = fleet_.agenda().after(drain.timeout_ns, [this] {
    drain_limit_ = 0;
    end_tree();
  });
  if (drain.signal) fleet_.processes().signal(id_, *drain.signal, settings_.stop_tree);
  if (drain.command.empty()) return;
  auto spec = make_helper_spec(settings_, drain.command, std::string(HelperRuns::kPrefix) + name());
  if (!spec) {
    fleet_.host().warning(name() + ": the drain cannot be run: " + spec.error().message);
    return;
  }
  drain_run_ =
      fleet_.helpers().run(std::move(spec).value(), drain.timeout_ns, [this](bool good, const std::string& why) {
        drain_run_ = 0;
        if (!good) fleet_.host().warning(name() + ": the drain " + why);
        if (drain_limit_ != 0) end_tree();
      });
}

void Program::end_tree() {
  fleet_.agenda().cancel(drain_limit_);
  fleet_.helpers().cancel(drain_run_);
  const std::int64_t timeout = wish_.now ? 0 : settings_.stop_timeout_ns;
  // Once the main process is gone, nobody but the rest can be asked.
  fleet_.processes().end(id_, wish_.now ? 0 : settings_.stop_signal, std::chrono::nanoseconds(timeout),
                         settings_.stop_tree || exit_.has_value());
}

void Program::gone(const std::string& how, Cause own_cause, bool success) {
  pending_stop_ = false;
  success_ = success;
  after_failure_ = false;
  const std::optional<Cause> asked = std::exchange(cause_, std::nullopt);
  if (!wanted_) return drive(Event::gone_stopped, how);
  const bool failure = asked ? is_failure(*asked) : !success;
  const bool by_itself = !asked || is_failure(*asked);
  const std::string reason = asked && !wish_.reason.empty() ? wish_.reason + "; " + how : how;
  if (by_itself) {
    const bool again =
        settings_.restart == RestartPolicy::always || (settings_.restart == RestartPolicy::on_failure && failure);
    if (!again) {
      wanted_ = false;
      if (!failure) failures_ = 0;
      return drive(failure ? Event::gone_failed : Event::gone_done, reason);
    }
    ++failures_;
    after_failure_ = true;
    if (settings_.give_up_after > 0 && failures_ >= settings_.give_up_after) {
      wanted_ = false;
      return drive(Event::gone_failed, "given up after " + std::to_string(failures_) + " ends in a row: " + reason);
    }
  }
  ++restarts_[static_cast<std::size_t>(asked.value_or(own_cause))];
  drive(Event::gone_again, reason);
}

void Program::forget_process() {
  fleet_.agenda().cancel(drain_limit_);
  fleet_.helpers().cancel(drain_run_);
  if (id_ != 0) fleet_.release(id_);
  id_ = 0;
  last_uptime_ns_ = uptime_ns();
  leader_ = {};
  started_ns_ = up_ns_ = 0;
}

void Program::holder_returned() {
  if (state_ == State::stopping && drain_limit_ == 0) return end_tree();
  if (state_ == State::starting && id_ != 0 && started_ns_ == 0) start_failed("the holder of processes died");
  fleet_.changed(*this);
}

bool Program::signal(int number, bool whole_tree) {
  return id_ != 0 && !exit_ && fleet_.processes().signal(id_, number, whole_tree) == PICKET_OK;
}

std::int64_t Program::uptime_ns() const {
  return started_ns_ == 0 ? 0 : fleet_.agenda().now_ns() - started_ns_;
}

}  // namespace picket::process_supervisor
