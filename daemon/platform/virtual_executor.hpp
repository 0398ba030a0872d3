// SPDX-License-Identifier: Apache-2.0
//
// An Executor on one thread whose time stands still until it is told to pass. Deterministic: the same seed gives the
// same order of everything. Used by unit tests, the randomised router test and `picket test`.
#pragma once

#include <deque>
#include <map>
#include <random>

#include "platform/executor.hpp"

namespace picket::platform {

class VirtualClock final : public Clock {
 public:
  std::int64_t monotonic_ns() const override { return monotonic_; }
  std::int64_t wall_ns() const override { return wall_; }

  // Steps the wall clock alone, as an administrator or NTP would.
  void step_wall(std::int64_t delta_ns) { wall_ += delta_ns; }

 private:
  friend class VirtualExecutor;
  std::int64_t monotonic_ = 1'000 * kSecond;
  std::int64_t wall_ = 1'700'000'000 * kSecond;  // 2023-11-14T22:13:20Z, a round number to read in tests
};

// Not thread-safe: everything happens on the thread that calls run_*.
class VirtualExecutor final : public Executor, public std::enable_shared_from_this<VirtualExecutor> {
 public:
  // `seed` 0: first in, first out. Any other: ready tasks run in a random order that depends on the seed alone.
  explicit VirtualExecutor(std::uint64_t seed = 0) : seed_(seed), random_(seed) {}

  const Clock& clock() const override { return clock_; }
  VirtualClock& virtual_clock() { return clock_; }
  void post(Task task) override;
  CallId call_at(std::int64_t monotonic_ns, Task task) override;
  bool cancel(CallId id) override;
  // This executor itself: under a virtual clock nothing blocks.
  std::shared_ptr<Executor> make_dedicated(const std::string& name, unsigned threads) override;
  void stop() override {}  // no threads

  // Runs one ready task; false if there was none.
  bool run_one();
  // Runs until nothing is ready at the present time. Time does not pass.
  void run_ready();
  // Lets time pass, running each call at its time.
  void run_for(std::int64_t duration_ns);
  // Jumps to the next call and runs all that becomes ready; false if there is none.
  bool run_next_call();

  bool has_ready() const { return !ready_.empty(); }

 private:
  void release_due();

  VirtualClock clock_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
  std::deque<Task> ready_;
  std::multimap<std::int64_t, std::pair<CallId, Task>> calls_;
  CallId next_call_ = 1;
};

}  // namespace picket::platform
