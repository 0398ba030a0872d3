// SPDX-License-Identifier: Apache-2.0
#include "config/watched_files.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <string>
#include <system_error>

#include "config/fingerprint.hpp"
#include "config/sections.hpp"
#include "config/source.hpp"

namespace picket::config {
namespace {

constexpr int kMaxLinks = 40;                   // on one way, as the kernel's
constexpr std::size_t kMaxDirectories = 60;     // more are not watched
constexpr std::size_t kReadAtOnce = 64 * 1024;  // bytes

// Adds the directories in which an entry on the way to `path` would be replaced by a rename.
void add_directories_on_the_way(const std::filesystem::path& path, std::vector<std::filesystem::path>& directories) {
  std::error_code error;
  std::deque<std::filesystem::path> rest;
  const auto absolute = std::filesystem::absolute(path, error).lexically_normal();
  std::filesystem::path here = absolute.root_path();
  for (const auto& part : absolute.relative_path()) rest.push_back(part);
  int links = 0;
  const auto add = [&](const std::filesystem::path& directory) {
    if (directories.size() >= kMaxDirectories) return;
    if (std::find(directories.begin(), directories.end(), directory) == directories.end()) {
      directories.push_back(directory);
    }
  };
  while (!rest.empty()) {
    const std::filesystem::path name = rest.front();
    rest.pop_front();
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      here = here.parent_path();
      continue;
    }
    const std::filesystem::path next = here / name;
    const auto status = std::filesystem::symlink_status(next, error);
    if (std::filesystem::is_symlink(status)) {
      add(here);
      if (++links > kMaxLinks) return;
      std::filesystem::path target = std::filesystem::read_symlink(next, error);
      if (error) return;
      if (target.is_absolute()) here = target.root_path();
      const std::filesystem::path relative = target.relative_path();
      std::deque<std::filesystem::path> longer(relative.begin(), relative.end());
      longer.insert(longer.end(), rest.begin(), rest.end());
      rest = std::move(longer);
      continue;
    }
    if (!std::filesystem::exists(status) || rest.empty()) return add(here);
    here = next;
  }
}

std::uint64_t add_content(const std::filesystem::path& path, std::uint64_t fingerprint_so_far) {
  std::uint64_t hash = fingerprint(path_to_utf8(path) + '\n', fingerprint_so_far);
  std::error_code error;
  // What is no file is refused by who loads it; here it must not be waited for.
  if (!std::filesystem::is_regular_file(path, error)) return fingerprint("(no file)\n", hash);
  std::ifstream file(path, std::ios::binary);
  if (!file) return fingerprint("(cannot be read)\n", hash);
  std::string buffer(kReadAtOnce, '\0');
  std::size_t total = 0;
  while (total <= Source::kMaxBytes) {  // a longer one is refused, whatever follows
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    if (count == 0) break;
    total += count;
    hash = fingerprint(std::string_view(buffer).substr(0, count), hash);
  }
  return fingerprint("\n" + std::to_string(total) + "\n", hash);
}

}  // namespace

WatchedFiles look_at_files(const std::vector<std::filesystem::path>& given) {
  WatchedFiles watched;
  Diagnostics findings;
  const std::vector<std::filesystem::path> files = find_files(given, findings);
  watched.fingerprint = fingerprint("");
  for (const std::filesystem::path& file : files) {
    watched.fingerprint = add_content(file, watched.fingerprint);
    add_directories_on_the_way(file, watched.directories);
  }
  // What is wrong with the names counts as well: a file that is there twice, a directory that cannot be listed.
  watched.fingerprint = fingerprint(findings.render(), watched.fingerprint);
  for (const std::filesystem::path& path : given) {
    std::error_code error;
    const bool is_directory = std::filesystem::is_directory(path, error);
    const std::filesystem::path main = is_directory ? path / "picket.yaml" : path;
    add_directories_on_the_way(main, watched.directories);
    // An entry that does not exist stands for whatever comes into conf.d.
    add_directories_on_the_way(main.parent_path() / "conf.d" / "0", watched.directories);
  }
  return watched;
}

}  // namespace picket::config
