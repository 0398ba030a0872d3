// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <mutex>

#include "platform/paths.hpp"
#include "platform/private_file.hpp"
#include "platform/process.hpp"
#include "platform/shared_library.hpp"
#include "platform/text_windows.hpp"

namespace picket::platform {
namespace {

namespace fs = std::filesystem;

// Where the copies go. A privileged process must not map code from a directory that others can write.
Result<fs::path> copy_directory() {
  std::error_code error;
  const fs::path directory =
      is_privileged() ? default_paths().state_dir / "loaded" : fs::temp_directory_path(error) / "picket-loaded";
  fs::create_directories(directory, error);
  if (error) return Error{"cannot make the directory " + to_utf8(directory.native()) + ": " + error.message()};
  if (is_privileged()) {
    if (const auto reason = writable_by_others(directory)) return Error{*reason, PICKET_DENIED};
  }
  // A copy that is still mapped by another process refuses to be removed, which is as it should be.
  static std::once_flag swept;
  std::call_once(swept, [&directory] {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
      fs::remove(entry.path(), ignored);
    }
  });
  return directory;
}

}  // namespace

std::string library_file_name(const std::string& name) {
  return name + ".dll";
}

namespace detail {

Result<fs::path> file_to_map(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    return Error{to_utf8(path.native()) + " cannot be loaded: there is no such file", PICKET_NOT_FOUND};
  }
  auto directory = copy_directory();
  if (!directory) return directory.error();
  const std::string suffix = "." + std::to_string(process_id()) + "-" + std::to_string(counter.fetch_add(1)) + ".dll";
  fs::path copy = *directory / path.stem();
  copy += suffix;
  // One that a process of the same id left. Not copy_options::overwrite_existing: mingw-w64's library refuses it.
  fs::remove(copy, error);
  if (!fs::copy_file(path, copy, error)) {
    return Error{"cannot copy " + to_utf8(path.native()) + " to " + to_utf8(copy.native()) + ": " + error.message()};
  }
  return copy;
}

}  // namespace detail
}  // namespace picket::platform
