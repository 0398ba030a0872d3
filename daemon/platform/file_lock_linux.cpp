// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "platform/file_lock.hpp"

namespace picket::platform {
namespace {

Error failure(const std::filesystem::path& path, const char* what, int code) {
  return {std::string(what) + " " + path.string() + ": " + std::generic_category().message(code),
          code == EACCES || code == EPERM ? PICKET_DENIED : PICKET_FAILED};
}

std::string holder(int file) {
  std::array<char, 32> text{};
  const ssize_t length = pread(file, text.data(), text.size() - 1, 0);
  std::string id(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  id.resize(std::min(id.size(), id.find_first_not_of("0123456789")));
  return id.empty() ? "another process" : "process " + id;
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return failure(path, "cannot open the lock file", errno);
  FileLock lock(file);
  // flock, not fcntl: a POSIX record lock would end when any other descriptor of the file is closed.
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure(path, "cannot lock", errno);
    return Error{path.string() + " is held by " + holder(file) + ": stop that one first, or use another directory",
                 PICKET_REFUSED};
  }
  const std::string id = std::to_string(getpid()) + "\n";
  if (ftruncate(file, 0) != 0 || pwrite(file, id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
    return failure(path, "cannot write the lock file", errno);
  }
  return lock;
}

FileLock::~FileLock() {
  if (handle_ != kNone) close(static_cast<int>(handle_));
}

}  // namespace picket::platform
