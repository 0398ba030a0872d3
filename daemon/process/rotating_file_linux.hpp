// SPDX-License-Identifier: Apache-2.0
//
// A file that takes a program's output byte for byte, and becomes file.1, file.2, ... by size or age. Rotation is a
// rename: nothing is copied and nothing is lost, and it is done after the end of a line where there is one. A file that
// somebody removes is begun anew with the next write, one that is renamed within a second.
//
// One thread. Times are monotonic ns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace picket::process {

class RotatingFile {
 public:
  struct Rules {
    std::uint64_t bytes = 0;  // 0: never by size
    std::int64_t age_ns = 0;  // 0: never by age
    std::uint32_t keep = 0;   // old files; 0: the full one goes
  };

  RotatingFile(std::string path, Rules rules) : path_(std::move(path)), rules_(rules) {}
  RotatingFile(const RotatingFile&) = delete;
  RotatingFile& operator=(const RotatingFile&) = delete;
  ~RotatingFile();

  const std::string& path() const { return path_; }

  // 0, or errno.
  int open(std::int64_t now_ns);
  // Writes all of it; 0, or errno, and then `lost` bytes of it are not in the file.
  int write(std::string_view data, std::int64_t now_ns, std::uint64_t& lost);
  // Begins a new file; 0, or errno.
  int rotate(std::int64_t now_ns);

 private:
  bool is_due(std::int64_t now_ns) const;
  bool is_removed() const;
  void look_whether_it_is_there(std::int64_t now_ns);
  int write_all(std::string_view& data);

  const std::string path_;
  const Rules rules_;
  int file_ = -1;
  std::uint64_t size_ = 0;
  bool ends_line_ = false;  // the last byte written ended a line
  std::int64_t begun_ns_ = 0, looked_ns_ = 0;
};

}  // namespace picket::process
