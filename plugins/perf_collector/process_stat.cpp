// SPDX-License-Identifier: Apache-2.0
//
// The parser of /proc/PID/stat. The name stands in parentheses and may itself hold blanks and parentheses, so it ends
// at the last one. Fields are counted as in proc(5), from 1.
#include "process_source.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::uint64_t kKernelThread = 0x0020'0000;  // PF_KTHREAD of the kernel's include/linux/sched.h

ProcessState state_of(char letter) {
  switch (letter) {
    case 'R':
      return kRunning;
    case 'S':
      return kSleeping;
    case 'D':
      return kBlocked;
    case 'I':
      return kIdleThread;
    case 'T':
    case 't':
      return kStopped;
    case 'Z':
    case 'X':
    case 'x':
      return kDefunct;
    default:
      return kUnknown;
  }
}

}  // namespace

bool parse_process_stat(std::string_view line, std::int64_t page_bytes, ProcessStat& process) {
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return false;
  process.set_name(line.substr(open + 1, close - open - 1));

  Scanner front(line.substr(0, open));
  Scanner fields(line.substr(close + 1));
  std::string_view state;
  std::uint64_t flags = 0;
  std::int64_t pages = 0;
  const bool good = front.number(process.pid) && fields.word(state) && state.size() == 1 &&  // 3: state
                    fields.skip(5) && fields.number(flags) &&                                // 9: flags
                    fields.skip(4) && fields.number(process.user_units) &&                   // 14: utime
                    fields.number(process.system_units) &&                                   // 15: stime
                    fields.skip(4) && fields.number(process.threads) &&                      // 20: num_threads
                    fields.skip(1) && fields.number(process.start) &&                        // 22: starttime
                    fields.number(process.virtual_bytes) && fields.number(pages);            // 23: vsize, 24: rss
  if (!good) return false;
  process.state = state_of(state[0]);
  process.kernel = (flags & kKernelThread) != 0;
  process.resident_bytes = pages > 0 ? pages * page_bytes : 0;
  return true;
}

}  // namespace picket::perf_collector
