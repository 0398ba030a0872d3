// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <array>
#include <system_error>
#include <utility>

#include "machine.hpp"
#include "sql.hpp"

namespace picket::perf_database {
namespace {

// Locks on Windows keep others from reading the locked bytes, so they lie far behind the text.
constexpr DWORD kLockOffset = 1U << 30U;

Error last_error(const std::filesystem::path& file) {
  return {path_text(file) + ": " + std::system_category().message(static_cast<int>(GetLastError()))};
}

}  // namespace

Result<DirectoryLock> DirectoryLock::acquire(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "lock";
  const HANDLE handle = CreateFileW(file.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                    nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return last_error(file);
  DirectoryLock lock(reinterpret_cast<std::intptr_t>(handle));
  OVERLAPPED range{};
  range.Offset = kLockOffset;
  if (LockFileEx(handle, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &range) == 0) {
    if (GetLastError() != ERROR_LOCK_VIOLATION) return last_error(file);
    std::array<char, 32> text{};
    DWORD size = 0;
    if (ReadFile(handle, text.data(), text.size() - 1, &size, nullptr) == 0) size = 0;
    std::string holder(text.data(), size);
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return Error{path_text(directory) + ": is in use by process " + (holder.empty() ? "(unknown)" : holder) +
                     "; stop it, or give this instance another directory",
                 PICKET_DENIED};
  }
  const std::string pid = std::to_string(GetCurrentProcessId()) + "\n";
  DWORD written = 0;
  if (SetEndOfFile(handle) == 0 ||
      WriteFile(handle, pid.data(), static_cast<DWORD>(pid.size()), &written, nullptr) == 0) {
    return last_error(file);
  }
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

DirectoryLock::~DirectoryLock() {
  if (handle_ != -1) CloseHandle(reinterpret_cast<HANDLE>(handle_));
}

std::string machine_name() {
  std::array<char, 256> name{};
  DWORD size = name.size();
  if (GetComputerNameExA(ComputerNameDnsHostname, name.data(), &size) == 0 || size == 0) return "localhost";
  return {name.data(), size};
}

// The heap of Windows gives large blocks back by itself.
void give_back_memory() {}

}  // namespace picket::perf_database
