// SPDX-License-Identifier: Apache-2.0
//
// Which mounts are asked for their room, and what is told of them. Linux only.
#include "filesystems.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "mount_table.hpp"
#include "proc_file.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using Values = std::map<std::string, double>;

FilesystemsSettings defaults() {
  return {{{}, {std::begin(kMountPointsExcluded), std::end(kMountPointsExcluded)}}, {{}, default_excluded_types()}};
}

// The mount points of `text` that the settings choose.
std::vector<std::string> chosen(const std::string& text, const FilesystemsSettings& settings = defaults()) {
  std::size_t malformed = 0;
  std::vector<std::string> points;
  for (const Mount& mount : choose_mounts(parse_mounts(text, malformed), settings)) points.push_back(mount.mount_point);
  EXPECT_EQ(malformed, 0U);
  return points;
}
using Points = std::vector<std::string>;

constexpr const char* kRoot = "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n";

TEST(MountTable, knows_every_field_whatever_optional_ones_there_are) {
  std::size_t malformed = 0;
  const auto mounts = parse_mounts(
      "36 27 98:0 /sub /mnt/a\\040b ro,noatime master:1 propagate_from:2 - xfs /dev/mapper/x\\134y rw\n"
      "37 27 98:1 / /c rw - tmpfs none ro,size=4k\n"
      "38 27 98:2 / /d rw ext4 /dev/x rw\n"
      "nonsense\n",
      malformed);
  EXPECT_EQ(malformed, 2U);
  ASSERT_EQ(mounts.size(), 2U);
  EXPECT_EQ(mounts[0].id, 36);
  EXPECT_EQ(mounts[0].parent, 27);
  EXPECT_EQ(mounts[0].number, "98:0");
  EXPECT_EQ(mounts[0].mount_point, "/mnt/a b");
  EXPECT_EQ(mounts[0].type, "xfs");
  EXPECT_EQ(mounts[0].device, "/dev/mapper/x\\y");
  EXPECT_TRUE(mounts[0].read_only);
  EXPECT_TRUE(mounts[1].read_only) << "of the filesystem, not of the mount";
}

TEST(MountTable, leaves_out_pseudo_and_network_filesystems_by_default) {
  const std::string text = std::string(kRoot) +
                           "30 27 0:21 / /proc rw - proc proc rw\n"
                           "31 27 0:30 / /srv/far rw - nfs4 host:/x rw\n"
                           "32 27 0:31 / /home/u/cloud rw - fuse.sshfs host: rw\n"
                           "33 27 0:32 / /run rw - tmpfs tmpfs rw\n"
                           "34 27 0:33 / /var/lib/docker/overlay2/1/merged rw - overlay overlay rw\n";
  EXPECT_EQ(chosen(text), (Points{"/", "/run"}));
  FilesystemsSettings settings = defaults();
  settings.types = {{"nfs*"}, {}};
  EXPECT_EQ(chosen(text, settings), Points{"/srv/far"});
}

TEST(MountTable, shows_each_filesystem_once) {
  EXPECT_EQ(chosen(std::string(kRoot) + "30 27 254:0 /home /srv/bind rw - ext4 /dev/vda rw\n"), Points{"/"});
  FilesystemsSettings settings = defaults();
  settings.mount_points.include = {"/srv/*"};
  EXPECT_EQ(chosen(std::string(kRoot) + "30 27 254:0 /home /srv/bind rw - ext4 /dev/vda rw\n", settings),
            Points{"/srv/bind"});
}

TEST(MountTable, of_two_mounts_at_one_place_takes_the_upper_one) {
  const std::string text = std::string(kRoot) +
                           "30 27 0:30 / /data rw - ext4 /dev/vdb rw\n"
                           "31 30 0:31 / /data rw - xfs /dev/vdc rw\n";
  std::size_t malformed = 0;
  const auto mounts = choose_mounts(parse_mounts(text, malformed), defaults());
  ASSERT_EQ(mounts.size(), 2U);
  EXPECT_EQ(mounts[1].device, "/dev/vdc");
}

TEST(MountTable, a_mount_below_another_one_that_came_later_is_hidden) {
  // Asking for /data/in would ask the NFS server that lies over it.
  EXPECT_EQ(chosen(std::string(kRoot) + "30 27 0:30 / /data/in rw - ext4 /dev/vdb rw\n"
                                        "31 27 0:31 / /data rw - nfs host:/x rw\n"
                                        "32 27 0:32 / /database rw - ext4 /dev/vdd rw\n"),
            (Points{"/", "/database"}));
}

TEST(MountTable, a_path_through_a_network_filesystem_is_not_gone_unless_that_is_wanted) {
  const std::string text = std::string(kRoot) +
                           "30 27 0:30 / /far rw - nfs host:/x rw\n"
                           "31 30 0:31 / /far/scratch rw - tmpfs tmpfs rw\n";
  EXPECT_EQ(chosen(text), Points{"/"});
  FilesystemsSettings settings = defaults();
  settings.types = {};
  EXPECT_EQ(chosen(text, settings), (Points{"/", "/far", "/far/scratch"}));
}

