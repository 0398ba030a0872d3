// SPDX-License-Identifier: Apache-2.0
#include "routing/spool/folders.hpp"

#include <algorithm>
#include <tuple>

namespace picket::routing::spool {
namespace {

constexpr char kUpperCase = '+';
constexpr char kOther = '=';

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

int hex_digit(char c) {
  return c >= 'a' ? c - 'a' + 10 : c - '0';
}

// Folders in `folder` whose names are names.
std::vector<std::pair<std::string, std::filesystem::path>> named_folders(const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, std::filesystem::path>> result;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_directory(ignored)) continue;
    if (auto name = name_of_folder(entry->path().filename().string())) {
      result.emplace_back(std::move(*name), entry->path());
    }
  }
  return result;
}

}  // namespace

std::string folder_of_name(std::string_view name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string folder;
  for (const char c : name) {
    if (is_plain(c) && (c != '.' || !folder.empty())) {
      folder += c;
    } else if (c >= 'A' && c <= 'Z') {
      folder += kUpperCase;
      folder += static_cast<char>(c - 'A' + 'a');
    } else {
      const auto byte = static_cast<unsigned char>(c);
      folder += {kOther, kDigits[byte >> 4U], kDigits[byte & 0xFU]};
    }
  }
  return folder;
}

std::optional<std::string> name_of_folder(std::string_view folder) {
  std::string name;
  for (std::size_t i = 0; i < folder.size(); ++i) {
    if (is_plain(folder[i])) {
      name += folder[i];
    } else if (folder[i] == kUpperCase && i + 1 < folder.size()) {
      name += static_cast<char>(folder[++i] - 'a' + 'A');
    } else if (folder[i] == kOther && i + 2 < folder.size()) {
      name += static_cast<char>(hex_digit(folder[i + 1]) * 16 + hex_digit(folder[i + 2]));
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  if (name.empty() || folder_of_name(name) != folder) return std::nullopt;  // one folder for each name
  return name;
}

std::filesystem::path destination_folder(const std::filesystem::path& root, const std::string& route,
                                         const std::string& destination) {
  return root / folder_of_name(route) / folder_of_name(destination);
}

std::vector<DestinationFolder> list_destination_folders(const std::filesystem::path& root) {
  std::vector<DestinationFolder> all;
  for (const auto& [route, folder] : named_folders(root)) {
    for (const auto& [destination, path] : named_folders(folder)) all.push_back({route, destination, path});
  }
  std::sort(all.begin(), all.end(), [](const DestinationFolder& a, const DestinationFolder& b) {
    return std::tie(a.route, a.destination) < std::tie(b.route, b.destination);
  });
  return all;
}

}  // namespace picket::routing::spool
