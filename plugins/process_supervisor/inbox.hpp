// SPDX-License-Identifier: Apache-2.0
//
// The way of a thread of this plugin back to the [control] thread.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include <picket/plugin.hpp>

namespace picket::process_supervisor {

class Inbox {
 public:
  explicit Inbox(Host host) : host_(host) {}
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox() { close(); }

  // [any] Runs `task` as a [control] call soon, in order of posting.
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    tasks_.push_back(std::move(task));
    if (timer_ != 0) return;
    const picket_timer_spec now{sizeof now, 0, 0, 0};
    timer_ = host_.c()->schedule(host_.self(), &now, &Inbox::run, this);
  }

  // [control] What was posted and has not begun is dropped. Idempotent.
  void close() {
    picket_timer timer = 0;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      tasks_.clear();
      timer = std::exchange(timer_, 0);
    }
    if (timer != 0) host_.c()->cancel(host_.self(), timer);
  }

 private:
  static void run(void* context, const picket_tick* /*tick*/) noexcept {
    auto& self = *static_cast<Inbox*>(context);
    std::vector<std::function<void()>> tasks;
    {
      const std::lock_guard lock(self.mutex_);
      self.timer_ = 0;
      tasks.swap(self.tasks_);
    }
    for (const auto& task : tasks) {
      detail::guard(
          [&](picket_status, std::string_view message) noexcept { self.host_.log(PICKET_LOG_ERROR, message); }, task);
    }
  }

  Host host_;
  std::mutex mutex_;  // guards what follows
  bool closed_ = false;
  picket_timer timer_ = 0;
  std::vector<std::function<void()>> tasks_;
};

}  // namespace picket::process_supervisor
