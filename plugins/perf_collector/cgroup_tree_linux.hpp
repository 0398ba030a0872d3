// SPDX-License-Identifier: Apache-2.0
//
// The control groups below a root, by their paths (Linux only). Walked anew at every tick, since units come and go;
// only folders whose children may be wanted are listed. Used by cgroups_linux.cpp on the [control] thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace picket::perf_collector {

class CgroupTree {
 public:
  static constexpr std::size_t kMostFolders = 20'000;

  CgroupTree(std::string root, int depth);
  ~CgroupTree();
  CgroupTree(const CgroupTree&) = delete;
  CgroupTree& operator=(const CgroupTree&) = delete;

  // Walks the tree. 0, or the errno for the root; ENOTSUP: it is not of version 2. Steady, it allocates nothing.
  int walk();

  // Paths below the root, "system.slice/ssh.service", in the order of the walk. Valid until the next walk.
  std::size_t size() const { return count_; }
  const std::string& path(std::size_t i) const { return found_[i].path; }
  // There were more than kMostFolders, and the others were left out.
  bool cut() const { return cut_; }

  // The open root, for openat(); -1 before the first success.
  int root() const { return folder_; }

 private:
  struct Found {
    std::string path;
    int depth = 0;
  };
  void list(int folder, std::size_t parent, int depth);
  int open_root();

  std::string root_;
  int depth_;
  int folder_ = -1;
  std::vector<Found> found_;  // the first count_ are of this walk; the others keep their memory
  std::size_t count_ = 0;
  bool cut_ = false;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace picket::perf_collector
