// SPDX-License-Identifier: Apache-2.0
#include <windows.h>
// After windows.h.
#include <aclapi.h>
#include <sddl.h>

#include <memory>

#include "platform/private_file.hpp"
#include "platform/text_windows.hpp"

namespace picket::platform {
namespace {

namespace fs = std::filesystem;

struct LocalFreer {
  void operator()(void* memory) const { LocalFree(memory); }
};

// Rights that let their holder change a file, or put another in its place.
constexpr DWORD kReplace = DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL;
constexpr DWORD kWrite = kReplace | FILE_WRITE_DATA | FILE_APPEND_DATA | GENERIC_WRITE;
// Of a directory: FILE_WRITE_DATA is "add a file", which matters only where plugins are looked up.
constexpr DWORD kReplaceChild = kReplace | FILE_DELETE_CHILD;

std::string sid_text(PSID sid) {
  LPWSTR text = nullptr;
  if (!ConvertSidToStringSidW(sid, &text)) return "an unknown account";
  const std::unique_ptr<wchar_t, LocalFreer> owner(text);
  return "account " + to_utf8(text);
}

// NT SERVICE\TrustedInstaller has no well-known type; its SID is fixed.
bool is_trusted_installer(PSID sid) {
  return sid_text(sid) == "account S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
}

bool is_current_user(PSID sid) {
  HANDLE token = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return false;
  alignas(TOKEN_USER) char buffer[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
  DWORD length = 0;
  const BOOL known = GetTokenInformation(token, TokenUser, buffer, sizeof buffer, &length);
  CloseHandle(token);
  return known && EqualSid(sid, reinterpret_cast<const TOKEN_USER*>(buffer)->User.Sid);
}

bool is_trusted(PSID sid) {
  return IsWellKnownSid(sid, WinLocalSystemSid) || IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
         IsWellKnownSid(sid, WinCreatorOwnerSid) || is_trusted_installer(sid) || is_current_user(sid);
}

// One file or directory: its owner, and whoever its access list grants one of `rights`.
std::optional<std::string> check_one(const fs::path& path, DWORD rights) {
  const std::string name = to_utf8(path.native());
  PSID owner = nullptr;
  PACL list = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  const DWORD code =
      GetNamedSecurityInfoW(path.c_str(), SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                            &owner, nullptr, &list, nullptr, &descriptor);
  if (code != ERROR_SUCCESS) return name + " cannot be examined: " + error_text(code);
  const std::unique_ptr<void, LocalFreer> keep(descriptor);
  if (!is_trusted(owner)) return name + " belongs to " + sid_text(owner) + ", not to an administrator";
  if (list == nullptr) return name + " has no access list: everybody may write it";
  for (DWORD i = 0; i < list->AceCount; ++i) {
    void* raw = nullptr;
    if (!GetAce(list, i, &raw)) return name + " cannot be examined: " + last_error_text();
    const auto* const ace = static_cast<ACCESS_ALLOWED_ACE*>(raw);
    if (ace->Header.AceType != ACCESS_ALLOWED_ACE_TYPE || (ace->Header.AceFlags & INHERIT_ONLY_ACE) != 0) continue;
    const PSID sid = const_cast<DWORD*>(&ace->SidStart);
    if ((ace->Mask & rights) != 0 && !is_trusted(sid)) {
      return name + " is writable by " + sid_text(sid) + "; allow only SYSTEM and Administrators to write it (icacls)";
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> writable_by_others(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  if (error) return to_utf8(path.native()) + " cannot be examined: " + error.message();
  if (auto reason = check_one(real, kWrite)) return reason;
  for (fs::path directory = real.parent_path();; directory = directory.parent_path()) {
    if (auto reason = check_one(directory, kReplaceChild)) return reason;
    if (directory == directory.parent_path()) return std::nullopt;
  }
}

}  // namespace picket::platform
