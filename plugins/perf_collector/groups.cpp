// SPDX-License-Identifier: Apache-2.0
//
// See groups.hpp.
#include "groups.hpp"

#include <stdexcept>
#include <utility>

#include "cgroups.hpp"
#include "files.hpp"
#include "hwmon.hpp"
#include "kernel.hpp"
#include "load.hpp"
#include "memory.hpp"
#include "network.hpp"
#include "paging.hpp"
#include "pressure.hpp"

namespace picket::perf_collector {

namespace {

template <auto Member>
bool same_settings(const Settings& a, const Settings& b) {
  const auto& left = a.*Member;
  const auto& right = b.*Member;
  return left && right && left->own == right->own && left->metrics == right->metrics && left->asked == right->asked;
}

}  // namespace

template <auto Member, typename Make>
void Groups::add(const char* name, const Vocabulary& vocabulary, const Make& make) {
  const auto& settings = settings_.*Member;
  if (!settings) return;
  std::size_t metrics = 0;
  entries_.push_back({name, same_settings<Member>, settings->every_ns,
                      make(*settings, vocabulary.only(settings->metrics, metrics)), std::nullopt, false});
  if (metrics == 0 && !(settings->metrics == Choice{})) {
    throw std::runtime_error("groups." + std::string(name) +
                             ".metrics: leaves no metric of this group; remove the group, or let some of them in");
  }
}

Groups::Groups(const Settings& settings, const Machine& machine, const Vocabulary& vocabulary) : settings_(settings) {
  add<&Settings::cpu>("cpu", vocabulary,
                      [&](const auto& group, const Vocabulary& names) { return make_cpu(group.own, machine, names); });
  add<&Settings::load>("load", vocabulary,
                       [&](const auto&, const Vocabulary& names) { return make_load(machine, names); });
  add<&Settings::memory>("memory", vocabulary,
                         [&](const auto&, const Vocabulary& names) { return make_memory(machine, names); });
  add<&Settings::paging>("paging", vocabulary, [&](const auto& group, const Vocabulary& names) {
    return make_paging(group.own, machine, names);
  });
  add<&Settings::disks>("disks", vocabulary, [&](const auto& group, const Vocabulary& names) {
    return make_disks(group.own, machine, names);
  });
  add<&Settings::filesystems>("filesystems", vocabulary, [&](const auto& group, const Vocabulary& names) {
    return make_filesystems(group.own, machine, names);
  });
  add<&Settings::network>("network", vocabulary, [&](const auto& group, const Vocabulary& names) {
    return make_network(group.own, machine, names);
  });
  add<&Settings::pressure>("pressure", vocabulary, [&](const auto& group, const Vocabulary& names) {
    return make_pressure(group.own, group.asked, machine, names);
  });
  add<&Settings::kernel>("kernel", vocabulary,
                         [&](const auto&, const Vocabulary& names) { return make_kernel(machine, names); });
  add<&Settings::hwmon>("hwmon", vocabulary, [&](const auto& group, const Vocabulary& names) {
    return make_hwmon(group.own, group.asked, machine, names);
  });
  add<&Settings::processes>("processes", vocabulary, [&](const auto& group, const Vocabulary& names) {
    return make_processes(group.own, machine, names);
  });
  add<&Settings::cgroups>("cgroups", vocabulary, [&](const auto& group, const Vocabulary& names) {
    return make_cgroups(group.own, machine, names);
  });
  add<&Settings::files>("files", vocabulary,
                        [&](const auto& group, const Vocabulary& names) { return make_files(group.own, names); });
}

void Groups::adopt(Groups& old) {
  for (Entry& entry : entries_) {
    for (Entry& before : old.entries_) {
      if (before.name != entry.name || !entry.same(settings_, old.settings_)) continue;
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
