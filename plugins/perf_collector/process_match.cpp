// SPDX-License-Identifier: Apache-2.0
//
// See process_match.hpp.
#include "process_match.hpp"

#include <bit>
#include <stdexcept>

#include "glob.hpp"
#include "scan.hpp"
#include "small_file.hpp"

namespace picket::perf_collector {

namespace {

// Linux keeps this much of a process's name.
constexpr std::size_t kCutName = 15;

// "/usr/bin/postgres_exporter --x" -> "postgres_exporter"
std::string_view program_of(std::string_view command_line) {
  const std::string_view program = command_line.substr(0, command_line.find(' '));
  return program.substr(program.find_last_of('/') + 1);
}

// Whether a part of "/user.slice/user-1000.slice/session-3.scope" is the unit.
bool unit_holds(std::string_view unit, std::string_view cgroup) {
  while (!cgroup.empty()) {
    const std::size_t end = cgroup.find('/');
    const std::string_view part = cgroup.substr(0, end);
    if (!part.empty() && glob_match(unit, part)) return true;
    cgroup.remove_prefix(end == std::string_view::npos ? cgroup.size() : end + 1);
  }
  return false;
}

}  // namespace

ProcessMatcher::ProcessMatcher(const std::vector<MatchSettings>& matches, ProcessSource& source, Faults& faults)
    : source_(source), faults_(faults) {
  for (const MatchSettings& settings : matches) {
    Rule rule{settings, {}, 0, 0};
    if (!settings.user.empty()) {
      Result<std::string> owner = source.owner_key(settings.user);
      if (!owner)
        throw std::runtime_error("groups.processes.match, \"" + settings.name + "\": " + owner.error().message);
      rule.owner = std::move(owner).value();
    }
    if (!settings.pid_file.empty()) {
      with_pid_file_ |= MatchSet{1} << rules_.size();
      rule.fault = faults_.add(settings.pid_file);
    }
    rules_.push_back(std::move(rule));
  }
}

bool ProcessMatcher::executable_holds(const Rule& rule, const ProcessStat& process) {
  if (rule.settings.executable.find('/') != std::string::npos) {
    return glob_match(rule.settings.executable, source_.program(process.pid));
  }
  const std::string_view name = process.name();
  if (glob_match(rule.settings.executable, name)) return true;
  if (name.size() != kCutName || process.kernel) return false;
  const std::string_view program = program_of(source_.command_line(process.pid));
  return program.starts_with(name) && glob_match(rule.settings.executable, program);
}

bool ProcessMatcher::holds(const Rule& rule, const ProcessStat& process) {
  const MatchSettings& wanted = rule.settings;
  if (!wanted.executable.empty() && !executable_holds(rule, process)) return false;
  if (!wanted.command.empty() && !glob_match(wanted.command, source_.command_line(process.pid))) return false;
  if (!wanted.cgroup.empty() && !glob_match(wanted.cgroup, source_.cgroup(process.pid))) return false;
  if (!wanted.unit.empty() && !unit_holds(wanted.unit, source_.cgroup(process.pid))) return false;
  return rule.owner.empty() || source_.owner(process.pid) == rule.owner;
}

MatchSet ProcessMatcher::evaluate(const ProcessStat& process) {
  MatchSet set = 0;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (holds(rules_[i], process)) set |= MatchSet{1} << i;
  }
  return set;
}

void ProcessMatcher::read_pid_files() {
  for (MatchSet left = with_pid_file_; left != 0; left &= left - 1) {
    Rule& rule = rules_[static_cast<std::size_t>(std::countr_zero(left))];
    std::array<char, 64> text;
    const std::ptrdiff_t got = read_once(rule.settings.pid_file.c_str(), text.data(), text.size());
    rule.pid = 0;
    if (got < 0) {  // no file: the program does not run, which its count of 0 says
      faults_.good(rule.fault);
      continue;
    }
    Scanner scanner({text.data(), static_cast<std::size_t>(got)});
    const bool good = scanner.number(rule.pid) && rule.pid > 0;
    if (!good) rule.pid = 0;
    good ? faults_.good(rule.fault) : faults_.bad(rule.fault, "does not start with a process id");
  }
}

MatchSet ProcessMatcher::select(MatchSet candidates, std::int64_t pid) const {
  MatchSet set = candidates;
  for (MatchSet left = candidates & with_pid_file_; left != 0; left &= left - 1) {
    const int i = std::countr_zero(left);
    if (rules_[static_cast<std::size_t>(i)].pid != pid) set &= ~(MatchSet{1} << i);
  }
  return set;
}

DetailSet ProcessMatcher::details(MatchSet set) const {
  DetailSet details = 0;
  for (; set != 0; set &= set - 1) details |= rules_[static_cast<std::size_t>(std::countr_zero(set))].settings.details;
  return details;
}

}  // namespace picket::perf_collector
