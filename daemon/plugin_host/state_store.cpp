// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/state_store.hpp"

#include <algorithm>

#include "platform/atomic_file.hpp"

namespace picket::plugin_host {
namespace {
bool valid_key(std::string_view key) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !key.empty() && key.size() <= StateStore::kMaxKey && key.front() >= 'a' && key.front() <= 'z' &&
         std::all_of(key.begin(), key.end(), allowed);
}
}  // namespace

StateStore::StateStore(std::filesystem::path root, const std::string& instance)
    : root_(root.string()), directory_(root / "instances" / instance), directory_text_(directory_.string()) {}

Result<std::string> StateStore::directory() {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error) return Error{"cannot make " + directory_text_ + ": " + error.message(), PICKET_FAILED};
  return directory_text_;
}

Result<std::filesystem::path> StateStore::file(std::string_view key) {
  if (!valid_key(key)) {
    return Error{"'" + std::string(key.substr(0, kMaxKey)) +
                     "' is no key: 1 to 64 characters of [a-z0-9._-], the first a letter",
                 PICKET_INVALID};
  }
  // Keys live in a folder of their own, so that no key can name a file that the plugin made itself.
  return directory_ / "state" / key;
}

Result<void> StateStore::put(std::string_view key, std::string_view value) {
  if (value.size() > kMaxValue) return Error{"a value is at most 1 MiB", PICKET_LIMIT};
  const std::scoped_lock lock(mutex_);
  const auto path = file(key);
  if (!path.ok()) return path.error();
  const std::filesystem::path folder = path->parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{"cannot make " + folder.string() + ": " + error.message(), PICKET_FAILED};
  return platform::write_file_atomically(*path, value);
}

Result<std::string> StateStore::get(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  const auto path = file(key);
  if (!path.ok()) return path.error();
  return platform::read_whole_file(*path, kMaxValue);
}

Result<void> StateStore::remove(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  const auto path = file(key);
  if (!path.ok()) return path.error();
  std::error_code error;
  std::filesystem::remove(*path, error);
  if (error) return Error{"cannot remove " + path->string() + ": " + error.message(), PICKET_FAILED};
  return {};
}

}  // namespace picket::plugin_host
