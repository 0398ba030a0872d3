// SPDX-License-Identifier: Apache-2.0
//
// The example, as its author would test it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <picket/testing.hpp>

extern "C" const picket_plugin_type* picket_plugin_v1(void);

namespace {

using namespace std::chrono_literals;
using picket::testing::FakeHost;

TEST(Heartbeat, beats_once_each_interval_in_phase_with_the_wall_clock) {
  FakeHost host(picket_plugin_v1(), R"({"interval": 5000000000})");
  host.advance(3s);
  ASSERT_TRUE(host.start().ok());
  host.advance(12s);
  const auto events = host.events();
  ASSERT_EQ(events.size(), 3U);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].kind, "heartbeat");
    EXPECT_EQ(events[i].time_ns % 5'000'000'000, 0);
    EXPECT_EQ(events[i].integer("count"), static_cast<std::int64_t>(i + 1));
  }
}

TEST(Heartbeat, beats_that_nobody_takes_are_not_counted) {
  FakeHost host(picket_plugin_v1(), R"({"interval": 1000000000})");
  ASSERT_TRUE(host.start().ok());
  host.busy_for(2);
  host.advance(5s);
  EXPECT_EQ(host.counter("beats"), 3);
  EXPECT_EQ(host.live_batches(), 0);
}

TEST(Heartbeat, is_silent_after_stop) {
  FakeHost host(picket_plugin_v1());
  ASSERT_TRUE(host.start().ok());
  host.stop();
  host.advance(1min);
  EXPECT_TRUE(host.events().empty());
  EXPECT_EQ(host.timers(), 0U);
}

TEST(Heartbeat, its_schema_is_json_and_describes_the_interval) {
  const auto schema = nlohmann::json::parse(picket_plugin_v1()->config_schema);
  EXPECT_EQ(schema.at("properties").at("interval").at("format"), "duration");
}

}  // namespace
