// SPDX-License-Identifier: Apache-2.0
//
// The host groups on the machine that runs the test, whichever it is and whatever system it has.
#include <gtest/gtest.h>

#include "absent_group.hpp"
#include "disks.hpp"
#include "filesystems.hpp"
#include "hwmon.hpp"
#include "kernel.hpp"
#include "network.hpp"
#include "paging.hpp"
#include "pressure.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using Values = std::map<std::string, double>;

struct HostGroupsHere : ::testing::Test {
  test::World world;
  Machine here = this_machine();
  std::string fault;

  Values collect(const std::unique_ptr<Group>& group) {
    world.samples.begin(1);
    group->collect(test::kSecond, world.samples);
    fault = group->faults().message();
    return world.values();
  }
  // How many values there are of `metric`; each of them is at least 0 and comes once.
  static std::size_t count(const Values& values, const std::string& metric) {
    std::size_t found = 0;
    for (const auto& [key, value] : values) {
      if (key != metric && !key.starts_with(metric + "{")) continue;
      ++found;
      EXPECT_GE(value, 0) << key;
      EXPECT_FALSE(key.ends_with("(twice)")) << key;
    }
    return found;
  }
};

TEST_F(HostGroupsHere, paging_counts_faults) {
  const auto values = collect(make_paging({}, here, world.vocabulary));
  EXPECT_EQ(count(values, "system.paging.faults"), 2U) << fault;
  EXPECT_EQ(count(values, "system.paging.operations"), 2U) << fault;
  EXPECT_EQ(count(values, "system.paging.usage") % 2, 0U);
}

TEST_F(HostGroupsHere, kernel_has_run_for_some_time_and_switched) {
  const auto values = collect(make_kernel(here, world.vocabulary));
  ASSERT_TRUE(values.contains("system.uptime")) << fault;
  EXPECT_GT(values.at("system.uptime"), 0);
  EXPECT_EQ(count(values, "system.kernel.context_switches"), 1U) << fault;
  EXPECT_GT(values.at("system.kernel.threads.usage"), 0);
}

TEST_F(HostGroupsHere, network_has_an_interface_and_counters_of_tcp) {
  const auto values = collect(make_network({}, here, world.vocabulary));
  EXPECT_GE(count(values, "system.network.io"), 2U) << fault;
  EXPECT_EQ(count(values, "system.network.io"), count(values, "system.network.dropped"));
  EXPECT_EQ(count(values, "system.network.tcp.segments"), 2U) << fault;
  EXPECT_EQ(fault, "");
}

TEST_F(HostGroupsHere, filesystems_has_one_with_room_whose_states_are_shares_of_it) {
  const FilesystemsSettings settings{{}, {{}, default_excluded_types()}};
  const auto values = collect(make_filesystems(settings, here, world.vocabulary));
  EXPECT_GE(count(values, "system.filesystem.limit"), 1U) << fault;
  EXPECT_EQ(count(values, "system.filesystem.usage"), 3 * count(values, "system.filesystem.limit"));
  for (const auto& [key, value] : values) {
    if (key.starts_with("system.filesystem.utilization")) {
      EXPECT_LE(value, 1) << key;
    }
  }
}

TEST_F(HostGroupsHere, disks_has_both_directions_of_each) {
  const auto values = collect(make_disks({}, here, world.vocabulary));
  EXPECT_EQ(fault, "");
  EXPECT_EQ(count(values, "system.disk.io"), 2 * count(values, "system.disk.io_time"));
}

TEST_F(HostGroupsHere, what_this_system_cannot_have_is_a_fault_when_it_is_asked_for) {
  EXPECT_EQ(has_pressure(), has_hwmon()) << "both are Linux's";
  collect(make_pressure({}, !has_pressure(), here, world.vocabulary));
  EXPECT_EQ(fault.empty(), has_pressure()) << fault;
  collect(make_hwmon({}, !has_hwmon(), here, world.vocabulary));
  EXPECT_EQ(fault.find("remove the group") == std::string::npos, has_hwmon()) << fault;
}

TEST_F(HostGroupsHere, an_absent_group_says_so_at_every_reading_and_has_no_values) {
  const auto group = std::make_unique<AbsentGroup>("groups.x", "there is none; remove the group `x`");
  EXPECT_TRUE(collect(std::unique_ptr<Group>(std::make_unique<AbsentGroup>("groups.x", "none"))).empty());
  EXPECT_EQ(fault, "groups.x: none");
  group->collect(1, world.samples);
  group->collect(2, world.samples);
  EXPECT_EQ(group->faults().take_count(), 2U);
}

}  // namespace
}  // namespace picket::perf_collector
