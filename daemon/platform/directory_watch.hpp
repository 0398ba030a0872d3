// SPDX-License-Identifier: Apache-2.0
//
// Says that something in some directories has changed: an entry came, went, was renamed or written. Not what: who
// listens looks for itself. inotify on Linux, ReadDirectoryChangesW on Windows; directories below are not looked at.
//
// Used by one thread; a thread of its own calls the listener. Where the system forgets to say something (a network
// file system, a directory that another machine writes), nothing is heard.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "picket/result.hpp"

namespace picket::platform {

class DirectoryWatch {
 public:
  static constexpr std::size_t kMaxDirectories = 60;

  // `on_change` runs on the watch's own thread, soon after a change and possibly several times for one.
  static Result<std::unique_ptr<DirectoryWatch>> start(std::function<void()> on_change);

  virtual ~DirectoryWatch() = default;  // on_change does not run any more when it returns

  // Watches these and no others from now on. Those that cannot be watched are left out; the error names the first.
  virtual Result<void> set(const std::vector<std::filesystem::path>& directories) = 0;
};

}  // namespace picket::platform
