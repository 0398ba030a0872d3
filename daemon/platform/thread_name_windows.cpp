// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include "platform/text_windows.hpp"
#include "platform/thread_name.hpp"

namespace picket::platform {

void name_this_thread(const std::string& name) {
  // Looked up by name: mingw's headers lack it, and so do systems before Windows 10 1607.
  using SetDescription = HRESULT(WINAPI*)(HANDLE, PCWSTR);
  const FARPROC function = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "SetThreadDescription");
  if (function == nullptr) return;
  reinterpret_cast<SetDescription>(reinterpret_cast<void*>(function))(GetCurrentThread(), to_wide(name).c_str());
}

}  // namespace picket::platform
