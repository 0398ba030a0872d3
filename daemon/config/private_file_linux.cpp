// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "config/private_file.hpp"

namespace picket::config {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error system_error(const char* what, int code) {
  return {std::string(what) + ": " + std::system_category().message(code),
          code == ENOENT ? PICKET_NOT_FOUND : PICKET_FAILED};
}

}  // namespace

Result<std::string> read_private_file(const std::filesystem::path& path, std::size_t limit, bool group_may_read) {
  // O_NONBLOCK: a FIFO in its place must not hold the daemon.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return system_error("cannot be opened", errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_error("cannot be examined", errno);
  if (!S_ISREG(status.st_mode)) return Error{"is not a regular file", PICKET_INVALID};
  const mode_t refused = group_may_read ? (S_IRWXO | S_IWGRP) : (S_IRWXO | S_IRGRP | S_IWGRP);
  if ((status.st_mode & refused) != 0) {
    return Error{"can be read or written by others than its owner; run chmod 600 on it", PICKET_INVALID};
  }
  std::string text(limit + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot be read", errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > limit) return Error{"is larger than " + std::to_string(limit) + " bytes", PICKET_INVALID};
  text.resize(size);
  return text;
}

}  // namespace picket::config
