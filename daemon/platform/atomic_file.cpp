// SPDX-License-Identifier: Apache-2.0
//
// The half that needs no operating system; writing is in the pair beside this file.
#include "platform/atomic_file.hpp"

#include <fstream>

namespace picket::platform {

Result<std::string> read_whole_file(const std::filesystem::path& path, std::uint64_t limit) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return Error{path.string() + ": there is no such file", PICKET_NOT_FOUND};
  }
  if (std::filesystem::is_directory(path, error)) return Error{path.string() + " is a directory, not a file"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{path.string() + ": cannot be opened for reading", PICKET_DENIED};
  // Read, then look at the length: files below /proc and pipes have none beforehand.
  std::string content;
  char block[16'384];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    content.append(block, static_cast<std::size_t>(file.gcount()));
    if (content.size() > limit) {
      return Error{path.string() + " is longer than the limit of " + std::to_string(limit) + " bytes", PICKET_LIMIT};
    }
  }
  if (file.bad()) return Error{path.string() + ": reading failed"};
  return content;
}

}  // namespace picket::platform
