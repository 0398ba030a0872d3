// SPDX-License-Identifier: Apache-2.0
#include "process/rotating_file_linux.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace picket::process {
namespace {

constexpr std::int64_t kLookEvery = 1'000'000'000;  // ns

}  // namespace

RotatingFile::~RotatingFile() {
  if (file_ >= 0) close(file_);
}

int RotatingFile::open(std::int64_t now_ns) {
  if (file_ >= 0) close(file_);
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0640);
  if (file_ < 0) return errno;
  struct stat facts {};
  if (fstat(file_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    close(file_);
    file_ = -1;
    return EINVAL;
  }
  size_ = static_cast<std::uint64_t>(facts.st_size);
  begun_ns_ = looked_ns_ = now_ns;
  return 0;
}

// Cheap enough for each write: what a file without a name takes, nobody can read any more.
bool RotatingFile::is_removed() const {
  struct stat facts {};
  return file_ >= 0 && fstat(file_, &facts) == 0 && facts.st_nlink == 0;
}

void RotatingFile::look_whether_it_is_there(std::int64_t now_ns) {
  if (now_ns - looked_ns_ < kLookEvery && !is_removed()) return;
  looked_ns_ = now_ns;
  struct stat ours {
  }, named{};
  const bool is_there = file_ >= 0 && fstat(file_, &ours) == 0 && stat(path_.c_str(), &named) == 0 &&
                        ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
  if (is_there) {
    size_ = static_cast<std::uint64_t>(ours.st_size);  // somebody may have truncated it
  } else {
    open(now_ns);
  }
}

bool RotatingFile::is_due(std::int64_t now_ns) const {
  if (size_ == 0) return false;
  return (rules_.bytes != 0 && size_ >= rules_.bytes) || (rules_.age_ns > 0 && now_ns - begun_ns_ >= rules_.age_ns);
}

int RotatingFile::write_all(std::string_view& data) {
  while (!data.empty()) {
    const ssize_t written = ::write(file_, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : EIO;
    size_ += static_cast<std::uint64_t>(written);
    ends_line_ = data[static_cast<std::size_t>(written) - 1] == '\n';
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int RotatingFile::write(std::string_view data, std::int64_t now_ns, std::uint64_t& lost) {
  lost = 0;
  look_whether_it_is_there(now_ns);
  if (file_ < 0) {
    lost = data.size();
    const int error = open(now_ns);
    return error == 0 ? write(data, now_ns, lost) : error;
  }
  while (!data.empty()) {
    if (is_due(now_ns)) {
      // Up to the end of the line that stands across the limit; a whole buffer without one is cut.
      const std::size_t line_end = ends_line_ ? std::string_view::npos : data.find('\n');
      if (line_end != std::string_view::npos) {
        std::string_view rest_of_line = data.substr(0, line_end + 1);
        data.remove_prefix(line_end + 1);
        if (const int error = write_all(rest_of_line); error != 0) {
          lost = rest_of_line.size() + data.size();
          return error;
        }
      }
      if (const int error = rotate(now_ns); error != 0) {
        lost = file_ < 0 ? data.size() : 0;
        if (file_ < 0) return error;
      }
      continue;
    }
    const std::uint64_t room = rules_.bytes == 0 ? data.size() : rules_.bytes - size_;
    std::string_view part = data.substr(0, static_cast<std::size_t>(room < data.size() ? room : data.size()));
    data.remove_prefix(part.size());
    if (const int error = write_all(part); error != 0) {
      lost = part.size() + data.size();
      return error;
    }
  }
  return 0;
}

int RotatingFile::rotate(std::int64_t now_ns) {
  const auto name = [&](std::uint32_t number) { return path_ + "." + std::to_string(number); };
  int error = 0;
  if (rules_.keep == 0) {
    if (unlink(path_.c_str()) != 0 && errno != ENOENT) error = errno;
  } else {
    for (std::uint32_t number = rules_.keep; number > 1; --number) {
      if (std::rename(name(number - 1).c_str(), name(number).c_str()) != 0 && errno != ENOENT) error = errno;
    }
    if (std::rename(path_.c_str(), name(1).c_str()) != 0 && errno != ENOENT) error = errno;
  }
  if (error != 0) {  // go on with the one that there is, and try again with the next limit
    size_ = 0;
    begun_ns_ = now_ns;
    return error;
  }
  return open(now_ns);
}

}  // namespace picket::process
