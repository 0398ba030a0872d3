// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "platform/process.hpp"

namespace picket::platform {

std::optional<std::string> environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::uint32_t process_id() {
  return static_cast<std::uint32_t>(getpid());
}

bool process_exists(std::uint32_t id) {
  return id != 0 && (kill(static_cast<pid_t>(id), 0) == 0 || errno == EPERM);
}

std::uint64_t resident_bytes() {
  // proc(5): the second number of statm is the resident set in pages.
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  std::array<char, 128> text{};
  const ssize_t length = read(file, text.data(), text.size() - 1);
  close(file);
  unsigned long long total = 0;
  unsigned long long resident = 0;
  if (length <= 0 || std::sscanf(text.data(), "%llu %llu", &total, &resident) != 2) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void keep_few_arenas() {
  mallopt(M_ARENA_MAX, 2);
}

void release_free_memory() {
  malloc_trim(0);
}

bool is_privileged() {
  return geteuid() == 0;
}

std::filesystem::path executable_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

std::vector<std::string> arguments(int argc, char** argv) {
  return {argv, argv + argc};
}

}  // namespace picket::platform
