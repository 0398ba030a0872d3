// SPDX-License-Identifier: Apache-2.0
//
// The timers of one instance: picket_host.schedule and cancel. Callbacks run on the instance's control lane.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "picket/host.h"
#include "platform/executor.hpp"

namespace picket::plugin_host {

// Thread-safe. Held by shared_ptr.
class Timers : public std::enable_shared_from_this<Timers> {
 public:
  static constexpr std::size_t kMax = 1'024;  // per instance

  // `instance` is what CallScope marks while a callback runs; `on_exception` hears of one that throws (the timer goes
  // on), on the control lane.
  Timers(std::shared_ptr<platform::Lane> control, const void* instance,
         std::function<void(const char* what)> on_exception);

  // From now on timers are accepted.
  void open();
  // Cancels every timer and accepts no more. On the control lane.
  void close();

  // See picket_host.schedule.
  picket_timer schedule(const picket_timer_spec& spec, picket_timer_fn fn, void* context);
  // See picket_host.cancel.
  void cancel(picket_timer id);

 private:
  struct Timer;
  void arm(const std::shared_ptr<Timer>& timer);
  void run(const std::shared_ptr<Timer>& timer);

  const std::shared_ptr<platform::Lane> control_;
  const void* const instance_;
  const std::function<void(const char* what)> on_exception_;
  std::mutex mutex_;  // guards everything below and the timers' changing parts
  std::condition_variable not_running_;
  std::map<picket_timer, std::shared_ptr<Timer>> timers_;
  picket_timer next_ = 1;
  bool open_ = false;
};

}  // namespace picket::plugin_host
