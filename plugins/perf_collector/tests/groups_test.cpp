// SPDX-License-Identifier: Apache-2.0
//
// Which groups run when, what a reload keeps, and that the README lists every metric as it is registered.
#include "groups.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "hwmon.hpp"
#include "kernel.hpp"
#include "load.hpp"
#include "memory.hpp"
#include "network.hpp"
#include "paging.hpp"
#include "pressure.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using test::kSecond;

struct GroupsTest : ::testing::Test {
  test::World world;

  static Settings settings(std::int64_t memory_every) {
    Settings settings;
    settings.interval_ns = kSecond;
    settings.cpu = {kSecond, {}};
    settings.memory = {memory_every, {}};
    return settings;
  }
  bool has(const std::string& metric) {
    for (const auto& [key, value] : world.values()) {
      if (key.starts_with(metric)) return true;
    }
    return false;
  }
  void collect(Groups& groups, std::int64_t due_ns) {
    world.samples.begin(due_ns);
    groups.collect_due(due_ns, due_ns, world.samples);
  }
};

TEST_F(GroupsTest, a_group_runs_once_in_each_of_its_periods) {
  Groups groups(settings(10 * kSecond), this_machine(), world.vocabulary);
  collect(groups, 20 * kSecond);
  EXPECT_TRUE(has("system.memory.limit"));
  collect(groups, 21 * kSecond);
  EXPECT_FALSE(has("system.memory.limit"));
  EXPECT_TRUE(has("system.cpu.time"));
  collect(groups, 30 * kSecond);
  EXPECT_TRUE(has("system.memory.limit"));
}

TEST_F(GroupsTest, a_group_whose_tick_was_missed_runs_at_the_next_one) {
  Groups groups(settings(10 * kSecond), this_machine(), world.vocabulary);
  collect(groups, 29 * kSecond);
  collect(groups, 33 * kSecond);  // 30, 31 and 32 were missed
  EXPECT_TRUE(has("system.memory.limit"));
}

TEST_F(GroupsTest, a_group_does_not_fall_silent_when_the_clock_is_set_back) {
  Groups groups(settings(10 * kSecond), this_machine(), world.vocabulary);
  collect(groups, 1000 * kSecond);
  collect(groups, 500 * kSecond);
  EXPECT_TRUE(has("system.memory.limit"));
}

TEST_F(GroupsTest, an_adopted_group_keeps_its_differences_and_a_changed_one_is_primed) {
  Groups old(settings(kSecond), this_machine(), world.vocabulary);
  collect(old, kSecond);
  Settings changed = settings(kSecond);
  changed.processes = {kSecond, {}};
  Groups next(changed, this_machine(), world.vocabulary);
  next.adopt(old);
  collect(old, 2 * kSecond);
  EXPECT_EQ(world.samples.event_count(), 0U) << "the groups moved";
  collect(next, kSecond);
  EXPECT_TRUE(has("system.process.count"));
  EXPECT_FALSE(has("system.cpu.time")) << "an adopted group runs once a period, too";
}

// "| `name` | unit | instrument | decimals |" of the README, for every metric of this code.
TEST(Readme, lists_every_metric_with_its_unit_instrument_and_decimals) {
  std::ifstream file(PERF_COLLECTOR_README, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty());
  for (const Metric& metric : {kCpuTime,
                               kCpuUtilization,
                               kCpuCount,
                               kLoad1,
                               kLoad5,
                               kLoad15,
                               kMemoryUsage,
                               kMemoryUtilization,
                               kMemoryLimit,
                               kMemoryShared,
                               kMemoryAvailable,
                               kMemorySlab,
                               kProcessesByState,
                               kProcessCpuTime,
                               kProcessCpuUtilization,
                               kProcessMemory,
                               kProcessVirtual,
                               kProcessThreads,
                               kProcessCount,
                               kPagingUsage,
                               kPagingUtilization,
                               kPagingFaults,
                               kPagingOperations,
                               kPagingIo,
                               kOomKills,
                               kDiskIo,
                               kDiskOperations,
                               kDiskOperationTime,
                               kDiskMerged,
                               kDiskIoTime,
                               kDiskWeightedTime,
                               kDiskPending,
                               kFilesystemUsage,
                               kFilesystemUtilization,
                               kFilesystemLimit,
                               kFilesystemInodes,
                               kNetworkIo,
                               kNetworkPackets,
                               kNetworkErrors,
                               kNetworkDropped,
                               kConnections,
                               kSockets,
                               kTcpActive,
                               kTcpPassive,
                               kTcpFailed,
                               kTcpResets,
                               kTcpSegments,
                               kTcpRetransmits,
                               kTcpErrors,
                               kTcpTimeouts,
                               kTcpListenOverflows,
                               kTcpListenDrops,
                               kTcpOrphans,
                               kTcpMemory,
                               kUdpDatagrams,
                               kUdpErrors,
                               kUdpNoPort,
                               kUdpBufferErrors,
                               kPressureTime,
                               kPressure10,
                               kPressure60,
                               kPressure300,
                               kUptime,
                               kBootTime,
                               kContextSwitches,
                               kInterrupts,
                               kSoftInterrupts,
                               kProcessesCreated,
                               kEntropy,
                               kFileHandles,
                               kFileHandlesLimit,
                               kThreads,
                               kThreadsLimit,
                               kPidLimit,
                               kTemperature,
                               kFanSpeed,
                               kVoltage,
                               kCurrent,
                               kPower,
                               kEnergy,
                               kProcessInterval,
                               kProcessShared,
                               kProcessPss,
                               kProcessFiles,
                               kProcessIo,
                               kProcessIoCalls,
                               kProcessSwitches,
                               kProcessFaults,
                               kProcessUptime,
                               kCgroupCpuTime,
                               kCgroupCpuUtilization,
                               kCgroupThrottledTime,
                               kCgroupPeriods,
                               kCgroupThrottled,
                               kCgroupMemory,
                               kCgroupMemoryPeak,
                               kCgroupMemoryLimit,
                               kCgroupSwap,
                               kCgroupMemoryEvents,
                               kCgroupIo,
                               kCgroupIoOperations,
                               kCgroupTasks,
                               kCgroupPressure,
                               kCgroupCount}) {
    constexpr const char* kInstruments[] = {"gauge", "counter", "updowncounter"};
    const std::string row = "`" + std::string(metric.name) + "` | `" + std::string(metric.unit) + "` | " +
                            kInstruments[metric.instrument] + " | " + std::to_string(metric.decimals) + " |";
    EXPECT_NE(text.str().find(row), std::string::npos) << row;
  }
  EXPECT_NE(text.str().find(kConventions), std::string::npos);
}

}  // namespace
}  // namespace picket::perf_collector
