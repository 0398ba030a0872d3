// SPDX-License-Identifier: Apache-2.0
//
// /proc. A process that ends while it is read is left out.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

#include "process_list.hpp"

namespace picket::process_supervisor {
namespace {

std::string read_proc(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::array<char, 4'096> buffer{};
  const ssize_t got = ::read(file, buffer.data(), buffer.size());
  ::close(file);
  return got <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(got));
}

// "PID (NAME) STATE ..." where NAME may hold anything; the start is field 22.
bool parse_stat(std::string_view stat, ListedProcess& process) {
  const std::size_t open = stat.find('('), close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return false;
  process.name = stat.substr(open + 1, close - open - 1);
  std::string_view rest = stat.substr(close + 1);
  for (int field = 3; field < 22; ++field) {
    const std::size_t blank = rest.find(' ', 1);
    if (blank == std::string_view::npos) return false;
    rest.remove_prefix(blank);
  }
  rest.remove_prefix(1);
  return std::from_chars(rest.data(), rest.data() + rest.size(), process.start_time).ec == std::errc();
}

}  // namespace

bool has_command_lines() {
  return true;
}

std::vector<ListedProcess> list_processes(bool with_command_lines) {
  std::vector<ListedProcess> list;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    ListedProcess process;
    const auto [stop, problem] = std::from_chars(name.data(), name.data() + name.size(), process.pid);
    if (problem != std::errc() || stop != name.data() + name.size()) continue;
    if (!parse_stat(read_proc("/proc/" + name + "/stat"), process)) continue;
    if (with_command_lines) {
      process.command_line = read_proc("/proc/" + name + "/cmdline");
      while (process.command_line.ends_with('\0')) process.command_line.pop_back();
      std::replace(process.command_line.begin(), process.command_line.end(), '\0', ' ');
    }
    list.push_back(std::move(process));
  }
  return list;
}

}  // namespace picket::process_supervisor
