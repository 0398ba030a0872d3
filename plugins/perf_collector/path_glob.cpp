// SPDX-License-Identifier: Apache-2.0
//
// See path_glob.hpp.
#include "path_glob.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "glob.hpp"

namespace picket::perf_collector {

namespace {

// All entries of `folder` that match, as continued paths.
void add_matches(const GlobbedPath& folder, std::string_view glob, std::size_t most, std::vector<GlobbedPath>& found) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder.path.empty() ? "." : folder.path, error);
  for (; !error && entry != std::filesystem::directory_iterator() && found.size() < most; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    // As in a shell: what is hidden must be asked for.
    if ((name.starts_with('.') && !glob.starts_with('.')) || !glob_match(glob, name)) continue;
    found.push_back({folder.path + name, folder.label.empty() ? name : folder.label + "/" + name});
  }
}

}  // namespace

bool is_glob(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

std::vector<GlobbedPath> expand_paths(const std::string& pattern, std::size_t most) {
  std::vector<GlobbedPath> paths(1);
  std::string_view rest = pattern;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    std::vector<GlobbedPath> next;
    for (GlobbedPath& path : paths) {
      if (is_glob(part)) {
        add_matches(path, part, most, next);
      } else {
        next.push_back({path.path.append(part), std::move(path.label)});
      }
    }
    if (!last) {
      for (GlobbedPath& path : next) path.path += '/';
    }
    paths = std::move(next);
    rest.remove_prefix(last ? rest.size() : slash + 1);
  }
  std::error_code error;
  if (is_glob(pattern)) {
    std::erase_if(paths, [&error](const GlobbedPath& path) { return !std::filesystem::exists(path.path, error); });
  }
  std::sort(paths.begin(), paths.end(), [](const GlobbedPath& a, const GlobbedPath& b) { return a.path < b.path; });
  return paths;
}

}  // namespace picket::perf_collector
