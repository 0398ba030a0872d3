// SPDX-License-Identifier: Apache-2.0
//
// What the history asks of the operating system itself: one writer per directory, the machine's name, and to take
// memory back. machine_linux.cpp and machine_windows.cpp implement it. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "picket/result.hpp"

namespace picket::perf_database {

// Holds DIRECTORY/lock exclusively until it goes; the system lets go of it also when the process dies. The file stays.
class DirectoryLock {
 public:
  // The error names the process that holds it.
  static Result<DirectoryLock> acquire(const std::filesystem::path& directory);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(std::intptr_t handle) : handle_(handle) {}
  std::intptr_t handle_;  // a descriptor or a HANDLE; -1: none
};

// The host part of every series that names none; "localhost" when the system does not say.
std::string machine_name();

// Gives the system what was freed and the allocator keeps. Sealing an hour needs ten times the memory of all else, for
// a moment; without this it would stay resident for good. Takes up to a millisecond.
void give_back_memory();

}  // namespace picket::perf_database
