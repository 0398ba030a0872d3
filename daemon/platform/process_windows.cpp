// SPDX-License-Identifier: Apache-2.0
#include <windows.h>
// After windows.h.
#include <psapi.h>
#include <shellapi.h>

#include "platform/process.hpp"
#include "platform/text_windows.hpp"

namespace picket::platform {

std::optional<std::string> environment(const std::string& name) {
  const std::wstring wide = to_wide(name);
  std::wstring value;
  DWORD length = GetEnvironmentVariableW(wide.c_str(), nullptr, 0);
  if (length == 0) return std::nullopt;
  do {  // it may grow between the two calls
    value.resize(length);
    length = GetEnvironmentVariableW(wide.c_str(), value.data(), static_cast<DWORD>(value.size()));
  } while (length > value.size());
  value.resize(length);
  return to_utf8(value);
}

std::optional<std::string> take_environment(const std::string& name) {
  auto value = environment(name);
  SetEnvironmentVariableW(to_wide(name).c_str(), nullptr);
  return value;
}

std::uint32_t process_id() {
  return GetCurrentProcessId();
}

bool process_exists(std::uint32_t id) {
  const HANDLE process = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id);
  if (process == nullptr) return GetLastError() == ERROR_ACCESS_DENIED;
  const bool running = WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
  CloseHandle(process);
  return running;
}

std::uint64_t resident_bytes() {
  PROCESS_MEMORY_COUNTERS counters{};
  if (!K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters)) return 0;
  return counters.WorkingSetSize;
}

// The heaps of Windows share one space and give back what is free by themselves.
void keep_few_arenas() {}

void release_free_memory() {}

bool is_privileged() {
  // Membership in Administrators counts only when it is enabled in the token: that is what "elevated" means. SYSTEM
  // carries it always.
  SID_IDENTIFIER_AUTHORITY authority = SECURITY_NT_AUTHORITY;
  PSID administrators = nullptr;
  if (!AllocateAndInitializeSid(&authority, 2, SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS, 0, 0, 0, 0, 0, 0,
                                &administrators)) {
    return false;
  }
  BOOL member = FALSE;
  const BOOL known = CheckTokenMembership(nullptr, administrators, &member);
  FreeSid(administrators);
  return known && member;
}

std::filesystem::path executable_path() {
  std::wstring path(MAX_PATH, L'\0');
  while (true) {
    const DWORD length = GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
    if (length == 0) return {};
    if (length < path.size()) {
      path.resize(length);
      return path;
    }
    path.resize(path.size() * 2);
  }
}

std::vector<std::string> arguments(int /*argc*/, char** /*argv*/) {
  std::vector<std::string> result;
  int count = 0;
  wchar_t** const wide = CommandLineToArgvW(GetCommandLineW(), &count);
  for (int i = 0; i < count; ++i) result.push_back(to_utf8(wide[i]));
  LocalFree(wide);
  return result;
}

}  // namespace picket::platform
