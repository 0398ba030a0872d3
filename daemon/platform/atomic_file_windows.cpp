// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <atomic>

#include "platform/atomic_file.hpp"
#include "platform/text_windows.hpp"

namespace picket::platform {
namespace {

Error failure(const char* what, const std::filesystem::path& path, DWORD code) {
  return {std::string("cannot ") + what + " " + to_utf8(path.native()) + ": " + error_text(code),
          code == ERROR_ACCESS_DENIED ? PICKET_DENIED : PICKET_FAILED};
}

// Writes, flushes and closes; 0 or an error code.
DWORD fill(HANDLE file, std::string_view content) {
  constexpr std::size_t kBlock = 1U << 20U;
  DWORD code = ERROR_SUCCESS;
  while (code == ERROR_SUCCESS && !content.empty()) {
    DWORD written = 0;
    const DWORD length = static_cast<DWORD>(content.size() < kBlock ? content.size() : kBlock);
    if (!WriteFile(file, content.data(), length, &written, nullptr)) code = GetLastError();
    content.remove_prefix(written);
  }
  if (code == ERROR_SUCCESS && !FlushFileBuffers(file)) code = GetLastError();
  CloseHandle(file);
  return code;
}

}  // namespace

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  static std::atomic<unsigned> counter{0};
  std::filesystem::path aside = path;
  aside += "." + std::to_string(GetCurrentProcessId()) + "-" + std::to_string(counter.fetch_add(1)) + ".tmp";
  const HANDLE file = CreateFileW(aside.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return failure("create", aside, GetLastError());
  DWORD code = fill(file, content);
  // Write-through: the rename is on the disk when the call returns; directories cannot be flushed here.
  if (code == ERROR_SUCCESS &&
      !MoveFileExW(aside.c_str(), path.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
    code = GetLastError();
  }
  if (code != ERROR_SUCCESS) {
    DeleteFileW(aside.c_str());
    return failure("write", path, code);
  }
  return {};
}

}  // namespace picket::platform
