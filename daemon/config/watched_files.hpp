// SPDX-License-Identifier: Apache-2.0
//
// What has to be watched to see that a configuration changes, and whether it has: the files that load() would read, by
// their content, and the directories in which something would have to happen. Reads files; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace picket::config {

struct WatchedFiles {
  // Of the names and the bytes of every file, and of what cannot be read. Equal: the configuration is the same.
  std::uint64_t fingerprint = 0;
  // Directories, without repetition. One that is not there yet is stood for by the nearest above it that is. Along
  // symbolic links, each directory that holds one is named, so that a link which is swapped is seen as well.
  std::vector<std::filesystem::path> directories;
};

// `given` as LoadInput::files.
WatchedFiles look_at_files(const std::vector<std::filesystem::path>& given);

}  // namespace picket::config
