// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <string>

#include "platform/file_lock.hpp"
#include "platform/text_windows.hpp"

namespace picket::platform {
namespace {

// Locked bytes cannot be read by others on Windows, so the lock is far behind the text that names the holder.
constexpr DWORD kLockOffset = 0x40000000;

HANDLE as_handle(std::intptr_t value) {
  return reinterpret_cast<HANDLE>(value);
}

std::string holder(HANDLE file) {
  char text[32];
  DWORD length = 0;
  OVERLAPPED start{};
  if (!ReadFile(file, text, sizeof text, &length, &start)) length = 0;
  std::string id(text, length);
  id.resize(id.find_first_not_of("0123456789") < id.size() ? id.find_first_not_of("0123456789") : id.size());
  return id.empty() ? "another process" : "process " + id;
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::filesystem::path& path) {
  const std::string name = to_utf8(path.native());
  const HANDLE file = CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                  nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) {
    const DWORD code = GetLastError();
    return Error{"cannot open the lock file " + name + ": " + error_text(code),
                 code == ERROR_ACCESS_DENIED ? PICKET_DENIED : PICKET_FAILED};
  }
  FileLock lock(reinterpret_cast<std::intptr_t>(file));
  OVERLAPPED range{};
  range.Offset = kLockOffset;
  if (!LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &range)) {
    const DWORD code = GetLastError();
    if (code != ERROR_LOCK_VIOLATION && code != ERROR_IO_PENDING) {
      return Error{"cannot lock " + name + ": " + error_text(code)};
    }
    return Error{name + " is held by " + holder(file) + ": stop that one first, or use another directory",
                 PICKET_REFUSED};
  }
  const std::string id = std::to_string(GetCurrentProcessId()) + "\n";
  OVERLAPPED start{};
  DWORD written = 0;
  if (!SetEndOfFile(file) || !WriteFile(file, id.data(), static_cast<DWORD>(id.size()), &written, &start)) {
    return Error{"cannot write the lock file " + name + ": " + last_error_text()};
  }
  return lock;
}

FileLock::~FileLock() {
  if (handle_ != kNone) CloseHandle(as_handle(handle_));
}

}  // namespace picket::platform
