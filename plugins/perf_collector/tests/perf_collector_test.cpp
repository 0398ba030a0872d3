// SPDX-License-Identifier: Apache-2.0
//
// The plugin through its C entry, under a virtual clock, on the machine that runs the test.
#include "perf_collector.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <picket/testing.hpp>
#include <set>

#include "schema.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using namespace std::chrono_literals;
using picket::testing::Event;
using picket::testing::FakeHost;
using test::kSecond;

constexpr const char* kCpuAndMemory =
    R"({"interval": 1000000000, "groups": {"cpu": {}, "memory": {"every": 2000000000}}})";

const picket_plugin_type* type() {
  static constexpr picket_plugin_type kType =
      plugin_type<PerfCollector>({.id = "perf_collector", .version = "0", .summary = "", .config_schema = kSchema});
  return &kType;
}

struct Collector : ::testing::Test {
  FakeHost host{type(), kCpuAndMemory};

  static std::set<std::string> names(const std::vector<Event>& events) {
    std::set<std::string> all;
    for (const Event& event : events) all.insert(event.text("name"));
    return all;
  }
};

TEST_F(Collector, a_tick_is_one_batch_of_metrics_of_the_time_it_was_due) {
  ASSERT_TRUE(host.start().ok());
  EXPECT_TRUE(host.emitted().empty());
  host.advance(1s);
  ASSERT_EQ(host.emitted().size(), 1U);
  const auto events = host.events();
  ASSERT_FALSE(events.empty());
  for (const Event& event : events) {
    EXPECT_EQ(event.kind, "metric");
    EXPECT_EQ(event.time_ns, host.wall_ns());
    EXPECT_EQ(event.time_ns % kSecond, 0);
    EXPECT_TRUE(event.has("value"));
  }
  EXPECT_TRUE(names(events).contains("system.cpu.time"));
  EXPECT_EQ(host.counter("ticks"), 1);
  EXPECT_EQ(host.counter("samples"), static_cast<std::int64_t>(events.size()));
  EXPECT_EQ(host.counter("read_errors"), 0);
  EXPECT_EQ(host.health().state, PICKET_HEALTH_GOOD);
}

TEST_F(Collector, metrics_are_described_before_they_are_emitted) {
  ASSERT_TRUE(host.create().ok());
  const auto described = host.described("system.cpu.utilization");
  ASSERT_TRUE(described);
  EXPECT_EQ(described->unit, "1");
  EXPECT_EQ(described->instrument, PICKET_INSTRUMENT_GAUGE);
  EXPECT_EQ(described->decimals, 4);
}

TEST_F(Collector, nothing_happens_before_start_or_after_stop) {
  ASSERT_TRUE(host.create().ok());
  host.advance(10s);
  EXPECT_TRUE(host.emitted().empty());
  ASSERT_TRUE(host.start().ok());
  host.advance(1s);
  host.stop();
  host.advance(10s);
  EXPECT_EQ(host.emitted().size(), 1U);
  EXPECT_EQ(host.timers(), 0U);
}

TEST_F(Collector, a_slower_group_comes_with_the_tick_of_its_own_period) {
  ASSERT_TRUE(host.start().ok());
  host.advance(4s);
  ASSERT_EQ(host.emitted().size(), 4U);
  int with_memory = 0;
  for (const auto& batch : host.emitted()) with_memory += names(batch.events).contains("system.memory.limit") ? 1 : 0;
  EXPECT_GE(with_memory, 2);
  EXPECT_LE(with_memory, 3);  // the first tick has it, whatever its phase
}

TEST_F(Collector, missed_ticks_are_a_counted_gap_and_no_burst) {
  ASSERT_TRUE(host.start().ok());
  host.advance(1s);
  host.stall(3s + 500ms);
  host.advance(0s);
  EXPECT_EQ(host.emitted().size(), 2U);
  EXPECT_EQ(host.counter("ticks"), 2);
  EXPECT_EQ(host.counter("missed_ticks"), 2);
}

