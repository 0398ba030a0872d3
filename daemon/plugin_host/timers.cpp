// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/timers.hpp"

#include <algorithm>

#include "plugin_host/call_scope.hpp"
#include "plugin_host/tick_schedule.hpp"

namespace picket::plugin_host {
namespace {
// 73 years: a time that no sum with the clocks' carries over the edge of 64 bits.
constexpr std::int64_t kLongest = INT64_MAX / 4;
}  // namespace

struct Timers::Timer {
  Timer(const picket_timer_spec& spec, picket_timer_fn function, void* argument, const platform::Clock& clock)
      : schedule(spec, clock.monotonic_ns(), clock.wall_ns()), fn(function), context(argument) {}

  TickSchedule schedule;
  const picket_timer_fn fn;
  void* const context;
  picket_timer id = 0;
  platform::CallId call = 0;
  bool cancelled = false;
  bool running = false;
  std::thread::id thread;  // while running
};

Timers::Timers(std::shared_ptr<platform::Lane> control, const void* instance,
               std::function<void(const char* what)> on_exception)
    : control_(std::move(control)), instance_(instance), on_exception_(std::move(on_exception)) {}

void Timers::open() {
  const std::scoped_lock lock(mutex_);
  open_ = true;
}

void Timers::close() {
  const std::scoped_lock lock(mutex_);
  open_ = false;
  for (const auto& [id, timer] : timers_) {
    timer->cancelled = true;
    control_->executor().cancel(timer->call);
  }
  timers_.clear();
}

picket_timer Timers::schedule(const picket_timer_spec& spec, picket_timer_fn fn, void* context) {
  const bool aligned = (spec.flags & PICKET_TIMER_ALIGNED) != 0;
  if (fn == nullptr || spec.delay_ns < 0 || spec.period_ns < 0 || (aligned && spec.period_ns == 0)) return 0;
  picket_timer_spec bounded = spec;
  bounded.delay_ns = std::min(spec.delay_ns, kLongest);
  bounded.period_ns = std::min(spec.period_ns, kLongest);
  const std::scoped_lock lock(mutex_);
  if (!open_ || timers_.size() >= kMax) return 0;
  auto timer = std::make_shared<Timer>(bounded, fn, context, control_->executor().clock());
  timer->id = next_++;
  timers_.emplace(timer->id, timer);
  arm(timer);
  return timer->id;
}

// REQUIRES: mutex_ is held.
void Timers::arm(const std::shared_ptr<Timer>& timer) {
  timer->call = control_->executor().call_at(timer->schedule.due(), [self = shared_from_this(), timer] {
    self->control_->post([self, timer] { self->run(timer); });
  });
}

void Timers::run(const std::shared_ptr<Timer>& timer) {
  const platform::Clock& clock = control_->executor().clock();
  picket_tick tick{};
  {
    const std::scoped_lock lock(mutex_);
    if (timer->cancelled) return;
    timer->running = true;
    timer->thread = std::this_thread::get_id();
    tick = timer->schedule.begin(clock.monotonic_ns(), clock.wall_ns());
  }
  {
    const CallScope scope(instance_, CallKind::control);
    guarded([&] { timer->fn(timer->context, &tick); }, on_exception_);
  }
  const std::scoped_lock lock(mutex_);
  timer->running = false;
  not_running_.notify_all();
  if (timer->cancelled) return;
  if (timer->schedule.next(clock.monotonic_ns(), clock.wall_ns())) {
    arm(timer);
  } else {
    timers_.erase(timer->id);
  }
}

void Timers::cancel(picket_timer id) {
  std::unique_lock lock(mutex_);
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;
  const std::shared_ptr<Timer> timer = found->second;
  timers_.erase(found);
  timer->cancelled = true;
  control_->executor().cancel(timer->call);
  if (timer->thread == std::this_thread::get_id()) return;  // from within its own callback
  not_running_.wait(lock, [&] { return !timer->running; });
}

}  // namespace picket::plugin_host
