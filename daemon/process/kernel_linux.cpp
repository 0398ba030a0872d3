// SPDX-License-Identifier: Apache-2.0
#include "process/kernel_linux.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace picket::process {
namespace {

// From linux/pidfd.h of Linux 6.15; the first version of the struct, which later kernels still fill.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup_id;
  std::uint32_t ids[11];
  std::int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr std::uint64_t kPidfdInfoExit = 1U << 3U;
constexpr unsigned long kPidfdGetInfo = _IOWR(0xFF, 11, PidfdInfo);

std::optional<int> kept_status(int pidfd) {
  PidfdInfo info{};
  info.mask = kPidfdInfoExit;
  if (ioctl(pidfd, kPidfdGetInfo, &info) != 0 || (info.mask & kPidfdInfoExit) == 0) return std::nullopt;
  return info.exit_code;
}

}  // namespace

std::optional<std::string> read_small_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::string text;
  char buffer[4096];
  ssize_t length = 0;
  while ((length = read(file, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<std::size_t>(length));
    if (text.size() > 1U << 20U) break;
  }
  close(file);
  if (length < 0) return std::nullopt;
  return text;
}

std::optional<ProcessFacts> parse_stat(std::string_view line) {
  // The name stands in parentheses and may contain any byte, parentheses too.
  const std::size_t open_at = line.find('('), close_at = line.rfind(')');
  if (open_at == std::string_view::npos || close_at == std::string_view::npos || close_at < open_at)
    return std::nullopt;
  ProcessFacts facts;
  facts.name = line.substr(open_at + 1, close_at - open_at - 1);
  if (std::from_chars(line.data(), line.data() + open_at, facts.pid).ec != std::errc()) return std::nullopt;
  const char* at = line.data() + close_at + 1;
  const char* const end = line.data() + line.size();
  // Fields from the third on, which is the state.
  for (int field = 3; field <= 52; ++field) {
    while (at < end && (*at == ' ' || *at == '\n')) ++at;
    if (at == end) return field > 24 ? std::optional(std::move(facts)) : std::nullopt;
    if (field == 3) {
      facts.state = *at++;
      continue;
    }
    std::int64_t value = 0;
    const bool is_negative = *at == '-';
    std::uint64_t magnitude = 0;
    const auto [next, error] = std::from_chars(at + (is_negative ? 1 : 0), end, magnitude);
    if (error == std::errc::invalid_argument) return std::nullopt;
    value = is_negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
    at = next;
    switch (field) {
      case 4:
        facts.parent = static_cast<pid_t>(value);
        break;
      case 6:
        facts.session = static_cast<pid_t>(value);
        break;
      case 14:
        facts.user_ticks = magnitude;
        break;
      case 15:
        facts.system_ticks = magnitude;
        break;
      case 16:
        facts.waited_user_ticks = magnitude;
        break;
      case 17:
        facts.waited_system_ticks = magnitude;
        break;
      case 20:
        facts.threads = value;
        break;
      case 22:
        facts.start_time = magnitude;
        break;
      case 24:
        facts.resident_pages = value;
        break;
      case 52:
        facts.exit_status = static_cast<std::int32_t>(value);
        break;
      default:
        break;
    }
  }
  return facts;
}

std::optional<ProcessFacts> read_facts(pid_t pid) {
  const auto line = read_small_file("/proc/" + std::to_string(pid) + "/stat");
  return line ? parse_stat(*line) : std::nullopt;
}

std::vector<ProcessFacts> all_processes() {
  std::vector<ProcessFacts> all;
  DIR* const directory = opendir("/proc");
  if (directory == nullptr) return all;
  while (const dirent* entry = readdir(directory)) {
    pid_t pid = 0;
    const char* const end = entry->d_name + std::strlen(entry->d_name);
    const auto [stop, error] = std::from_chars(entry->d_name, end, pid);
    if (error != std::errc() || stop != end) continue;
    if (auto facts = read_facts(pid)) all.push_back(std::move(*facts));
  }
  closedir(directory);
  return all;
}

const std::array<std::uint8_t, 16>& this_boot() {
  static const std::array<std::uint8_t, 16> id = [] {
    std::array<std::uint8_t, 16> bytes{};
    const std::string text = read_small_file("/proc/sys/kernel/random/boot_id").value_or("");
    std::size_t nibble = 0;
    for (const char c : text) {
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0 || nibble == 32) continue;
      bytes[nibble / 2] = static_cast<std::uint8_t>(bytes[nibble / 2] << 4 | digit);
      ++nibble;
    }
    return bytes;
  }();
  return id;
}

std::optional<Identity> identify(pid_t pid) {
  const auto facts = read_facts(pid);
  if (!facts) return std::nullopt;
  return Identity{pid, facts->start_time, this_boot()};
}

int open_identified(const Identity& wanted) {
  if (wanted.pid <= 0 || wanted.boot_id != this_boot()) return -1;
  // First the descriptor, then the check: from then on the pid may be given away, the descriptor stays this process's.
  const auto pidfd = static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(wanted.pid), 0));
  if (pidfd < 0) return -1;
  const auto now = identify(static_cast<pid_t>(wanted.pid));
  if (now && *now == wanted) return pidfd;
  close(pidfd);
  return -1;
}

int signal_process(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) == 0 ? 0 : errno;
}

std::optional<int> foreign_status(int pidfd, pid_t pid) {
  if (const auto kept = kept_status(pidfd)) return kept;
  const auto facts = read_facts(pid);
  if (facts && facts->state == 'Z') return facts->exit_status;
  return kept_status(pidfd);  // it was reaped between the two looks
}

bool foreign_statuses_are_kept() {
  const auto self = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  if (self < 0) return false;
  PidfdInfo info{};
  info.mask = kPidfdInfoExit;
  const bool kept = ioctl(self, kPidfdGetInfo, &info) == 0;
  close(self);
  return kept;
}

std::string errno_name(int error) {
  const char* const name = strerrorname_np(error);
  return name == nullptr ? std::to_string(error) : name;
}

std::string errno_text(int error) {
  return std::generic_category().message(error) + " (" + errno_name(error) + ")";
}

}  // namespace picket::process
