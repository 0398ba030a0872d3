// SPDX-License-Identifier: Apache-2.0
#include "process/users_linux.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

namespace picket::process {
namespace {

constexpr std::size_t kEntryBuffer = 64U << 10U;
constexpr int kMostGroups = 1024;

std::optional<std::uint32_t> as_number(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct UserEntry {
  uid_t uid = 0;
  std::optional<gid_t> gid;
  std::string name;
};

// A number needs no entry.
std::optional<UserEntry> find_user(const std::string& text, int& error) {
  std::vector<char> buffer(kEntryBuffer);
  passwd entry{};
  passwd* found = nullptr;
  const auto number = as_number(text);
  error = number ? getpwuid_r(*number, &entry, buffer.data(), buffer.size(), &found)
                 : getpwnam_r(text.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return UserEntry{found->pw_uid, found->pw_gid, found->pw_name};
  if (number) return UserEntry{*number, std::nullopt, {}};
  if (error == 0) error = ENOENT;
  return std::nullopt;
}

std::optional<gid_t> find_group(const std::string& text, int& error) {
  if (const auto number = as_number(text)) return *number;
  std::vector<char> buffer(kEntryBuffer);
  group entry{};
  group* found = nullptr;
  error = getgrnam_r(text.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->gr_gid;
  if (error == 0) error = ENOENT;
  return std::nullopt;
}

}  // namespace

PersonFailure resolve(const Person& person, Start& order) {
  int error = 0;
  std::optional<UserEntry> user;
  if (!person.user.empty()) {
    user = find_user(person.user, error);
    if (!user) return {"user", error, person.user};
    order.uid = user->uid;
    if (user->gid) order.gid = *user->gid;
  }
  if (!person.group.empty()) {
    const auto number = find_group(person.group, error);
    if (!number) return {"group", error, person.group};
    order.gid = *number;
  } else if (user && !user->gid) {
    return {"group", ENOENT, "the user " + person.user + " has no entry that names its main group"};
  }
  order.groups.clear();
  for (const std::string& name : person.groups) {
    const auto number = find_group(name, error);
    if (!number) return {"groups", error, name};
    order.groups.push_back(*number);
  }
  if (user && !person.only_group && !user->name.empty()) {
    std::vector<gid_t> all(kMostGroups);
    int count = kMostGroups;
    if (getgrouplist(user->name.c_str(), static_cast<gid_t>(order.gid), all.data(), &count) >= 0) {
      for (int i = 0; i < count; ++i) order.groups.push_back(all[static_cast<std::size_t>(i)]);
    }
  }
  std::sort(order.groups.begin(), order.groups.end());
  order.groups.erase(std::unique(order.groups.begin(), order.groups.end()), order.groups.end());
  // Who may not change anything, and would not, is not asked to.
  const bool is_same = geteuid() != 0 && order.uid == static_cast<std::int64_t>(geteuid()) &&
                       (order.gid < 0 || order.gid == static_cast<std::int64_t>(getegid())) && person.groups.empty();
  if (is_same) {
    order.uid = order.gid = -1;
    order.groups.clear();
  }
  return {};
}

}  // namespace picket::process
