// SPDX-License-Identifier: Apache-2.0
//
// Windows half of small_file.hpp.
#include <windows.h>

#include <array>
#include <system_error>

#include "small_file.hpp"

namespace picket::perf_collector {

std::ptrdiff_t read_once(const char* path, char* buffer, std::size_t size) {
  std::array<wchar_t, 4096> wide;
  if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide.data(), static_cast<int>(wide.size())) == 0) {
    return -1;
  }
  HANDLE file = CreateFileW(wide.data(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                            OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return -1;
  DWORD got = 0;
  const bool good = ReadFile(file, buffer, static_cast<DWORD>(size), &got, nullptr) != 0;
  const DWORD error = GetLastError();
  CloseHandle(file);
  SetLastError(error);
  return good ? static_cast<std::ptrdiff_t>(got) : -1;
}

std::string last_read_error() {
  return std::system_category().message(static_cast<int>(GetLastError()));
}

}  // namespace picket::perf_collector
