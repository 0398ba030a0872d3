// SPDX-License-Identifier: Apache-2.0
//
// SQLite's file system between the store and the real one, for as long as the object lives. It writes down every
// change of files and names, for SimulatedDisk, and lets chosen operations fail. The store's own changes of names come
// here as well. Nothing is really synced: the disk under it is simulated. One store, one thread.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <string>

#include "directory.hpp"
#include "power_cut_disk.hpp"

namespace picket::perf_database {

// The kinds of operations that can fail. Locks and shared memory are not among them: no disk is behind those.
enum class FileAction { open, read, write, truncate, sync, size, remove, rename, sync_directory };

class TestVfs final : public DirectoryObserver {
 public:
  TestVfs();
  ~TestVfs() override;
  TestVfs(const TestVfs&) = delete;
  TestVfs& operator=(const TestVfs&) = delete;

  // Every change from now on, in order; null: not written down. Starts with an empty directory.
  void record(std::vector<DiskOperation>* log);

  // Called before each operation; false makes it fail without having done anything. Null: none fails.
  using Gate = std::function<bool(FileAction action, const std::string& name)>;
  void set_gate(Gate gate) { gate_ = std::move(gate); }

  void on_rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  void on_remove(const std::filesystem::path& file) override;
  bool on_sync(const std::filesystem::path& directory) override;

 private:
  struct File;
  struct Methods;

  bool may(FileAction action, const std::string& name) { return !gate_ || gate_(action, name); }
  void note(DiskOperation operation);
  FileNumber number_of(const std::string& name, bool may_make);

  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_;
  Gate gate_;
  std::vector<DiskOperation>* log_ = nullptr;
  std::map<std::string, FileNumber> numbers_;
  FileNumber last_number_ = 0;
};

}  // namespace picket::perf_database
