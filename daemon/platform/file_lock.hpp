// SPDX-License-Identifier: Apache-2.0
//
// One process at a time: the daemon holds a lock on its state directory, a store on its files. The lock ends with its
// holder, however that ends; the file itself stays and is never a sign of anything.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

#include "picket/result.hpp"

namespace picket::platform {

// Movable; released by the destructor. Not thread-safe.
class FileLock {
 public:
  // Makes the file if needed (not its directory) and writes this process's id into it. Never waits. An error names the
  // holder's process id: "/x/lock is held by process 4711".
  static Result<FileLock> acquire(const std::filesystem::path& path);

  FileLock(FileLock&& other) noexcept : handle_(other.handle_) { other.handle_ = kNone; }
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~FileLock();

 private:
  static constexpr std::intptr_t kNone = -1;  // also INVALID_HANDLE_VALUE
  explicit FileLock(std::intptr_t handle) : handle_(handle) {}

  std::intptr_t handle_;  // a descriptor or a HANDLE
};

}  // namespace picket::platform
