// SPDX-License-Identifier: Apache-2.0
//
// The group `cpu`: arithmetic of the meter. (The Linux reader is tested in linux_groups_test.cpp.)
#include "cpu.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace picket::perf_collector {
namespace {

constexpr unsigned kUserAndIdle = 1U << kUser | 1U << kIdle;

CpuReading reading(int core, std::uint64_t user, std::uint64_t idle) {
  CpuReading reading;
  reading.core = core;
  reading.units[kUser] = user;
  reading.units[kIdle] = idle;
  return reading;
}

TEST(CpuMeter, a_first_reading_has_times_but_no_shares_and_only_known_modes) {
  test::World world;
  CpuMeter meter(world.vocabulary, 100, kUserAndIdle);
  meter.add(reading(-1, 250, 750), world.samples);
  const std::map<std::string, double> expected{{"system.cpu.time{cpu.mode=user}", 2.5},
                                               {"system.cpu.time{cpu.mode=idle}", 7.5}};
  EXPECT_EQ(world.values(), expected);
}

TEST(CpuMeter, shares_are_of_the_time_since_the_last_reading_and_add_up_to_one) {
  test::World world;
  CpuMeter meter(world.vocabulary, 100, kUserAndIdle);
  meter.add(reading(-1, 1000, 1000), world.samples);
  world.samples.begin(0);
  meter.add(reading(-1, 1030, 1070), world.samples);
  EXPECT_DOUBLE_EQ(world.values().at("system.cpu.utilization{cpu.mode=user}"), 0.3);
  EXPECT_DOUBLE_EQ(world.values().at("system.cpu.utilization{cpu.mode=idle}"), 0.7);
}

TEST(CpuMeter, cores_are_told_apart_and_a_new_one_begins_without_shares) {
  test::World world;
  CpuMeter meter(world.vocabulary, 100, kUserAndIdle);
  meter.add(reading(0, 0, 0), world.samples);
  world.samples.begin(0);
  meter.add(reading(0, 100, 0), world.samples);
  meter.add(reading(7, 5, 5), world.samples);
  const auto values = world.values();
  EXPECT_EQ(values.at("system.cpu.utilization{cpu.mode=user,cpu.logical_number=0}"), 1);
  EXPECT_EQ(values.at("system.cpu.time{cpu.mode=user,cpu.logical_number=7}"), 0.05);
  EXPECT_FALSE(values.contains("system.cpu.utilization{cpu.mode=user,cpu.logical_number=7}"));
}

TEST(CpuMeter, only_the_wanted_cores_are_shown_and_the_machine_always) {
  test::World world;
  CpuMeter meter(world.vocabulary, 100, kUserAndIdle, {{}, {"1?"}});
  for (const int core : {-1, 1, 12}) meter.add(reading(core, 1, 1), world.samples);
  const auto values = world.values();
  EXPECT_TRUE(values.contains("system.cpu.time{cpu.mode=user}"));
  EXPECT_TRUE(values.contains("system.cpu.time{cpu.mode=user,cpu.logical_number=1}"));
  EXPECT_FALSE(values.contains("system.cpu.time{cpu.mode=user,cpu.logical_number=12}"));
}

TEST(CpuMeter, times_are_the_nearest_numbers_to_their_decimals) {
  test::World world;
  CpuMeter(world.vocabulary, 100, 1U << kUser).add(reading(-1, 3448, 0), world.samples);
  EXPECT_EQ(world.values().at("system.cpu.time{cpu.mode=user}"), 34.48);
}

TEST(CpuMeter, a_counter_that_steps_back_counts_as_no_time) {
  test::World world;
  CpuMeter meter(world.vocabulary, 100, kUserAndIdle);
  meter.add(reading(-1, 100, 100), world.samples);
  world.samples.begin(0);
  meter.add(reading(-1, 90, 110), world.samples);
  EXPECT_EQ(world.values().at("system.cpu.utilization{cpu.mode=user}"), 0);
  EXPECT_EQ(world.values().at("system.cpu.utilization{cpu.mode=idle}"), 1);
}

TEST(CpuMeter, two_readings_of_the_same_moment_have_no_shares) {
  test::World world;
  CpuMeter meter(world.vocabulary, 100, kUserAndIdle);
  meter.add(reading(-1, 1, 1), world.samples);
  world.samples.begin(0);
  meter.add(reading(-1, 1, 1), world.samples);
  EXPECT_EQ(world.values().size(), 2U);
}

// On the machine that runs the test, whichever it is.
TEST(CpuGroup, this_machine_has_cpus_whose_idle_time_is_known) {
  test::World world;
  const auto group = make_cpu({.per_core = true}, this_machine(), world.vocabulary);
  group->collect(0, world.samples);
  EXPECT_EQ(group->faults().message(), "");
  const auto values = world.values();
  EXPECT_GE(values.at("system.cpu.logical.count"), 1);
  EXPECT_GT(values.at("system.cpu.time{cpu.mode=idle}"), 0);
  EXPECT_TRUE(values.contains("system.cpu.time{cpu.mode=idle,cpu.logical_number=0}"));
}

}  // namespace
}  // namespace picket::perf_collector
