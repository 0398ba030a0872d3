// SPDX-License-Identifier: Apache-2.0
#include "platform/clock.hpp"

#include <chrono>

namespace picket::platform {
namespace {

template <typename Source>
std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Source::now().time_since_epoch()).count();
}

// steady_clock is CLOCK_MONOTONIC on Linux (which systemd's MONOTONIC_USEC relies on) and the performance counter on
// Windows.
class SystemClock final : public Clock {
 public:
  std::int64_t monotonic_ns() const override { return now_ns<std::chrono::steady_clock>(); }
  std::int64_t wall_ns() const override { return now_ns<std::chrono::system_clock>(); }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock* const clock = new SystemClock;  // never destroyed: threads may outlive static destructors
  return *clock;
}

}  // namespace picket::platform
