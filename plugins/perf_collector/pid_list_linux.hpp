// SPDX-License-Identifier: Apache-2.0
//
// The process ids in a mounted process file system (Linux only): the folder stays open and is listed again in large
// pieces. Used by process_source_linux.cpp on the [control] thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace picket::perf_collector {

class PidList {
 public:
  // Opens nothing yet.
  explicit PidList(std::string root);
  ~PidList();
  PidList(const PidList&) = delete;
  PidList& operator=(const PidList&) = delete;

  // Replaces `pids` by all of them, ascending. 0, or the errno; ENODATA: the folder holds no process.
  int read(std::vector<std::int64_t>& pids);

  // The open folder, for openat(); -1 before the first success.
  int folder() const { return folder_; }

 private:
  int read_open(std::vector<std::int64_t>& pids) const;

  std::string root_;
  int folder_ = -1;
  std::unique_ptr<char[]> buffer_;
};

// How many entries other than "." and ".." the open folder has; -1 if it cannot be listed. `buffer` is overwritten.
std::int64_t count_entries(int folder, char* buffer, std::size_t size);

}  // namespace picket::perf_collector
