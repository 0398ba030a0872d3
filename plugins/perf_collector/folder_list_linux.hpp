// SPDX-License-Identifier: Apache-2.0
//
// Lists an open folder into a buffer of the caller's: nothing is allocated, and a large buffer means few calls (Linux
// only). Used by the readers of /proc and of control groups on the [control] thread.
#pragma once

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>

namespace picket::perf_collector {

// Calls visit(const dirent64&) for every entry, "." and ".." included. 0, or the errno (EINVAL: the buffer is too
// small). `buffer` is not touched between two calls of visit for entries of one piece, so visit must not use it.
template <typename Visit>
int each_entry(int folder, char* buffer, std::size_t size, Visit visit) {
  if (::lseek(folder, 0, SEEK_SET) < 0) return errno;
  void* start = buffer;
  if (std::align(alignof(dirent64), sizeof(dirent64), start, size) == nullptr) return EINVAL;
  for (;;) {
    const ssize_t got = ::getdents64(folder, start, size);
    if (got < 0) return errno;
    if (got == 0) return 0;
    for (ssize_t at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const dirent64*>(static_cast<const char*>(start) + at);
      visit(*entry);
      at += entry->d_reclen;
    }
  }
}

}  // namespace picket::perf_collector
