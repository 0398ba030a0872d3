// SPDX-License-Identifier: Apache-2.0
#include "fleet.hpp"

#include <algorithm>
#include <chrono>

#include "dependencies.hpp"

namespace picket::process_supervisor {
namespace {

constexpr std::int64_t kOutputGrace = 10'000'000'000;  // ns, for output of what has ended
constexpr std::chrono::seconds kStrayTimeout{10};
constexpr std::int32_t kTerminate = 15;

}  // namespace

Fleet::Fleet(Host host, Settings settings, std::unique_ptr<Prober> prober, std::uint64_t seed)
    : host_(host),
      settings_(std::move(settings)),
      agenda_(host),
      prober_(std::move(prober)),
      helpers_(processes_, agenda_),
      reporter_(host),
      random_(seed),
      limiter_(settings_.rate, settings_.burst, agenda_.now_ns()) {}

Fleet::~Fleet() {
  close();
}

void Fleet::open() {
  for (const auto& [name, program] : settings_.programs) add(program);
  index();
  processes_.open(host_, *this);
}

void Fleet::close() {
  helpers_.clear();
  processes_.close();
  outlets_.clear();
  programs_.clear();
  reporter_.clear();
  agenda_.clear();
}

void Fleet::add(const ProgramSettings& settings) {
  auto program = std::make_unique<Program>(*this, ++last_index_, settings);
  by_index_[program->index()] = program.get();
  programs_[settings.name] = std::move(program);
}

// Who must hear of whom.
void Fleet::index() {
  requiring_.clear();
  following_.clear();
  for (const auto& [name, program] : programs_) {
    for (const std::string& other : program->settings().requires_) requiring_[other].push_back(program.get());
    for (const std::string& other : program->settings().after) following_[other].push_back(program.get());
  }
}

Program* Fleet::find(const std::string& name) const {
  const auto found = programs_.find(name);
  return found == programs_.end() ? nullptr : found->second.get();
}

std::vector<Program*> Fleet::select(const std::string& name) const {
  std::vector<Program*> found;
  if (name == "all") {
    for (const auto& [unused, program] : programs_) found.push_back(program.get());
    return found;
  }
  for (const std::string& member : members_of(settings_, name)) {
    if (Program* const program = find(member)) found.push_back(program);
  }
  // One whose new settings are wrong, or that is on its way out, can still be spoken of.
  if (Program* const program = find(name); found.empty() && program != nullptr) found.push_back(program);
  return found;
}

const std::vector<Program*>& Fleet::requiring(const Program& program) const {
  static const auto* const kNobody = new std::vector<Program*>();
  const auto found = requiring_.find(program.name());
  return found == requiring_.end() ? *kNobody : found->second;
}

const std::vector<Program*>& Fleet::following(const Program& program) const {
  static const auto* const kNobody = new std::vector<Program*>();
  const auto found = following_.find(program.name());
  return found == following_.end() ? *kNobody : found->second;
}

// --- changes ---------------------------------------------------------------------------------------------------------

// Not at once: whoever changes may be in the middle of something, and several changes often come together.
void Fleet::changed(Program& program) {
  changed_.insert(program.name());
  if (settling_ == 0) {
    settling_ = agenda_.after(0, [this] {
      settling_ = 0;
      settle();
    });
  }
  if (on_change) on_change(program);
}

void Fleet::settle() {
  std::set<std::string> changed;
  changed.swap(changed_);
  std::set<std::string> review;
  for (const std::string& name : changed) {
    review.insert(name);
    for (const auto* const dependents : {&requiring_, &following_}) {
      const auto found = dependents->find(name);
      if (found == dependents->end()) continue;
      for (const Program* const one : found->second) review.insert(one->name());
    }
    if (const Program* const program = find(name)) {
      const ProgramSettings& settings = program->settings();
      review.insert(settings.requires_.begin(), settings.requires_.end());
      review.insert(settings.after.begin(), settings.after.end());
    }
  }
  for (const std::string& name : review) {
    if (Program* const program = find(name)) program->review();
  }
  bool erased = false;
  for (const std::string& name : changed) {
    const auto found = programs_.find(name);
    if (found == programs_.end() || !found->second->be_gone()) continue;
    by_index_.erase(found->second->index());
    std::erase_if(by_id_, [&](const auto& entry) { return entry.second == found->second.get(); });
    programs_.erase(found);
    erased = true;
  }
  if (erased) index();
}

// Fewest failures in a row first; of those that have as many, who was up longest (by powers of two of a second): most
// of a thousand that crash at once have failed only once so far, too.
void Fleet::ask_limiter(Program& program) {
  std::uint32_t doublings = 0;
  for (std::int64_t seconds = program.last_uptime_ns() / 1'000'000'000; seconds > 0; seconds /= 2) ++doublings;
  limiter_.wait(program.index(), program.failures() * 64 - std::min(doublings, 63U));
  serve_limiter();
}

void Fleet::serve_limiter() {
  if (limiter_turn_ != 0) return;
  const std::int64_t next = limiter_.next_ns(agenda_.now_ns());
  if (next == INT64_MAX) return;
  // Never from within ask_limiter: all that ask in one round are there before the first is served.
  limiter_turn_ = agenda_.at(next, [this] {
    limiter_turn_ = 0;
    for (std::int64_t index = 0; (index = limiter_.take(agenda_.now_ns())) >= 0;) {
      const auto found = by_index_.find(static_cast<std::uint32_t>(index));
      if (found != by_index_.end()) found->second->grant();
    }
    serve_limiter();
  });
}

void Fleet::reload(Settings settings) {
  limiter_.configure(settings.rate, settings.burst, agenda_.now_ns());
  settings_ = std::move(settings);
  std::vector<Program*> fresh;
  for (const auto& [name, wanted] : settings_.programs) {
    Program* const program = find(name);
    if (program == nullptr) {
      add(wanted);
      fresh.push_back(find(name));
    } else if (!(program->settings() == wanted) || !program->problem().empty() || program->retired()) {
      program->apply(wanted);
    }
  }
  for (const auto& [name, program] : programs_) {
    if (settings_.programs.contains(name)) continue;
    const auto problem = settings_.problems.find(program->settings().base);
    if (problem != settings_.problems.end()) {
      program->set_problem(problem->second);
    } else {
      program->retire();
    }
  }
  index();
  for (auto& [id, outlet] : outlets_) {
    if (const Program* const program = bound(id)) outlet->apply(program->settings().launch.output);
  }
  for (Program* const program : fresh) {
    program->plan_schedule();
    if (program->settings().autostart && begun_) program->start("it is new in the settings");
  }
  for (const auto& [name, program] : programs_) changed(*program);
}

// --- from the mechanism ----------------------------------------------------------------------------------------------

Program* Fleet::bound(ProgramId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

void Fleet::bind(ProgramId id, Program& program) {
  by_id_[id] = &program;
  if (!program.settings().launch.capture) return;
  std::unique_ptr<Outlet>& outlet = outlets_[id];
  if (outlet) return;
  outlet = std::make_unique<Outlet>(
      host_, processes_, reporter_, id, program.word(), program.settings().launch.output,
      [this, id, name = program.name()](std::int64_t time_ns, bool error, std::string_view text) {
        if (Program* const speaker = find(name)) speaker->on_line(speaker->id() == id, time_ns, error, text);
      });
}

void Fleet::release(ProgramId id) {
  by_id_.erase(id);
  const auto found = outlets_.find(id);
  if (found == outlets_.end() || found->second->through()) return drop_outlet(id);
  agenda_.after(kOutputGrace, [this, id] {
    const auto late = outlets_.find(id);
    if (late == outlets_.end()) return;
    late->second->flush(0);
    if (late->second->idle()) return drop_outlet(id);
    release(id);
  });
}

void Fleet::drop_outlet(ProgramId id) {
  outlets_.erase(id);
  processes_.forget(id);
}

void Fleet::on_found(const ProgramInfo& info) {
  const std::string key(to_view(info.key));
  Program* const program = key.starts_with(HelperRuns::kPrefix) ? nullptr : find(key);
  if (program == nullptr) {
    strays_.insert(info.program);
    host_.info("\"" + key + "\" runs and is not in the settings any more: it is ended");
    if (info.state != PICKET_PROGRAM_EMPTY) processes_.end(info.program, kTerminate, kStrayTimeout, true);
    return;
  }
  bind(info.program, *program);
  program->on_found(info);
}

void Fleet::on_ready(const ProcessAbility& ability) {
  holder_ready_ = true;
  risk_ = to_view(ability.risk);
  if (on_holder) on_holder();
  if (begun_) {
    for (const auto& [name, program] : programs_) program->holder_returned();
    return;
  }
  begun_ = true;
  if (!risk_.empty()) host_.warning(risk_);
  for (const auto& [name, program] : programs_) {
    program->plan_schedule();
    if (program->settings().autostart && program->state() == State::stopped) program->start("the daemon started");
  }
  for (const auto& [name, program] : programs_) changed(*program);
}

void Fleet::on_lost(std::string_view reason) {
  holder_ready_ = false;
  host_.error("the holder of processes is gone: " + std::string(reason) + "; programs run on, a new one is started");
}

void Fleet::on_started(ProgramId id, const ProcessIdentity& leader) {
  if (Program* const program = bound(id)) program->on_started(leader);
}

void Fleet::on_start_failed(ProgramId id, const ProgramFailure& failure) {
  if (helpers_.failed(id, failure)) return;
  Program* const program = bound(id);
  by_id_.erase(id);
  outlets_.erase(id);
  if (program != nullptr) program->on_start_failed(failure);
}

void Fleet::on_output(ProgramId id, const ProgramOutput& output) {
  if (helpers_.output(id, output)) return;
  const auto found = outlets_.find(id);
  if (found == outlets_.end()) {
    processes_.acknowledge_output(id, output.stream, output.offset + output.data.length + output.dropped);
    return;
  }
  const Program* const program = bound(id);
  found->second->output(output, program == nullptr ? 0 : program->pid());
  if (program == nullptr && found->second->through()) drop_outlet(id);
}

void Fleet::on_notified(ProgramId id, std::int64_t /*sender*/, std::string_view message) {
  if (Program* const program = bound(id)) program->on_notified(message);
}

void Fleet::on_exited(ProgramId id, const ProgramExit& exit) {
  if (helpers_.exited(id, exit)) return;
  if (Program* const program = bound(id)) {
    program->on_exited(exit);
  } else if (on_exited_other) {
    on_exited_other(id, exit);
  }
}

void Fleet::on_stragglers(ProgramId id, std::span<const ProcessMember> members, std::uint32_t count) {
  if (helpers_.stragglers(id)) return;
  if (Program* const program = bound(id)) program->on_stragglers(members, count);
}

void Fleet::on_emptied(ProgramId id, const ProgramTreeEnd& end) {
  if (helpers_.emptied(id)) return;
  if (strays_.erase(id) != 0) {
    processes_.forget(id);
  } else if (Program* const program = bound(id)) {
    program->on_emptied(end);
  }
}

void Fleet::on_measured(ProgramId id, const ProgramUsage& usage) {
  if (Program* const program = bound(id)) program->on_measured(usage, host_.wall_ns());
  if (on_measured_any) on_measured_any(id, usage);
}

void Fleet::on_request_failed(ProgramId id, const ProgramFailure& failure) {
  if (Program* const program = bound(id)) {
    program->on_request_failed(failure);
  } else if (!helpers_.owns(id)) {
    host_.warning(to_view(failure.message));
  }
}

}  // namespace picket::process_supervisor
