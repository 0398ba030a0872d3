// SPDX-License-Identifier: Apache-2.0
//
// See pid_list_linux.hpp.
#include "pid_list_linux.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "folder_list_linux.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::size_t kListBuffer = std::size_t{64} << 10U;  // some 2,000 entries

// The number that all of `name` is; 0 if it is none.
std::int64_t pid_of(const char* name) {
  std::int64_t pid = 0;
  for (; *name != '\0'; ++name) {
    if (*name < '0' || *name > '9' || pid > INT32_MAX) return 0;
    pid = pid * 10 + (*name - '0');
  }
  return pid;
}

}  // namespace

PidList::PidList(std::string root) : root_(std::move(root)), buffer_(std::make_unique<char[]>(kListBuffer)) {}

PidList::~PidList() {
  if (folder_ >= 0) ::close(folder_);
}

int PidList::read_open(std::vector<std::int64_t>& pids) const {
  pids.clear();
  const int error = each_entry(folder_, buffer_.get(), kListBuffer, [&pids](const dirent64& entry) {
    if (const std::int64_t pid = pid_of(entry.d_name); pid > 0) pids.push_back(pid);
  });
  if (error != 0 || pids.empty()) return error != 0 ? error : ENODATA;
  // The kernel lists them in this order; an ordinary folder of a test does not.
  if (!std::is_sorted(pids.begin(), pids.end())) std::sort(pids.begin(), pids.end());
  return 0;
}

// A mount that was replaced shows as an empty or failing list, and is opened anew.
int PidList::read(std::vector<std::int64_t>& pids) {
  if (folder_ >= 0 && read_open(pids) == 0) return 0;
  if (folder_ >= 0) ::close(folder_);
  folder_ = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return folder_ < 0 ? errno : read_open(pids);
}

std::int64_t count_entries(int folder, char* buffer, std::size_t size) {
  std::int64_t count = 0;
  const int error = each_entry(folder, buffer, size, [&count](const dirent64& entry) {
    if (entry.d_name[0] != '.') ++count;
  });
  return error == 0 ? count : -1;
}

}  // namespace picket::perf_collector
