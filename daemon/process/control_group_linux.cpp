// SPDX-License-Identifier: Apache-2.0
#include "process/control_group_linux.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string_view>

#include "picket/ext/process.h"
#include "process/kernel_linux.hpp"

namespace picket::process {
namespace {

constexpr int kGroupDepth = 16;  // of groups that a program makes below its own

int write_group_file(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const int error = write(file, text.data(), text.size()) < 0 ? errno : 0;
  close(file);
  return error;
}

bool group_file_exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

// The text after `name` and a blank in the lines of a file ("user_usec 12").
std::optional<std::int64_t> value_after(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ' ') {
      std::int64_t value = 0;
      const char* const begin = line.data() + name.size() + 1;
      if (std::from_chars(begin, line.data() + line.size(), value).ec == std::errc()) return value;
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return std::nullopt;
}

std::int64_t number_in(const std::string& path) {
  const auto text = read_small_file(path);
  std::int64_t value = -1;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

// The sum over all devices of "rbytes=12" and the like.
std::int64_t sum_of(std::string_view text, std::string_view key) {
  std::int64_t sum = 0;
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    std::int64_t value = 0;
    const char* const begin = text.data() + at + key.size();
    if (std::from_chars(begin, text.data() + text.size(), value).ec == std::errc()) sum += value;
  }
  return sum;
}

std::vector<std::string> groups_below(const std::string& path) {
  std::vector<std::string> found;
  DIR* const directory = opendir(path.c_str());
  if (directory == nullptr) return found;
  while (const dirent* entry = readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") found.push_back(path + "/" + entry->d_name);
  }
  closedir(directory);
  return found;
}

void collect_members(const std::string& path, int depth, std::vector<pid_t>& members) {
  const std::string text = read_small_file(path + "/cgroup.procs").value_or("");
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    pid_t pid = 0;
    const auto [next, error] = std::from_chars(at, end, pid);
    if (error != std::errc()) break;
    members.push_back(pid);
    at = next + 1;
  }
  if (depth == 0) return;
  for (const std::string& below : groups_below(path)) collect_members(below, depth - 1, members);
}

int remove_all(const std::string& path, int depth) {
  if (rmdir(path.c_str()) == 0 || errno == ENOENT) return 0;
  if (errno != EBUSY && errno != ENOTEMPTY) return errno;
  if (depth == 0) return EBUSY;
  for (const std::string& below : groups_below(path)) remove_all(below, depth - 1);
  return rmdir(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

// The nth field of a line, from 0, by blanks.
std::string_view field_of(std::string_view line, int index) {
  for (; index > 0 && !line.empty(); --index) {
    const std::size_t blank = line.find(' ');
    line = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
  }
  return line.substr(0, line.find(' '));
}

// The directory of the control group that this process is in; empty when there is no cgroup2 file system.
std::string own_group() {
  const std::string groups = read_small_file("/proc/self/cgroup").value_or("");
  std::string_view path;
  for (std::string_view rest = groups; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    if (line.starts_with("0::")) path = line.substr(3);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  if (path.empty()) return {};
  const std::string mounts = read_small_file("/proc/self/mountinfo").value_or("");
  for (std::string_view rest = mounts; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const std::size_t dash = line.find(" - cgroup2 ");
    if (dash == std::string_view::npos) continue;
    const std::string_view mounted_root = field_of(line, 3), place = field_of(line, 4);
    if (mounted_root != "/" && !path.starts_with(mounted_root)) continue;
    const std::string_view below = mounted_root == "/" ? path : path.substr(mounted_root.size());
    return std::string(place) + (below == "/" ? std::string() : std::string(below));
  }
  return {};
}

// Controllers can only be handed on by a group without processes of its own: ours move one level down.
void leave_base(const std::string& base, pid_t holder, pid_t daemon) {
  const std::string leaf = base + "/picket.daemon";
  if (make_group(leaf) != 0) return;
  for (const pid_t pid : {holder, daemon}) write_group_file(leaf + "/cgroup.procs", std::to_string(pid));
}

// Which of the controllers `group` now hands on.
std::uint32_t hand_on(const std::string& group) {
  std::uint32_t able = 0;
  for (const auto& [name, flag] : {std::pair("memory", PICKET_ABLE_MEMORY), std::pair("cpu", PICKET_ABLE_CPU),
                                   std::pair("pids", PICKET_ABLE_TASKS), std::pair("io", 0U)}) {
    if (write_group_file(group + "/cgroup.subtree_control", std::string("+") + name) == 0) able |= flag;
  }
  return able;
}

bool offers_controllers(const std::string& base) {
  const std::string text = " " + read_small_file(base + "/cgroup.controllers").value_or("");
  return text.find("memory") != std::string::npos || text.find("pids") != std::string::npos ||
         text.find(" cpu") != std::string::npos;
}

}  // namespace

ControlGroups ControlGroups::find(const std::string& choice, const std::string& name) {
  ControlGroups groups;
  if (choice == "none") {
    groups.shortcoming_ = "control groups are switched off";
    return groups;
  }
  const std::string base = choice == "auto" ? own_group() : choice;
  if (base.empty()) {
    groups.shortcoming_ = "there is no cgroup2 file system";
    return groups;
  }
  const std::string root = base + "/picket." + name;
  if (const int error = make_group(root); error != 0) {
    groups.shortcoming_ = "no control group can be made in " + base + ": " + errno_text(error);
    return groups;
  }
  if (!group_file_exists(root + "/cgroup.procs")) {
    rmdir(root.c_str());
    groups.shortcoming_ = base + " is no cgroup2 file system";
    return groups;
  }
  if (hand_on(base) == 0 && offers_controllers(base)) {
    leave_base(base, getpid(), getppid());
    hand_on(base);
  }
  groups.root_ = root;
  groups.ability_ = PICKET_ABLE_CGROUP | hand_on(root);
  if (group_file_exists(root + "/cgroup.kill")) groups.ability_ |= PICKET_ABLE_TREE_KILL;
  std::string missing;
  for (const auto& [what, flag] : {std::pair("memory", PICKET_ABLE_MEMORY), std::pair("CPU", PICKET_ABLE_CPU),
                                   std::pair("tasks", PICKET_ABLE_TASKS)}) {
    if ((groups.ability_ & flag) == 0) missing += (missing.empty() ? "" : ", ") + std::string(what);
  }
  if (!missing.empty()) groups.shortcoming_ = "limits that cannot be set in " + root + ": " + missing;
  return groups;
}

void ControlGroups::leave() const {
  if (usable()) rmdir(root_.c_str());
}

int make_group(const std::string& path) {
  return mkdir(path.c_str(), 0755) == 0 || errno == EEXIST ? 0 : errno;
}

int remove_group(const std::string& path) {
  return remove_all(path, kGroupDepth);
}

std::optional<GroupFailure> set_group_limits(const std::string& path, const Limits& limits, bool again) {
  std::optional<GroupFailure> first;
  const auto set = [&](const char* file, bool is_none, const std::string& text, const char* lifted) {
    if (is_none && !again) return;
    const int error = write_group_file(path + "/" + file, is_none ? lifted : text);
    if (error != 0 && !first && !is_none) first = GroupFailure{file, error};
  };
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  set("memory.max", limits.memory_max <= 0, number(limits.memory_max), "max");
  set("memory.high", limits.memory_high <= 0, number(limits.memory_high), "max");
  set("memory.swap.max", limits.swap_max < 0, number(limits.swap_max), "max");
  // In microseconds of each tenth of a second.
  set("cpu.max", limits.cpu_milli <= 0, number(limits.cpu_milli * 100) + " 100000", "max 100000");
  set("cpu.weight", limits.cpu_weight <= 0, number(limits.cpu_weight), "100");
  set("pids.max", limits.tasks_max <= 0, number(limits.tasks_max), "max");
  return first;
}

bool kill_group(const std::string& path) {
  return write_group_file(path + "/cgroup.kill", "1") == 0;
}

std::vector<pid_t> group_members(const std::string& path) {
  std::vector<pid_t> members;
  collect_members(path, kGroupDepth, members);
  return members;
}

GroupUsage group_usage(const std::string& path) {
  constexpr std::int64_t kMicrosecond = 1'000;
  GroupUsage usage;
  const std::string cpu = read_small_file(path + "/cpu.stat").value_or("");
  if (const auto user = value_after(cpu, "user_usec")) usage.user_ns = *user * kMicrosecond;
  if (const auto system = value_after(cpu, "system_usec")) usage.system_ns = *system * kMicrosecond;
  usage.memory = number_in(path + "/memory.current");
  usage.peak_memory = number_in(path + "/memory.peak");
  usage.tasks = number_in(path + "/pids.current");
  usage.oom_kills = value_after(read_small_file(path + "/memory.events").value_or(""), "oom_kill").value_or(-1);
  if (const auto io = read_small_file(path + "/io.stat")) {
    usage.read_bytes = sum_of(*io, "rbytes=");
    usage.written_bytes = sum_of(*io, "wbytes=");
  }
  return usage;
}

std::optional<bool> parse_populated(const std::string& events) {
  const auto value = value_after(events, "populated");
  return value ? std::optional(*value != 0) : std::nullopt;
}

}  // namespace picket::process
