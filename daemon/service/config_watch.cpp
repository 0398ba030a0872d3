// SPDX-License-Identifier: Apache-2.0
#include "service/config_watch.hpp"

#include <utility>

namespace picket::service {

std::shared_ptr<ConfigWatch> ConfigWatch::make(Parts parts) {
  return std::shared_ptr<ConfigWatch>(new ConfigWatch(std::move(parts)));
}

void ConfigWatch::set(bool enabled, std::int64_t delay_ns) {
  delay_ns_ = delay_ns;
  if (stopped_ || enabled == (watch_ != nullptr)) return;
  if (!enabled) {
    watch_.reset();
    if (timer_ != 0) parts_.lane->executor().cancel(std::exchange(timer_, 0));
    return;
  }
  auto watch = parts_.watch([weak = weak_from_this(), lane = parts_.lane] {
    lane->post([weak] {
      if (const auto self = weak.lock()) self->changed();
    });
  });
  if (!watch) {
    parts_.log.write(LogLevel::error, "", "the configuration is not watched: " + watch.error().message);
    return;
  }
  watch_ = std::move(*watch);
  watch_what_is_there();
  changed();  // what happened since the files were read
}

void ConfigWatch::stop() {
  set(false, 0);
  stopped_ = true;
}

void ConfigWatch::changed() {
  if (watch_ == nullptr) return;
  due_ns_ = parts_.lane->executor().clock().monotonic_ns() + delay_ns_;
  if (timer_ == 0) arm(due_ns_);
}

void ConfigWatch::arm(std::int64_t due_ns) {
  timer_ = parts_.lane->executor().call_at(due_ns, [weak = weak_from_this(), lane = parts_.lane] {
    lane->post([weak] {
      const auto self = weak.lock();
      if (!self || self->timer_ == 0) return;
      self->timer_ = 0;
      self->look();
    });
  });
}

void ConfigWatch::look() {
  if (watch_ == nullptr) return;
  const std::int64_t now = parts_.lane->executor().clock().monotonic_ns();
  if (now < due_ns_) return arm(due_ns_);  // something happened meanwhile
  if (parts_.must_wait()) return arm(now + delay_ns_);
  const config::WatchedFiles files = watch_what_is_there();
  if (files.fingerprint == known_) return;
  known_ = files.fingerprint;
  parts_.log.write(LogLevel::info, "", "the files of the configuration have changed");
  parts_.reload();
}

// Directories come and go with the files. What happens in a new one before it is watched is seen by a second look.
config::WatchedFiles ConfigWatch::watch_what_is_there() {
  config::WatchedFiles files = parts_.look();
  for (int attempts = 0; attempts < 3; ++attempts) {
    const std::vector<std::filesystem::path> directories = files.directories;
    // Also when they are the same: one may have been replaced by another of its name.
    if (const auto set = watch_->set(directories); !set.ok()) {
      parts_.log.write(LogLevel::warning, "", "changes of the configuration may not be seen: " + set.error().message);
    }
    files = parts_.look();
    if (files.directories == directories) break;
  }
  return files;
}

}  // namespace picket::service
