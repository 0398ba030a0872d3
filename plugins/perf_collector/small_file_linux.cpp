// SPDX-License-Identifier: Apache-2.0
//
// Linux half of small_file.hpp.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "small_file.hpp"

namespace picket::perf_collector {

std::ptrdiff_t read_once(const char* path, char* buffer, std::size_t size) {
  // Not blocking: a path of the settings may turn out to be a pipe that nobody writes to.
  const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return -1;
  std::size_t length = 0;
  ssize_t got = 0;
  while (length < size) {
    got = ::read(descriptor, buffer + length, size - length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return got < 0 ? -1 : static_cast<std::ptrdiff_t>(length);
}

std::string last_read_error() {
  return std::error_code(errno, std::generic_category()).message();
}

}  // namespace picket::perf_collector
