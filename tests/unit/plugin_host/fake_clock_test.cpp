// SPDX-License-Identifier: Apache-2.0
//
// The fake host of the SDK against the daemon: two ways to keep time that must not differ.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "picket/testing/clock.hpp"
#include "platform/clock.hpp"
#include "plugin_host/tick_schedule.hpp"

namespace picket::plugin_host {
namespace {

using platform::kMillisecond;

// Plugins are tested against the SDK's fake host: what it shows them must be what they will meet.
TEST(FakeClockTest, runs_timers_when_the_daemon_does_and_tells_them_the_same) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&](std::int64_t low, std::int64_t high) {
      return std::uniform_int_distribution<std::int64_t>(low, high)(random) * kMillisecond;
    };
    picket::testing::Clock fake;
    const picket_timer_spec timer{sizeof(picket_timer_spec), seed % 2 == 0 ? PICKET_TIMER_ALIGNED : 0, pick(0, 9'000),
                                  pick(1'000, 9'000)};
    std::vector<picket_tick> ours;
    std::vector<picket_tick> theirs;
    std::int64_t monotonic = fake.monotonic_ns();
    std::int64_t offset = fake.wall_ns() - monotonic;
    TickSchedule schedule(timer, monotonic, monotonic + offset);
    const auto note = [](void* list, const picket_tick* tick) {
      static_cast<std::vector<picket_tick>*>(list)->push_back(*tick);
    };
    ASSERT_NE(fake.schedule(timer, note, &theirs), 0U);
    for (int step = 0; step < 40; ++step) {
      const std::int64_t wall = step % 3 == 0 ? pick(-20'000, 20'000) : 0;
      const std::int64_t stall = step % 4 == 0 ? pick(0, 30'000) : 0;
      const std::int64_t time = pick(0, 12'000);
      fake.step_wall(wall);
      fake.stall(stall);
      fake.advance(time, [](picket_timer_fn fn, void* context, const picket_tick& tick) { fn(context, &tick); });
      offset += wall;
      monotonic += stall;
      const std::int64_t end = monotonic + time;
      while (schedule.due() <= end) {
        monotonic = std::max(monotonic, schedule.due());
        ours.push_back(schedule.begin(monotonic, monotonic + offset));
        schedule.next(monotonic, monotonic + offset);
      }
      monotonic = end;
    }
    ASSERT_FALSE(ours.empty());
    ASSERT_EQ(ours.size(), theirs.size()) << seed;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      ASSERT_EQ(ours[i].monotonic_ns, theirs[i].monotonic_ns) << seed << " run " << i;
      ASSERT_EQ(ours[i].due_ns, theirs[i].due_ns) << seed << " run " << i;
      ASSERT_EQ(ours[i].missed, theirs[i].missed) << seed << " run " << i;
    }
  }
}

}  // namespace
}  // namespace picket::plugin_host
