// SPDX-License-Identifier: Apache-2.0
//
// See groups.hpp.
#include "groups.hpp"

#include <utility>

#include "cgroups.hpp"
#include "files.hpp"
#include "load.hpp"
#include "memory.hpp"

namespace picket::perf_collector {

Groups::Groups(const Settings& settings, const Machine& machine, const Vocabulary& vocabulary) : settings_(settings) {
  const auto add = [this](const char* name, std::int64_t every_ns, std::unique_ptr<Group> group) {
    entries_.push_back({name, every_ns, std::move(group), std::nullopt, false});
  };
  if (settings.cpu) add("cpu", settings.cpu->every_ns, make_cpu(settings.cpu->own, machine, vocabulary));
  if (settings.load) add("load", settings.load->every_ns, make_load(machine, vocabulary));
  if (settings.memory) add("memory", settings.memory->every_ns, make_memory(machine, vocabulary));
  if (settings.processes) {
    add("processes", settings.processes->every_ns, make_processes(settings.processes->own, machine, vocabulary));
  }
  if (settings.cgroups) {
    add("cgroups", settings.cgroups->every_ns, make_cgroups(settings.cgroups->own, machine, vocabulary));
  }
  if (settings.files) add("files", settings.files->every_ns, make_files(settings.files->own, vocabulary));
}

void Groups::adopt(Groups& old) {
  const auto same = [&](const std::string& name) {
    const auto equal = [](const auto& a, const auto& b) { return a && b && a->own == b->own; };
    if (name == "cpu") return equal(settings_.cpu, old.settings_.cpu);
    if (name == "processes") return equal(settings_.processes, old.settings_.processes);
    if (name == "files") return equal(settings_.files, old.settings_.files);
    if (name == "cgroups") return equal(settings_.cgroups, old.settings_.cgroups);
    return true;  // the others have no settings of their own
  };
  for (Entry& entry : entries_) {
    for (Entry& before : old.entries_) {
      if (before.name != entry.name || !same(entry.name)) continue;
      entry.group = std::move(before.group);
      entry.adopted = true;
      if (before.every_ns == entry.every_ns) entry.last_period = before.last_period;
      break;
    }
  }
  std::erase_if(old.entries_, [](const Entry& entry) { return entry.group == nullptr; });
}

void Groups::prime(std::int64_t monotonic_ns, Samples& scratch) {
  for (Entry& entry : entries_) {
    if (!entry.adopted) entry.group->collect(monotonic_ns, scratch);
  }
  scratch.begin(0);
}

std::size_t Groups::collect_due(std::int64_t due_ns, std::int64_t monotonic_ns, Samples& samples) {
  std::size_t due = 0;
  for (Entry& entry : entries_) {
    const std::int64_t period = due_ns / entry.every_ns;
    // Not "later": after the clock was set back the group must not fall silent until it has caught up.
    if (entry.last_period == period) continue;
    entry.last_period = period;
    entry.group->collect(monotonic_ns, samples);
    ++due;
  }
  return due;
}

void Groups::collect_all(std::int64_t monotonic_ns, Samples& samples) {
  for (Entry& entry : entries_) entry.group->collect(monotonic_ns, samples);
}

std::uint64_t Groups::take_fault_count() {
  std::uint64_t count = 0;
  for (Entry& entry : entries_) count += entry.group->faults().take_count();
  return count;
}

void Groups::tell_fault_changes(const std::function<void(bool, const std::string&)>& tell) {
  for (Entry& entry : entries_) entry.group->faults().tell_changes(tell);
}

std::string Groups::fault_message() const {
  std::string all;
  for (const Entry& entry : entries_) {
    const std::string message = entry.group->faults().message();
    if (message.empty()) continue;
    if (!all.empty()) all += "; ";
    all += message;
  }
  return all;
}

}  // namespace picket::perf_collector
