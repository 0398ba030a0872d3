// SPDX-License-Identifier: Apache-2.0
//
// A disk without a battery: what was written to it, in order, and what of that is left when the power goes after any
// number of operations. The model is the one that POSIX promises and no more: a file's content lasts when the file was
// synced, its name when the directory was. Until then any subset of the writes may have reached the device, each whole
// or in parts of 512 bytes; within what is written, a sector is old or new. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "codec/bytes.hpp"

namespace picket::perf_database {

using FileNumber = std::size_t;  // an inode: follows renames

struct DiskOperation {
  enum class Kind { make, write, truncate, sync, rename, remove, sync_directory };
  Kind kind;
  FileNumber file = 0;
  std::string name;          // make, remove; rename: from
  std::string new_name;      // rename
  std::uint64_t offset = 0;  // write; truncate: the new size
  Bytes data;                // write
};

// Names without the directory.
using DiskContent = std::map<std::string, Bytes>;

class SimulatedDisk {
 public:
  void apply(const DiskOperation& operation);

  // What is there after a cut of the power now. Changes nothing here.
  DiskContent cut_power(std::mt19937_64& random) const;

  // Sizes of what has not reached the device for sure, for tests that want to know that there is something to lose.
  std::size_t unsynced() const;

 private:
  struct File {
    Bytes durable;
    std::vector<DiskOperation> pending;  // write, truncate
  };
  std::map<FileNumber, File> files_;
  std::map<std::string, FileNumber> durable_names_;
  std::vector<DiskOperation> pending_names_;  // make, rename, remove
};

}  // namespace picket::perf_database
