// SPDX-License-Identifier: Apache-2.0
//
// Changes of a directory's entries: the only ones that the store makes beside SQLite's own, what makes them last, and
// the place where tests watch them and let them fail. Any thread.
//
// A file system may bring such changes to the device in any order until the directory is synced, so whoever relies on
// one before the next syncs in between.
#pragma once

#include <filesystem>
#include <system_error>

namespace picket::perf_database {

// Throws std::filesystem::filesystem_error; replaces a file that is there.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

// False when it is still there (open elsewhere on Windows). That it was not there is no failure.
bool remove_file(const std::filesystem::path& file);

// What was made, renamed and removed in it stays so, whatever happens to the power. Throws
// std::filesystem::filesystem_error. Does nothing on Windows, where NTFS keeps the order of such changes in its log.
void sync_directory(const std::filesystem::path& directory);

// Makes the directory and those above it, for good. Throws std::filesystem::filesystem_error.
void make_directory(const std::filesystem::path& directory);

// What sync_directory() asks of the system; directory_linux.cpp and directory_windows.cpp have it.
std::error_code sync_entries(const std::filesystem::path& directory);

// Told of each change before it is made; may throw std::filesystem::filesystem_error instead of letting it happen.
class DirectoryObserver {
 public:
  virtual ~DirectoryObserver() = default;
  virtual void on_rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual void on_remove(const std::filesystem::path& file) = 0;
  // False: no need to do it.
  virtual bool on_sync(const std::filesystem::path& directory) = 0;
};

// For tests, one at a time; null: nobody. It must outlive all stores.
void observe_directories(DirectoryObserver* observer);

}  // namespace picket::perf_database
