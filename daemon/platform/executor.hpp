// SPDX-License-Identifier: Apache-2.0
//
// Where work runs and time passes: the seam between the core and threads.
//
// The daemon runs on an AsioExecutor (a small thread pool); tests, `picket test` and replays run on a VirtualExecutor
// (one thread, virtual clock, seeded order). Code of the core never starts a thread and never sleeps: it posts to a
// Lane or asks for a call at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platform/clock.hpp"

namespace picket::platform {

using Task = std::function<void()>;

// 0 is "none".
using CallId = std::uint64_t;

// Thread-safe. Tasks must not throw.
class Executor {
 public:
  virtual ~Executor() = default;

  virtual const Clock& clock() const = 0;

  // Runs `task` soon, on any thread of this executor, never inside post().
  virtual void post(Task task) = 0;

  // Runs `task` once `clock().monotonic_ns() >= monotonic_ns`.
  virtual CallId call_at(std::int64_t monotonic_ns, Task task) = 0;

  // True if the call was removed before it began; false if it is running, done or unknown. Does not wait.
  virtual bool cancel(CallId id) = 0;

  // An executor with `threads` threads of its own for work that may block, on the same clock. Threads end when the
  // last reference goes; `name` (<= 15 bytes) is what a debugger shows.
  virtual std::shared_ptr<Executor> make_dedicated(const std::string& name, unsigned threads) = 0;

  // Tasks that were posted still run; calls that are not due are dropped unrun; then the threads end and are joined.
  // Called from a thread of this executor it only initiates that. post() and call_at() drop what comes later.
  // Idempotent. An executor made by make_dedicated is stopped by itself, not by its parent. An executor without threads
  // of its own has nothing to stop.
  virtual void stop() = 0;
};

// A serial queue over an executor: tasks of one lane never overlap and run in order of posting; the thread varies.
// Always held by shared_ptr; queued tasks keep it alive.
class Lane : public std::enable_shared_from_this<Lane> {
 public:
  static std::shared_ptr<Lane> make(std::shared_ptr<Executor> executor);

  void post(Task task);

  // True on the thread that currently runs a task of this lane.
  bool is_current() const;

  Executor& executor() { return *executor_; }

 private:
  explicit Lane(std::shared_ptr<Executor> executor) : executor_(std::move(executor)) {}
  void run();

  const std::shared_ptr<Executor> executor_;
  std::mutex mutex_;
  std::vector<Task> queue_;  // guarded by mutex_
  bool scheduled_ = false;   // guarded by mutex_: run() is posted or running
};

}  // namespace picket::platform
