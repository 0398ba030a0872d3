// SPDX-License-Identifier: Apache-2.0
//
// See mount_table.hpp.
#include "mount_table.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "glob.hpp"
#include "mount_text.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

// "ro" as the first or another of "rw,noatime,...".
bool has_read_only(std::string_view options) {
  while (!options.empty()) {
    const std::size_t comma = options.find(',');
    if (options.substr(0, comma) == "ro") return true;
    options.remove_prefix(comma == std::string_view::npos ? options.size() : comma + 1);
  }
  return false;
}

// "36 35 98:0 /root /mnt rw,noatime master:1 - ext4 /dev/sda1 rw": any number of fields may stand before the dash.
bool parse_mount(std::string_view line, Mount& mount) {
  Scanner words(line);
  std::string_view number, mount_point, options, field, type, device, more_options;
  if (!words.number(mount.id) || !words.number(mount.parent) || !words.word(number) || !words.skip(1) ||
      !words.word(mount_point) || !words.word(options)) {
    return false;
  }
  while (words.word(field) && field != "-") {
  }
  if (field != "-" || !words.word(type) || !words.word(device)) return false;
  words.word(more_options);
  std::string buffer;
  mount.number = number;
  mount.mount_point = unescaped(mount_point, buffer);
  mount.device = unescaped(device, buffer);
  mount.type = unescaped(type, buffer);
  mount.read_only = has_read_only(options) || has_read_only(more_options);
  return true;
}

bool is_network(std::string_view type) {
  return std::any_of(std::begin(kNetworkTypes), std::end(kNetworkTypes),
                     [type](std::string_view pattern) { return glob_match(pattern, type); });
}

// Whether `path` is `above` or lies below it.
bool is_at_or_below(std::string_view path, std::string_view above) {
  if (above == "/") return true;
  return path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '/');
}

class Tree {
 public:
  explicit Tree(const std::vector<Mount>& mounts) : mounts_(mounts) {
    for (const Mount& mount : mounts) by_id_.emplace(mount.id, &mount);
  }

  // Whether the path of `mount` leads to it, and through nothing that may hang.
  bool reachable(const Mount& mount, const Choice& types) const {
    std::set<int> way{mount.id};
    for (auto above = by_id_.find(mount.parent); above != by_id_.end(); above = by_id_.find(above->second->parent)) {
      if (!way.insert(above->first).second) break;
      if (is_network(above->second->type) && !types.wants(above->second->type)) return false;
    }
    return std::none_of(mounts_.begin(), mounts_.end(), [&](const Mount& other) {
      return is_at_or_below(mount.mount_point, other.mount_point) && !way.contains(other.id);
    });
  }

 private:
  const std::vector<Mount>& mounts_;
  std::unordered_map<int, const Mount*> by_id_;
};

}  // namespace

std::vector<Mount> parse_mounts(std::string_view text, std::size_t& malformed) {
  std::vector<Mount> mounts;
  malformed = 0;
  Scanner file(text);
  std::string_view line;
  while (file.line(line)) {
    Mount mount;
    parse_mount(line, mount) ? mounts.push_back(std::move(mount)) : static_cast<void>(++malformed);
  }
  return mounts;
}

std::vector<Mount> choose_mounts(const std::vector<Mount>& mounts, const FilesystemsSettings& settings) {
  const Tree tree(mounts);
  std::set<std::string_view> numbers;
  std::vector<Mount> chosen;
  for (const Mount& mount : mounts) {
    if (numbers.contains(mount.number) || !settings.types.wants(mount.type) ||
        !settings.mount_points.wants(mount.mount_point) || !tree.reachable(mount, settings.types)) {
      continue;
    }
    numbers.insert(mount.number);
    chosen.push_back(mount);
  }
  return chosen;
}

}  // namespace picket::perf_collector
