// SPDX-License-Identifier: Apache-2.0
//
// One program: turns what happens to it into events of the table (states.hpp) and carries out the table's actions. What
// concerns several programs (dependencies, the limiter, the bus) it asks of the fleet. [control]
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include <picket/plugin.hpp>

#include "agenda.hpp"
#include "check_loop.hpp"
#include "exit_record.hpp"
#include "last_lines.hpp"
#include "settings.hpp"
#include "signals.hpp"
#include "states.hpp"

namespace picket::process_supervisor {

class Fleet;

// Why a program was started again; each is counted apart.
enum class Cause : std::uint8_t {
  exit,           // it ended by itself, with a code
  crash,          // a signal ended it
  out_of_memory,  // the system killed it, or one of its tree, for memory
  start_failure,  // it could not be started
  not_ready,      // it was not ready in time
  unhealthy,      // its liveness check failed
  watchdog,       // its pings did not come
  memory,         // a rule on its memory said so (command restart, cause memory)
  policy,         // another rule said so
  command,        // an operator said so
  dependency,     // what it requires went down
  settings,       // its settings changed
  lost,           // it ended, and nobody knows how
};
inline constexpr std::size_t kCauses = 13;
std::string_view name_of(Cause cause);
std::optional<Cause> cause_of(std::string_view name);

struct Transition {
  std::int64_t wall_ns;
  State from, to;
  std::string reason;
};

struct StopWish {
  std::string reason;
  bool drain = false;
  bool now = false;  // no signal first: kill at once
};

class Program {
 public:
  // `index` is its number for the limiter.
  Program(Fleet& fleet, std::uint32_t index, ProgramSettings settings);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // --- what is wanted of it -----------------------------------------------------------------------------------------
  void start(const std::string& reason);
  void stop(StopWish wish);
  // Also starts what does not run.
  void restart(Cause cause, StopWish wish);
  // New settings: what can change while it runs does, else it is restarted.
  void apply(ProgramSettings settings);
  // Its new settings cannot work; those in force stay. Empty: they can.
  void set_problem(std::string problem) { problem_ = std::move(problem); }
  // It is no longer in the settings: stop, and be_gone() once it is down.
  void retire();
  bool be_gone() const { return retired_ && is_down(state_); }
  // Sets its timers of schedule. Once, after it was made or its schedule changed.
  void plan_schedule();

  // --- what is known of it ------------------------------------------------------------------------------------------
  const ProgramSettings& settings() const { return settings_; }
  const std::string& name() const { return settings_.name; }
  Name word() const { return word_; }
  std::uint32_t index() const { return index_; }
  State state() const { return state_; }
  bool wanted() const { return wanted_; }
  std::uint32_t failures() const { return failures_; }
  ProgramId id() const { return id_; }
  std::int64_t pid() const { return leader_.pid; }
  bool retired() const { return retired_; }
  bool started() const { return started_ns_ != 0 && !exit_; }
  // Others that require it may run.
  bool available() const;
  // It is about to go down, or is.
  bool going_down() const { return pending_stop_ || state_ == State::stopping || is_down(state_); }
  // It comes up for the first time since it was wanted: whoever comes after it waits.
  bool on_its_way() const;
  // Why it is not where it is wanted; empty: nothing to say.
  std::string note() const;
  const std::string& problem() const { return problem_; }
  const std::array<std::uint64_t, kCauses>& restarts() const { return restarts_; }
  std::uint64_t starts() const { return starts_; }
  std::int64_t uptime_ns() const;
  // Of its last life that is over.
  std::int64_t last_uptime_ns() const { return last_uptime_ns_; }
  const std::optional<ProgramUsage>& usage() const { return usage_; }
  nlohmann::ordered_json to_json() const;
  // The last transitions and a sentence on the present state.
  nlohmann::ordered_json why() const;
  const LastLines& last_lines() const { return last_lines_; }

  // --- from the fleet -----------------------------------------------------------------------------------------------
  // Something that it may have waited for has changed.
  void review();
  // The limiter lets it start.
  void grant();
  // The holder is there again: what was asked of the lost one is asked again.
  void holder_returned();

