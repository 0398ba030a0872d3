// SPDX-License-Identifier: Apache-2.0
//
// Deaths, what is left of a tree after its leader's, ends, and measures.
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "picket/ext/process.h"
#include "process/holder_core_linux.hpp"

namespace picket::process {
namespace {

constexpr std::int64_t kGather = 2'000'000;        // ns
constexpr std::int64_t kFirstLook = 20'000'000;    // ns after a leader's end: what ends with it has gone by then
constexpr std::int64_t kLastLook = 2'000'000'000;  // between two looks at a tree that stays
constexpr std::int64_t kKillLook = 5'000'000;      // while it is being killed
constexpr std::size_t kMostMembers = 64;

std::int64_t nanoseconds(const timeval& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::int64_t>(time.tv_usec) * 1'000;
}

std::int64_t ticks_to_ns(std::uint64_t ticks) {
  static const long per_second = sysconf(_SC_CLK_TCK);
  return static_cast<std::int64_t>(ticks) * (1'000'000'000 / per_second);
}

// Linux keeps nice values, CPUs and I/O classes for each thread.
std::vector<pid_t> threads_of(pid_t pid) {
  std::vector<pid_t> threads;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", error)) {
    threads.push_back(static_cast<pid_t>(std::atol(entry.path().filename().c_str())));
  }
  return threads;
}

// read_bytes and write_bytes of /proc/PID/io; -1: not ours to see.
std::pair<std::int64_t, std::int64_t> storage_bytes(pid_t pid) {
  const auto text = read_small_file("/proc/" + std::to_string(pid) + "/io");
  const auto value = [&](std::string_view key) -> std::int64_t {
    const std::size_t at = text->find(key);
    return at == std::string::npos ? -1 : std::strtoll(text->c_str() + at + key.size(), nullptr, 10);
  };
  if (!text) return {-1, -1};
  return {value("\nread_bytes: "), value("\nwrite_bytes: ")};
}

}  // namespace

const ProcessTable& Holder::table() {
  if (!table_) table_ = ProcessTable::read(static_cast<pid_t>(self_.pid), true);
  return *table_;
}

void Holder::look_soon(Program& program, std::int64_t in_ns) {
  program.look_due_ns = now() + in_ns;
  timed_.insert(program.facts.id);
}

// Our children: leaders, and orphans of their trees, whose parent we have become.
void Holder::reap() {
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
  }
  bool orphans = false;
  for (;;) {
    int status = 0;
    rusage usage{};
    const pid_t pid = wait4(-1, &status, WNOHANG, &usage);
    if (pid <= 0) break;
    const auto found = by_leader_.find(pid);
    Program* const program = found == by_leader_.end() ? nullptr : find(found->second);
    if (program != nullptr) {
      leader_ended(*program, status, &usage);
    } else {
      orphans = true;
    }
  }
  if (!orphans) return;
  for (const ProgramId id : timed_) {
    Program& program = *programs_.at(id);
    if (program.facts.state != PICKET_PROGRAM_EXITED || !program.group.empty()) continue;
    ++program.adopted;
    program.look_due_ns = now();
  }
}

void Holder::pidfd_event(Program& program) {
  const auto pid = static_cast<pid_t>(program.facts.leader.pid);
  int status = 0;
  rusage usage{};
  // A leader named by set_main may have become our child meanwhile.
  const bool is_ours = !program.foreign && wait4(pid, &status, WNOHANG, &usage) == pid;
  const std::optional<int> foreign = is_ours ? std::optional(status) : foreign_status(program.pidfd.get(), pid);
  close_watched(program.pidfd);
  leader_ended(program, foreign, is_ours ? &usage : nullptr);
}

