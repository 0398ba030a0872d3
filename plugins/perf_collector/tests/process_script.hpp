// SPDX-License-Identifier: Apache-2.0
//
// A machine whose processes a test writes down, in the place of an operating system.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "process_source.hpp"

namespace picket::perf_collector::test {

struct Script {
  struct Process {
    ProcessStat stat;
    std::string command, owner;
    std::string program{}, cgroup{};
    DetailSet refuses = 0;
    bool ends = false;  // before it is read
    bool readable = true;
  };
  std::map<std::int64_t, Process> processes;
  bool readable = true;
  DetailSet supported = (1U << kProcessDetails) - 1;

  // What the source was asked since the last list.
  std::vector<std::int64_t> read;
  std::map<std::int64_t, DetailSet> details;
  std::vector<std::int64_t> asked;   // for a command line
  std::multiset<std::int64_t> kept;  // processes whose files are kept
  int ends = 0, rounds = 0;          // calls of end(), those with `all`

  ProcessStat& add(std::int64_t pid, std::uint64_t start, std::string_view name, std::string command = "",
                   std::string owner = "0") {
    Process& process = processes[pid];
    process = {{}, std::move(command), std::move(owner)};
    process.stat.pid = pid;
    process.stat.start = start;
    process.stat.state = kSleeping;
    process.stat.gauges[kThreadCount] = 1;
    process.stat.set_name(name);
    return process.stat;
  }
};

class ScriptedSource final : public ProcessSource {
 public:
  ScriptedSource(Script& script, Faults& faults) : script_(script), faults_(faults), fault_(faults.add("script")) {}

  bool list(std::vector<std::int64_t>& pids) override {
    pids.clear();
    script_.read.clear();
    script_.details.clear();
    script_.asked.clear();
    for (const auto& [pid, process] : script_.processes) pids.push_back(pid);
    script_.readable ? faults_.good(fault_) : faults_.bad(fault_, "closed");
    return script_.readable;
  }
  ReadResult read(std::int64_t pid, KeptFiles& files, ProcessStat& process) override {
    const Script::Process& found = script_.processes.at(pid);
    script_.read.push_back(pid);
    if (found.ends) return ReadResult::gone;
    if (!found.readable) return ReadResult::refused;
    if (files.descriptors[0] < 0) script_.kept.insert(pid);
    files.descriptors[0] = static_cast<int>(pid);
    process = found.stat;
    process.have = kFreeDetails;
    return ReadResult::good;
  }
  void read_details(DetailSet wanted, KeptFiles& /*files*/, ProcessStat& process) override {
    const DetailSet refuses = script_.processes.at(process.pid).refuses;
    script_.details[process.pid] = wanted;
    process.have |= wanted & ~refuses;
    process.refused = wanted & refuses;
  }
  void end(bool all) override {
    ++script_.ends;
    if (all) ++script_.rounds;
  }
  void release(KeptFiles& files) override {
    if (files.descriptors[0] >= 0) script_.kept.erase(script_.kept.find(files.descriptors[0]));
    files = KeptFiles{};
  }
  DetailSet supported() const override { return script_.supported; }
  double age_seconds(std::uint64_t start) const override { return 1000.0 - static_cast<double>(start); }
  std::string_view command_line(std::int64_t pid) override {
    script_.asked.push_back(pid);
    return script_.processes.at(pid).command;
  }
  std::string_view program(std::int64_t pid) override { return script_.processes.at(pid).program; }
  std::string_view cgroup(std::int64_t pid) override { return script_.processes.at(pid).cgroup; }
  std::string owner(std::int64_t pid) override { return script_.processes.at(pid).owner; }
  Result<std::string> owner_key(const std::string& user) override {
    if (user == "nobody-here") return Error{"there is no user \"" + user + "\"", PICKET_INVALID};
    return user;
  }

 private:
  Script& script_;
  Faults& faults_;
  Faults::Slot fault_;
};

}  // namespace picket::perf_collector::test
