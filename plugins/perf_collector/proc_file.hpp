// SPDX-License-Identifier: Apache-2.0
//
// A file of the process file system that is read at every tick (Linux only). It stays open and is read again from its
// start with pread into a buffer that is kept: the kernel makes the text anew for each such read. Used on the [control]
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace picket::perf_collector {

class ProcFile {
 public:
  // Opens nothing yet. A file of `limit` bytes or more is refused; a small limit keeps the buffer small.
  explicit ProcFile(std::string path, std::size_t limit = std::size_t{4} << 20U);
  ~ProcFile();
  ProcFile(const ProcFile&) = delete;
  ProcFile& operator=(const ProcFile&) = delete;

  // The whole text, valid until the next call; nothing if it cannot be read, then error() says why. After a failure
  // the file is opened anew: once at once, and again at each later call.
  std::optional<std::string_view> read();

  // For a file of the kernel that tells its readers when it changes (/proc/self/mountinfo): whether it did since the
  // last call. Always true before the first read(), and of a file that cannot tell.
  bool changed();

  // Why the last read() failed, with the remedy where there is one; its errno; and whether it says that there is no
  // such thing on this machine: no such file, or a part of the kernel that is off.
  const std::string& error() const { return error_; }
  int error_number() const { return error_number_; }
  bool missing() const;
  const std::string& path() const { return path_; }

 private:
  bool read_open_file(std::size_t& length);
  void close();

  std::string path_;
  std::size_t limit_;
  int descriptor_ = -1;
  std::vector<char> buffer_;
  std::string error_;
  int error_number_ = 0;
};

// The reason for `error_number` in words: "Permission denied".
std::string reason(int error_number);

}  // namespace picket::perf_collector
