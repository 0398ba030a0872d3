// SPDX-License-Identifier: Apache-2.0
//
// Details of processes: the parsers of their files, what is read of whom, sums that never fall, refusals, and the
// criteria `cgroup`, `unit` and the path of the program.
#include <gtest/gtest.h>

#include "process_script.hpp"
#include "processes.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using test::kSecond;

constexpr DetailSet kAll = (1U << kProcessDetails) - 1;

TEST(ProcessFiles, io_is_parsed) {
  ProcessStat stat;
  ASSERT_TRUE(
      parse_process_io("rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n"
                       "cancelled_write_bytes: 7\n",
                       stat));
  EXPECT_EQ(stat.counters[kReadCalls], 3U);
  EXPECT_EQ(stat.counters[kWriteCalls], 4U);
  EXPECT_EQ(stat.counters[kReadBytes], 5U);
  EXPECT_EQ(stat.counters[kWrittenBytes], 6U);
  EXPECT_EQ(stat.have, detail_bit(kDetailIo));
}

TEST(ProcessFiles, the_other_files_are_parsed) {
  ProcessStat stat;
  ASSERT_TRUE(parse_process_statm("100 20 7 1 0 9 0\n", 4096, stat));
  EXPECT_EQ(stat.gauges[kSharedBytes], 7 * 4096);
  ASSERT_TRUE(
      parse_process_status("Name:\tvoluntary_ctxt_switches:\t9\nGroups:\t\nvoluntary_ctxt_switches:\t150\n"
                           "nonvoluntary_ctxt_switches:\t545\n",
                           stat));
  EXPECT_EQ(stat.counters[kVoluntarySwitches], 150U);
  EXPECT_EQ(stat.counters[kInvoluntarySwitches], 545U);
  ASSERT_TRUE(
      parse_smaps_rollup("55a0-7ffd ---p 00000000 00:00 0    [rollup]\nRss:    884 kB\nPss:    385 kB\n"
                         "Pss_Anon:  100 kB\n",
                         stat));
  EXPECT_EQ(stat.gauges[kProportionalBytes], 385 * 1024);
  EXPECT_EQ(stat.have, detail_bit(kDetailShared) | detail_bit(kDetailSwitches) | detail_bit(kDetailPss));
}

TEST(ProcessFiles, what_is_malformed_is_refused) {
  ProcessStat stat;
  EXPECT_FALSE(parse_process_io("", stat));
  EXPECT_FALSE(parse_process_io("syscr: 3\nsyscw: x\nread_bytes: 5\nwrite_bytes: 6\n", stat));
  EXPECT_FALSE(parse_process_io("syscr: 3\nsyscw: 4\nread_bytes: 5\n", stat));
  EXPECT_FALSE(parse_process_statm("100 20", 4096, stat));
  EXPECT_FALSE(parse_process_status("voluntary_ctxt_switches:\t150\n", stat));
  EXPECT_FALSE(parse_smaps_rollup("Rss: 884 kB\nPss:\n", stat));
  EXPECT_EQ(stat.have, 0);
}

TEST(ProcessFiles, the_control_group_is_that_of_the_unified_hierarchy_or_of_systemd) {
  EXPECT_EQ(parse_process_cgroup("0::/system.slice/ssh.service\n"), "/system.slice/ssh.service");
  EXPECT_EQ(parse_process_cgroup("9:name=systemd:/a.slice\n4:memory:/b\n0::/\n"), "/a.slice");
  EXPECT_EQ(parse_process_cgroup("4:memory:/b\n0::/\n"), "/");
  EXPECT_EQ(parse_process_cgroup("0::/odd:name\n"), "/odd:name");
  EXPECT_EQ(parse_process_cgroup("nonsense"), "");
  EXPECT_EQ(parse_process_cgroup(""), "");
}

TEST(ProcessFiles, executing_another_program_changes_the_image) {
  const auto image = [](const std::string& flags, const std::string& code) {
    ProcessStat stat;
    EXPECT_TRUE(parse_process_stat(
        "1 (a) S 1 2 3 4 5 " + flags + " 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 " + code + " 5 6", 1, stat));
    return stat.image;
  };
  EXPECT_EQ(image("64", "1000"), image("64", "1000"));
  EXPECT_NE(image("64", "1000"), image("0", "1000"));  // forked, then executed
  EXPECT_NE(image("0", "1000"), image("0", "2000"));
  EXPECT_EQ(image("0", "1000"), image("256", "1000"));
}

struct Details : ::testing::Test {
  test::World world;
  test::Script script;
  std::unique_ptr<Group> group;
  std::int64_t now = 0;
  int warnings = 0;

