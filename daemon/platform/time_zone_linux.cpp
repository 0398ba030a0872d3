// SPDX-License-Identifier: Apache-2.0
#include <time.h>

#include "platform/clock.hpp"
#include "platform/time_zone.hpp"

namespace picket::platform {
namespace {

class SystemZone final : public TimeZone {
 public:
  SystemZone() { tzset(); }

  std::int64_t offset_ns(std::int64_t utc_ns) const override {
    // Rounded down, also before 1970.
    const time_t seconds = utc_ns / kSecond - (utc_ns % kSecond < 0 ? 1 : 0);
    tm local{};
    return localtime_r(&seconds, &local) == nullptr ? 0 : local.tm_gmtoff * kSecond;
  }
};

}  // namespace

const TimeZone& system_zone() {
  static const SystemZone* const zone = new SystemZone;
  return *zone;
}

}  // namespace picket::platform
