// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "platform/private_file.hpp"

namespace picket::platform {
namespace {

namespace fs = std::filesystem;

std::string command_hint(const fs::path& path, const char* command) {
  return std::string("; run: ") + command + " " + path.string();
}

// One file or directory, itself. The group bits also cover POSIX ACLs: with an ACL they show its mask (acl(5)).
std::optional<std::string> check_one(const fs::path& path) {
  struct stat facts {};
  if (lstat(path.c_str(), &facts) != 0) {
    return path.string() + " cannot be examined: " + std::generic_category().message(errno);
  }
  if (facts.st_uid != 0 && facts.st_uid != geteuid()) {
    return path.string() + " belongs to user " + std::to_string(facts.st_uid) +
           (geteuid() == 0 ? ", not to root" + command_hint(path, "chown root")
                           : ", not to root or to user " + std::to_string(geteuid()));
  }
  if (S_ISLNK(facts.st_mode)) return std::nullopt;  // its mode means nothing; its directory and its target count
  // In a sticky directory nobody can replace what is not theirs, and who owns the next component is checked anyway.
  if (S_ISDIR(facts.st_mode) && (facts.st_mode & S_ISVTX) != 0) return std::nullopt;
  if ((facts.st_mode & S_IWOTH) != 0)
    return path.string() + " is writable by everybody" + command_hint(path, "chmod o-w");
  if ((facts.st_mode & S_IWGRP) != 0 && facts.st_gid != 0) {
    return path.string() + " is writable by group " + std::to_string(facts.st_gid) + command_hint(path, "chmod g-w");
  }
  return std::nullopt;
}

std::optional<std::string> check_chain(const fs::path& absolute) {
  fs::path here;
  for (const fs::path& component : absolute) {
    here /= component;
    if (component.empty()) continue;  // behind a final slash
    if (auto reason = check_one(here)) return reason;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> writable_by_others(const fs::path& path) {
  std::error_code error;
  fs::path link = fs::absolute(path, error).lexically_normal();
  if (error) return path.string() + " cannot be examined: " + error.message();
  // Every link is followed one step at a time, so that the directory of each is checked as well.
  constexpr int kMaxLinks = 40;  // as the kernel's own limit
  for (int i = 0; i < kMaxLinks; ++i) {
    if (auto reason = check_chain(link)) return reason;
    if (!fs::is_symlink(link, error)) break;
    const fs::path target = fs::read_symlink(link, error);
    if (error) return link.string() + " cannot be examined: " + error.message();
    link = (link.parent_path() / target).lexically_normal();
  }
  const fs::path real = fs::canonical(path, error);
  if (error) return path.string() + " cannot be examined: " + error.message();
  return check_chain(real);
}

}  // namespace picket::platform
