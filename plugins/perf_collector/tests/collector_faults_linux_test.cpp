// SPDX-License-Identifier: Apache-2.0
//
// The plugin through its C entry over a captured /proc: values, and what happens when files fail. Linux only.
#include <gtest/gtest.h>

#include <picket/testing.hpp>

#include "perf_collector.hpp"
#include "schema.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using namespace std::chrono_literals;
using picket::testing::Event;
using picket::testing::FakeHost;

// The wrapper makes instances by itself, so the folder comes to them this way.
std::string fixture_path;
class FixtureCollector : public PerfCollector {
 public:
  FixtureCollector(Host host, const Config& config)
      : PerfCollector(host, config, Machine{fixture_path, 100, 4096, 0, [] { return 1; }}) {}
};

const picket_plugin_type* fixture_type() {
  static constexpr picket_plugin_type kType =
      plugin_type<FixtureCollector>({.id = "perf_collector", .version = "0", .summary = "", .config_schema = kSchema});
  return &kType;
}

struct CollectorOnFixture : ::testing::Test {
  test::FixtureProc proc;
  CollectorOnFixture() { fixture_path = proc.path(); }
};

TEST_F(CollectorOnFixture, a_fault_is_logged_once_counted_each_tick_and_degrades_health_until_it_ends) {
  const std::string loadavg = proc.read("loadavg");
  proc.remove("loadavg");
  FakeHost host(fixture_type(), R"({"interval": 1000000000})");
  ASSERT_TRUE(host.start().ok());
  host.advance(3s);
  int warnings = 0;
  for (const auto& line : host.log_lines()) warnings += line.level == PICKET_LOG_WARNING ? 1 : 0;
  EXPECT_EQ(host.emitted().size(), 3U);
  EXPECT_EQ(warnings, 1);
  EXPECT_TRUE(host.logged(PICKET_LOG_WARNING, "loadavg: No such file or directory"));
  EXPECT_EQ(host.counter("read_errors"), 4);  // the first reading at start, and three ticks
  EXPECT_EQ(host.health().state, PICKET_HEALTH_DEGRADED);
  EXPECT_NE(host.health().message.find("loadavg"), std::string::npos);
  proc.write("loadavg", loadavg);
  host.advance(1s);
  EXPECT_EQ(host.health().state, PICKET_HEALTH_GOOD);
  EXPECT_TRUE(host.logged(PICKET_LOG_INFO, "loadavg: readable again"));
}

TEST_F(CollectorOnFixture, where_nothing_can_be_read_health_is_bad_and_nothing_is_emitted) {
  fixture_path = proc.path("nowhere");
  FakeHost host(fixture_type(), R"({"interval": 1000000000})");
  ASSERT_TRUE(host.start().ok());
  host.advance(2s);
  EXPECT_TRUE(host.emitted().empty());
  EXPECT_EQ(host.health().state, PICKET_HEALTH_BAD);
  EXPECT_EQ(host.counter("ticks"), 2);
}

TEST_F(CollectorOnFixture, program_names_travel_as_text) {
  FakeHost host(fixture_type(), R"({"interval": 1000000000, "groups": {"processes": {"top": 1, "by": "memory"}}})");
  ASSERT_TRUE(host.start().ok());
  host.advance(1s);
  int found = 0;
  for (const Event& event : host.events()) {
    if (event.text("name") != "process.memory.usage") continue;
    ++found;
    EXPECT_EQ(event.text("process.executable.name"), "nginx");
    EXPECT_EQ(event.integer("value"), (1500 + 2500 + 2500) * 4096);
  }
  EXPECT_EQ(found, 1);
}

TEST_F(CollectorOnFixture, utilization_is_there_from_the_first_tick) {
  FakeHost host(fixture_type(), R"({"interval": 1000000000, "groups": {"cpu": {}}})");
  ASSERT_TRUE(host.start().ok());
  proc.replace("stat", "cpu  3448 20 3138 163844", "cpu  3523 20 3138 163869");
  host.advance(1s);
  int found = 0;
  for (const Event& event : host.events()) {
    if (event.text("name") != "system.cpu.utilization" || event.text("cpu.mode") != "user") continue;
    ++found;
    EXPECT_DOUBLE_EQ(event.number("value"), 0.75);
  }
  EXPECT_EQ(found, 1);
}

TEST_F(CollectorOnFixture, a_reload_keeps_the_differences_of_groups_that_did_not_change) {
  FakeHost host(fixture_type(), R"({"interval": 1000000000, "groups": {"cpu": {}}})");
  ASSERT_TRUE(host.start().ok());
  host.advance(1s);
  host.take_events();
  proc.replace("stat", "cpu  3448 20 3138 163844", "cpu  3458 20 3138 163874");
  ASSERT_TRUE(host.reload(R"({"interval": 1000000000, "groups": {"cpu": {}, "load": {}}})").ok());
  host.advance(1s);
  bool found = false;
  for (const Event& event : host.events()) {
    if (event.text("name") != "system.cpu.utilization" || event.text("cpu.mode") != "user") continue;
    found = true;
    EXPECT_DOUBLE_EQ(event.number("value"), 0.25);
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace picket::perf_collector
