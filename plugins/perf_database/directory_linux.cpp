// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "directory.hpp"

namespace picket::perf_database {

std::error_code sync_entries(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return {errno, std::generic_category()};
  const int problem = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  // Some file systems have no such thing, and then nothing to wait for.
  return problem == EINVAL ? std::error_code() : std::error_code(problem, std::generic_category());
}

}  // namespace picket::perf_database
