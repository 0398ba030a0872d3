// SPDX-License-Identifier: Apache-2.0
//
// What the readers need to know about the machine they run on. Filled once by the plugin (this_machine), or by a test
// that puts a folder of captured files in the place of /proc. Plain data; read on the instance's [control] thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace picket::perf_collector {

struct Machine {
  std::string proc;                      // where the process file system is mounted; unused on Windows
  std::int64_t ticks_per_second = 100;   // unit of the CPU times in `proc` (USER_HZ)
  std::int64_t page_bytes = 4096;        // unit of the resident size in `proc`
  std::size_t kept_process_files = 256;  // at most this many files of single processes stay open between ticks, and
                                         // half as many of control groups
  int (*online_cpus)() = nullptr;        // logical CPUs that run now, >= 1; asked at every tick of the processes group
  std::string sys{};                     // where the kernel's objects are mounted (sysfs); unused on Windows
  std::string cgroups{};                 // where control groups are mounted; unused on Windows
};

// The machine of this process. Never keeps more than three quarters of the descriptors that the process may open.
Machine this_machine();

}  // namespace picket::perf_collector
