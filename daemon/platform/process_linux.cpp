// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "platform/process.hpp"

namespace picket::platform {

namespace {

// Code and constants of the program and its libraries. A mapping with pages of its own is left alone: the loader has
// written addresses into it, or a debugger or a probe its breakpoints.
void release_unchanged_files() {
  std::ifstream maps("/proc/self/smaps");  // proc(5)
  std::string line;
  void* begin = nullptr;
  std::size_t size = 0;  // 0: not of this kind
  while (std::getline(maps, line)) {
    unsigned long long from = 0;
    unsigned long long to = 0;
    std::array<char, 5> access{};
    int path = 0;
    unsigned long long own = 0;
    if (std::sscanf(line.c_str(), "%llx-%llx %4s %*s %*s %*s %n", &from, &to, access.data(), &path) == 3) {
      const bool of_a_file = access[1] == '-' && access[3] == 'p' && line[static_cast<std::size_t>(path)] == '/';
      begin = reinterpret_cast<void*>(from);  // NOLINT(performance-no-int-to-ptr): the kernel's own list of addresses
      size = of_a_file ? to - from : 0;
    } else if (size != 0 && std::sscanf(line.c_str(), "Anonymous: %llu", &own) == 1 && own == 0) {
      madvise(begin, size, MADV_DONTNEED);
    }
  }
}

}  // namespace

std::optional<std::string> environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::optional<std::string> take_environment(const std::string& name) {
  auto value = environment(name);
  unsetenv(name.c_str());
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
  release_unchanged_files();
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
