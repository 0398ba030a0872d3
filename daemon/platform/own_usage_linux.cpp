// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <filesystem>
#include <iterator>

#include "platform/own_usage.hpp"

namespace picket::platform {
namespace {

std::uint64_t entries_of(const char* directory) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(directory, error);
  if (error) return 0;
  return static_cast<std::uint64_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

std::uint64_t heap_bytes_in_use() {
  const struct mallinfo2 facts = mallinfo2();
  return facts.uordblks + facts.hblkhd;
}

std::uint64_t open_handles() {
  return entries_of("/proc/self/fd");
}

std::uint64_t running_threads() {
  return entries_of("/proc/self/task");
}

}  // namespace picket::platform