  void make(const ProcessesSettings& settings) {
    const Machine machine{"", 100, 4096, 0, [] { return 2; }};
    group = make_processes(settings, machine, world.vocabulary,
                           [this](Faults& faults) { return std::make_unique<test::ScriptedSource>(script, faults); });
  }
  static MatchSettings match(const std::string& name, DetailSet details) {
    MatchSettings match{name, name, "", "", ""};
    match.details = details;
    return match;
  }
  std::map<std::string, double> collect() {
    now += kSecond;
    world.samples.begin(now);
    group->collect(now, world.samples);
    group->faults().tell_changes([this](bool failing, const std::string&) { warnings += failing ? 1 : 0; });
    return world.values();
  }
};

TEST_F(Details, every_detail_of_a_match_is_shown) {
  ProcessStat& stat = script.add(1, 40, "web");
  make({{match("web", kAll)}});
  collect();
  for (std::size_t i = 0; i < kProcessCounters; ++i) stat.counters[i] += 100 + i;
  for (std::size_t i = 0; i < kProcessGauges; ++i) stat.gauges[i] = static_cast<std::int64_t>(1000 + i);
  const auto values = collect();
  const std::string web = "picket.process.match=web}";
  const std::map<std::string, double> expected{
      {"process.thread.count{" + web, 1000 + kThreadCount},
      {"process.paging.faults{process.paging.fault_type=minor," + web, 100 + kMinorFaults},
      {"process.paging.faults{process.paging.fault_type=major," + web, 100 + kMajorFaults},
      {"process.uptime{" + web, 960},
      {"process.disk.io{disk.io.direction=read," + web, 100 + kReadBytes},
      {"process.disk.io{disk.io.direction=write," + web, 100 + kWrittenBytes},
      {"process.io.calls{disk.io.direction=read," + web, 100 + kReadCalls},
      {"process.io.calls{disk.io.direction=write," + web, 100 + kWriteCalls},
      {"process.memory.shared{" + web, 1000 + kSharedBytes},
      {"process.context_switches{process.context_switch_type=voluntary," + web, 100 + kVoluntarySwitches},
      {"process.context_switches{process.context_switch_type=involuntary," + web, 100 + kInvoluntarySwitches},
      {"process.open_file_descriptor.count{" + web, 1000 + kOpenFiles},
      {"process.memory.pss{" + web, 1000 + kProportionalBytes}};
  for (const auto& [key, value] : expected) {
    ASSERT_TRUE(values.contains(key)) << key;
    EXPECT_EQ(values.at(key), value) << key;
  }
}

TEST_F(Details, only_what_somebody_wants_is_read_and_the_free_ones_need_no_file) {
  script.add(1, 1, "web");
  script.add(2, 2, "db");
  script.add(3, 3, "other");
  make({{match("web", detail_bit(kDetailIo) | kFreeDetails), match("db", kFreeDetails)}});
  collect();
  EXPECT_EQ(script.details, (std::map<std::int64_t, DetailSet>{{1, detail_bit(kDetailIo)}, {2, 0}, {3, 0}}));
}

TEST_F(Details, a_dead_process_stays_in_the_sum_of_every_counter) {
  for (std::int64_t pid = 1; pid <= 2; ++pid) script.add(pid, 1, "web");
  make({{match("web", kAll)}});
  collect();
  for (auto& [pid, process] : script.processes) process.stat.counters.fill(1000);
  auto before = collect();
  script.processes.erase(1);
  auto after = collect();
  for (const char* metric :
       {"process.cpu.time{cpu.mode=user", "process.disk.io{disk.io.direction=read",
        "process.io.calls{disk.io.direction=write", "process.paging.faults{process.paging.fault_type=minor",
        "process.context_switches{process.context_switch_type=voluntary"}) {
    const std::string key = std::string(metric) + ",picket.process.match=web}";
    EXPECT_GT(before.at(key), 0) << key;
    EXPECT_EQ(after.at(key), before.at(key)) << key;
  }
  script.processes.clear();
  EXPECT_EQ(collect().at("process.disk.io{disk.io.direction=read,picket.process.match=web}"), 2000);
}

TEST_F(Details, a_counter_that_becomes_readable_starts_from_there) {
  ProcessStat& stat = script.add(1, 1, "web");
  script.processes[1].refuses = detail_bit(kDetailIo);
  make({{match("web", detail_bit(kDetailIo))}});
  collect();
  stat.counters[kReadBytes] = 5000;
  EXPECT_FALSE(collect().contains("process.disk.io{disk.io.direction=read,picket.process.match=web}"));
  script.processes[1].refuses = 0;
  EXPECT_EQ(collect().at("process.disk.io{disk.io.direction=read,picket.process.match=web}"), 0);
  stat.counters[kReadBytes] = 5010;
  EXPECT_EQ(collect().at("process.disk.io{disk.io.direction=read,picket.process.match=web}"), 10);
}

