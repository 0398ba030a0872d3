// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "platform/shared_library.hpp"

namespace picket::platform {

std::string library_file_name(const std::string& name) {
  return "lib" + name + ".so";
}

namespace detail {

// A mapped file is never overwritten in place (packages replace it by a rename), so it serves as it is. But the loader
// looks at the name before it looks at the file, and would answer a known name with the old version. So each file that
// was ever seen under one path gets a spelling of its own: the n-th one has n times "./" before its name.
Result<std::filesystem::path> file_to_map(const std::filesystem::path& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return Error{path.string() + " cannot be loaded: there is no such file", PICKET_NOT_FOUND};
  }
  using Identity = std::pair<dev_t, ino_t>;  // stays taken while the file is mapped
  static std::mutex mutex;
  static auto* const seen = new std::map<std::filesystem::path, std::vector<Identity>>;  // guarded by mutex
  const std::scoped_lock lock(mutex);
  std::vector<Identity>& versions = (*seen)[path];
  const Identity identity(facts.st_dev, facts.st_ino);
  std::filesystem::path spelling = path.parent_path();
  for (const Identity& version : versions) {
    if (version == identity) return spelling / path.filename();
    spelling /= ".";
  }
  versions.push_back(identity);
  return spelling / path.filename();
}

}  // namespace detail
}  // namespace picket::platform
