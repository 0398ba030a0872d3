// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "platform/atomic_file.hpp"

namespace picket::platform {
namespace {

Error failure(const char* what, const std::filesystem::path& path, int code) {
  return {std::string("cannot ") + what + " " + path.string() + ": " + std::generic_category().message(code),
          code == EACCES || code == EPERM ? PICKET_DENIED : PICKET_FAILED};
}

// Writes, syncs and closes; 0 or an errno.
int fill(int file, std::string_view content) {
  int code = 0;
  while (code == 0 && !content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written >= 0) {
      content.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      code = errno;
    }
  }
  if (code == 0 && fsync(file) != 0) code = errno;
  if (close(file) != 0 && code == 0) code = errno;
  return code;
}

}  // namespace

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  static std::atomic<unsigned> counter{0};
  std::filesystem::path aside = path;
  aside += "." + std::to_string(getpid()) + "-" + std::to_string(counter.fetch_add(1)) + ".tmp";
  const int file = open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failure("create", aside, errno);
  int code = fill(file, content);
  if (code == 0 && std::rename(aside.c_str(), path.c_str()) != 0) code = errno;
  if (code != 0) {
    unlink(aside.c_str());
    return failure("write", path, code);
  }
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  const int directory = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return failure("open, to sync it, the directory", parent, errno);
  code = fsync(directory) == 0 ? 0 : errno;
  close(directory);
  if (code != 0) return failure("sync the directory", parent, code);
  return {};
}

}  // namespace picket::platform
