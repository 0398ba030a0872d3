// SPDX-License-Identifier: Apache-2.0
//
// Loads plugin libraries, once and for the process's life. Unloading would run static destructors under live code, and
// some symbols make it a no-op anyway; so handles live in a registry that is never destroyed.
#pragma once

#include <filesystem>
#include <string>

#include "picket/result.hpp"

namespace picket::platform {

// A loaded library. Lives for ever.
class SharedLibrary {
 public:
  // Where it came from, as given to load().
  virtual const std::filesystem::path& path() const = 0;
  // The address of an exported symbol; null if there is none. Thread-safe.
  virtual void* symbol(const std::string& name) const = 0;

  // Loads the library at `path`, which must be absolute, with every symbol resolved now and none shared with other
  // libraries. Each call loads what the file holds now; the system itself shares what has not changed. An error carries
  // the loader's own words. Thread-safe.
  //
  // Windows maps a uniquely named copy, so that the file itself can be replaced while it is in use; the copies of
  // earlier processes are removed on the first load.
  static Result<const SharedLibrary*> load(const std::filesystem::path& path);

 protected:
  SharedLibrary() = default;
  ~SharedLibrary() = default;
};

// What the file of the plugin `name` is called here: "libname.so" or "name.dll".
std::string library_file_name(const std::string& name);

namespace detail {
// The pair's part of load(): the file to map for `path` (`path` itself, or a copy of it).
Result<std::filesystem::path> file_to_map(const std::filesystem::path& path);
}  // namespace detail

}  // namespace picket::platform
