// SPDX-License-Identifier: Apache-2.0
//
// The system's zone as TZ sets it: CTest runs this with the rules of Central Europe in the variable, so that no
// database of zones is needed.
#include <gtest/gtest.h>

#include "platform/clock.hpp"
#include "platform/time_zone.hpp"
#include "platform/utc_time.hpp"

namespace picket::platform {
namespace {

TEST(SystemZone, changes_when_its_rules_say_so) {
  EXPECT_EQ(system_zone().offset_ns(parse_utc("2026-03-29T00:59:59Z").value()), kHour);
  EXPECT_EQ(system_zone().offset_ns(parse_utc("2026-03-29T01:00:00Z").value()), 2 * kHour);
  EXPECT_EQ(system_zone().offset_ns(parse_utc("2026-10-25T00:59:59.999Z").value()), 2 * kHour);
  EXPECT_EQ(system_zone().offset_ns(parse_utc("2026-10-25T01:00:00Z").value()), kHour);
}

}  // namespace
}  // namespace picket::platform