TEST_F(Collector, one_tick_waits_for_room_and_later_ones_are_dropped_and_counted) {
  ASSERT_TRUE(host.start().ok());
  host.busy_until_ready();
  host.advance(1s);
  const std::int64_t first = host.wall_ns();
  host.advance(2s);
  EXPECT_TRUE(host.emitted().empty());
  EXPECT_EQ(host.counter("dropped_ticks"), 2);
  EXPECT_EQ(host.live_batches(), 1);
  host.ready();
  ASSERT_EQ(host.emitted().size(), 1U);
  EXPECT_EQ(host.emitted()[0].events.at(0).time_ns, first);
  host.advance(1s);
  EXPECT_EQ(host.emitted().size(), 2U);
  EXPECT_EQ(host.counter("dropped_ticks"), 2);
  host.destroy();
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(Collector, a_waiting_tick_goes_out_with_the_next_one_if_there_is_room_by_then) {
  ASSERT_TRUE(host.start().ok());
  host.busy_for(1);
  host.advance(2s);
  EXPECT_EQ(host.emitted().size(), 2U);
  EXPECT_EQ(host.counter("dropped_ticks"), 0);
}

TEST_F(Collector, a_waiting_tick_is_given_back_at_stop) {
  ASSERT_TRUE(host.start().ok());
  host.busy_until_ready();
  host.advance(1s);
  host.stop();
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(Collector, reload_changes_interval_and_groups_at_once) {
  ASSERT_TRUE(host.start().ok());
  host.advance(1s);
  host.take_events();
  ASSERT_TRUE(host.reload(R"({"interval": 5000000000, "groups": {"processes": {}}})").ok());
  host.advance(5s);
  const auto events = host.take_events();
  EXPECT_EQ(names(events), std::set<std::string>{"system.process.count"});
  EXPECT_EQ(host.counter("ticks"), 2);
  EXPECT_EQ(host.timers(), 1U);
}

TEST_F(Collector, a_bad_reload_changes_nothing) {
  ASSERT_TRUE(host.start().ok());
  const auto result = host.reload(R"({"interval": 1})");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "settings.interval: must be between 100ms and 1d");
  host.advance(1s);
  EXPECT_EQ(host.emitted().size(), 1U);
}

TEST_F(Collector, collect_answers_all_values_and_disturbs_no_tick) {
  ASSERT_TRUE(host.start().ok());
  const picket_call call = host.begin("collect", R"({"seconds": 0.5})");
  EXPECT_FALSE(host.answer(call));
  host.advance(500ms);
  const auto answer = host.answer(call);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->status, PICKET_OK) << answer->text;
  const auto json = nlohmann::json::parse(answer->text);
  std::set<std::string> found;
  for (const auto& metric : json.at("metrics")) {
    found.insert(metric.at("name").get<std::string>());
    EXPECT_TRUE(metric.at("value").is_number());
    EXPECT_FALSE(metric.at("unit").get<std::string>().empty());
  }
  EXPECT_TRUE(found.contains("system.memory.limit"));
  EXPECT_EQ(json.at("time_ns"), host.wall_ns());
  EXPECT_TRUE(host.emitted().empty());
  EXPECT_EQ(host.timers(), 1U);
}

TEST_F(Collector, collect_checks_its_argument_and_bounds_how_many_run) {
  ASSERT_TRUE(host.start().ok());
  EXPECT_EQ(host.execute("collect", R"({"seconds": 61})").status, PICKET_INVALID);
  const picket_call first = host.begin("collect");
  for (int i = 0; i < 3; ++i) host.begin("collect");
  EXPECT_EQ(host.execute("collect").status, PICKET_LIMIT);
  host.abandon(first);
  EXPECT_EQ(host.execute("collect").status, PICKET_PENDING);
  host.stop();
  EXPECT_EQ(host.timers(), 0U);
}

TEST_F(Collector, settings_that_cannot_work_fail_to_create_with_the_reason) {
  FakeHost other(type(), R"({"groups": {"processes": {"match": [{"name": "x", "user": "no-such-user-here"}]}}})");
  const auto result = other.create();
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("no-such-user-here"), std::string::npos);
}

}  // namespace
}  // namespace picket::perf_collector
