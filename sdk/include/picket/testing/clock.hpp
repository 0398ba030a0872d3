// SPDX-License-Identifier: Apache-2.0
//
// The fake host's clock and timers: time passes only when the test says so. Scheduling and cancelling are thread-safe;
// time is moved by the test's thread alone, and timers run on it.
#ifndef PICKET_TESTING_CLOCK_HPP
#define PICKET_TESTING_CLOCK_HPP

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "../host.h"

namespace picket::testing {

class Clock {
 public:
  std::int64_t monotonic_ns() const { return monotonic_; }
  std::int64_t wall_ns() const { return monotonic_ + offset_; }

  // Moves the wall clock alone, as an administrator would. Neither fires nor delays a timer.
  void step_wall(std::int64_t delta_ns) { offset_ += delta_ns; }

  // Time passes and no timer runs, as on a machine that is too busy; they run late at the next advance().
  void stall(std::int64_t duration_ns) { monotonic_ += duration_ns; }

  // See picket_host.schedule. 0 over 1,024 timers or for a malformed spec.
  picket_timer schedule(const picket_timer_spec &spec, picket_timer_fn fn, void *context) {
    const std::lock_guard lock(mutex_);
    const bool aligned = (spec.flags & PICKET_TIMER_ALIGNED) != 0;
    if (timers_.size() >= 1'024 || spec.delay_ns < 0 || spec.period_ns < 0 || fn == nullptr) return 0;
    if (aligned && spec.period_ns == 0) return 0;
    const std::int64_t wall = wall_ns();
    const std::int64_t due_wall = aligned ? next_multiple(wall, spec.period_ns) : wall + spec.delay_ns;
    timers_.emplace(++last_id_, Timer{fn, context, spec.period_ns, aligned, monotonic_ + (due_wall - wall), due_wall});
    return last_id_;
  }

  // See picket_host.cancel: waits for a run on another thread.
  void cancel(picket_timer id) {
    std::unique_lock lock(mutex_);
    timers_.erase(id);
    if (runner_ == std::this_thread::get_id()) return;
    finished_.wait(lock, [&] { return running_ != id; });
  }

  // Something of the host itself, once, at that time of the monotonic clock.
  void call_at(std::int64_t monotonic_ns, std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    calls_.emplace(monotonic_ns, std::move(call));
  }

  // Lets time pass; each timer runs at its own time, through `run(fn, context, tick)`.
  template <typename Run>
  void advance(std::int64_t duration_ns, const Run &run) {
    const std::int64_t end = monotonic_ + duration_ns;
    for (;;) {
      std::unique_lock lock(mutex_);
      const auto next = std::min_element(timers_.begin(), timers_.end(),
                                         [](const auto &a, const auto &b) { return a.second.due < b.second.due; });
      const std::int64_t call_due = calls_.empty() ? INT64_MAX : calls_.begin()->first;
      const std::int64_t timer_due = next == timers_.end() ? INT64_MAX : next->second.due;
      if (std::min(call_due, timer_due) > end) break;
      if (call_due < timer_due) {
        const std::function<void()> call = std::move(calls_.begin()->second);
        calls_.erase(calls_.begin());
        monotonic_ = std::max(monotonic_.load(), call_due);
        lock.unlock();
        call();
        continue;
      }
      run_timer(lock, next, run);
    }
    monotonic_ = std::max(monotonic_.load(), end);
  }

  std::size_t timers() const {
    const std::lock_guard lock(mutex_);
    return timers_.size();
  }

 private:
  struct Timer {
    picket_timer_fn fn;
    void *context;
    std::int64_t period;  // 0: once
    bool aligned;
    std::int64_t due;       // monotonic
    std::int64_t due_wall;  // what the wall clock should show then
    std::int64_t last = 0;  // `due` of the run before
    std::uint32_t missed = 0;
  };
  using Timers = std::map<picket_timer, Timer>;

  // The first multiple of `period` after `time`.
  static std::int64_t next_multiple(std::int64_t time, std::int64_t period) {
    const std::int64_t phase = ((time % period) + period) % period;
    return time - phase + period;
  }

  // A run begins now. Late ones are counted, not made up; a clock that was set meanwhile gives the time to stamp with.
  picket_tick begin(Timer &timer) const {
    const std::int64_t late = timer.period == 0 ? 0 : (monotonic_ - timer.due) / timer.period;
    timer.due += late * timer.period;
    timer.due_wall += late * timer.period;
    const std::int64_t wall = wall_ns();
    const std::int64_t tolerance = timer.aligned ? timer.period / 2 : 0;
    const std::int64_t off = wall - timer.due_wall;
    if (off < -tolerance || off > monotonic_ - timer.due + tolerance) {
      timer.due_wall = timer.aligned ? next_multiple(wall, timer.period) - timer.period : wall;
    }
    const auto missed = timer.missed + static_cast<std::uint32_t>(late);
    timer.last = timer.due;
    timer.missed = 0;
    return {sizeof(picket_tick), missed, timer.due_wall, monotonic_};
  }

  // A run of a timer with a period has ended. An aligned one finds the phase of the wall clock as it is now: between
  // half and one and a half periods after the last run, so that a step makes neither a burst nor a repeat.
  void plan_next(Timer &timer) const {
    if (!timer.aligned) {
      timer.due = timer.last + timer.period;
      timer.due_wall += timer.period;
      return;
    }
    const std::int64_t wall = wall_ns();
    timer.due_wall = next_multiple(wall, timer.period);
    timer.due = monotonic_ + (timer.due_wall - wall);
    if (timer.due - timer.last < timer.period / 2) {
      timer.due += timer.period;
      timer.due_wall += timer.period;
    }
    const std::int64_t periods = (timer.due - timer.last + timer.period / 2) / timer.period;
    timer.missed = static_cast<std::uint32_t>(std::max<std::int64_t>(periods - 1, 0));
  }

  template <typename Run>
  void run_timer(std::unique_lock<std::mutex> &lock, Timers::iterator at, const Run &run) {
    monotonic_ = std::max(monotonic_.load(), at->second.due);
    const picket_timer id = at->first;
    const picket_tick tick = begin(at->second);
    const Timer now = at->second;
    running_ = id;
    runner_ = std::this_thread::get_id();
    lock.unlock();
    run(now.fn, now.context, tick);
    lock.lock();
    running_ = 0;
    runner_ = std::thread::id();
    finished_.notify_all();
    const auto still = timers_.find(id);
    if (still == timers_.end()) return;  // it was cancelled meanwhile
    if (now.period == 0) {
      timers_.erase(still);
    } else {
      plan_next(still->second);
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable finished_;
  // Round numbers to read in tests; the wall clock starts at 2023-11-14T22:13:20Z.
  std::atomic<std::int64_t> monotonic_{1'000'000'000'000};
  std::atomic<std::int64_t> offset_{1'700'000'000'000'000'000 - 1'000'000'000'000};
  Timers timers_;  // guarded by mutex_, as all below
  std::multimap<std::int64_t, std::function<void()>> calls_;
  picket_timer last_id_ = 0;
  picket_timer running_ = 0;
  std::thread::id runner_;
};

}  // namespace picket::testing

#endif
