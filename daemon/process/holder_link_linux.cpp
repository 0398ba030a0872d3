// SPDX-License-Identifier: Apache-2.0
#include "process/holder_link_linux.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "process/holder.hpp"
#include "process/kernel_linux.hpp"

namespace picket::process {
namespace {

constexpr int kStartPatience = 10'000;  // ms, for a holder to listen

Error link_error(const std::string& what, int error) {
  return Error{what + ": " + errno_text(error), error == EACCES || error == EPERM ? PICKET_DENIED : PICKET_FAILED};
}

// Runs `picket hold-processes`, which ends as soon as the holder that it has made listens. Whether some library of this
// process waits for children as well makes no difference: the end of the pipe says that it is over.
Result<void> start_holder(const HolderPlace& place) {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return link_error("no pipe", errno);
  Descriptor reading(ends[0]), writing(ends[1]);
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, writing.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, writing.get(), 2);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::array<const char*, 6> arguments = {
      place.program.c_str(),        "hold-processes", "--directory", place.directory.c_str(),
      place.control_groups.c_str(), nullptr};
  const std::string groups = "--control-groups=" + place.control_groups;
  arguments[4] = groups.c_str();
  pid_t child = -1;
  const int error = posix_spawn(&child, place.program.c_str(), &actions, &attributes,
                                const_cast<char* const*>(arguments.data()), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return link_error("cannot start " + place.program, error);
  writing.reset();
  std::string said;
  for (;;) {
    pollfd wanted{reading.get(), POLLIN, 0};
    const int ready = poll(&wanted, 1, kStartPatience);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    char text[512];
    const ssize_t got = read(reading.get(), text, sizeof text);
    if (got <= 0) break;
    said.append(text, static_cast<std::size_t>(got));
  }
  int status = 0;
  const bool is_ours = waitpid(child, &status, 0) == child;
  if (is_ours && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (!is_ours && said.empty()) return {};  // somebody else has collected it
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return Error{"the holder of processes does not start: " + (said.empty() ? "it says nothing" : said)};
}

}  // namespace

Result<Descriptor> reach_holder(const HolderPlace& place, bool& was_started) {
  was_started = false;
  if (mkdir(place.directory.c_str(), 0700) != 0 && errno != EEXIST) return link_error(place.directory, errno);
  Descriptor socket(connect_to(place.directory, kHolderSocket));
  if (!socket) {
    const auto started = start_holder(place);
    // Another one may be about to listen, or about to end: its lock is what failed the start.
    socket.reset(connect_to(place.directory, kHolderSocket));
    if (!socket && !started.ok()) return started.error();
    if (!socket) return link_error(place.directory + "/" + kHolderSocket, errno);
    was_started = started.ok();
  }
  const std::int64_t user = peer_of(socket.get()).user;
  if (user != static_cast<std::int64_t>(geteuid()) && user != 0) {
    return Error{place.directory + "/" + kHolderSocket + " belongs to the user " + std::to_string(user), PICKET_DENIED};
  }
  return socket;
}

}  // namespace picket::process
