// SPDX-License-Identifier: Apache-2.0
#include "platform/time_zone.hpp"

#include <array>
#include <cstdio>

#include "platform/clock.hpp"

namespace picket::platform {
namespace {

class Utc final : public TimeZone {
 public:
  std::int64_t offset_ns(std::int64_t) const override { return 0; }
};

std::int64_t floor_to_day(std::int64_t time_ns) {
  const std::int64_t rest = time_ns % kDay;
  return time_ns - (rest < 0 ? rest + kDay : rest);
}

}  // namespace

const TimeZone& utc_zone() {
  static const Utc* const zone = new Utc;
  return *zone;
}

std::int64_t to_local(const TimeZone& zone, std::int64_t utc_ns) {
  return utc_ns + zone.offset_ns(utc_ns);
}

std::int64_t to_utc(const TimeZone& zone, std::int64_t local_ns) {
  // The offsets on either side of any change nearby; no zone changes twice within two days.
  const std::int64_t before = zone.offset_ns(local_ns - kDay);
  const std::int64_t after = zone.offset_ns(local_ns + kDay);
  if (zone.offset_ns(local_ns - before) == before) return local_ns - before;
  if (zone.offset_ns(local_ns - after) == after) return local_ns - after;
  return local_ns - before;
}

std::int64_t day_start(const TimeZone& zone, std::int64_t utc_ns) {
  return to_utc(zone, floor_to_day(to_local(zone, utc_ns)));
}

std::int64_t add_days(const TimeZone& zone, std::int64_t utc_ns, std::int64_t days) {
  return to_utc(zone, to_local(zone, utc_ns) + days * kDay);
}

std::string offset_text(std::int64_t offset_ns) {
  const std::int64_t minutes = (offset_ns < 0 ? -offset_ns : offset_ns) / kMinute;
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%c%02d:%02d", offset_ns < 0 ? '-' : '+', static_cast<int>(minutes / 60),
                static_cast<int>(minutes % 60));
  return buffer.data();
}

}  // namespace picket::platform
