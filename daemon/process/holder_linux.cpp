// SPDX-License-Identifier: Apache-2.0
#include "process/holder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ostream>
#include <string>

#include "process/holder_core_linux.hpp"
#include "process/kernel_linux.hpp"

namespace picket::process {
namespace {

// 16 hex digits that stand for a directory: the same for each holder of it, another for every other one.
std::string name_of(const std::string& directory) {
  std::uint64_t hash = 1469598103934665603ULL;  // FNV-1a
  for (const char c : directory) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::string name;
  for (int i = 0; i < 16; ++i, hash >>= 4U) name.push_back("0123456789abcdef"[hash & 0xFU]);
  return name;
}

// A pipe, two pipes and a socket for each of up to 10,000 programs.
rlimit raise_descriptors() {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit raised = before;
  raised.rlim_cur = raised.rlim_max;
  setrlimit(RLIMIT_NOFILE, &raised);
  return before;
}

void leave_surroundings() {
  setsid();
  if (chdir("/") != 0) return;
  umask(0027);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int target = 0; target <= 2; ++target) dup2(null, target);
  prctl(PR_SET_NAME, "picket-holder", 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
}

}  // namespace

int hold_processes(const HolderOptions& options, std::ostream& err) {
  const auto refuse = [&](const std::string& what, int error) {
    err << "picket hold-processes: " << what << ": " << errno_text(error) << '\n';
    return 1;
  };
  if (mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST) return refuse(options.directory, errno);
  Descriptor lock(open((options.directory + "/" + kHolderLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return refuse(options.directory + "/" + kHolderLock, errno);
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return refuse("another holder is there already", errno);
  Holder::Parts parts;
  parts.directory = options.directory;
  parts.name = name_of(options.directory);
  parts.groups = ControlGroups::find(options.control_groups, parts.name);
  parts.listener.reset(listen_at(options.directory, kHolderSocket));
  if (!parts.listener) return refuse(options.directory + "/" + kHolderSocket, errno);

  // This process is small and has one thread. Whoever started us waits for this parent, and owns no child then.
  const pid_t child = fork();
  if (child < 0) return refuse("fork", errno);
  if (child > 0) _exit(0);
  leave_surroundings();
  parts.descriptors = raise_descriptors();
  const ControlGroups groups = parts.groups;
  Holder holder(std::move(parts));
  if (holder.prepare() != 0) return 1;
  holder.run();
  groups.leave();
  unlink((options.directory + "/" + kHolderSocket).c_str());
  return 0;
}

}  // namespace picket::process