// `status` as wait(2) has it; nothing: nobody knows.
void Holder::leader_ended(Program& program, std::optional<int> status, const rusage* usage) {
  if (!program.running()) return;
  close_watched(program.pidfd);
  drain_streams(program);
  pump(program);
  program.facts.state = PICKET_PROGRAM_EXITED;
  forget_leader(program);
  if (!program.exit) {
    Exited exit;
    exit.id = program.facts.id;
    exit.ended_ns = now();
    exit.ended_wall_ns = wall();
    exit.how = !status ? PICKET_EXIT_UNKNOWN : WIFEXITED(*status) ? PICKET_EXIT_CODE : PICKET_EXIT_SIGNAL;
    if (status) exit.value = WIFEXITED(*status) ? WEXITSTATUS(*status) : WTERMSIG(*status);
    if (status && WIFSIGNALED(*status) && WCOREDUMP(*status)) exit.flags |= PICKET_EXIT_CORE;
    if (usage != nullptr) {
      exit.user_ns = nanoseconds(usage->ru_utime);
      exit.system_ns = nanoseconds(usage->ru_stime);
      exit.peak_memory = static_cast<std::int64_t>(usage->ru_maxrss) * 1024;
    }
    if (!program.group.empty()) {
      const GroupUsage group = group_usage(program.group);
      if (group.peak_memory >= 0) exit.peak_memory = group.peak_memory;
      if (group.oom_kills > 0) exit.flags |= PICKET_EXIT_OOM;
    }
    program.exit = exit;
    if (!program.foreign) append_record(parts_.directory, program.facts.id, Report(exit));
  }
  report(program, *program.exit);
  if (program.foreign) return emptied(program, true);
  program.look_interval_ns = kFirstLook;
  if (program.group.empty()) {
    look_soon(program, kGather);  // one look at /proc for all that end at about the same time
  } else {
    look(program);
  }
}

// Whether anything is left of a tree whose leader has gone.
void Holder::look(Program& program) {
  if (program.facts.state != PICKET_PROGRAM_EXITED) {
    // Reading makes the next change of the file an event.
    if (program.group_events) {
      char text[256];
      static_cast<void>(pread(program.group_events.get(), text, sizeof text, 0));
    }
    return;
  }
  if (!program.group.empty()) {
    char text[256];
    const ssize_t got = pread(program.group_events.get(), text, sizeof text, 0);
    const std::optional<bool> populated =
        got <= 0 ? std::optional(false) : parse_populated(std::string(text, static_cast<std::size_t>(got)));
    if (!populated.value_or(false)) return emptied(program, true);
  }
  const std::vector<Member> left = members(program);
  if (left.empty() && program.group.empty()) return emptied(program, false);
  if (program.killing) {
    kill_tree(program);
    return;
  }
  const bool is_first = program.look_interval_ns == kFirstLook;
  if (!is_first && !program.stragglers_told && !program.ending && !left.empty()) tell_stragglers(program, left);
  // A control group says by itself when it is empty; there only the first look is by time.
  if (program.group.empty() || is_first) look_soon(program, program.look_interval_ns);
  program.look_interval_ns = std::min(program.look_interval_ns * 2, kLastLook);
}

void Holder::emptied(Program& program, bool is_proven) {
  if (program.empty()) return;
  drain_streams(program);
  pump(program);
  program.facts.state = PICKET_PROGRAM_EMPTY;
  program.ending = program.killing = false;
  program.end_due_ns = program.look_due_ns = 0;
  timed_.erase(program.facts.id);
  program.known.clear();
  Emptied end;
  end.id = program.facts.id;
  end.flags = is_proven ? PICKET_EMPTY_PROVEN : 0U;
  end.killed = program.killed;
  end.adopted = program.adopted;
  program.end = end;
  if (!program.foreign) append_record(parts_.directory, program.facts.id, Report(end));
  if (!program.group.empty()) {
    program.group_events.reset();
    remove_group(program.group);
    program.group.clear();
  }
  program.notify.reset();
  report(program, end);
}

std::vector<Member> Holder::members(Program& program) {
  std::vector<Member> all;
  if (program.foreign) {
    const auto facts = read_facts(static_cast<pid_t>(program.facts.leader.pid));
    if (facts && facts->start_time == program.facts.leader.start_time) all.push_back({facts->pid, facts->name});
    return all;
  }
  if (!program.group.empty()) {
    for (const pid_t pid : group_members(program.group)) {
      const auto facts = read_facts(pid);
      if (facts && facts->state != 'Z') all.push_back({pid, facts->name});
    }
    return all;
  }
  const Identity& leader = program.facts.leader;
  for (const ProcessFacts* facts :
       table().tree(static_cast<pid_t>(leader.pid), leader.start_time, program.mark, program.known)) {
    all.push_back({facts->pid, facts->name});
  }
  return all;
}

void Holder::tell_stragglers(Program& program, const std::vector<Member>& all) {
  program.stragglers_told = true;
  Stragglers stragglers;
  stragglers.id = program.facts.id;
  stragglers.count = static_cast<std::uint32_t>(all.size());
  stragglers.members.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kMostMembers)));
  report(program, stragglers);
}