TEST(MountTable, mounts_that_name_each_other_as_parents_end_the_search) {
  EXPECT_EQ(chosen("1 2 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / / rw - ext4 /dev/b rw\n").size(), 2U);
}

TEST(FilesystemMeter, states_add_up_to_the_limit) {
  test::World world;
  FilesystemMeter(world.vocabulary).add({"/dev/a", "/", "ext4", false}, {1000, 300, 250, 10, 4}, world.samples);
  const std::string names =
      "{system.device=/dev/a,system.filesystem.mountpoint=/,system.filesystem.type=ext4,system.filesystem.mode=rw";
  const std::string state = names + ",system.filesystem.state=";
  const Values expected{{"system.filesystem.usage" + state + "used}", 700},
                        {"system.filesystem.usage" + state + "free}", 250},
                        {"system.filesystem.usage" + state + "reserved}", 50},
                        {"system.filesystem.utilization" + state + "used}", 0.7},
                        {"system.filesystem.utilization" + state + "free}", 0.25},
                        {"system.filesystem.utilization" + state + "reserved}", 0.05},
                        {"system.filesystem.limit" + names + "}", 1000},
                        {"system.filesystem.inodes.usage" + state + "used}", 6},
                        {"system.filesystem.inodes.usage" + state + "free}", 4}};
  EXPECT_EQ(world.values(), expected);
}

TEST(FilesystemMeter, a_filesystem_without_inodes_or_room_has_no_rows_of_them) {
  test::World world;
  FilesystemMeter(world.vocabulary).add({"none", "/e", "x", true}, {}, world.samples);
  EXPECT_EQ(world.values().size(), 3U + 1);
}

struct FilesystemsGroupTest : ::testing::Test {
  test::FixtureProc proc;
  test::World world;

  void mount_at(const std::string& folder) {
    proc.write("self/mountinfo", "27 1 254:0 / " + folder + " rw - ext4 /dev/vda rw\n");
  }
  Values collect(Group& group) {
    world.samples.begin(1);
    group.collect(1, world.samples);
    return world.values();
  }
};

TEST_F(FilesystemsGroupTest, asks_each_mount_and_follows_the_list_when_it_changes) {
  const auto group = make_filesystems(defaults(), proc.machine(), world.vocabulary);
  const std::string names =
      "{system.device=/dev/vda,system.filesystem.mountpoint=/,system.filesystem.type=ext4,system.filesystem.mode=rw}";
  EXPECT_GT(collect(*group).at("system.filesystem.limit" + names), 0);
  mount_at(proc.path());
  const auto values = collect(*group);
  EXPECT_FALSE(values.contains("system.filesystem.limit" + names));
  EXPECT_FALSE(values.empty());
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(FilesystemsGroupTest, a_mount_that_cannot_be_asked_is_a_fault_until_it_can) {
  mount_at(proc.path("later"));
  const auto group = make_filesystems(defaults(), proc.machine(), world.vocabulary);
  EXPECT_TRUE(collect(*group).empty());
  EXPECT_EQ(group->faults().message(), "statvfs: " + proc.path("later") + ": No such file or directory");
  proc.write("later/x", "");
  EXPECT_FALSE(collect(*group).empty());
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(FilesystemsGroupTest, a_malformed_line_is_told_and_the_others_are_read) {
  proc.write("self/mountinfo", proc.read("self/mountinfo") + "x y z\n");
  const auto group = make_filesystems(defaults(), proc.machine(), world.vocabulary);
  EXPECT_FALSE(collect(*group).empty());
  EXPECT_EQ(group->faults().message(), proc.path("self/mountinfo") + ": mounts: a line is malformed");
  proc.remove("self/mountinfo");
  proc.write("self/mountinfo/is_a_folder_now", "");
  EXPECT_FALSE(collect(*group).empty()) << "the file that was open is still there";
}

TEST(ProcFile, of_the_kernel_tells_when_mounts_change_and_any_other_is_always_new) {
  ProcFile mounts("/proc/self/mountinfo");
  EXPECT_TRUE(mounts.changed());
  ASSERT_TRUE(mounts.read());
  // Mounts of the machine may change while this runs, but not for ever.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  bool quiet = false;
  while (!quiet && std::chrono::steady_clock::now() < deadline) quiet = !mounts.changed();
  EXPECT_TRUE(quiet);
  const test::Folder folder;
  folder.write("file", "text");
  ProcFile file(folder.path("file"));
  EXPECT_TRUE(file.read());
  EXPECT_TRUE(file.changed());
  EXPECT_TRUE(file.changed());
}

TEST_F(FilesystemsGroupTest, of_this_machine_are_read_without_a_fault) {
  const auto group = make_filesystems(defaults(), this_machine(), world.vocabulary);
  collect(*group);
  collect(*group);
  EXPECT_EQ(group->faults().message().find("mountinfo"), std::string::npos) << group->faults().message();
}

}  // namespace
}  // namespace picket::perf_collector
