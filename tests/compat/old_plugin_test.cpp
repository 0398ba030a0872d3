// SPDX-License-Identifier: Apache-2.0
//
// A plugin that was built with the kept headers, in today's host: it keeps working, whatever the host has learnt since.
#include <gtest/gtest.h>

#include <picket/testing.hpp>

extern "C" const picket_plugin_type* picket_plugin_v1(void);

namespace {

using namespace std::chrono_literals;
using picket::testing::FakeHost;

TEST(OldPlugin, is_of_the_major_that_this_host_takes) {
  EXPECT_EQ(picket_plugin_v1()->abi_major, PICKET_ABI_MAJOR);
  EXPECT_LE(picket_plugin_v1()->abi_minor, PICKET_ABI_MINOR);
  EXPECT_LE(picket_plugin_v1()->size, sizeof(picket_plugin_type));
}

TEST(OldPlugin, runs_timers_and_emits_with_acknowledgement) {
  FakeHost host(picket_plugin_v1());
  ASSERT_TRUE(host.start().ok());
  host.advance(1s);
  ASSERT_EQ(host.events().size(), 1U);
  EXPECT_EQ(host.events()[0].kind, "echo");
  EXPECT_TRUE(host.acknowledge(77));
  EXPECT_EQ(host.execute("answered").text, "1");
}

TEST(OldPlugin, consumes_what_it_is_given_and_reads_its_settings) {
  FakeHost host(picket_plugin_v1(), R"({"offset": 100})");
  ASSERT_TRUE(host.start().ok());
  EXPECT_EQ(host.deliver({{.kind = "log"}, {.kind = "log"}}, std::vector<std::uint32_t>{1}).status, PICKET_OK);
  EXPECT_EQ(host.events().at(0).integer("count"), 101);
}

TEST(OldPlugin, is_not_asked_for_what_it_does_not_know) {
  FakeHost host(picket_plugin_v1());
  ASSERT_TRUE(host.start().ok());
  host.idle();
  host.flush();
  host.busy_until_ready();
  host.advance(1s);
  host.ready();
  EXPECT_EQ(host.health().state, PICKET_HEALTH_GOOD);
  EXPECT_FALSE(host.reload("{}").ok());
  host.advance(1s);
  EXPECT_EQ(host.events().size(), 1U) << "the beat after the busy one";
}

TEST(OldPlugin, leaves_nothing_behind) {
  FakeHost host(picket_plugin_v1());
  ASSERT_TRUE(host.start().ok());
  host.busy_for(1);
  host.advance(3s);
  host.destroy();
  EXPECT_EQ(host.live_batches(), 0);
  EXPECT_EQ(host.timers(), 0U);
}

}  // namespace
