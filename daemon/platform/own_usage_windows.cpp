// SPDX-License-Identifier: Apache-2.0
#include <windows.h>
// After windows.h.
#include <tlhelp32.h>

#include "platform/own_usage.hpp"

namespace picket::platform {

std::uint64_t heap_bytes_in_use() {
  const HANDLE heap = GetProcessHeap();
  if (!HeapLock(heap)) return 0;
  std::uint64_t bytes = 0;
  PROCESS_HEAP_ENTRY entry{};
  while (HeapWalk(heap, &entry)) {
    if ((entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) != 0) bytes += entry.cbData;
  }
  HeapUnlock(heap);
  return bytes;
}

std::uint64_t open_handles() {
  DWORD count = 0;
  return GetProcessHandleCount(GetCurrentProcess(), &count) ? count : 0;
}

std::uint64_t running_threads() {
  const HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  if (all == INVALID_HANDLE_VALUE) return 0;
  std::uint64_t threads = 0;
  THREADENTRY32 entry{};
  entry.dwSize = sizeof entry;
  for (BOOL more = Thread32First(all, &entry); more; more = Thread32Next(all, &entry)) {
    if (entry.th32OwnerProcessID == GetCurrentProcessId()) ++threads;
  }
  CloseHandle(all);
  return threads;
}

}  // namespace picket::platform
