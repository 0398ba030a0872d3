// SPDX-License-Identifier: Apache-2.0
//
// See cgroup_tree_linux.hpp. Level by level: what was found is itself the queue of what to list.
#include "cgroup_tree_linux.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "folder_list_linux.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::size_t kTreeBuffer = std::size_t{32} << 10U;
constexpr std::size_t kNoParent = SIZE_MAX;

bool is_folder(int folder, const dirent64& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status {};
  return ::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

CgroupTree::CgroupTree(std::string root, int depth)
    : root_(std::move(root)), depth_(depth), buffer_(std::make_unique<char[]>(kTreeBuffer)) {}

CgroupTree::~CgroupTree() {
  if (folder_ >= 0) ::close(folder_);
}

int CgroupTree::open_root() {
  if (folder_ >= 0 && ::faccessat(folder_, "cgroup.controllers", F_OK, 0) == 0) return 0;
  if (folder_ >= 0) ::close(folder_);
  folder_ = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0) return errno;
  // Version 1 and the hybrid of both have folders of controllers here instead.
  return ::faccessat(folder_, "cgroup.controllers", F_OK, 0) == 0 ? 0 : ENOTSUP;
}

int CgroupTree::walk() {
  count_ = 0;
  cut_ = false;
  if (const int error = open_root(); error != 0) return error;
  list(folder_, kNoParent, 1);
  for (std::size_t i = 0; i < count_; ++i) {
    if (found_[i].depth >= depth_) continue;
    const int folder = ::openat(folder_, found_[i].path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) continue;  // it went away meanwhile
    list(folder, i, found_[i].depth + 1);
    ::close(folder);
  }
  return 0;
}

void CgroupTree::list(int folder, std::size_t parent, int depth) {
  each_entry(folder, buffer_.get(), kTreeBuffer, [&](const dirent64& entry) {
    if (entry.d_name[0] == '.' || !is_folder(folder, entry)) return;
    if (count_ == kMostFolders) {
      cut_ = true;
      return;
    }
    if (count_ == found_.size()) found_.emplace_back();
    Found& found = found_[count_++];
    found.path.clear();
    if (parent != kNoParent) found.path.append(found_[parent].path).append("/");
    found.path.append(entry.d_name);
    found.depth = depth;
  });
}

}  // namespace picket::perf_collector
