// SPDX-License-Identifier: Apache-2.0
//
// See cgroup_files.hpp. Not every kernel has every line: what is missing stays nothing; what is there must be a number.
#include "cgroup_files.hpp"

#include "scan.hpp"

namespace picket::perf_collector {

namespace {

using Text = std::string_view;

struct Key {
  Text name;
  CgroupFigure figure;
};

// Lines "key number"; false if one of the keys has none.
template <std::size_t Count>
bool flat(Text text, const Key (&keys)[Count], CgroupFigures& figures) {
  Scanner lines(text);
  for (Text line; lines.line(line);) {
    Scanner words(line);
    Text name;
    words.word(name);
    for (const Key& key : keys) {
      if (key.name != name) continue;
      std::uint64_t value = 0;
      if (!words.number(value)) return false;
      figures[key.figure] = value;
    }
  }
  return true;
}

bool single(Text text, CgroupFigure figure, CgroupFigures& figures) {
  std::uint64_t value = 0;
  if (!Scanner(text).number(value)) return false;
  figures[figure] = value;
  return true;
}

bool cpu_stat(Text text, CgroupFigures& figures) {
  static constexpr Key kKeys[] = {{"user_usec", kCgroupUser},
                                  {"system_usec", kCgroupSystem},
                                  {"nr_periods", kCgroupPeriodCount},
                                  {"nr_throttled", kCgroupThrottledCount},
                                  {"throttled_usec", kCgroupThrottledUs}};
  return flat(text, kKeys, figures) && figures[kCgroupUser] && figures[kCgroupSystem];
}

bool memory_current(Text text, CgroupFigures& figures) {
  return single(text, kCgroupMemoryNow, figures);
}

bool memory_peak(Text text, CgroupFigures& figures) {
  return single(text, kCgroupMemoryMost, figures);
}

bool memory_max(Text text, CgroupFigures& figures) {
  return text.starts_with("max") || single(text, kCgroupMemoryMax, figures);
}

bool swap_current(Text text, CgroupFigures& figures) {
  return single(text, kCgroupSwapNow, figures);
}

bool memory_events(Text text, CgroupFigures& figures) {
  static constexpr Key kKeys[] = {{"oom", kCgroupOom}, {"oom_kill", kCgroupOomKill}};
  return flat(text, kKeys, figures);
}

// "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6" for each device; an empty file: it moved nothing.
bool io_stat(Text text, CgroupFigures& figures) {
  static constexpr Key kKeys[] = {{"rbytes=", kCgroupReadBytes},
                                  {"wbytes=", kCgroupWrittenBytes},
                                  {"rios=", kCgroupReads},
                                  {"wios=", kCgroupWrites}};
  for (const Key& key : kKeys) figures[key.figure] = 0;
  Scanner words(text);
  for (Text word; words.word(word);) {
    for (const Key& key : kKeys) {
      if (!word.starts_with(key.name)) continue;
      std::uint64_t value = 0;
      if (!Scanner(word.substr(key.name.size())).number(value)) return false;
      *figures[key.figure] += value;
    }
  }
  return true;
}

bool pids_current(Text text, CgroupFigures& figures) {
  return single(text, kCgroupTaskCount, figures);
}

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=77"
template <CgroupFigure Some, CgroupFigure Full>
bool pressure(Text text, CgroupFigures& figures) {
  Scanner lines(text);
  bool good = false;
  for (Text line; lines.line(line);) {
    constexpr Text kTotal = "total=";
    const std::size_t at = line.find(kTotal);
    std::uint64_t total = 0;
    if (at == Text::npos || !Scanner(line.substr(at + kTotal.size())).number(total)) return false;
    if (line.starts_with("some ")) figures[Some] = total;
    if (line.starts_with("full ")) figures[Full] = total;
    good = true;
  }
  return good;
}

}  // namespace

const std::array<CgroupFile, kCgroupFileCount> kCgroupFiles{{
    {"cpu.stat", cpu_stat},
    {"memory.current", memory_current},
    {"memory.peak", memory_peak},
    {"memory.max", memory_max},
    {"memory.swap.current", swap_current},
    {"memory.events", memory_events},
    {"io.stat", io_stat},
    {"pids.current", pids_current},
    {"cpu.pressure", pressure<kCgroupCpuSome, kCgroupCpuFull>},
    {"memory.pressure", pressure<kCgroupMemorySome, kCgroupMemoryFull>},
    {"io.pressure", pressure<kCgroupIoSome, kCgroupIoFull>},
}};

}  // namespace picket::perf_collector
