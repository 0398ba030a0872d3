// SPDX-License-Identifier: Apache-2.0
#include "process/spawn_linux.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include "picket/ext/process.h"

namespace picket::process {
namespace {

constexpr std::array<std::pair<const char*, int>, 16> kRlimits = {{{"as", RLIMIT_AS},
                                                                   {"core", RLIMIT_CORE},
                                                                   {"cpu", RLIMIT_CPU},
                                                                   {"data", RLIMIT_DATA},
                                                                   {"fsize", RLIMIT_FSIZE},
                                                                   {"locks", RLIMIT_LOCKS},
                                                                   {"memlock", RLIMIT_MEMLOCK},
                                                                   {"msgqueue", RLIMIT_MSGQUEUE},
                                                                   {"nice", RLIMIT_NICE},
                                                                   {"nofile", RLIMIT_NOFILE},
                                                                   {"nproc", RLIMIT_NPROC},
                                                                   {"rss", RLIMIT_RSS},
                                                                   {"rtprio", RLIMIT_RTPRIO},
                                                                   {"rttime", RLIMIT_RTTIME},
                                                                   {"sigpending", RLIMIT_SIGPENDING},
                                                                   {"stack", RLIMIT_STACK}}};

// What the child works from: plain memory that its parent, which waits, has filled.
struct ChildTask {
  const SpawnPlan* plan = nullptr;
  std::vector<char*> arguments, environment;
  std::vector<std::string> paths;  // to try in this order
  std::vector<std::pair<int, rlimit>> rlimits;
  cpu_set_t cpus{};
  char listen_pid[32] = "LISTEN_PID=";
  // Written by the child.
  const char* step = nullptr;
  int error = 0;
  std::uint64_t pid = 0, start_time = 0;
};

// [[noreturn]]: gives up at a step.
[[noreturn]] void give_up(ChildTask& task, const char* step, int error) {
  task.step = step;
  task.error = error;
  _exit(127);
}

void check(ChildTask& task, const char* step, long result) {
  if (result < 0) give_up(task, step, errno);
}

// "LISTEN_PID=" and the pid, without a library.
void write_number(char* at, std::uint64_t number) {
  char digits[24];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count > 0) *at++ = digits[--count];
  *at = '\0';
}

// The 22nd field of our own /proc/self/stat; 0 when there is no /proc.
std::uint64_t own_start_time() {
  const int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char line[1024];
  const ssize_t length = read(file, line, sizeof line);
  close(file);
  ssize_t at = length;
  while (at > 0 && line[at - 1] != ')') --at;
  std::uint64_t value = 0;
  for (int field = 3; at < length && field <= 22; ++at) {
    if (line[at] == ' ' && at + 1 < length && line[at + 1] != ' ') {
      ++field;
      if (field == 23) {
        for (++at; at < length && line[at] >= '0' && line[at] <= '9'; ++at) {
          value = value * 10 + static_cast<std::uint64_t>(line[at] - '0');
        }
        break;
      }
    }
  }
  return value;
}

void set_signals(ChildTask& task) {
  // Raw, so that the real-time signals that the C library keeps for itself are reset too.
  struct KernelAction {
    void* handler;
    unsigned long flags;
    void* restorer;
    std::uint64_t mask;
  } const action{};
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal != SIGKILL && signal != SIGSTOP) syscall(SYS_rt_sigaction, signal, &action, nullptr, sizeof action.mask);
  }
  const std::uint64_t none = 0;
  check(task, "signals", syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none));
}

// How the system favours it. What was not asked for is put to its usual value where that is allowed.
void set_tuning(ChildTask& task) {
  const Tuning& tuning = task.plan->order->tuning;
  const bool has_nice = (tuning.flags & PICKET_TUNE_NICE) != 0;
  errno = 0;
  const int before = getpriority(PRIO_PROCESS, 0);
  const int wanted = has_nice ? tuning.nice : 0;
  if (before != wanted && setpriority(PRIO_PROCESS, 0, wanted) != 0 && has_nice) give_up(task, "nice", errno);
  const bool has_cpus = (tuning.flags & PICKET_TUNE_AFFINITY) != 0;
  if (sched_setaffinity(0, sizeof task.cpus, &task.cpus) != 0 && has_cpus) give_up(task, "affinity", errno);
  const bool has_io = (tuning.flags & PICKET_TUNE_IO) != 0;
  const unsigned io = has_io ? tuning.io_class << 13U | tuning.io_level : 0U;
  if (syscall(SYS_ioprio_set, 1, 0, io) != 0 && has_io) give_up(task, "io class", errno);
  const bool has_oom = (tuning.flags & PICKET_TUNE_OOM) != 0;
  char score[16] = "-";
  const std::int32_t value = has_oom ? tuning.oom_score : 0;
  write_number(value < 0 ? score + 1 : score, static_cast<std::uint64_t>(value < 0 ? -value : value));
  const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  const bool written = file >= 0 && write(file, score, std::strlen(score)) > 0;
  if (!written && has_oom) give_up(task, "oom score", errno);
  if (file >= 0) close(file);
}

