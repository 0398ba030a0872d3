// SPDX-License-Identifier: Apache-2.0
//
// See proc_file.hpp.
#include "proc_file.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace picket::perf_collector {

namespace {

constexpr std::size_t kFirstBuffer = 8192;

ssize_t pread_again(int descriptor, char* to, std::size_t size, std::size_t offset) {
  ssize_t got = 0;
  do {
    got = ::pread(descriptor, to, size, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace

std::string reason(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

ProcFile::ProcFile(std::string path, std::size_t limit) : path_(std::move(path)), limit_(limit) {}

ProcFile::~ProcFile() {
  close();
}

void ProcFile::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

// One pass over the file from its start. A short read is not the end: some files come in pieces.
bool ProcFile::read_open_file(std::size_t& length) {
  for (length = 0;;) {
    if (length == buffer_.size()) {
      if (length >= limit_) {
        errno = EFBIG;
        return false;
      }
      buffer_.resize(buffer_.empty() ? std::min(kFirstBuffer, limit_) : std::min(buffer_.size() * 2, limit_));
    }
    const ssize_t got = pread_again(descriptor_, buffer_.data() + length, buffer_.size() - length, length);
    if (got < 0) return false;
    if (got == 0) return true;
    length += static_cast<std::size_t>(got);
  }
}

std::optional<std::string_view> ProcFile::read() {
  std::size_t length = 0;
  if (descriptor_ >= 0 && read_open_file(length)) return std::string_view(buffer_.data(), length);
  close();
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ >= 0 && read_open_file(length)) return std::string_view(buffer_.data(), length);
  if (error_number_ != errno) {  // a file that is never there must not cost an allocation at every tick
    error_number_ = errno;
    error_ = reason(error_number_);
  }
  close();
  return std::nullopt;
}

bool ProcFile::missing() const {
  return error_number_ == ENOENT || error_number_ == ENOTDIR || error_number_ == ENODEV || error_number_ == EOPNOTSUPP;
}

bool ProcFile::changed() {
  struct statfs system {};
  if (descriptor_ < 0 || ::fstatfs(descriptor_, &system) != 0 || system.f_type != PROC_SUPER_MAGIC) return true;
  pollfd poll{descriptor_, POLLPRI, 0};
  return ::poll(&poll, 1, 0) != 0;  // POLLERR | POLLPRI: it changed
}

}  // namespace picket::perf_collector
