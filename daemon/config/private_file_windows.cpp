// SPDX-License-Identifier: Apache-2.0
#include <aclapi.h>
#include <windows.h>

#include <array>
#include <memory>
#include <system_error>

#include "config/private_file.hpp"

namespace picket::config {
namespace {

struct CloseFile {
  using pointer = HANDLE;
  void operator()(HANDLE file) const { CloseHandle(file); }
};

struct FreeLocal {
  void operator()(void* memory) const { LocalFree(memory); }
};

Error system_error(const char* what, DWORD code) {
  const bool missing = code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND;
  return {std::string(what) + ": " + std::system_category().message(static_cast<int>(code)),
          missing ? PICKET_NOT_FOUND : PICKET_FAILED};
}

// The groups that stand for "anybody".
bool is_anybody(PSID sid) {
  constexpr std::array kGroups = {WinWorldSid, WinAuthenticatedUserSid, WinBuiltinUsersSid, WinBuiltinGuestsSid};
  for (const WELL_KNOWN_SID_TYPE group : kGroups) {
    if (IsWellKnownSid(sid, group) != 0) return true;
  }
  return false;
}

// No access list at all means that everybody may do everything.
bool open_to_anybody(PACL list) {
  if (list == nullptr) return true;
  for (DWORD i = 0; i < list->AceCount; ++i) {
    void* entry = nullptr;
    if (GetAce(list, i, &entry) == 0) return true;
    const auto* allowed = static_cast<ACCESS_ALLOWED_ACE*>(entry);
    if (allowed->Header.AceType != ACCESS_ALLOWED_ACE_TYPE) continue;
    const bool reads = (allowed->Mask & (FILE_READ_DATA | FILE_WRITE_DATA | GENERIC_READ | GENERIC_ALL)) != 0;
    if (reads && is_anybody(const_cast<DWORD*>(&allowed->SidStart))) return true;
  }
  return false;
}

}  // namespace

Result<std::string> read_private_file(const std::filesystem::path& path, std::size_t limit, bool /*group_may_read*/) {
  const HANDLE handle = CreateFileW(path.c_str(), GENERIC_READ | READ_CONTROL, FILE_SHARE_READ, nullptr, OPEN_EXISTING,
                                    FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return system_error("cannot be opened", GetLastError());
  const std::unique_ptr<HANDLE, CloseFile> file(handle);
  if (GetFileType(handle) != FILE_TYPE_DISK) return Error{"is not a regular file", PICKET_INVALID};
  PACL list = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  const DWORD code =
      GetSecurityInfo(handle, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr, &list, nullptr, &descriptor);
  if (code != ERROR_SUCCESS) return system_error("its access list cannot be read", code);
  const std::unique_ptr<void, FreeLocal> owner(descriptor);
  if (open_to_anybody(list)) {
    return Error{"can be read by every user; leave only SYSTEM and Administrators on its access list", PICKET_INVALID};
  }
  std::string text(limit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    DWORD got = 0;
    if (ReadFile(handle, text.data() + size, static_cast<DWORD>(text.size() - size), &got, nullptr) == 0) {
      return system_error("cannot be read", GetLastError());
    }
    if (got == 0) break;
    size += got;
  }
  if (size > limit) return Error{"is larger than " + std::to_string(limit) + " bytes", PICKET_INVALID};
  text.resize(size);
  return text;
}

}  // namespace picket::config