  // --- from the mechanism -------------------------------------------------------------------------------------------
  void on_found(const ProgramInfo& info);
  void on_started(const ProcessIdentity& leader);
  void on_start_failed(const ProgramFailure& failure);
  void on_notified(std::string_view message);
  void on_exited(const ProgramExit& exit);
  void on_stragglers(std::span<const ProcessMember> members, std::uint32_t count);
  void on_emptied(const ProgramTreeEnd& end);
  void on_measured(const ProgramUsage& usage, std::int64_t time_ns);
  // `of_now`: of the process that runs, not of an earlier one.
  void on_line(bool of_now, std::int64_t time_ns, bool error, std::string_view text);
  void on_request_failed(const ProgramFailure& failure);
  // Sends a signal; false when nothing of it runs.
  bool signal(int number, bool whole_tree);

 private:
  // program.cpp: the table and what it asks for
  void drive(Event event, const std::string& reason);
  void enter(State before);
  void carry_out(Action action, const std::string& reason);
  void arm(const std::string& reason);
  void spawn();
  void go_down(Event event, StopWish wish);
  void begin_stop();
  void end_tree();
  // Its last life is over: decides what comes now.
  void gone(const std::string& how, Cause own_cause, bool success);
  void start_failed(const std::string& why);
  bool dependents_down() const;
  // The first thing that holds back its start, but for the limiter; empty: nothing does.
  std::string hold() const;
  std::string lost_requirement() const;
  void forget_process();
  std::string blob(bool up) const;
  void read_blob(std::string_view blob);

  // program_checks.cpp: readiness, liveness, watchdog
  void begin_readiness();
  void begin_up();
  void end_checks();
  void readiness_told(bool good, const std::string& why);
  void liveness_told(bool good, const std::string& why);
  void await_watchdog();
  void arm_late(std::int64_t delay_ns);

  // program_schedule.cpp
  void await_run();
  void run_due();

  // program_report.cpp: what it says
  void tell_exit(const std::string& how, Cause own_cause, const ProgramTreeEnd& end);
  std::string last_lines_json(std::size_t bytes) const;

  Fleet& fleet_;
  const std::uint32_t index_;
  ProgramSettings settings_;
  Name word_;
  std::string fingerprint_;  // of settings_.launch
  std::string problem_;
  bool retired_ = false;

  State state_ = State::stopped;
  bool wanted_ = false;
  bool success_ = false;   // its last end was a good one
  std::int64_t since_ns_;  // of the state, monotonic
  std::deque<Transition> transitions_;

  // A stop that waits for dependents to be down.
  bool pending_stop_ = false;
  Event pending_event_ = Event::stop;
  StopWish wish_;

  // Why its process is being ended, or was; none: by itself.
  std::optional<Cause> cause_;
  std::uint32_t failures_ = 0;  // ends that nobody asked for, in a row
  std::array<std::uint64_t, kCauses> restarts_{};
  std::uint64_t starts_ = 0, skipped_runs_ = 0;

  // Waiting for a start.
  std::int64_t ready_to_start_ns_ = 0;
  bool after_failure_ = false;  // it waits its delay, and for the limiter
  bool granted_ = false;        // the limiter has let it
  std::string arm_reason_;
  Appointment delay_ = 0;

  // Of the process.
  ProgramId id_ = 0;
  ProcessIdentity leader_{};
  std::string started_as_;  // fingerprint of what it was started with
  std::int64_t started_ns_ = 0, started_wall_ns_ = 0, up_ns_ = 0, last_uptime_ns_ = 0;
  std::optional<ProgramExit> exit_;
  std::string status_text_;  // STATUS= of the notify protocol
  std::optional<ProgramUsage> usage_;
  Measurements measurements_;
  LastLines last_lines_;

  // Checks.
  std::unique_ptr<CheckLoop> readiness_, liveness_;
  Appointment late_ = 0, stable_ = 0, watchdog_ = 0, drain_limit_ = 0, next_run_ = 0;
  std::int64_t late_at_ns_ = 0;
  std::int64_t next_run_ns_ = 0, last_run_ns_ = 0;  // UTC with cron, else monotonic; 0: none
  HelperRun drain_run_ = 0;
  std::string last_problem_;  // of a check
  std::uint32_t bad_ = 0, good_ = 0;
  std::int64_t watchdog_ns_ = 0;
};

}  // namespace picket::process_supervisor
