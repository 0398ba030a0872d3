// SPDX-License-Identifier: Apache-2.0
//
// See process_stat.hpp. These run for every process at every tick, so they walk the bytes once and by hand. The name in
// `stat` stands in parentheses and may itself hold blanks and parentheses, so it ends at the last one. Fields are
// counted as in proc(5), from 1.
#include "process_stat.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::uint64_t kKernelThread = 0x0020'0000;  // PF_KTHREAD of the kernel's include/linux/sched.h
constexpr std::uint64_t kForkedOnly = 0x0000'0040;    // PF_FORKNOEXEC of the same: gone once it executes a program

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

// Fields parted by single blanks.
class Fields {
 public:
  explicit Fields(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool number(std::uint64_t& value) {
    skip_blanks();
    if (at_ == end_ || *at_ < '0' || *at_ > '9') return false;
    std::uint64_t sum = 0;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) sum = sum * 10 + static_cast<std::uint64_t>(*at_ - '0');
    value = sum;
    return at_ == end_ || *at_ == ' ' || *at_ == '\n' || *at_ == '\t';
  }
  bool number(std::int64_t& value) {
    skip_blanks();
    const bool negative = at_ != end_ && *at_ == '-';
    if (negative) ++at_;
    std::uint64_t size = 0;
    if (!number(size)) return false;
    value = negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
    return true;
  }
  bool letter(char& value) {
    skip_blanks();
    if (at_ == end_) return false;
    value = *at_++;
    return at_ != end_ && *at_ == ' ';
  }
  bool skip(int count) {
    for (; count > 0; --count) {
      skip_blanks();
      const char* start = at_;
      while (at_ != end_ && *at_ != ' ') ++at_;
      if (at_ == start) return false;
    }
    return true;
  }

 private:
  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  }
  const char* at_;
  const char* end_;
};

// The number of the line that starts with `key`, searched from `from` on, which moves behind it.
bool keyed(std::string_view text, std::string_view key, std::size_t& from, std::uint64_t& value) {
  for (std::size_t at = text.find(key, from); at != std::string_view::npos; at = text.find(key, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') continue;
    from = at + key.size();
    return Fields(text.substr(from)).number(value);
  }
  return false;
}

}  // namespace

bool parse_process_stat(std::string_view line, std::int64_t page_bytes, ProcessStat& process) {
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return false;
  process.set_name(line.substr(open + 1, close - open - 1));

  Fields fields(line.substr(close + 1));
  char state = 0;
  std::uint64_t flags = 0;
  std::int64_t pages = 0;
  const bool good = Fields(line.substr(0, open)).number(process.pid) && fields.letter(state) &&  // 3: state
                    fields.skip(5) && fields.number(flags) &&                                    // 9: flags
                    fields.number(process.counters[kMinorFaults]) && fields.skip(1) &&           // 10: minflt
                    fields.number(process.counters[kMajorFaults]) && fields.skip(1) &&           // 12: majflt
                    fields.number(process.counters[kUserTime]) &&                                // 14: utime
                    fields.number(process.counters[kSystemTime]) &&                              // 15: stime
                    fields.skip(4) && fields.number(process.gauges[kThreadCount]) &&             // 20: num_threads
                    fields.skip(1) && fields.number(process.start) &&                            // 22: starttime
                    fields.number(process.gauges[kVirtualBytes]) && fields.number(pages);        // 23: vsize, 24: rss
  if (!good) return false;
  // Where its code and its stack begin (26, 27, 28): 0 or 1 where the kernel does not show them to us.
  std::uint64_t code = 0;
  std::uint64_t code_end = 0;
  std::uint64_t stack = 0;
  if (fields.skip(1) && fields.number(code) && fields.number(code_end)) fields.number(stack);
  process.image = ((code * 31 + code_end) * 31 + stack) * 2 + ((flags & kForkedOnly) != 0 ? 1 : 0);
  process.state = state_of(state);
  process.kernel = (flags & kKernelThread) != 0;
  process.gauges[kResidentBytes] = pages > 0 ? pages * page_bytes : 0;
  process.have |= kFreeDetails;
  return true;
}

bool parse_process_io(std::string_view text, ProcessStat& process) {
  std::size_t at = 0;
  if (!keyed(text, "syscr:", at, process.counters[kReadCalls]) ||
      !keyed(text, "syscw:", at, process.counters[kWriteCalls]) ||
      !keyed(text, "read_bytes:", at, process.counters[kReadBytes]) ||
      !keyed(text, "write_bytes:", at, process.counters[kWrittenBytes])) {
    return false;
  }
  process.have |= detail_bit(kDetailIo);
  return true;
}

bool parse_process_statm(std::string_view line, std::int64_t page_bytes, ProcessStat& process) {
  Fields fields(line);
  std::int64_t pages = 0;
  if (!fields.skip(2) || !fields.number(pages)) return false;
  process.gauges[kSharedBytes] = pages * page_bytes;
  process.have |= detail_bit(kDetailShared);
  return true;
}

bool parse_process_status(std::string_view text, ProcessStat& process) {
  std::size_t at = 0;
  if (!keyed(text, "voluntary_ctxt_switches:", at, process.counters[kVoluntarySwitches]) ||
      !keyed(text, "nonvoluntary_ctxt_switches:", at, process.counters[kInvoluntarySwitches])) {
    return false;
  }
  process.have |= detail_bit(kDetailSwitches);
  return true;
}

bool parse_smaps_rollup(std::string_view text, ProcessStat& process) {
  std::size_t at = 0;
  std::uint64_t kibibytes = 0;
  if (!keyed(text, "Pss:", at, kibibytes)) return false;
  process.gauges[kProportionalBytes] = static_cast<std::int64_t>(kibibytes) * 1024;
  process.have |= detail_bit(kDetailPss);
  return true;
}

std::string_view parse_process_cgroup(std::string_view text) {
  std::string_view unified;
  std::string_view systemd;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    // "hierarchy:controllers:path"
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    if (line.substr(0, first) == "0" && controllers.empty()) unified = line.substr(second + 1);
    if (controllers == "name=systemd") systemd = line.substr(second + 1);
  }
  return unified.size() > 1 || systemd.empty() ? unified : systemd;
}

}  // namespace picket::perf_collector