void set_identity(ChildTask& task) {
  const Start& order = *task.plan->order;
  // Raw system calls: the wrappers of the C library would want to tell its other threads.
  if (order.uid >= 0 || order.gid >= 0 || !order.groups.empty()) {
    if (geteuid() == 0 || !order.groups.empty()) {
      check(task, "groups", syscall(SYS_setgroups, order.groups.size(), order.groups.data()));
    }
    if (order.gid >= 0) check(task, "group", syscall(SYS_setresgid, order.gid, order.gid, order.gid));
    if (order.uid >= 0) check(task, "user", syscall(SYS_setresuid, order.uid, order.uid, order.uid));
  }
  if ((order.flags & PICKET_PROGRAM_NO_NEW_PRIVILEGES) != 0) {
    check(task, "no new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  }
}

// 0, 1, 2 and the sockets from 3 on; everything else closes at exec. The sources are first moved out of the way.
void set_descriptors(ChildTask& task) {
  const SpawnPlan& plan = *task.plan;
  const int first_free = 3 + static_cast<int>(plan.sockets.size());
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  check(task, "input", null);
  const auto place = [&](int source, int target, const char* step) {
    const int moved = fcntl(source, F_DUPFD_CLOEXEC, first_free);
    check(task, step, moved);
    return std::pair(moved, target);
  };
  std::array<std::pair<int, int>, 3 + 64> moves;
  std::size_t count = 0;
  moves[count++] = place(null, 0, "input");
  moves[count++] = place(plan.output < 0 ? null : plan.output, 1, "output");
  moves[count++] = place(plan.error_output < 0 ? null : plan.error_output, 2, "error output");
  int target = 3;
  for (const int socket : plan.sockets) moves[count++] = place(socket, target++, "sockets");
  syscall(SYS_close_range, first_free, ~0U, 1U << 2U);  // CLOSE_RANGE_CLOEXEC; ours are so already
  for (std::size_t i = 0; i < count; ++i) check(task, "sockets", dup2(moves[i].first, moves[i].second));
}

[[noreturn]] void execute(ChildTask& task) {
  int kept = ENOENT;
  for (const std::string& path : task.paths) {
    execve(path.c_str(), task.arguments.data(), task.environment.data());
    if (errno != ENOENT && errno != ENOTDIR && kept == ENOENT) kept = errno;
  }
  give_up(task, "program", kept);
}

// The child, from birth to exec.
[[noreturn]] void run_child(ChildTask& task) {
  const SpawnPlan& plan = *task.plan;
  const Start& order = *plan.order;
  task.pid = static_cast<std::uint64_t>(syscall(SYS_getpid));
  if (plan.group >= 0 && !plan.group_is_born_in) {
    const int file = openat(plan.group, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    check(task, "control group", file);
    check(task, "control group", write(file, "0", 1));
    close(file);
  }
  task.start_time = own_start_time();
  if (plan.record >= 0) {
    const std::uint64_t facts[2] = {task.pid, task.start_time};
    check(task, "record", pwrite(plan.record, facts, sizeof facts, plan.record_offset));
  }
  check(task, "session", setsid());
  set_tuning(task);
  for (const auto& [number, limit] : task.rlimits) {
    check(task, "rlimit", syscall(SYS_prlimit64, 0, number, &limit, nullptr));
  }
  set_descriptors(task);
  set_identity(task);
  check(task, "directory", chdir(order.directory.empty() ? "/" : order.directory.c_str()));
  umask(static_cast<mode_t>(order.umask));
  write_number(task.listen_pid + std::strlen("LISTEN_PID="), task.pid);
  set_signals(task);
  execute(task);
}

int child_on_own_stack(void* task) {
  run_child(*static_cast<ChildTask*>(task));
}

// The child goes on upon this very stack while the parent waits: it must not return from here, and what it calls lies
// below this frame. Hence the system call stands in the function itself.
__attribute__((noinline)) long clone_and_run([[maybe_unused]] ChildTask& task, [[maybe_unused]] clone_args& args) {
#if defined(__x86_64__)
  long result = SYS_clone3;
  __asm__ volatile("syscall" : "+a"(result) : "D"(&args), "S"(sizeof args) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long result __asm__("x0") = reinterpret_cast<long>(&args);
  register long size __asm__("x1") = sizeof args;
  register long number __asm__("x8") = SYS_clone3;
  __asm__ volatile("svc #0" : "+r"(result) : "r"(size), "r"(number) : "memory");
#else
  const long result = -ENOSYS;
#endif
  if (result == 0) run_child(task);
  return result;
}

// Where there is no clone3: the same by clone(2), with a stack for the child.
long clone_without_clone3(ChildTask& task) {
  constexpr std::size_t kStack = 256U << 10U;
  void* const stack = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return -errno;
  const int pid =
      clone(child_on_own_stack, static_cast<char*>(stack) + kStack, CLONE_VM | CLONE_VFORK | SIGCHLD, &task);
  const int error = errno;
  munmap(stack, kStack);
  return pid < 0 ? -error : pid;
}

std::string_view path_variable(const std::vector<std::string>& environment) {
  for (const std::string& entry : environment) {
    if (entry.starts_with("PATH=")) return std::string_view(entry).substr(5);
  }
  return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

std::vector<std::string> places_of(const Start& order) {
  const std::string& name = order.arguments.front();
  if (name.find('/') != std::string::npos) return {name};
  std::vector<std::string> places;
  std::string_view rest = path_variable(order.environment);
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    if (folder.starts_with('/')) places.push_back(std::string(folder) + "/" + name);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return places;
}

ChildTask prepare(const SpawnPlan& plan) {
  const Start& order = *plan.order;
  ChildTask task;
  task.plan = &plan;
  for (const std::string& argument : order.arguments) task.arguments.push_back(const_cast<char*>(argument.c_str()));
  task.arguments.push_back(nullptr);
  for (const std::string& entry : order.environment) task.environment.push_back(const_cast<char*>(entry.c_str()));
  for (const std::string& entry : plan.extra_environment) {
    task.environment.push_back(const_cast<char*>(entry.c_str()));
  }
  task.paths = places_of(order);
  task.rlimits.emplace_back(RLIMIT_NOFILE, plan.descriptors);
  for (const Rlimit& limit : order.rlimits) {
    task.rlimits.emplace_back(rlimit_number(limit.name), rlimit{limit.soft, limit.hard});
  }
  const bool has_cpus = (order.tuning.flags & PICKET_TUNE_AFFINITY) != 0;
  CPU_ZERO(&task.cpus);
  if (!has_cpus) std::memset(&task.cpus, 0xFF, sizeof task.cpus);
  for (const std::uint32_t cpu : order.tuning.cpus) {
    if (has_cpus && cpu < CPU_SETSIZE) CPU_SET(cpu, &task.cpus);
  }
  return task;
}

}  // namespace

int rlimit_number(const std::string& name) {
  for (const auto& [known, number] : kRlimits) {
    if (name == known) return number;
  }
  return -1;
}

SpawnResult spawn(const SpawnPlan& plan) {
  for (const Rlimit& limit : plan.order->rlimits) {
    if (rlimit_number(limit.name) < 0) return {-1, 0, "rlimit", EINVAL};
  }
  ChildTask task = prepare(plan);
  if (!plan.sockets.empty()) task.environment.push_back(task.listen_pid);
  task.environment.push_back(nullptr);

  clone_args args{};
  args.flags = CLONE_VM | CLONE_VFORK;
  args.exit_signal = SIGCHLD;
  if (plan.group >= 0 && plan.group_is_born_in) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(plan.group);
  }
  long pid = clone_and_run(task, args);
  SpawnPlan moved;
  if (pid == -ENOSYS || pid == -EPERM) {  // a kernel before 5.7, or a filter of system calls
    moved = plan;
    moved.group_is_born_in = false;
    task.plan = &moved;
    pid = clone_without_clone3(task);
  }
  if (pid < 0) return {-1, 0, "spawn", static_cast<int>(-pid)};
  if (task.step != nullptr) {
    int status = 0;
    while (waitpid(static_cast<pid_t>(pid), &status, 0) < 0 && errno == EINTR) {
    }
    return {-1, 0, task.step, task.error};
  }
  return {static_cast<pid_t>(pid), task.start_time, nullptr, 0};
}

}  // namespace picket::process