// Everything that is left, and again until nothing is.
void Holder::kill_tree(Program& program) {
  const std::vector<Member> left = members(program);
  if (!program.killing) {
    program.killing = true;
    program.killed += static_cast<std::uint32_t>(left.size());
    if (!left.empty()) tell_stragglers(program, left);
  }
  const bool at_once = !program.group.empty() && kill_group(program.group);
  for (const Member& member : left) {
    if (at_once) break;
    const auto identity = identify(static_cast<pid_t>(member.pid));
    const Descriptor process(identity ? open_identified(*identity) : -1);
    if (!process) continue;
    // Between the look and the descriptor the pid may have become another's.
    const bool is_same = !program.group.empty() || program.foreign || program.known.empty() ||
                         program.known[static_cast<pid_t>(member.pid)] == identity->start_time;
    if (is_same) signal_process(process.get(), SIGKILL);
  }
  table_.reset();
  look_soon(program, kKillLook);
}

int Holder::signal_leader(const Program& program, int signal) {
  if (!program.running()) return ESRCH;
  const Descriptor process(open_identified(program.facts.leader));
  return process ? signal_process(process.get(), signal) : ESRCH;
}

Measured Holder::measure(Program& program) {
  Measured measured;
  measured.id = program.facts.id;
  if (program.empty()) return measured;
  GroupUsage group;
  if (!program.group.empty()) group = group_usage(program.group);
  measured.user_ns = group.user_ns;
  measured.system_ns = group.system_ns;
  measured.memory = group.memory;
  measured.peak_memory = group.peak_memory;
  measured.read_bytes = group.read_bytes;
  measured.written_bytes = group.written_bytes;
  measured.threads = group.tasks;
  measured.oom_kills = group.oom_kills;
  // What the group does not say, its processes do.
  std::int64_t user = 0, system = 0, memory = 0, threads = 0, readings = 0, writings = 0;
  static const long page = sysconf(_SC_PAGESIZE);
  bool has_storage = false;
  for (const Member& member : members(program)) {
    const auto facts = read_facts(static_cast<pid_t>(member.pid));
    if (!facts) continue;
    ++measured.processes;
    user += ticks_to_ns(facts->user_ticks + facts->waited_user_ticks);
    system += ticks_to_ns(facts->system_ticks + facts->waited_system_ticks);
    memory += facts->resident_pages * page;
    threads += facts->threads;
    if (group.read_bytes >= 0) continue;
    const auto [got, put] = storage_bytes(static_cast<pid_t>(member.pid));
    if (got < 0 || put < 0) continue;
    has_storage = true;
    readings += got;
    writings += put;
  }
  if (measured.user_ns < 0) measured.user_ns = user;
  if (measured.system_ns < 0) measured.system_ns = system;
  if (measured.memory < 0) measured.memory = memory;
  if (measured.threads < 0) measured.threads = threads;
  if (measured.read_bytes < 0 && has_storage) measured.read_bytes = readings;
  if (measured.written_bytes < 0 && has_storage) measured.written_bytes = writings;
  return measured;
}

// False with errno.
bool Holder::tune_process(const Program& program, pid_t pid, const Tuning& tuning) {
  const auto identity = identify(pid);
  const bool is_leader = pid == program.facts.leader.pid;
  const bool is_same = identity && (!is_leader || *identity == program.facts.leader);
  if (!is_same) {
    errno = ESRCH;
    return false;
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (const std::uint32_t cpu : tuning.cpus) {
    if (cpu < CPU_SETSIZE) CPU_SET(cpu, &cpus);
  }
  for (const pid_t thread : threads_of(pid)) {
    if ((tuning.flags & PICKET_TUNE_NICE) != 0 &&
        setpriority(PRIO_PROCESS, static_cast<id_t>(thread), tuning.nice) != 0 && errno != ESRCH) {
      return false;
    }
    if ((tuning.flags & PICKET_TUNE_AFFINITY) != 0 && sched_setaffinity(thread, sizeof cpus, &cpus) != 0 &&
        errno != ESRCH) {
      return false;
    }
    const unsigned io = tuning.io_class << 13U | tuning.io_level;
    if ((tuning.flags & PICKET_TUNE_IO) != 0 && syscall(SYS_ioprio_set, 1, thread, io) != 0 && errno != ESRCH) {
      return false;
    }
  }
  if ((tuning.flags & PICKET_TUNE_OOM) == 0) return true;
  const Descriptor file(open(("/proc/" + std::to_string(pid) + "/oom_score_adj").c_str(), O_WRONLY | O_CLOEXEC));
  const std::string text = std::to_string(tuning.oom_score);
  return file && write(file.get(), text.data(), text.size()) > 0;
}

}  // namespace picket::process
