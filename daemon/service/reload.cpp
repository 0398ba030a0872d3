// SPDX-License-Identifier: Apache-2.0
#include "service/reload.hpp"

#include <algorithm>
#include <utility>

#include "config/fingerprint.hpp"
#include "config/print.hpp"
#include "config/units.hpp"

namespace picket::service {
namespace {

constexpr std::int64_t kProvePoll = 250 * platform::kMillisecond;

std::string seconds_text(std::int64_t nanoseconds) {
  const std::int64_t whole = std::max<std::int64_t>(nanoseconds, 0) / platform::kSecond;
  return config::format_duration(whole * platform::kSecond);
}

}  // namespace

std::vector<std::string> ReloadChanges::touched() const {
  std::vector<std::string> names = started;
  names.insert(names.end(), restarted.begin(), restarted.end());
  names.insert(names.end(), reconfigured.begin(), reconfigured.end());
  return names;
}

const char* to_string(ConfigNotice::Outcome outcome) {
  switch (outcome) {
    case ConfigNotice::Outcome::applied:
      return "applied";
    case ConfigNotice::Outcome::refused:
      return "refused";
    case ConfigNotice::Outcome::confirmed:
      return "confirmed";
    case ConfigNotice::Outcome::rolled_back:
      break;
  }
  return "rolled_back";
}

Reload::Reload(Parts parts) : parts_(std::move(parts)) {}

void Reload::begin() {
  in_force();
  ReloadChanges all;
  all.anything = true;
  for (const auto& [name, instance] : parts_.model().instances) all.started.push_back(name);
  for (const auto& [name, route] : parts_.model().routes) all.rewired.push_back(name);
  tell(ConfigNotice::Outcome::applied, all, {});
}

void Reload::request(std::int64_t confirm_ns, Done done) {
  if (stopping_) return done(Error{"the daemon is stopping", PICKET_CANCELLED});
  next_waiters_.push_back(std::move(done));
  // Of several requests that are answered together the most careful one counts.
  if (confirm_ns > 0) next_confirm_ns_ = next_confirm_ns_ == 0 ? confirm_ns : std::min(next_confirm_ns_, confirm_ns);
  if (!busy()) next();
}

void Reload::next() {
  step_ = Step::applying;
  waiters_ = std::exchange(next_waiters_, {});
  const std::int64_t confirm_ns = std::exchange(next_confirm_ns_, 0);
  parts_.notifier.reloading();
  if (confirm_by_ns_ != 0) {
    return refuse("the reload is refused: generation " + std::to_string(generation_) +
                      " awaits its confirmation for another " + seconds_text(confirm_by_ns_ - now_ns()) +
                      "; `confirm` or `rollback` it first",
                  {}, PICKET_REFUSED);
  }
  confirm_ns_ = confirm_ns;
  LoadedModel loaded = parts_.load();
  files_ = loaded.files;
  if (!loaded.model) {
    return refuse("the new configuration is refused; nothing was changed", std::move(loaded.problems), PICKET_INVALID);
  }
  previous_ = parts_.model();
  parts_.apply(std::move(*loaded.model), [this](const Result<ReloadChanges>& result) {
    if (!result.ok()) {
      previous_.reset();
      return refuse("the new configuration is refused; nothing was changed", {result.error().message},
                    result.error().status);
    }
    applied(*result);
  });
}

void Reload::refuse(const std::string& headline, std::vector<std::string> problems, picket_status status) {
  std::string all = headline;
  std::vector<Log::Field> fields;
  if (!problems.empty()) fields.push_back({"problems", std::to_string(problems.size())});
  parts_.log.write(LogLevel::error, "", headline, fields);
  for (const std::string& problem : problems) {
    parts_.log.answer(LogLevel::error, "", problem);
    all += "\n" + problem;
  }
  last_problem_ = all;
  if (problems.empty()) problems.push_back(headline);
  tell(ConfigNotice::Outcome::refused, {}, std::move(problems));
  finish(Error{all, status});
}

// --- applied, and then? ----------------------------------------------------------------------------------------------

void Reload::in_force() {
  ++generation_;
  hash_ = config::short_hash(config::print_running(parts_.model()));
}

void Reload::applied(const ReloadChanges& changes) {
  in_force();
  changes_ = changes;
  tell(ConfigNotice::Outcome::applied, changes_, {});
  const std::int64_t deadline = parts_.model().daemon.reload_health_deadline_ns;
  if (deadline == 0 || stopping_ || changes_.touched().empty()) return accept();
  step_ = Step::proving;
  prove_by_ns_ = now_ns() + deadline;
  ++round_;
  deadline_ = call_at(prove_by_ns_, [this] { judge(true); });
  prove();
}

// Asks everything that was touched how it is; the last answer leads to a judgement. Who never answers is judged at the
// deadline.
void Reload::prove() {
  const std::shared_ptr<void> asked(nullptr, [this, round = round_](void*) {
    parts_.lane->post([this, round] {
      if (round == round_) judge(false);
    });
  });
  for (const std::string& name : changes_.touched()) {
    if (const auto instance = parts_.instance(name)) instance->check_health([asked] { static_cast<void>(asked); });
  }
}

// Who is not well, and why. `hopeless`: time will not help.
std::optional<std::string> Reload::unwell(bool& hopeless) const {
  for (const std::string& name : changes_.touched()) {
    const auto instance = parts_.instance(name);
    if (!instance) {
      hopeless = true;
      return "`" + name + "` could not be made; see the log";
    }
    const plugin_host::InstanceStatus status = instance->status();
    if (status.state != plugin_host::InstanceState::running) {
      return "`" + name + "` does not run (" + plugin_host::to_string(status.state) + ")" +
             (status.last_error.empty() ? "" : ": " + status.last_error);
    }
    if (status.health == PICKET_HEALTH_BAD) {
      return "`" + name + "` is of bad health" + (status.health_message.empty() ? "" : ": " + status.health_message);
    }
  }
  return std::nullopt;
}

void Reload::judge(bool last_chance) {
  if (step_ != Step::proving) return;
  bool hopeless = false;
  const auto reason = unwell(hopeless);
  if (!reason) return accept();
  const std::int64_t now = now_ns();
  if (!last_chance && !hopeless && now < prove_by_ns_) {
    if (now + kProvePoll < prove_by_ns_) poll_ = call_at(now + kProvePoll, [this] { prove(); });
    return;
  }
  const std::int64_t deadline = parts_.model().daemon.reload_health_deadline_ns;
  put_back(*reason + (hopeless ? "" : ", " + config::format_duration(deadline) + " after the reload"));
}

void Reload::accept() {
  cancel_timers();
  last_problem_.clear();
  parts_.log.write(LogLevel::info, "", "configuration reloaded",
                   {{"generation", std::to_string(generation_)},
                    {"hash", hash_},
                    {"started", std::to_string(changes_.started.size())},
                    {"stopped", std::to_string(changes_.stopped.size())},
                    {"restarted", std::to_string(changes_.restarted.size())},
                    {"reconfigured", std::to_string(changes_.reconfigured.size())},
                    {"rewired", std::to_string(changes_.rewired.size())}});
  if (confirm_ns_ > 0 && changes_.anything && !stopping_) {
    confirm_by_ns_ = now_ns() + confirm_ns_;
    parts_.log.write(LogLevel::warning, "", "the configuration is rolled back unless it is confirmed",
                     {{"generation", std::to_string(generation_)}, {"within", config::format_duration(confirm_ns_)}});
    deadline_ = call_at(confirm_by_ns_,
                        [this] { put_back("it was not confirmed within " + config::format_duration(confirm_ns_)); });
  } else {
    previous_.reset();
  }
  finish({});
}

Result<void> Reload::confirm() {
  if (confirm_by_ns_ == 0 || busy()) return Error{"no reload awaits a confirmation", PICKET_REFUSED};
  confirm_by_ns_ = 0;
  cancel_timers();
  previous_.reset();
  last_problem_.clear();
  parts_.log.write(LogLevel::info, "", "the configuration is confirmed", {{"generation", std::to_string(generation_)}});
  tell(ConfigNotice::Outcome::confirmed, {}, {});
  parts_.settled();
  return {};
}

// --- back ------------------------------------------------------------------------------------------------------------

void Reload::roll_back(Done done) {
  if (confirm_by_ns_ == 0 || busy()) return done(Error{"no reload awaits a confirmation", PICKET_REFUSED});
  rolled_back_ = std::move(done);
  put_back("somebody asked for it");
}

void Reload::put_back(const std::string& reason) {
  if (step_ == Step::idle) parts_.notifier.reloading();
  step_ = Step::rolling_back;
  confirm_by_ns_ = 0;
  cancel_timers();
  const std::string headline = "generation " + std::to_string(generation_) + " is rolled back: " + reason;
  parts_.log.write(LogLevel::error, "", headline);
  config::Model previous = std::move(*previous_);
  previous_.reset();
  parts_.apply(std::move(previous), [this, headline, reason](const Result<ReloadChanges>& result) {
    last_problem_ = headline;
    Result<void> answer = Error{headline, PICKET_FAILED};
    if (result.ok()) {
      in_force();
      parts_.log.write(LogLevel::warning, "", "the previous configuration is in force again",
                       {{"generation", std::to_string(generation_)}, {"hash", hash_}});
      tell(ConfigNotice::Outcome::rolled_back, *result, {reason});
    } else {  // it was in force a moment ago
      last_problem_ += "\nand it could not be rolled back: " + result.error().message;
      parts_.log.write(LogLevel::critical, "", "the configuration could not be rolled back: " + result.error().message);
      tell(ConfigNotice::Outcome::refused, {}, {reason, result.error().message});
      answer = Error{last_problem_, PICKET_FAILED};
    }
    const Done asked_for = std::exchange(rolled_back_, nullptr);
    finish(answer);
    if (asked_for) asked_for(result.ok() ? Result<void>() : answer);
  });
}

// --- the end of each -------------------------------------------------------------------------------------------------

void Reload::finish(const Result<void>& result) {
  step_ = Step::idle;
  if (!stopping_) parts_.notifier.ready();
  const std::vector<Done> answered = std::exchange(waiters_, {});
  parts_.settled();
  for (const Done& waiter : answered) waiter(result);
  if (!stopping_ && !next_waiters_.empty() && !busy()) next();
}

void Reload::stop() {
  if (std::exchange(stopping_, true)) return;
  for (const Done& waiter : std::exchange(next_waiters_, {})) {
    waiter(Error{"the daemon is stopping", PICKET_CANCELLED});
  }
  if (std::exchange(confirm_by_ns_, 0) != 0 && !busy()) {
    cancel_timers();
    parts_.log.write(LogLevel::warning, "",
                     "the daemon stops before its configuration was confirmed; the next start reads the files",
                     {{"generation", std::to_string(generation_)}});
  }
  if (step_ == Step::proving) accept();  // nobody waits for the health of what is stopped
}

void Reload::cancel_timers() {
  ++round_;
  for (platform::CallId* timer : {&deadline_, &poll_}) {
    if (*timer != 0) parts_.lane->executor().cancel(std::exchange(*timer, 0));
  }
}

std::int64_t Reload::now_ns() const {
  return parts_.lane->executor().clock().monotonic_ns();
}

platform::CallId Reload::call_at(std::int64_t due_ns, std::function<void()> task) {
  return parts_.lane->executor().call_at(due_ns, [this, round = round_, task = std::move(task)] {
    parts_.lane->post([this, round, task] {
      if (round == round_) task();
    });
  });
}

void Reload::tell(ConfigNotice::Outcome outcome, const ReloadChanges& changes, std::vector<std::string> problems) {
  parts_.tell({outcome, generation_, hash_, changes, std::move(problems), files_});
}

}  // namespace picket::service
