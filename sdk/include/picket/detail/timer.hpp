// SPDX-License-Identifier: Apache-2.0
//
// Timer: a function that the host calls when time has passed. It runs on the host's monotonic time, as a [control] call
// of the instance, so it never runs beside start, stop, a command or another timer of the same instance.
#ifndef PICKET_DETAIL_TIMER_HPP
#define PICKET_DETAIL_TIMER_HPP

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "host.hpp"
#include "thread_check.hpp"

namespace picket {

// What a run learns about itself: see picket_tick.
using Tick = picket_tick;

// Cancels in its destructor, which waits for a running call; a timer may also be reset from within its own function.
// An exception that leaves the function is logged, and the timer goes on. The factories throw Failure (LIMIT) when the
// instance has too many timers (1,024) or is stopped.
class Timer {
 public:
  using Function = std::function<void(const Tick &)>;

  Timer() = default;
  Timer(Timer &&other) noexcept : body_(std::move(other.body_)), id_(std::exchange(other.id_, 0)) {}
  Timer &operator=(Timer &&other) noexcept {
    if (this != &other) {
      cancel();
      body_ = std::move(other.body_);
      id_ = std::exchange(other.id_, 0);
    }
    return *this;
  }
  ~Timer() { cancel(); }

  // First after one `period`, then once each `period`.
  [[nodiscard]] static Timer every(Host host, std::chrono::nanoseconds period, Function function) {
    return Timer(host, 0, period, period, std::move(function));
  }
  // Once.
  [[nodiscard]] static Timer after(Host host, std::chrono::nanoseconds delay, Function function) {
    return Timer(host, 0, delay, std::chrono::nanoseconds(0), std::move(function));
  }
  // Each `period`, in phase with the wall clock: every 5 s means at :00, :05, :10. Stamp samples with Tick::due_ns.
  [[nodiscard]] static Timer aligned(Host host, std::chrono::nanoseconds period, Function function) {
    return Timer(host, PICKET_TIMER_ALIGNED, std::chrono::nanoseconds(0), period, std::move(function));
  }

  explicit operator bool() const noexcept { return body_ != nullptr; }

  // When it returns, the function is not running and will not run again (unless it is the caller).
  void cancel() noexcept {
    if (body_ == nullptr) return;
    body_->host.c()->cancel(body_->host.self(), id_);
    body_.reset();
    id_ = 0;
  }

 private:
  struct Body : std::enable_shared_from_this<Body> {
    Body(Host of, Function run) : host(of), check(of), function(std::move(run)) {}
    Host host;
    detail::ThreadCheck check;
    Function function;
  };

  Timer(Host host, std::uint32_t flags, std::chrono::nanoseconds delay, std::chrono::nanoseconds period,
        Function function)
      : body_(std::make_shared<Body>(host, std::move(function))) {
    const picket_timer_spec spec{sizeof spec, flags, delay.count(), period.count()};
    id_ = host.c()->schedule(host.self(), &spec, &Timer::run, body_.get());
    if (id_ == 0) throw Failure("no timer: the instance has too many of them or is stopped", PICKET_LIMIT);
  }

  static void run(void *context, const picket_tick *tick) noexcept {
    // Held, so that a function that resets its own timer does not free itself while it runs.
    const std::shared_ptr<Body> body = static_cast<Body *>(context)->shared_from_this();
    const Tick ours = copy_table(tick);
    detail::guard([&](picket_status, std::string_view message) noexcept { body->host.log(PICKET_LOG_ERROR, message); },
                  [&] {
                    body->check.control("a timer");
                    body->function(ours);
                  });
  }

  std::shared_ptr<Body> body_;
  picket_timer id_ = 0;
};

}  // namespace picket

#endif
