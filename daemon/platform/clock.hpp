// SPDX-License-Identifier: Apache-2.0
//
// The one clock of the daemon. Everything that waits or stamps is handed a Clock, so that whole graphs run under a
// virtual one (virtual_executor.hpp). All times are nanoseconds.
#pragma once

#include <cstdint>

namespace picket::platform {

inline constexpr std::int64_t kNanosecond = 1;
inline constexpr std::int64_t kMillisecond = 1'000'000;
inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Never jumps; the zero is arbitrary.
  virtual std::int64_t monotonic_ns() const = 0;

  // UTC since 1970. May jump either way.
  virtual std::int64_t wall_ns() const = 0;
};

// The operating system's clocks. Lives for ever.
const Clock& system_clock();

}  // namespace picket::platform
