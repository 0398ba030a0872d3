// SPDX-License-Identifier: Apache-2.0
#include "directory.hpp"

#include <atomic>

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

std::atomic<DirectoryObserver*> directory_observer{nullptr};

}  // namespace

void observe_directories(DirectoryObserver* observer) {
  directory_observer = observer;
}

void rename_file(const fs::path& from, const fs::path& to) {
  if (DirectoryObserver* const observer = directory_observer) observer->on_rename(from, to);
  fs::rename(from, to);
}

bool remove_file(const fs::path& file) {
  try {
    if (DirectoryObserver* const observer = directory_observer) observer->on_remove(file);
  } catch (const fs::filesystem_error&) {
    return false;
  }
  std::error_code error;
  fs::remove(file, error);
  return !error;
}

void sync_directory(const fs::path& directory) {
  if (DirectoryObserver* const observer = directory_observer; observer != nullptr && !observer->on_sync(directory)) {
    return;
  }
  if (const std::error_code error = sync_entries(directory)) {
    throw fs::filesystem_error("cannot sync the directory", directory, error);
  }
}

void make_directory(const fs::path& directory) {
  if (fs::exists(directory)) {
    fs::create_directories(directory);  // throws when it is something else
    return;
  }
  const fs::path parent = directory.parent_path();
  if (!parent.empty() && parent != directory) make_directory(parent);
  fs::create_directory(directory);
  if (!parent.empty()) sync_directory(parent);
}

}  // namespace picket::perf_database
