// SPDX-License-Identifier: Apache-2.0
#include "process/tree_linux.hpp"

#include <set>
#include <utility>

namespace picket::process {

ProcessTable::ProcessTable(std::vector<ProcessFacts> processes, std::map<pid_t, std::string> marks)
    : marks_(std::move(marks)) {
  for (ProcessFacts& facts : processes) {
    const pid_t pid = facts.pid;
    processes_.emplace(pid, std::move(facts));
  }
}

ProcessTable ProcessTable::read(pid_t holder, bool with_marks) {
  std::vector<ProcessFacts> processes = all_processes();
  std::map<pid_t, std::string> marks;
  for (const ProcessFacts& facts : processes) {
    const bool is_orphan = facts.parent == holder || facts.parent == 1;
    if (!with_marks || !is_orphan || facts.pid == holder) continue;
    const auto environment = read_small_file("/proc/" + std::to_string(facts.pid) + "/environ");
    if (!environment) continue;
    if (std::string mark = mark_in(*environment); !mark.empty()) marks.emplace(facts.pid, std::move(mark));
  }
  return {std::move(processes), std::move(marks)};
}

const ProcessFacts* ProcessTable::find(pid_t pid) const {
  const auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : &found->second;
}

std::vector<const ProcessFacts*> ProcessTable::tree(pid_t leader, std::uint64_t leader_start, const std::string& mark,
                                                    std::map<pid_t, std::uint64_t>& known) const {
  std::set<pid_t> members;
  for (const auto& [pid, facts] : processes_) {
    const auto before = known.find(pid);
    const bool was_known = before != known.end() && before->second == facts.start_time;
    const bool is_leader = pid == leader && facts.start_time == leader_start;
    // A session has its leader's pid, which is given to nobody else while the session lives.
    const bool is_in_session = facts.session == leader && facts.start_time >= leader_start;
    const auto marked = marks_.find(pid);
    const bool is_marked = marked != marks_.end() && marked->second == mark;
    if (was_known || is_leader || is_in_session || is_marked) members.insert(pid);
  }
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [pid, facts] : processes_) {
      if (!members.contains(pid) && members.contains(facts.parent)) grew = members.insert(pid).second || grew;
    }
  }
  known.clear();
  std::vector<const ProcessFacts*> living;
  for (const pid_t pid : members) {
    const ProcessFacts& facts = processes_.at(pid);
    if (facts.state == 'Z' || facts.state == 'X') continue;
    known.emplace(pid, facts.start_time);
    living.push_back(&facts);
  }
  return living;
}

std::string mark_in(std::string_view environment) {
  const std::string name = std::string(kMarkVariable) + "=";
  while (!environment.empty()) {
    const std::size_t end = environment.find('\0');
    const std::string_view entry = environment.substr(0, end);
    if (entry.starts_with(name)) return std::string(entry.substr(name.size()));
    environment = end == std::string_view::npos ? std::string_view() : environment.substr(end + 1);
  }
  return {};
}

}  // namespace picket::process
