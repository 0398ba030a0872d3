// SPDX-License-Identifier: Apache-2.0
//
// A snapshot of the tool help library. Command lines of others cannot be had without reading their memory.
#include "process_list.hpp"
// clang-format off
#include <windows.h>
#include <tlhelp32.h>
// clang-format on

namespace picket::process_supervisor {
namespace {

std::string to_utf8(const wchar_t* text) {
  const int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
  if (size <= 1) return {};
  std::string out(static_cast<std::size_t>(size), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text, -1, out.data(), size, nullptr, nullptr);
  out.pop_back();
  return out;
}

std::uint64_t creation_time(DWORD pid) {
  const HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
  if (process == nullptr) return 0;
  FILETIME created{}, exited{}, kernel{}, user{};
  const bool known = GetProcessTimes(process, &created, &exited, &kernel, &user) != 0;
  CloseHandle(process);
  return known ? (static_cast<std::uint64_t>(created.dwHighDateTime) << 32U) | created.dwLowDateTime : 0;
}

}  // namespace

bool has_command_lines() {
  return false;
}

std::vector<ListedProcess> list_processes(bool /*with_command_lines*/) {
  std::vector<ListedProcess> list;
  const HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  if (snapshot == INVALID_HANDLE_VALUE) return list;
  PROCESSENTRY32W entry{};
  entry.dwSize = sizeof entry;
  for (BOOL more = Process32FirstW(snapshot, &entry); more != 0; more = Process32NextW(snapshot, &entry)) {
    const std::uint64_t start = creation_time(entry.th32ProcessID);
    if (start != 0) list.push_back({entry.th32ProcessID, start, to_utf8(entry.szExeFile), {}});
  }
  CloseHandle(snapshot);
  return list;
}

}  // namespace picket::process_supervisor
