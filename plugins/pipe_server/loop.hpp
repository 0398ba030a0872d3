// SPDX-License-Identifier: Apache-2.0
//
// The door's one thread: waits for whatever happens at its listeners and connections, runs what other threads post,
// and calls back at times. Everything of a listener, a connection, a session and the publisher runs on it, so none of
// them has a lock.
//
// Linux: epoll (loop_linux.cpp). Windows: a completion port (loop_windows.cpp). The time is the host's, so that tests
// move it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <picket/plugin.hpp>

namespace picket::pipe_server {

using Task = std::function<void()>;
using TimerId = std::uint64_t;  // 0: none

class Loop {
 public:
  virtual ~Loop() = default;

  // Starts the thread. Throws Failure when the system has no more descriptors.
  static std::unique_ptr<Loop> make(Host host);

  // [any] Runs `task` on the thread soon, in order of posting. After stop() has returned it does nothing.
  virtual void post(Task task) = 0;
  // [any] The same, and waits until it has run. Not from the thread itself.
  virtual void run(const Task& task) = 0;
  // [any] True on the thread.
  virtual bool is_current() const = 0;

  // On the thread: runs `task` once, `delay_ns` from now on, and forgets about it.
  virtual TimerId call_after(std::int64_t delay_ns, Task task) = 0;
  virtual void cancel(TimerId timer) = 0;
  // On the thread: `task` runs once everything that is ready now has been handled, before the next wait. What gathers
  // work over a round (the publisher, output) comes here.
  virtual void at_end_of_round(Task task) = 0;
  // On the thread: of this round's beginning, by the host's monotonic clock.
  virtual std::int64_t now_ns() const = 0;

  // [control] Ends the thread; what was posted and has not begun is dropped. Connections and listeners must be gone.
  virtual void stop() = 0;
};

}  // namespace picket::pipe_server
