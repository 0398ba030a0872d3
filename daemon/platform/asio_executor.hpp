// SPDX-License-Identifier: Apache-2.0
//
// The Executor of the running daemon: a pool of threads and one timer that is armed for the earliest call. Nothing
// wakes periodically: without work and without due calls, no thread runs.
//
// Made by the assembly (service/daemon) and by tests of what needs real threads. Asio stays out of this header.
#pragma once

#include <memory>
#include <string>

#include "platform/executor.hpp"

namespace picket::platform {

class AsioExecutor final : public Executor {
 public:
  // Starts `threads` threads (at least 1) named `name` (<= 15 bytes).
  AsioExecutor(const std::string& name, unsigned threads);
  AsioExecutor(const AsioExecutor&) = delete;
  AsioExecutor& operator=(const AsioExecutor&) = delete;

  // As stop(). The last reference may be dropped from a task of this very executor: its thread then ends by itself
  // after the task, and is joined when the executor that stands at the head of make_dedicated's chain stops.
  ~AsioExecutor() override;

  const Clock& clock() const override { return system_clock(); }
  void post(Task task) override;
  CallId call_at(std::int64_t monotonic_ns, Task task) override;
  bool cancel(CallId id) override;
  std::shared_ptr<Executor> make_dedicated(const std::string& name, unsigned threads) override;
  void stop() override;

 private:
  struct Orphans;  // threads whose executor ended on one of them; shared by a family of executors
  struct Pool;     // what the threads share; outlives this object while one of them still runs
  AsioExecutor(const std::string& name, unsigned threads, std::shared_ptr<Orphans> orphans);

  const bool is_root_;
  const std::shared_ptr<Pool> pool_;
};

}  // namespace picket::platform
