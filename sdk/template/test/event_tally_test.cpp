// SPDX-License-Identifier: Apache-2.0
//
// Tests the plugin alone: a fake host stands in for the daemon, and time passes only when the test says so.
#include <gtest/gtest.h>

#include <picket/testing.hpp>

extern "C" const picket_plugin_type* picket_plugin_v1(void);

namespace {

using picket::testing::FakeHost;

TEST(EventTally, counts_events_by_kind) {
  FakeHost host(picket_plugin_v1());
  ASSERT_TRUE(host.start().ok());
  EXPECT_EQ(host.deliver({{.kind = "log"}, {.kind = "metric"}, {.kind = "log"}}).status, PICKET_OK);
  EXPECT_EQ(host.execute("tally").text, R"({"log":2,"metric":1})");
}

TEST(EventTally, kinds_beyond_the_limit_are_counted_together) {
  FakeHost host(picket_plugin_v1(), R"({"kinds": 1})");
  ASSERT_TRUE(host.start().ok());
  host.deliver({{.kind = "log"}, {.kind = "metric"}, {.kind = "process"}});
  EXPECT_EQ(host.execute("tally").text, R"({"log":1})");
  EXPECT_EQ(host.counter("uncounted"), 2);
}

}  // namespace