TEST_F(Details, a_refusal_is_told_once_for_its_match_and_the_rest_is_summed) {
  script.add(1, 1, "web").gauges[kOpenFiles] = 5;
  script.add(2, 1, "web").gauges[kOpenFiles] = 7;
  script.processes[2].refuses = detail_bit(kDetailFiles);
  script.processes[2].stat.gauges[kOpenFiles] = 0;
  make({{match("web", detail_bit(kDetailFiles)), match("db", detail_bit(kDetailFiles))}});
  for (int tick = 0; tick < 5; ++tick) {
    EXPECT_EQ(collect().at("process.open_file_descriptor.count{picket.process.match=web}"), 5);
  }
  EXPECT_EQ(warnings, 1);
  EXPECT_EQ(group->faults().take_count(), 5U);
  EXPECT_TRUE(group->faults().message().starts_with("groups.processes.match \"web\": files: some of its processes"));
  script.processes[2].refuses = 0;
  collect();
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(Details, what_the_system_does_not_tell_is_said) {
  script.add(1, 1, "web");
  script.supported = kFreeDetails;
  script.processes[1].refuses = detail_bit(kDetailPss);
  make({{match("web", detail_bit(kDetailPss))}});
  EXPECT_FALSE(collect().contains("process.memory.pss{picket.process.match=web}"));
  EXPECT_EQ(group->faults().message(),
            "groups.processes.match \"web\": pss: this operating system does not tell it; remove it from the settings");
}

TEST_F(Details, top_by_io_reads_every_process_and_counts_from_the_first_sight_of_a_name) {
  ProcessStat& copy = script.add(1, 1, "copy");
  script.add(2, 2, "idle");
  ProcessesSettings settings;
  settings.top = 5;
  settings.by = TopBy::io;
  settings.top_details = detail_bit(kDetailIo);
  make(settings);
  copy.counters[kReadBytes] = 100'000;
  collect();
  copy.counters[kReadBytes] += 500;
  copy.counters[kWrittenBytes] += 20;
  const auto values = collect();
  EXPECT_EQ(script.details.at(2), detail_bit(kDetailIo));
  EXPECT_EQ(values.at("process.disk.io{disk.io.direction=read,process.executable.name=copy}"), 500);
  EXPECT_FALSE(values.contains("process.count{process.executable.name=idle}"));
}

TEST_F(Details, each_of_one_match_and_the_sum_of_another_stand_side_by_side) {
  script.add(1, 1, "web").counters[kReadBytes] = 70;
  script.add(2, 1, "db");
  MatchSettings web = match("web", detail_bit(kDetailIo));
  web.each = true;
  make({{web, match("db", 0)}});
  const auto values = collect();
  EXPECT_EQ(values.at("process.disk.io{disk.io.direction=read,picket.process.match=web,picket.process.slot=0}"), 70);
  EXPECT_TRUE(values.contains("process.memory.usage{picket.process.match=db}"));
  EXPECT_FALSE(values.contains("process.memory.usage{picket.process.match=web}"));
  EXPECT_FALSE(values.contains("process.thread.count{picket.process.match=db}"));
}

TEST_F(Details, a_match_by_control_group_by_unit_and_by_the_path_of_the_program) {
  script.add(1, 1, "nginx");
  script.processes[1].cgroup = "/system.slice/nginx.service";
  script.processes[1].program = "/usr/sbin/nginx";
  script.add(2, 1, "bash");
  script.processes[2].cgroup = "/user.slice/user-1000.slice/session-3.scope";
  script.processes[2].program = "/usr/bin/bash";
  script.add(3, 1, "kthreadd");
  MatchSettings cgroup{"cgroup", "", "", "", "", "/system.slice/*"};
  MatchSettings unit{"unit", "", "", "", "", "", "nginx.service"};
  MatchSettings slice{"slice", "", "", "", "", "", "user-*.slice"};
  MatchSettings path{"path", "/usr/*bin/*", "", "", ""};
  MatchSettings both{"both", "/usr/bin/*", "", "", "", "", "nginx.*"};
  make({{cgroup, unit, slice, path, both}});
  const auto values = collect();
  const auto count = [&](const std::string& name) {
    return values.at("process.count{picket.process.match=" + name + "}");
  };
  EXPECT_EQ(count("cgroup"), 1);
  EXPECT_EQ(count("unit"), 1);
  EXPECT_EQ(count("slice"), 1);
  EXPECT_EQ(count("path"), 2);
  EXPECT_EQ(count("both"), 0);
}

}  // namespace
}  // namespace picket::perf_collector
