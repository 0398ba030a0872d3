// SPDX-License-Identifier: Apache-2.0
//
// The group `files`: numbers out of any text file, without code: /sys, /proc, files that other programs write. The same
// on every operating system.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "file_number.hpp"
#include "group.hpp"

namespace picket::perf_collector {

inline constexpr std::size_t kMostFiles = 256;                        // entries of the settings
inline constexpr std::size_t kMostGlobbedFiles = 200;                 // of one entry
inline constexpr std::size_t kMostFileValues = 1'000;                 // of one file, with `each`
inline constexpr std::size_t kMostFileText = std::size_t{64} << 10U;  // bytes that are read of a file
inline constexpr std::size_t kMostFileAttributes = 16;                // of one entry
inline constexpr std::int64_t kGlobEvery = 60'000'000'000;            // ns between two looks for files that are new

// One entry. Its metric is described when the group is made.
struct FileSettings {
  std::string name;  // of the metric
  std::string path;  // may be a glob
  NumberSettings number{};
  std::string each{};  // attribute that tells the numbers of one file apart; empty: there is one number
  double scale = 1;
  std::string unit{};
  std::uint32_t instrument = PICKET_INSTRUMENT_GAUGE;
  std::int32_t decimals = -1;  // -1: not known
  std::vector<std::pair<std::string, std::string>> attributes{};
  std::int64_t every_ns = 0;

  bool operator==(const FileSettings&) const = default;
};

struct FilesSettings {
  std::vector<FileSettings> files{};

  bool operator==(const FilesSettings&) const = default;
};

// Collected at every interval; each entry is read when one of its own periods began. Throws std::runtime_error if an
// entry cannot be: its expression does not compile, or its metric is another one's.
std::unique_ptr<Group> make_files(const FilesSettings& settings, const Vocabulary& vocabulary);

}  // namespace picket::perf_collector
