// SPDX-License-Identifier: Apache-2.0
//
// All programs together: who waits for whom, who may start now, what the mechanism reports of whom, and what they
// share. [control]
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <picket/plugin.hpp>

#include "agenda.hpp"
#include "check_loop.hpp"
#include "helper_runs.hpp"
#include "outlet.hpp"
#include "prober.hpp"
#include "program.hpp"
#include "reporter.hpp"
#include "restart_policy.hpp"
#include "settings.hpp"

namespace picket::process_supervisor {

class Fleet : private ProcessListener {
 public:
  // `seed`: of the jitter.
  Fleet(Host host, Settings settings, std::unique_ptr<Prober> prober, std::uint64_t seed);
  ~Fleet() override;

  // Opens the mechanism; programs start once its holder is there. Throws Failure.
  void open();
  // Programs run on.
  void close();
  // Touches what differs only.
  void reload(Settings settings);

  // --- for commands, metrics, health ------------------------------------------------------------------------------
  const Settings& settings() const { return settings_; }
  // Programs by the name of one, of its instances, of a group, or "all"; empty: there is none. In order of name.
  std::vector<Program*> select(const std::string& name) const;
  const std::map<std::string, std::unique_ptr<Program>>& programs() const { return programs_; }
  const std::string& risk() const { return risk_; }
  bool holder_ready() const { return holder_ready_; }
  // Runs after every change of state of any program.
  std::function<void(Program&)> on_change;
  // A measurement has come, of a program or of somebody else's process.
  std::function<void(ProgramId, const ProgramUsage&)> on_measured_any;
  // The holder is there, or there again.
  std::function<void()> on_holder;
  // Somebody else's process has ended.
  std::function<void(ProgramId, const ProgramExit&)> on_exited_other;

  // --- for programs -----------------------------------------------------------------------------------------------
  Host host() const { return host_; }
  Agenda& agenda() { return agenda_; }
  Processes& processes() { return processes_; }
  HelperRuns& helpers() { return helpers_; }
  Reporter& reporter() { return reporter_; }
  CheckTools tools() { return {agenda_, *prober_, helpers_}; }
  double random() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  Program* find(const std::string& name) const;
  const std::vector<Program*>& requiring(const Program& program) const;
  const std::vector<Program*>& following(const Program& program) const;
  // Something about it has changed that others, or itself, may wait for.
  void changed(Program& program);
  void bind(ProgramId id, Program& program);
  // Its tree is empty and the program is done with it: forgotten once its output is through.
  void release(ProgramId id);
  void ask_limiter(Program& program);
  void leave_limiter(const Program& program) { limiter_.forget(program.index()); }
  std::int64_t record_ns() const { return settings_.record_ns; }

 private:
  void on_found(const ProgramInfo& info) override;
  void on_ready(const ProcessAbility& ability) override;
  void on_lost(std::string_view reason) override;
  void on_started(ProgramId id, const ProcessIdentity& leader) override;
  void on_start_failed(ProgramId id, const ProgramFailure& failure) override;
  void on_output(ProgramId id, const ProgramOutput& output) override;
  void on_notified(ProgramId id, std::int64_t sender, std::string_view message) override;
  void on_exited(ProgramId id, const ProgramExit& exit) override;
  void on_stragglers(ProgramId id, std::span<const ProcessMember> members, std::uint32_t count) override;
  void on_emptied(ProgramId id, const ProgramTreeEnd& end) override;
  void on_measured(ProgramId id, const ProgramUsage& usage) override;
  void on_request_failed(ProgramId id, const ProgramFailure& failure) override;

  Program* bound(ProgramId id) const;
  void add(const ProgramSettings& settings);
  void index();
  void settle();
  void serve_limiter();
  void drop_outlet(ProgramId id);

  Host host_;
  Settings settings_;
  Agenda agenda_;
  Processes processes_;
  std::unique_ptr<Prober> prober_;
  HelperRuns helpers_;
  Reporter reporter_;
  std::mt19937_64 random_;
  StartLimiter limiter_;
  Appointment limiter_turn_ = 0, settling_ = 0;
  bool holder_ready_ = false, begun_ = false;
  std::string risk_;

  std::uint32_t last_index_ = 0;
  std::map<std::string, std::unique_ptr<Program>> programs_;
  std::unordered_map<std::uint32_t, Program*> by_index_;
  std::unordered_map<std::string, std::vector<Program*>> requiring_, following_;
  std::set<std::string> changed_;  // names
  std::unordered_map<ProgramId, Program*> by_id_;
  std::unordered_map<ProgramId, std::unique_ptr<Outlet>> outlets_;
  std::set<ProgramId> strays_;  // found, and of nobody: they are ended
};

}  // namespace picket::process_supervisor
