// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "platform/child_process.hpp"
#include "platform/clock.hpp"

namespace picket::platform {
namespace {

// What posix_spawn needs, freed at the end of the scope.
class SpawnPlan {
 public:
  explicit SpawnPlan(const std::string& output) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files_, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND,
                                     0600);
    posix_spawn_file_actions_adddup2(&files_, STDOUT_FILENO, STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t every;
    sigset_t none;
    sigfillset(&every);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &every);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  int start(pid_t& id, const std::string& program, std::vector<char*>& words) {
    return posix_spawn(&id, program.c_str(), &files_, &attributes_, words.data(), environ);
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

// True when the child has ended; it stays a zombie, so that its id, and its group's, stay its own.
bool has_ended(pid_t id) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(id), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == id;
}

// False when the time is over first.
bool wait_for_end(pid_t id, std::int64_t timeout_ns) {
  const std::int64_t deadline = system_clock().monotonic_ns() + timeout_ns;
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, id, 0));
  bool ended = false;
  while (!(ended = has_ended(id))) {
    const std::int64_t left = deadline - system_clock().monotonic_ns();
    if (left <= 0) break;
    // Without a handle (an old kernel, a sandbox) it is asked for again and again.
    const std::int64_t most_ms = handle >= 0 ? 60'000 : 5;
    pollfd wait{handle, POLLIN, 0};
    poll(&wait, handle >= 0 ? 1 : 0, static_cast<int>(std::min(left / kMillisecond + 1, most_ms)));
  }
  if (handle >= 0) close(handle);
  return ended;
}

}  // namespace

Result<ChildEnd> run_child(const ChildProgram& child, std::int64_t timeout_ns) {
  const std::string program = child.program.string();
  std::vector<std::string> texts = {program};
  texts.insert(texts.end(), child.arguments.begin(), child.arguments.end());
  std::vector<char*> words;
  for (std::string& text : texts) words.push_back(text.data());
  words.push_back(nullptr);
  SpawnPlan plan(child.output.string());
  pid_t id = 0;
  if (const int problem = plan.start(id, program, words); problem != 0) {
    return Error{program + " cannot be started: " + std::generic_category().message(problem)};
  }
  const bool in_time = wait_for_end(id, timeout_ns);
  kill(-id, SIGKILL);
  int status = 0;
  while (waitpid(id, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) return ChildEnd{ChildEnd::Kind::timed_out, 0};
  if (WIFSIGNALED(status)) return ChildEnd{ChildEnd::Kind::crashed, WTERMSIG(status)};
  return ChildEnd{ChildEnd::Kind::exited, WEXITSTATUS(status)};
}

std::string describe_crash(int code) {
  switch (code) {
    case SIGSEGV:
      return "SIGSEGV: it touched memory that is not its own";
    case SIGBUS:
      return "SIGBUS: it touched memory that is not there";
    case SIGABRT:
      return "SIGABRT: it called abort(), or an exception left a thread or a function that must not throw";
    case SIGFPE:
      return "SIGFPE: it divided an integer by zero";
    case SIGILL:
      return "SIGILL: it ran an instruction that this processor does not know";
    case SIGPIPE:
      return "SIGPIPE: it wrote to a peer that is gone, without MSG_NOSIGNAL";
    default:
      return "signal " + std::to_string(code);
  }
}

void become_expendable(const std::filesystem::path& folder) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  setenv("TMPDIR", folder.c_str(), 1);
}

}  // namespace picket::platform
