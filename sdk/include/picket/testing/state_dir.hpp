// SPDX-License-Identifier: Apache-2.0
//
// picket.state/1 in a temporary folder that goes away with the fake host. Thread-safe.
#ifndef PICKET_TESTING_STATE_DIR_HPP
#define PICKET_TESTING_STATE_DIR_HPP

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

#include "../detail/failure.hpp"
#include "../detail/text.hpp"
#include "../ext/state.h"

namespace picket::testing {

class StateDir {
 public:
  explicit StateDir(std::string instance) : instance_(std::move(instance)) {}
  StateDir(const StateDir &) = delete;
  StateDir &operator=(const StateDir &) = delete;
  ~StateDir() {
    std::error_code ignored;
    if (!root_.empty()) std::filesystem::remove_all(root_, ignored);
  }

  // From now on every put, and the making of the directory, fails with this text; empty: works again.
  void fail_with(std::string message) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(message);
  }

  // UTF-8, absolute; made at the first call.
  const std::string &root() {
    const std::lock_guard lock(mutex_);
    return made_root();
  }
  picket_str directory(picket_error *error) {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) {
      detail::set_error(error, PICKET_FAILED, failure_);
      return {};
    }
    made_root();
    std::filesystem::create_directories(own());
    directory_ = utf8(own());
    return to_str(directory_);
  }

  picket_status put(std::string_view key, std::string_view value, picket_error *error) {
    const std::lock_guard lock(mutex_);
    if (!valid(key)) return fail(error, PICKET_INVALID, "a key is 1..64 characters of [a-z0-9._-], first a letter");
    if (value.size() > (1U << 20U)) return fail(error, PICKET_LIMIT, "a value is at most 1 MiB");
    if (!failure_.empty()) return fail(error, PICKET_FAILED, failure_);
    made_root();
    std::filesystem::create_directories(own());
    std::ofstream file(own() / key, std::ios::binary | std::ios::trunc);
    file.write(value.data(), static_cast<std::streamsize>(value.size()));
    return file.flush() ? PICKET_OK : fail(error, PICKET_FAILED, "the test's folder cannot be written");
  }
  picket_status get(std::string_view key, char *buffer, std::uint64_t capacity, std::uint64_t *length,
                    picket_error *error) {
    const std::lock_guard lock(mutex_);
    if (!valid(key)) return fail(error, PICKET_INVALID, "a key is 1..64 characters of [a-z0-9._-], first a letter");
    if (root_.empty()) return PICKET_NOT_FOUND;
    std::ifstream file(own() / key, std::ios::binary);
    if (!file) return PICKET_NOT_FOUND;
    const std::string value(std::istreambuf_iterator<char>(file), {});
    std::copy_n(value.data(), std::min<std::size_t>(value.size(), static_cast<std::size_t>(capacity)), buffer);
    *length = value.size();
    return PICKET_OK;
  }
  picket_status remove(std::string_view key, picket_error *error) {
    const std::lock_guard lock(mutex_);
    if (!valid(key)) return fail(error, PICKET_INVALID, "a key is 1..64 characters of [a-z0-9._-], first a letter");
    std::error_code ignored;
    if (!root_.empty()) std::filesystem::remove(own() / key, ignored);
    return PICKET_OK;
  }

 private:
  static bool valid(std::string_view key) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto allowed = [&](char c) {
      return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !key.empty() && key.size() <= 64 && letter(key[0]) && std::all_of(key.begin(), key.end(), allowed);
  }
  static picket_status fail(picket_error *error, picket_status status, std::string_view message) {
    detail::set_error(error, status, message);
    return status;
  }
  static std::string utf8(const std::filesystem::path &path) {
    const std::u8string text = path.u8string();
    return {text.begin(), text.end()};
  }
  std::filesystem::path own() const { return root_ / "instances" / instance_; }

  const std::string &made_root() {
    for (std::random_device random; root_.empty();) {
      const auto candidate = std::filesystem::temp_directory_path() /
                             ("picket-test-" + std::to_string(random()) + std::to_string(random()));
      if (!std::filesystem::create_directory(candidate)) continue;
      root_ = candidate;
      root_text_ = utf8(root_);
    }
    return root_text_;
  }

  std::mutex mutex_;
  const std::string instance_;
  std::string failure_;
  std::filesystem::path root_;  // empty until it is needed
  std::string root_text_;
  std::string directory_;
};

}  // namespace picket::testing

#endif
