// SPDX-License-Identifier: Apache-2.0
//
// picket.state/1: a durable directory of its own for each instance, and small values in it, one file each.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "picket/result.hpp"

namespace picket::plugin_host {

// Thread-safe.
class StateStore {
 public:
  static constexpr std::size_t kMaxKey = 64;           // characters
  static constexpr std::size_t kMaxValue = 1U << 20U;  // bytes

  // `root`: the daemon's state directory, absolute. Nothing is made before it is needed.
  StateStore(std::filesystem::path root, const std::string& instance);

  const std::string& root() const { return root_; }
  // ROOT/instances/NAME, made if needed.
  Result<std::string> directory();
  // Durable when it returns ok.
  Result<void> put(std::string_view key, std::string_view value);
  Result<std::string> get(std::string_view key);
  Result<void> remove(std::string_view key);

 private:
  Result<std::filesystem::path> file(std::string_view key);

  const std::string root_;
  const std::filesystem::path directory_;
  const std::string directory_text_;
  std::mutex mutex_;  // one change at a time
};

}  // namespace picket::plugin_host
