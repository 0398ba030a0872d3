// SPDX-License-Identifier: Apache-2.0
//
// Linux half of machine.hpp.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "machine.hpp"

namespace picket::perf_collector {

namespace {

constexpr rlim_t kMostKeptFiles = 20'000;

int online_cpus() {
  return static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.proc = "/proc";
  machine.sys = "/sys";
  machine.cgroups = "/sys/fs/cgroup";
  machine.ticks_per_second = std::max(1L, sysconf(_SC_CLK_TCK));
  machine.page_bytes = std::max(1L, sysconf(_SC_PAGESIZE));
  machine.online_cpus = online_cpus;
  rlimit limit{};
  // A quarter at least belongs to the rest of the daemon: clients, spools, children.
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    machine.kept_process_files = static_cast<std::size_t>(std::min(limit.rlim_cur / 2, kMostKeptFiles));
  }
  return machine;
}

}  // namespace picket::perf_collector
