// SPDX-License-Identifier: Apache-2.0
//
// When a program that ended is started again: which ends count as failures, how long to wait, and how many starts all
// programs together may have. Times are monotonic nanoseconds that the caller gives. Pure; single thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <tuple>

namespace picket::process_supervisor {

enum class RestartPolicy : std::uint8_t { always, on_failure, never };

struct BackoffSettings {
  std::int64_t initial_ns = 100'000'000;
  std::int64_t max_ns = 30'000'000'000;
  std::int64_t reset_after_ns = 60'000'000'000;
  double factor = 2;
  double jitter = 0.2;  // the delay is up to so much shorter
};

// The delay after the `failures`-th failure in a row (1: the first). `random`: 0 up to, not including, 1.
std::int64_t backoff_delay(const BackoffSettings& settings, std::uint32_t failures, double random);

// A token bucket over all programs. Who waits is served in the order of fewest failures in a row, then of arrival: a
// program that fails for the first time does not wait behind a thousand that fail all the time.
class StartLimiter {
 public:
  // `per_second` > 0, `burst` >= 1.
  StartLimiter(double per_second, double burst, std::int64_t now_ns);

  // Keeps what is in the bucket, as far as the new one holds it.
  void configure(double per_second, double burst, std::int64_t now_ns);

  // Queues a program; one that waits already keeps its place.
  void wait(std::uint32_t program, std::uint32_t failures);
  void forget(std::uint32_t program);

  // The next one that may start now, or -1. It waits no more.
  std::int64_t take(std::int64_t now_ns);
  // When take() may have another one; INT64_MAX: nobody waits.
  std::int64_t next_ns(std::int64_t now_ns) const;

  std::size_t waiting() const { return queue_.size(); }

 private:
  void refill(std::int64_t now_ns);

  double per_second_, burst_, tokens_;
  std::int64_t filled_ns_;
  std::uint64_t arrivals_ = 0;
  std::set<std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>> queue_;  // failures, arrival, program
};

}  // namespace picket::process_supervisor
