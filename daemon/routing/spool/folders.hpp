// SPDX-License-Identifier: Apache-2.0
//
// Where the spool and the dead letters of a destination lie: state_dir/spool/ROUTE/DESTINATION/ and
// state_dir/dead/ROUTE/DESTINATION/. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace picket::routing::spool {

inline constexpr const char* kSpoolFolder = "spool";  // below state_dir
inline constexpr const char* kDeadFolder = "dead";    // likewise

// The name of a route or a destination as that of a folder: "A" is "+a", since there are file systems that take `A` and
// `a` for the same, and what may be in no file's name is "=" and two digits. And back; nothing for what no name
// becomes.
std::string folder_of_name(std::string_view name);
std::optional<std::string> name_of_folder(std::string_view folder);

// Two levels of folders below `root`.
std::filesystem::path destination_folder(const std::filesystem::path& root, const std::string& route,
                                         const std::string& destination);

struct DestinationFolder {
  std::string route;
  std::string destination;
  std::filesystem::path path;
};
// All that are there, in order of their names. What is no such folder is passed over.
std::vector<DestinationFolder> list_destination_folders(const std::filesystem::path& root);

}  // namespace picket::routing::spool
