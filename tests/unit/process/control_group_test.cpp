// SPDX-License-Identifier: Apache-2.0
//
// Control groups on a plain directory with the files of one.
#include "process/control_group_linux.hpp"

#include <gtest/gtest.h>

#include "picket/ext/process.h"
#include "temporary_folder.hpp"

namespace picket::process {
namespace {

// What the kernel would put into a new group.
void make_group_files(const std::string& path) {
  std::filesystem::create_directories(path);
  for (const char* name : {"cgroup.procs", "cgroup.kill", "cgroup.subtree_control", "memory.max", "memory.high",
                           "memory.swap.max", "cpu.max", "cpu.weight", "pids.max"}) {
    write_content(path + "/" + name, "");
  }
}

TEST(ControlGroups, none_are_used_when_they_are_switched_off) {
  const ControlGroups groups = ControlGroups::find("none", "x");
  EXPECT_FALSE(groups.usable());
  EXPECT_EQ(groups.ability(), 0U);
  EXPECT_FALSE(groups.shortcoming().empty());
}

TEST(ControlGroups, a_plain_directory_is_none_and_stays_as_it_was) {
  const TemporaryFolder folder;
  EXPECT_FALSE(ControlGroups::find(folder.path(), "x").usable());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_FALSE(ControlGroups::find("/nowhere", "x").usable());
}

TEST(ControlGroups, what_can_be_limited_is_what_can_be_handed_on) {
  const TemporaryFolder folder;
  make_group_files(folder.path());
  make_group_files(folder.file("picket.x"));
  const ControlGroups groups = ControlGroups::find(folder.path(), "x");
  ASSERT_TRUE(groups.usable());
  EXPECT_EQ(groups.ability(),
            PICKET_ABLE_CGROUP | PICKET_ABLE_MEMORY | PICKET_ABLE_CPU | PICKET_ABLE_TASKS | PICKET_ABLE_TREE_KILL);
  EXPECT_EQ(groups.shortcoming(), "");
  EXPECT_EQ(groups.path_of(7), folder.file("picket.x/7"));
}

TEST(ControlGroups, limits_are_written_in_the_kernels_units) {
  const TemporaryFolder folder;
  make_group_files(folder.path());
  EXPECT_FALSE(set_group_limits(folder.path(), {1 << 20, 0, 0, 1'500, 50, 9}, false));
  EXPECT_EQ(content_of(folder.file("memory.max")), "1048576");
  EXPECT_EQ(content_of(folder.file("memory.high")), "");
  EXPECT_EQ(content_of(folder.file("memory.swap.max")), "0");
  EXPECT_EQ(content_of(folder.file("cpu.max")), "150000 100000");
  EXPECT_EQ(content_of(folder.file("cpu.weight")), "50");
  EXPECT_EQ(content_of(folder.file("pids.max")), "9");
}

TEST(ControlGroups, a_limit_that_goes_is_lifted) {
  const TemporaryFolder folder;
  make_group_files(folder.path());
  EXPECT_FALSE(set_group_limits(folder.path(), {}, true));
  EXPECT_EQ(content_of(folder.file("memory.max")), "max");
  EXPECT_EQ(content_of(folder.file("cpu.max")), "max 100000");
}

TEST(ControlGroups, a_limit_without_its_controller_is_named) {
  const TemporaryFolder folder;
  const auto failed = set_group_limits(folder.path(), {0, 0, -1, 0, 0, 9}, false);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->file, "pids.max");
  EXPECT_EQ(failed->error, ENOENT);
}

TEST(ControlGroups, members_of_groups_below_count) {
  const TemporaryFolder folder;
  write_content(folder.file("cgroup.procs"), "12\n13\n");
  std::filesystem::create_directories(folder.file("below/deeper"));
  write_content(folder.file("below/deeper/cgroup.procs"), "14\n");
  EXPECT_EQ(group_members(folder.path()), (std::vector<pid_t>{12, 13, 14}));
}

TEST(ControlGroups, usage_is_read_from_its_files) {
  const TemporaryFolder folder;
  write_content(folder.file("cpu.stat"), "usage_usec 30\nuser_usec 10\nsystem_usec 20\n");
  write_content(folder.file("memory.current"), "4096\n");
  write_content(folder.file("memory.events"), "low 0\noom 2\noom_kill 1\n");
  write_content(folder.file("io.stat"), "8:0 rbytes=100 wbytes=7 rios=1\n8:16 rbytes=1 wbytes=2\n");
  const GroupUsage usage = group_usage(folder.path());
  EXPECT_EQ(usage.user_ns, 10'000);
  EXPECT_EQ(usage.system_ns, 20'000);
  EXPECT_EQ(usage.memory, 4096);
  EXPECT_EQ(usage.peak_memory, -1);
  EXPECT_EQ(usage.oom_kills, 1);
  EXPECT_EQ(usage.read_bytes, 101);
  EXPECT_EQ(usage.written_bytes, 9);
}

TEST(ControlGroups, emptiness_is_what_the_kernel_says) {
  EXPECT_EQ(parse_populated("populated 1\nfrozen 0\n"), true);
  EXPECT_EQ(parse_populated("populated 0\nfrozen 0\n"), false);
  EXPECT_EQ(parse_populated(""), std::nullopt);
}

}  // namespace
}  // namespace picket::process
