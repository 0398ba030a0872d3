// SPDX-License-Identifier: Apache-2.0
//
// What one control group tells, and the parsers of its files, as Documentation/admin-guide/cgroup-v2.rst of the kernel
// describes them. Pure; used by cgroups_linux.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace picket::perf_collector {

enum CgroupFigure : std::uint8_t {
  kCgroupUser,  // us, as all times here
  kCgroupSystem,
  kCgroupPeriodCount,
  kCgroupThrottledCount,
  kCgroupThrottledUs,
  kCgroupMemoryNow,
  kCgroupMemoryMost,
  kCgroupMemoryMax,
  kCgroupSwapNow,
  kCgroupOom,
  kCgroupOomKill,
  kCgroupReadBytes,
  kCgroupWrittenBytes,
  kCgroupReads,
  kCgroupWrites,
  kCgroupTaskCount,
  kCgroupCpuSome,
  kCgroupCpuFull,
  kCgroupMemorySome,
  kCgroupMemoryFull,
  kCgroupIoSome,
  kCgroupIoFull,
  kCgroupFigures
};

// Nothing: the control group does not tell it.
using CgroupFigures = std::array<std::optional<std::uint64_t>, kCgroupFigures>;

// One file of a control group: false if its text is malformed.
struct CgroupFile {
  const char* name;
  bool (*parse)(std::string_view text, CgroupFigures& figures);
};
inline constexpr std::size_t kCgroupFileCount = 11;
extern const std::array<CgroupFile, kCgroupFileCount> kCgroupFiles;

}  // namespace picket::perf_collector
