// SPDX-License-Identifier: Apache-2.0
//
// A directory of one test's own, and small text files in it. Single thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace picket::integration {

// Made empty and private, removed with everything in it at the end. Its path is short enough for a socket's name.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Replaces the file in one step, so that a daemon that reads meanwhile sees the old text or the new one. Makes the
// folders above it. Throws std::runtime_error.
void write_file(const std::filesystem::path& file, std::string_view text);

// The whole file; throws std::runtime_error if it cannot be read.
std::string read_file(const std::filesystem::path& file);

}  // namespace picket::integration
