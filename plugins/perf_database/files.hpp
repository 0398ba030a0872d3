// SPDX-License-Identifier: Apache-2.0
//
// The files of a history directory: what is there, how large, and how one goes away. Any thread.
#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "calendar.hpp"

namespace picket::perf_database {

// What the name of a file ends in that was set aside.
inline constexpr const char* kDamaged = ".damaged";

struct HotPart {
  std::filesystem::path file;
  std::int64_t hour_ns = 0;
  unsigned generation = 0;
};

struct Listing {
  std::vector<HotPart> hot;                              // by hour, then generation
  std::map<std::int64_t, std::filesystem::path> raw;     // by the week's start
  std::map<std::int64_t, std::filesystem::path> minute;  // by the month's start
  std::vector<std::filesystem::path> damaged;            // set aside
};

// By their names alone: no file is looked at, since every question to a history asks. Names that are not ours are left
// out. Throws std::filesystem::filesystem_error.
Listing list_files(const std::filesystem::path& directory);

// Bytes of all files of a directory, write-ahead logs and what is not ours included. Throws as list_files().
std::uint64_t directory_bytes(const std::filesystem::path& directory);

// Bytes of a database file with its write-ahead log.
std::uint64_t file_bytes(const std::filesystem::path& file);

// Removes a database with its log, for good. False when it is still there (open elsewhere on Windows): try again later.
bool remove_database(const std::filesystem::path& file);

// Renames a database and its log to NAME.damaged (NAME.1.damaged, ...) and returns the new path. Throws
// std::filesystem::filesystem_error.
std::filesystem::path set_aside(const std::filesystem::path& file);

// Removes logs whose database is gone, and files that a crash left unfinished. The log of a file that a crash
// interrupted in being set aside follows it.
void sweep_orphans(const std::filesystem::path& directory);

}  // namespace picket::perf_database
