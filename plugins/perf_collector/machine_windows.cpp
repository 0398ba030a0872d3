// SPDX-License-Identifier: Apache-2.0
//
// Windows half of machine.hpp: nothing is read from files, and times come in units of 100 ns.
#include <windows.h>

#include <algorithm>

#include "machine.hpp"

namespace picket::perf_collector {

namespace {

int online_cpus() {
  return static_cast<int>(std::max<DWORD>(1, GetActiveProcessorCount(ALL_PROCESSOR_GROUPS)));
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.ticks_per_second = 10'000'000;
  machine.page_bytes = 1;
  machine.kept_process_files = 0;
  machine.online_cpus = online_cpus;
  return machine;
}

}  // namespace picket::perf_collector
