// SPDX-License-Identifier: Apache-2.0
//
// Reloads when the files of the configuration change (`daemon.watch_config`): waits until they have been left alone for
// a while, looks whether their content is another than the one that was read last, and only then asks for a reload. So
// a bad file is read once, and a file that is saved unchanged not at all.
//
// Held by shared_ptr; on the core lane, except where the directories' watch calls it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "config/watched_files.hpp"
#include "platform/directory_watch.hpp"
#include "platform/executor.hpp"
#include "service/logging.hpp"

namespace picket::service {

class ConfigWatch : public std::enable_shared_from_this<ConfigWatch> {
 public:
  struct Parts {
    std::shared_ptr<platform::Lane> lane;
    Log& log;
    std::function<config::WatchedFiles()> look;
    std::function<Result<std::unique_ptr<platform::DirectoryWatch>>(std::function<void()>)> watch;
    std::function<bool()> must_wait;  // a reload would be refused now, whatever the files say
    std::function<void()> reload;
  };

  static std::shared_ptr<ConfigWatch> make(Parts parts);

  // `enabled` false: nothing is watched. True again: what changed meanwhile counts.
  void set(bool enabled, std::int64_t delay_ns);
  // Files with this fingerprint have been read, for whatever reason.
  void seen(std::uint64_t fingerprint) { known_ = fingerprint; }
  // No reload is asked for any more.
  void stop();

 private:
  explicit ConfigWatch(Parts parts) : parts_(std::move(parts)) {}

  void changed();
  void arm(std::int64_t due_ns);
  void look();
  config::WatchedFiles watch_what_is_there();

  const Parts parts_;
  std::unique_ptr<platform::DirectoryWatch> watch_;  // null: not enabled
  std::int64_t delay_ns_ = 0;
  std::int64_t due_ns_ = 0;  // when the files will have been left alone for long enough
  platform::CallId timer_ = 0;
  std::uint64_t known_ = 0;
  bool stopped_ = false;
};

}  // namespace picket::service
