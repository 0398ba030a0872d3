// SPDX-License-Identifier: Apache-2.0
//
// The group `cgroups` over a folder that stands in for the unified hierarchy. Linux only.
#include "cgroups.hpp"

#include <dirent.h>
#include <gtest/gtest.h>

#include "cgroup_files.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using test::kSecond;

std::size_t descriptors_in_use() {
  std::size_t count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

struct Cgroups : ::testing::Test {
  test::Folder root;
  test::World world;
  std::unique_ptr<Group> group;
  std::int64_t now = 0;
  std::size_t kept = 1'000;

  Cgroups() {
    root.write("cgroup.controllers", "cpu io memory pids\n");
    unit("system.slice", 5);
    unit("system.slice/ssh.service", 1);
    unit("system.slice/web.service", 2);
    unit("user.slice", 3);
    unit("user.slice/user-0.slice", 4);
    unit("user.slice/user-0.slice/session-1.scope", 4);
  }
  // Its figures are multiples of `factor`.
  void unit(const std::string& path, int factor) const {
    const auto times = [factor](int number) { return std::to_string(number * factor); };
    root.write(path + "/cpu.stat", "usage_usec " + times(3'000'000) + "\nuser_usec " + times(1'000'000) +
                                       "\nsystem_usec " + times(2'000'000) + "\nnr_periods " + times(50) +
                                       "\nnr_throttled " + times(5) + "\nthrottled_usec " + times(500'000) + "\n");
    root.write(path + "/memory.current", times(1000) + "\n");
    root.write(path + "/memory.peak", times(2000) + "\n");
    root.write(path + "/memory.max", factor == 1 ? "9000\n" : "max\n");
    root.write(path + "/memory.swap.current", times(10) + "\n");
    root.write(path + "/memory.events", "low 0\nhigh 0\nmax 0\noom " + times(2) + "\noom_kill " + times(1) + "\n");
    root.write(path + "/io.stat", "8:0 rbytes=" + times(100) + " wbytes=" + times(200) + " rios=" + times(1) +
                                      " wios=" + times(2) + " dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2 rios=3 wios=4\n");
    root.write(path + "/pids.current", times(7) + "\n");
    for (const char* resource : {"cpu", "memory", "io"}) {
      root.write(path + "/" + resource + ".pressure",
                 "some avg10=0.00 avg60=0.00 avg300=0.00 total=" + times(1'500'000) +
                     "\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=" + times(500'000) + "\n");
    }
  }
  void make(const CgroupsSettings& settings) {
    Machine machine{"", 100, 4096, kept, [] { return 2; }};
    machine.cgroups = root.path();
    group = make_cgroups(settings, machine, world.vocabulary);
  }
  std::map<std::string, double> collect() {
    now += kSecond;
    world.samples.begin(now);
    group->collect(now, world.samples);
    return world.values();
  }
};

const std::string kSsh = "picket.cgroup.path=system.slice/ssh.service}";

TEST_F(Cgroups, every_figure_of_a_unit_is_shown) {
  make({{{"system.slice/ssh.service"}}});
  collect();
  root.replace("system.slice/ssh.service/cpu.stat", "user_usec 1000000", "user_usec 1500000");
  const auto values = collect();
  const std::map<std::string, double> expected{
      {"cgroup.count", 1},
      {"cgroup.cpu.time{cpu.mode=user," + kSsh, 1.5},
      {"cgroup.cpu.time{cpu.mode=system," + kSsh, 2},
      {"cgroup.cpu.utilization{" + kSsh, 0.25},
      {"cgroup.cpu.periods{" + kSsh, 50},
      {"cgroup.cpu.throttled.periods{" + kSsh, 5},
      {"cgroup.cpu.throttled.time{" + kSsh, 0.5},
      {"cgroup.memory.usage{" + kSsh, 1000},
      {"cgroup.memory.peak{" + kSsh, 2000},
      {"cgroup.memory.limit{" + kSsh, 9000},
      {"cgroup.memory.swap{" + kSsh, 10},
      {"cgroup.memory.events{picket.cgroup.event=oom," + kSsh, 2},
      {"cgroup.memory.events{picket.cgroup.event=oom_kill," + kSsh, 1},
      {"cgroup.io{disk.io.direction=read," + kSsh, 101},
      {"cgroup.io{disk.io.direction=write," + kSsh, 202},
      {"cgroup.io.operations{disk.io.direction=read," + kSsh, 4},
      {"cgroup.io.operations{disk.io.direction=write," + kSsh, 6},
      {"cgroup.task.count{" + kSsh, 7},
      {"cgroup.pressure.time{system.pressure.resource=cpu,system.pressure.kind=some," + kSsh, 1.5},
      {"cgroup.pressure.time{system.pressure.resource=cpu,system.pressure.kind=full," + kSsh, 0.5},
      {"cgroup.pressure.time{system.pressure.resource=memory,system.pressure.kind=some," + kSsh, 1.5},
      {"cgroup.pressure.time{system.pressure.resource=memory,system.pressure.kind=full," + kSsh, 0.5},
      {"cgroup.pressure.time{system.pressure.resource=io,system.pressure.kind=some," + kSsh, 1.5},
      {"cgroup.pressure.time{system.pressure.resource=io,system.pressure.kind=full," + kSsh, 0.5}};
  EXPECT_EQ(values, expected);
  EXPECT_EQ(group->faults().message(), "");
}

std::set<std::string> shown(const std::map<std::string, double>& values) {
  const std::string key = "cgroup.memory.usage{picket.cgroup.path=";
  std::set<std::string> paths;
  for (const auto& [name, value] : values) {
    if (name.starts_with(key)) paths.insert(name.substr(key.size(), name.size() - key.size() - 1));
  }
  return paths;
}

TEST_F(Cgroups, depth_include_and_exclude_choose) {
  using Paths = std::set<std::string>;
  make({});
  EXPECT_EQ(shown(collect()), (Paths{"system.slice", "system.slice/ssh.service", "system.slice/web.service",
                                     "user.slice", "user.slice/user-0.slice"}));
  make({{}, 1});
  EXPECT_EQ(shown(collect()), (Paths{"system.slice", "user.slice"}));
  make({{{"*.service", "*.scope"}, {"*/web*"}}, 3});
  EXPECT_EQ(shown(collect()), (Paths{"system.slice/ssh.service", "user.slice/user-0.slice/session-1.scope"}));
}

TEST_F(Cgroups, units_come_and_go_and_one_that_is_made_anew_is_another) {
  make({{{"*.service"}}});
  collect();
  root.remove("system.slice/web.service");
  unit("system.slice/db.service", 6);
  EXPECT_EQ(shown(collect()), (std::set<std::string>{"system.slice/db.service", "system.slice/ssh.service"}));
  root.replace("system.slice/ssh.service/cpu.stat", "user_usec 1000000", "user_usec 5");
  const auto values = collect();
  EXPECT_DOUBLE_EQ(values.at("cgroup.cpu.time{cpu.mode=user," + kSsh), 5e-6);
  EXPECT_FALSE(values.contains("cgroup.cpu.utilization{" + kSsh));
  EXPECT_TRUE(collect().contains("cgroup.cpu.utilization{" + kSsh));
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(Cgroups, beyond_the_limit_those_that_are_known_stay_and_the_refusal_is_told_and_counted) {
  make({{}, 2, 2});
  const auto first = shown(collect());
  EXPECT_EQ(first.size(), 2U);
  unit("another.slice", 1);
  EXPECT_EQ(shown(collect()), first);
  EXPECT_TRUE(group->faults().message().starts_with("groups.cgroups.limit: as many control groups as it allows"));
  EXPECT_EQ(group->faults().take_count(), 2U);
  for (const char* path : {"system.slice", "another.slice"}) root.remove(path);
  EXPECT_EQ(shown(collect()), (std::set<std::string>{"user.slice", "user.slice/user-0.slice"}));
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(Cgroups, a_controller_that_is_off_is_no_fault) {
  root.remove("system.slice/ssh.service/memory.current");
  root.remove("system.slice/ssh.service/io.pressure");
  make({{{"system.slice/ssh.service"}}});
  const auto values = collect();
  EXPECT_FALSE(values.contains("cgroup.memory.usage{" + kSsh));
  EXPECT_TRUE(values.contains("cgroup.memory.peak{" + kSsh));
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(Cgroups, a_controller_that_is_switched_on_is_found_within_61_readings) {
  root.remove("system.slice/ssh.service/memory.current");
  make({{{"system.slice/ssh.service"}}});
  collect();
  root.write("system.slice/ssh.service/memory.current", "5\n");
  int readings = 0;
  while (readings < 70 && !collect().contains("cgroup.memory.usage{" + kSsh)) ++readings;
  EXPECT_EQ(readings, 60);
}

TEST_F(Cgroups, a_malformed_file_is_told_with_its_place_and_the_rest_is_shown) {
  root.write("system.slice/ssh.service/pids.current", "many\n");
  make({{{"system.slice/*"}}});
  const auto values = collect();
  EXPECT_FALSE(values.contains("cgroup.task.count{" + kSsh));
  EXPECT_TRUE(values.contains("cgroup.memory.usage{" + kSsh));
  EXPECT_EQ(group->faults().message(),
            "groups.cgroups: a file: system.slice/ssh.service/pids.current: its text is malformed");
}

TEST_F(Cgroups, version_1_is_told_once_and_recovers) {
  root.remove("cgroup.controllers");
  make({});
  EXPECT_TRUE(collect().empty());
  EXPECT_NE(group->faults().message().find("systemd.unified_cgroup_hierarchy=1"), std::string::npos);
  root.write("cgroup.controllers", "cpu\n");
  EXPECT_FALSE(collect().empty());
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(Cgroups, no_more_descriptors_stay_open_than_may_and_none_at_the_end) {
  const std::size_t before = descriptors_in_use();
  kept = 20;  // half of them for control groups
  make({});
  const auto first = collect();
  EXPECT_EQ(descriptors_in_use(), before + 1 + 10);  // and the root
  root.remove("user.slice");
  root.remove("system.slice");
  collect();
  EXPECT_EQ(descriptors_in_use(), before + 1);
  group.reset();
  EXPECT_EQ(descriptors_in_use(), before);
}

TEST(CgroupFiles, malformed_texts_are_refused) {
  const auto parses = [](std::string_view name, std::string_view text) {
    CgroupFigures figures{};
    for (const CgroupFile& file : kCgroupFiles) {
      if (name == file.name) return file.parse(text, figures);
    }
    ADD_FAILURE() << name;
    return false;
  };
  EXPECT_FALSE(parses("cpu.stat", ""));
  EXPECT_FALSE(parses("cpu.stat", "user_usec x\nsystem_usec 1\n"));
  EXPECT_FALSE(parses("memory.current", "-5\n"));
  EXPECT_FALSE(parses("io.stat", "8:0 rbytes=x\n"));
  EXPECT_TRUE(parses("io.stat", ""));
  EXPECT_FALSE(parses("cpu.pressure", ""));
  EXPECT_FALSE(parses("cpu.pressure", "some avg10=0.00\n"));
  EXPECT_TRUE(parses("memory.max", "max\n"));
}

}  // namespace
}  // namespace picket::perf_collector
