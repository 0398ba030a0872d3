// SPDX-License-Identifier: Apache-2.0
//
// The settings of one collector in the checked form that the rest of the plugin uses (schema.hpp is what the daemon
// checks). Pure; [control].
#pragma once

#include <picket/result.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

#include "cgroups.hpp"
#include "choice.hpp"
#include "cpu.hpp"
#include "disks.hpp"
#include "files.hpp"
#include "filesystems.hpp"
#include "processes.hpp"

namespace picket::perf_collector {

inline constexpr std::int64_t kDefaultInterval = 5'000'000'000;       // ns
inline constexpr std::int64_t kShortestInterval = 100'000'000;        // ns
inline constexpr std::int64_t kLongestInterval = 86'400'000'000'000;  // ns: a day
inline constexpr std::int64_t kFilesystemsEvery = 30'000'000'000;     // ns; or the next multiple of the interval
inline constexpr std::int64_t kHwmonEvery = 10'000'000'000;           // ns; likewise
inline constexpr std::size_t kUsualTop = 10;                          // of processes, when no group is named
inline constexpr std::size_t kMostTop = 1'000;
inline constexpr std::size_t kMostGlobs = 64;  // in one list

// Settings of a group that has none but those that every group has.
struct NoSettings {
  bool operator==(const NoSettings&) const = default;
};

// One group that is on. `every_ns` is a multiple of the collector's interval. `asked`: it is on because the settings
// name it, so that its absence on this machine is worth a word.
template <typename Own>
struct GroupSettings {
  std::int64_t every_ns = 0;
  Own own;
  Choice metrics{};  // names of metrics
  bool asked = false;

  bool operator==(const GroupSettings&) const = default;
};

struct Settings {
  std::int64_t interval_ns = kDefaultInterval;
  std::optional<GroupSettings<CpuSettings>> cpu;
  std::optional<GroupSettings<NoSettings>> load;
  std::optional<GroupSettings<NoSettings>> memory;
  std::optional<GroupSettings<Choice>> paging;  // of swap devices
  std::optional<GroupSettings<DisksSettings>> disks;
  std::optional<GroupSettings<FilesystemsSettings>> filesystems;
  std::optional<GroupSettings<Choice>> network;   // of interfaces
  std::optional<GroupSettings<Choice>> pressure;  // of resources
  std::optional<GroupSettings<NoSettings>> kernel;
  std::optional<GroupSettings<Choice>> hwmon;  // of sensors
  std::optional<GroupSettings<ProcessesSettings>> processes;
  std::optional<GroupSettings<CgroupsSettings>> cgroups;
  std::optional<GroupSettings<FilesSettings>> files;  // every interval; each number has a period of its own in it

  bool operator==(const Settings&) const = default;
};

// Checks what the schema cannot say, too. Without `groups`: every group that this operating system has.
Result<Settings> parse_settings(std::string_view json);

}  // namespace picket::perf_collector
