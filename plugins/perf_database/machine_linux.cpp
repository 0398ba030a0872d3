// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <malloc.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "machine.hpp"
#include "sql.hpp"

namespace picket::perf_database {

Result<DirectoryLock> DirectoryLock::acquire(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "lock";
  // A lock of the open file (flock), not of the process: closing some other descriptor of it does not release it.
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return Error{path_text(file) + ": " + std::generic_category().message(errno)};
  DirectoryLock lock(descriptor);
  std::array<char, 32> text{};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int problem = errno;
    if (problem != EWOULDBLOCK) return Error{path_text(file) + ": " + std::generic_category().message(problem)};
    const ssize_t size = ::pread(descriptor, text.data(), text.size() - 1, 0);
    std::string holder(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return Error{path_text(directory) + ": is in use by process " + (holder.empty() ? "(unknown)" : holder) +
                     "; stop it, or give this instance another directory",
                 PICKET_DENIED};
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, pid.data(), pid.size(), 0) < 0) {
    return Error{path_text(file) + ": " + std::generic_category().message(errno)};
  }
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

DirectoryLock::~DirectoryLock() {
  if (handle_ != -1) ::close(static_cast<int>(handle_));
}

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

void give_back_memory() {
  malloc_trim(0);
}

}  // namespace picket::perf_database
