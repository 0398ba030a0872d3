// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include "platform/time_zone.hpp"

namespace picket::platform {
namespace {

constexpr std::int64_t kTicksTo1970 = 116'444'736'000'000'000;  // of 100 ns, since 1601
constexpr std::int64_t kTickNs = 100;

// The same moment, as ticks of the local clock.
bool local_ticks(std::int64_t utc_ticks, std::int64_t& ticks) {
  FILETIME file{static_cast<DWORD>(utc_ticks), static_cast<DWORD>(utc_ticks >> 32)};
  SYSTEMTIME utc{};
  SYSTEMTIME local{};
  if (!FileTimeToSystemTime(&file, &utc) || !SystemTimeToTzSpecificLocalTime(nullptr, &utc, &local) ||
      !SystemTimeToFileTime(&local, &file)) {
    return false;
  }
  ticks = static_cast<std::int64_t>(std::uint64_t{file.dwHighDateTime} << 32 | file.dwLowDateTime);
  return true;
}

class SystemZone final : public TimeZone {
 public:
  std::int64_t offset_ns(std::int64_t utc_ns) const override {
    // To the second: a SYSTEMTIME ends at milliseconds.
    const std::int64_t second = utc_ns / 1'000'000'000 - (utc_ns % 1'000'000'000 < 0 ? 1 : 0);
    const std::int64_t utc_ticks = second * 10'000'000 + kTicksTo1970;
    std::int64_t ticks = 0;
    return local_ticks(utc_ticks, ticks) ? (ticks - utc_ticks) * kTickNs : 0;
  }
};

}  // namespace

const TimeZone& system_zone() {
  static const SystemZone* const zone = new SystemZone;
  return *zone;
}

}  // namespace picket::platform
