// SPDX-License-Identifier: Apache-2.0
//
// The Linux readers of cpu, load and memory over a captured /proc: every value, and every way in which a file can be
// bad. Linux only.
#include <gtest/gtest.h>

#include "cpu.hpp"
#include "load.hpp"
#include "memory.hpp"
#include "proc_file.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

struct LinuxGroups : ::testing::Test {
  test::FixtureProc proc;
  test::World world;

  std::map<std::string, double> collect(Group& group) {
    world.samples.begin(1);
    group.collect(1, world.samples);
    return world.values();
  }
};

TEST_F(LinuxGroups, cpu_reads_all_modes_and_adds_both_kinds_of_interrupts) {
  const auto group = make_cpu({}, proc.machine(), world.vocabulary);
  const std::map<std::string, double> expected{
      {"system.cpu.time{cpu.mode=user}", 34.48},   {"system.cpu.time{cpu.mode=nice}", 0.2},
      {"system.cpu.time{cpu.mode=system}", 31.38}, {"system.cpu.time{cpu.mode=idle}", 1638.44},
      {"system.cpu.time{cpu.mode=iowait}", 5.61},  {"system.cpu.time{cpu.mode=interrupt}", 0.87},
      {"system.cpu.time{cpu.mode=steal}", 0.12},   {"system.cpu.logical.count", 2}};
  const auto values = collect(*group);
  ASSERT_EQ(values.size(), expected.size());
  for (const auto& [key, value] : expected) EXPECT_NEAR(values.at(key), value, 1e-9) << key;
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(LinuxGroups, cpu_shows_single_cores_only_when_asked) {
  const auto values = collect(*make_cpu({.per_core = true}, proc.machine(), world.vocabulary));
  EXPECT_NEAR(values.at("system.cpu.time{cpu.mode=user,cpu.logical_number=1}"), 18.95, 1e-9);
  EXPECT_EQ(values.size(), 3 * 7U + 1);
}

TEST_F(LinuxGroups, cpu_sees_new_content_through_the_kept_file) {
  const auto group = make_cpu({}, proc.machine(), world.vocabulary);
  collect(*group);
  proc.replace("stat", "cpu  3448 20 3138 163844", "cpu  3498 20 3138 163894");
  const auto values = collect(*group);
  EXPECT_DOUBLE_EQ(values.at("system.cpu.utilization{cpu.mode=user}"), 0.5);
  EXPECT_DOUBLE_EQ(values.at("system.cpu.utilization{cpu.mode=idle}"), 0.5);
}

TEST_F(LinuxGroups, a_malformed_core_loses_that_core_only) {
  proc.replace("stat", "cpu1 1895", "cpu1 oops");
  const auto group = make_cpu({.per_core = true}, proc.machine(), world.vocabulary);
  const auto values = collect(*group);
  EXPECT_TRUE(values.contains("system.cpu.time{cpu.mode=user,cpu.logical_number=0}"));
  EXPECT_FALSE(values.contains("system.cpu.time{cpu.mode=user,cpu.logical_number=1}"));
  EXPECT_TRUE(values.contains("system.cpu.time{cpu.mode=user}"));
  EXPECT_EQ(values.at("system.cpu.logical.count"), 2);
  EXPECT_EQ(group->faults().message(), proc.path("stat") + ": cpuN: a number in it is malformed");
}

TEST_F(LinuxGroups, a_malformed_total_loses_the_total_only_and_recovers) {
  proc.replace("stat", "cpu  3448", "cpu  -1");
  const auto group = make_cpu({.per_core = true}, proc.machine(), world.vocabulary);
  auto values = collect(*group);
  EXPECT_FALSE(values.contains("system.cpu.time{cpu.mode=user}"));
  EXPECT_TRUE(values.contains("system.cpu.time{cpu.mode=user,cpu.logical_number=1}"));
  EXPECT_NE(group->faults().message(), "");
  proc.replace("stat", "cpu  -1", "cpu  3448");
  values = collect(*group);
  EXPECT_TRUE(values.contains("system.cpu.time{cpu.mode=user}"));
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(LinuxGroups, a_missing_file_is_a_fault_until_it_comes) {
  const std::string content = proc.read("loadavg");
  proc.remove("loadavg");
  const auto group = make_load(proc.machine(), world.vocabulary);
  EXPECT_TRUE(collect(*group).empty());
  EXPECT_EQ(group->faults().message(), proc.path("loadavg") + ": No such file or directory");
  proc.write("loadavg", content);
  const std::map<std::string, double> expected{
      {"system.cpu.load_average.1m", 0.07}, {"system.cpu.load_average.5m", 1.3}, {"system.cpu.load_average.15m", 12}};
  EXPECT_EQ(collect(*group), expected);
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(LinuxGroups, a_file_that_cannot_be_read_says_why) {
  proc.remove("loadavg");
  proc.write("loadavg/a_folder_cannot_be_read", "");  // unlike a missing permission this also stops root
  const auto group = make_load(proc.machine(), world.vocabulary);
  EXPECT_TRUE(collect(*group).empty());
  EXPECT_EQ(group->faults().message(), proc.path("loadavg") + ": Is a directory");
}

TEST_F(LinuxGroups, a_cut_load_line_keeps_what_it_has) {
  proc.write("loadavg", "0.50 x");
  const auto group = make_load(proc.machine(), world.vocabulary);
  EXPECT_EQ(collect(*group), (std::map<std::string, double>{{"system.cpu.load_average.1m", 0.5}}));
  EXPECT_NE(group->faults().message(), "");
}

TEST_F(LinuxGroups, memory_states_add_up_to_the_limit) {
  const auto group = make_memory(proc.machine(), world.vocabulary);
  const auto values = collect(*group);
  constexpr double kKib = 1024;
  EXPECT_EQ(values.at("system.memory.limit"), 24684092 * kKib);
  EXPECT_EQ(values.at("system.memory.usage{system.memory.state=free}"), 20059368 * kKib);
  EXPECT_EQ(values.at("system.memory.usage{system.memory.state=buffers}"), 231864 * kKib);
  EXPECT_EQ(values.at("system.memory.usage{system.memory.state=cached}"), (3076484 + 182060) * kKib);
  double sum = 0;
  double share = 0;
  for (const char* state : {"used", "free", "buffers", "cached"}) {
    sum += values.at(std::string("system.memory.usage{system.memory.state=") + state + "}");
    share += values.at(std::string("system.memory.utilization{system.memory.state=") + state + "}");
  }
  EXPECT_EQ(sum, values.at("system.memory.limit"));
  EXPECT_NEAR(share, 1, 1e-12);
  EXPECT_EQ(values.at("system.memory.shared"), 8856 * kKib);
  EXPECT_EQ(values.at("system.linux.memory.available"), 23243468 * kKib);
  EXPECT_EQ(values.at("system.linux.memory.slab.usage{linux.memory.slab.state=reclaimable}"), 182060 * kKib);
  EXPECT_EQ(values.at("system.linux.memory.slab.usage{linux.memory.slab.state=unreclaimable}"), 27720 * kKib);
  EXPECT_EQ(values.size(), 13U);
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(LinuxGroups, a_malformed_memory_line_loses_only_what_is_made_from_it) {
  proc.replace("meminfo", "Cached:          3076484 kB", "Cached:          3076484 pages");
  const auto group = make_memory(proc.machine(), world.vocabulary);
  const auto values = collect(*group);
  EXPECT_FALSE(values.contains("system.memory.usage{system.memory.state=cached}"));
  EXPECT_FALSE(values.contains("system.memory.usage{system.memory.state=used}"));
  EXPECT_EQ(values.size(), 13U - 4);
  EXPECT_EQ(group->faults().message(), proc.path("meminfo") + ": Cached: missing, or no number of kB");
  EXPECT_EQ(group->faults().take_count(), 1U);
}

TEST_F(LinuxGroups, memory_without_a_total_has_no_shares) {
  proc.replace("meminfo", "MemTotal:", "MemSum:  ");
  const auto values = collect(*make_memory(proc.machine(), world.vocabulary));
  EXPECT_FALSE(values.contains("system.memory.limit"));
  EXPECT_FALSE(values.contains("system.memory.utilization{system.memory.state=free}"));
  EXPECT_TRUE(values.contains("system.memory.usage{system.memory.state=free}"));
}

TEST_F(LinuxGroups, a_file_over_its_limit_is_refused) {
  proc.write("long", std::string(20'000, 'x'));
  ProcFile file(proc.path("long"), 8192);
  EXPECT_FALSE(file.read().has_value());
  EXPECT_EQ(file.error(), "File too large");
  proc.write("long", std::string(8191, 'x'));
  ASSERT_TRUE(file.read().has_value());
  EXPECT_EQ(file.read()->size(), 8191U);
}

}  // namespace
}  // namespace picket::perf_collector
