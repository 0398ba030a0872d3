// SPDX-License-Identifier: Apache-2.0
#include "platform/shared_library.hpp"

#include <boost/dll/shared_library.hpp>
#include <memory>
#include <mutex>
#include <system_error>
#include <vector>

namespace picket::platform {
namespace {

class LoadedLibrary final : public SharedLibrary {
 public:
  LoadedLibrary(std::filesystem::path path, boost::dll::shared_library handle)
      : path_(std::move(path)), handle_(std::move(handle)) {}

  const std::filesystem::path& path() const override { return path_; }

  void* symbol(const std::string& name) const override {
    if (!handle_.has(name)) return nullptr;
    return &handle_.get<unsigned char>(name);
  }

 private:
  const std::filesystem::path path_;
  const boost::dll::shared_library handle_;
};

struct Registry {
  std::mutex mutex;
  std::vector<std::unique_ptr<LoadedLibrary>> libraries;  // guarded by mutex; only ever appended
};

Registry& registry() {
  static Registry* const registry = new Registry;  // never destroyed, see the header
  return *registry;
}

}  // namespace

Result<const SharedLibrary*> SharedLibrary::load(const std::filesystem::path& path) {
  // A relative path would make the loader search directories that nobody checked.
  if (!path.is_absolute()) {
    return Error{path.string() + " cannot be loaded: the path of a library must be absolute", PICKET_INVALID};
  }
  auto file = detail::file_to_map(path);
  if (!file) return file.error();
  try {
    boost::dll::shared_library handle(*file, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    auto library = std::make_unique<LoadedLibrary>(path, std::move(handle));
    Registry& all = registry();
    const std::scoped_lock lock(all.mutex);
    all.libraries.push_back(std::move(library));
    return all.libraries.back().get();
  } catch (const std::exception& error) {
    return Error{path.string() + " cannot be loaded: " + error.what()};
  }
}

}  // namespace picket::platform
