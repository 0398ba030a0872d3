// SPDX-License-Identifier: Apache-2.0
//
// Timers: the wrapper's Timer on the fake host's clock, which keeps the rules of host.h.
#include "test_plugin.hpp"

namespace picket::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kSecond = 1'000'000'000;
// The fake's wall clock starts at a multiple of ten seconds.
constexpr std::int64_t kStart = 1'700'000'000 * kSecond;

class Waiter : public Tracked<Waiter> {
 public:
  using Tracked::Tracked;
  void stop() override { timer.cancel(); }
  auto noting() {
    return [this](const Tick& tick) { ticks.push_back(tick); };
  }
  std::vector<std::int64_t> due() const {
    std::vector<std::int64_t> seconds;
    seconds.reserve(ticks.size());
    for (const Tick& tick : ticks) seconds.push_back((tick.due_ns - kStart) / kSecond);
    return seconds;
  }
  std::vector<Tick> ticks;
  Timer timer;
};

class TimerTest : public ::testing::Test {
 protected:
  TimerTest() { EXPECT_TRUE(host.start().ok()); }
  Waiter& plugin() { return *Waiter::last; }
  using Seconds = std::vector<std::int64_t>;
  FakeHost host{type_of<Waiter>()};
};

TEST_F(TimerTest, a_periodic_timer_runs_once_each_period) {
  plugin().timer = Timer::every(plugin().host(), 5s, plugin().noting());
  host.advance(4s);
  EXPECT_EQ(plugin().due(), Seconds{});
  host.advance(12s);
  EXPECT_EQ(plugin().due(), (Seconds{5, 10, 15}));
}

TEST_F(TimerTest, a_single_timer_runs_once) {
  plugin().timer = Timer::after(plugin().host(), 2s, plugin().noting());
  host.advance(60s);
  EXPECT_EQ(plugin().due(), Seconds{2});
  EXPECT_EQ(host.timers(), 0U);
}

TEST_F(TimerTest, an_aligned_timer_takes_its_phase_from_the_wall_clock) {
  host.advance(3s);
  plugin().timer = Timer::aligned(plugin().host(), 10s, plugin().noting());
  host.advance(30s);
  EXPECT_EQ(plugin().due(), (Seconds{10, 20, 30}));
}

TEST_F(TimerTest, a_step_of_the_wall_clock_neither_fires_nor_delays_a_timer) {
  plugin().timer = Timer::every(plugin().host(), 10s, plugin().noting());
  const std::int64_t begin = host.monotonic_ns();
  host.step_wall(1h);
  host.advance(9s);
  EXPECT_EQ(plugin().ticks.size(), 0U);
  host.step_wall(-2h);
  host.advance(1s);
  ASSERT_EQ(plugin().ticks.size(), 1U);
  EXPECT_EQ(plugin().ticks[0].monotonic_ns - begin, 10 * kSecond);
}

TEST_F(TimerTest, an_aligned_timer_skips_forward_to_the_new_phase_after_a_step) {
  plugin().timer = Timer::aligned(plugin().host(), 10s, plugin().noting());
  host.advance(15s);
  host.step_wall(3s);  // the wall clock now says :18
  host.advance(40s);
  const std::vector<Tick>& ticks = plugin().ticks;
  // The run that was waited for comes on time, when the new clock says :23; the next one is in phase, 7 s later.
  EXPECT_EQ(plugin().due(), (Seconds{10, 20, 30, 40, 50}));
  ASSERT_EQ(ticks.size(), 5U);
  for (std::size_t i = 1; i < ticks.size(); ++i) {
    EXPECT_EQ(ticks[i].monotonic_ns - ticks[i - 1].monotonic_ns, (i == 2 ? 7 : 10) * kSecond) << i;
    EXPECT_EQ(ticks[i].missed, 0U);
  }
}

TEST_F(TimerTest, a_step_back_repeats_no_run) {
  plugin().timer = Timer::aligned(plugin().host(), 10s, plugin().noting());
  host.advance(10s);
  host.step_wall(-4s);
  host.advance(30s);
  // 10, then one on time (the new clock says :16); :20 of the new clock, 4 s later, would be a repeat.
  EXPECT_EQ(plugin().due(), (Seconds{10, 20, 30}));
  EXPECT_EQ(plugin().ticks[2].monotonic_ns - plugin().ticks[1].monotonic_ns, 14 * kSecond);
}

TEST_F(TimerTest, runs_that_came_too_late_are_counted_and_not_made_up) {
  plugin().timer = Timer::every(plugin().host(), 1s, plugin().noting());
  host.stall(3500ms);
  host.advance(1s);
  ASSERT_EQ(plugin().ticks.size(), 2U);
  EXPECT_EQ(plugin().ticks[0].missed, 2U);
  EXPECT_EQ(plugin().ticks[1].missed, 0U);
  EXPECT_EQ(plugin().due(), (Seconds{3, 4}));
}

TEST_F(TimerTest, destroying_a_timer_cancels_it) {
  { const Timer timer = Timer::every(plugin().host(), 1s, plugin().noting()); }
  EXPECT_EQ(host.timers(), 0U);
  plugin().timer = Timer::every(plugin().host(), 1s, plugin().noting());
  Timer moved = std::move(plugin().timer);
  host.advance(1s);
  EXPECT_EQ(plugin().ticks.size(), 1U);
  moved.cancel();
  host.advance(5s);
  EXPECT_EQ(plugin().ticks.size(), 1U);
}

TEST_F(TimerTest, a_timer_may_replace_itself_while_it_runs) {
  Waiter& waiter = plugin();
  // The text is long enough to live on the heap: a freed function would show.
  waiter.timer = Timer::every(waiter.host(), 1s, [&, note = std::string(100, 'n')](const Tick& tick) {
    waiter.timer = Timer::after(waiter.host(), 5s, waiter.noting());
    EXPECT_EQ(note.size(), 100U);
    waiter.ticks.push_back(tick);
  });
  host.advance(20s);
  EXPECT_EQ(waiter.due(), (Seconds{1, 6}));
}

TEST_F(TimerTest, an_exception_in_a_timer_is_logged_and_the_timer_goes_on) {
  plugin().timer = Timer::every(plugin().host(), 1s, [&](const Tick& tick) {
    plugin().ticks.push_back(tick);
    throw std::runtime_error("the sensor is gone");
  });
  host.advance(2s);
  EXPECT_EQ(plugin().ticks.size(), 2U);
  EXPECT_TRUE(host.logged(PICKET_LOG_ERROR, "the sensor is gone"));
}

TEST_F(TimerTest, too_many_timers_are_an_error) {
  std::vector<Timer> timers;
  timers.reserve(1'024);
  for (int i = 0; i < 1'024; ++i) timers.push_back(Timer::after(plugin().host(), 1h, plugin().noting()));
  EXPECT_THROW(static_cast<void>(Timer::after(plugin().host(), 1h, plugin().noting())), Failure);
  timers.clear();
  EXPECT_NO_THROW(static_cast<void>(Timer::after(plugin().host(), 1h, plugin().noting())));
}

}  // namespace
}  // namespace picket::testing
