// SPDX-License-Identifier: Apache-2.0
//
// The group `processes` over a scripted machine: matching, sums, each, top, counts by state.
#include "processes.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "process_script.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using test::kSecond;
using test::Script;
using test::ScriptedSource;

struct Processes : ::testing::Test {
  test::World world;
  Script script;
  std::unique_ptr<Group> group;
  std::int64_t now = 0;

  void make(const ProcessesSettings& settings) {
    const Machine machine{"", 100, 4096, 0, [] { return 2; }};
    group = make_processes(settings, machine, world.vocabulary,
                           [this](Faults& faults) { return std::make_unique<ScriptedSource>(script, faults); });
  }
  // One second later.
  std::map<std::string, double> collect() {
    now += kSecond;
    world.samples.begin(now);
    group->collect(now, world.samples);
    return world.values();
  }
  static ProcessesSettings match(MatchSettings one, bool each = false) {
    one.each = each;
    return {{std::move(one)}};
  }
  static ProcessesSettings top(std::size_t count, TopBy by) {
    ProcessesSettings settings;
    settings.top = count;
    settings.by = by;
    return settings;
  }
};

TEST_F(Processes, are_counted_by_state_with_zeros_and_without_pids) {
  make({});
  script.add(1, 1, "a");
  script.add(2, 2, "b");
  script.add(3, 3, "c").state = kDefunct;
  const std::map<std::string, double> expected{{"system.process.count{system.process.status=running}", 0},
                                               {"system.process.count{system.process.status=sleeping}", 2},
                                               {"system.process.count{system.process.status=blocked}", 0},
                                               {"system.process.count{system.process.status=idle}", 0},
                                               {"system.process.count{system.process.status=stopped}", 0},
                                               {"system.process.count{system.process.status=defunct}", 1}};
  EXPECT_EQ(collect(), expected);
}

TEST_F(Processes, an_unreadable_list_gives_nothing_and_recovers) {
  make({});
  script.readable = false;
  EXPECT_TRUE(collect().empty());
  EXPECT_EQ(group->faults().message(), "script: closed");
  script.readable = true;
  EXPECT_FALSE(collect().empty());
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(Processes, a_match_sums_its_processes_and_shows_their_share_of_all_cpus) {
  make(match({"web", "ng*", "", "", ""}));
  ProcessStat& a = script.add(1, 1, "nginx");
  ProcessStat& b = script.add(2, 1, "nginx");
  script.add(3, 1, "other").counters[kUserTime] = 999;
  a.gauges[kResidentBytes] = 10;
  b.gauges[kResidentBytes] = 20;
  b.gauges[kVirtualBytes] = 300;
  b.gauges[kThreadCount] = 4;
  collect();
  a.counters[kUserTime] += 30;
  b.counters[kUserTime] += 20;
  b.counters[kSystemTime] += 10;
  const auto values = collect();
  const std::string web = "picket.process.match=web}";
  EXPECT_EQ(values.at("process.count{" + web), 2);
  EXPECT_EQ(values.at("process.memory.usage{" + web), 30);
  EXPECT_EQ(values.at("process.memory.virtual{" + web), 300);
  EXPECT_EQ(values.at("process.thread.count{" + web), 5);
  EXPECT_DOUBLE_EQ(values.at("process.cpu.time{cpu.mode=user," + web), 0.5);
  EXPECT_DOUBLE_EQ(values.at("process.cpu.time{cpu.mode=system," + web), 0.1);
  EXPECT_DOUBLE_EQ(values.at("process.cpu.utilization{cpu.mode=user," + web), 0.25);
  EXPECT_DOUBLE_EQ(values.at("process.cpu.utilization{cpu.mode=system," + web), 0.05);
}

TEST_F(Processes, the_cpu_time_of_a_sum_never_falls_when_a_process_ends) {
  make(match({"web", "nginx", "", "", ""}));
  ProcessStat& a = script.add(1, 1, "nginx");
  script.add(2, 1, "nginx").counters[kUserTime] = 5000;
  collect();
  a.counters[kUserTime] += 100;
  const std::string key = "process.cpu.time{cpu.mode=user,picket.process.match=web}";
  EXPECT_EQ(collect().at(key), 1);
  script.processes.erase(2);
  EXPECT_EQ(collect().at(key), 1);
  script.add(3, 50, "nginx").counters[kUserTime] = 200;  // its successor
  EXPECT_EQ(collect().at(key), 3);
}

TEST_F(Processes, a_match_without_a_process_shows_zero) {
  make(match({"web", "nginx", "", "", ""}));
  script.add(1, 1, "other");
  EXPECT_EQ(collect().at("process.count{picket.process.match=web}"), 0);
  EXPECT_EQ(collect().at("process.memory.usage{picket.process.match=web}"), 0);
}

TEST_F(Processes, all_criteria_of_a_match_must_hold) {
  make(match({"web", "python*", "*/web.py*", "1000", ""}));
  script.add(1, 1, "python3", "/usr/bin/python3 /srv/web.py", "1000");
  script.add(2, 1, "python3", "/usr/bin/python3 /srv/web.py", "0");
  script.add(3, 1, "python3", "/usr/bin/python3 /srv/other.py", "1000");
  script.add(4, 1, "perl", "/usr/bin/perl /srv/web.py", "1000");
  EXPECT_EQ(collect().at("process.count{picket.process.match=web}"), 1);
}

TEST_F(Processes, a_name_that_the_kernel_cut_is_matched_by_its_command_line) {
  make(match({"exporter", "postgres_exporter", "", "", ""}));
  script.add(1, 1, "postgres_export", "/usr/bin/postgres_exporter --web");
  script.add(2, 1, "postgres_export", "/usr/bin/postgres_exporting");
  EXPECT_EQ(collect().at("process.count{picket.process.match=exporter}"), 1);
}

TEST_F(Processes, a_program_that_starts_another_moves_to_the_match_of_that_one) {
  make(match({"web", "nginx", "", "", ""}));
  ProcessStat& process = script.add(1, 1, "sh");
  EXPECT_EQ(collect().at("process.count{picket.process.match=web}"), 0);
  process.set_name("nginx");
  process.counters[kUserTime] = 700;
  collect();
  process.counters[kUserTime] = 800;
  const auto values = collect();
  EXPECT_EQ(values.at("process.count{picket.process.match=web}"), 1);
  EXPECT_EQ(values.at("process.cpu.time{cpu.mode=user,picket.process.match=web}"), 8);
}

TEST_F(Processes, a_pid_file_chooses_one_process_and_its_absence_is_no_fault) {
  const test::Folder folder;
  make(match({"web", "", "", "", folder.path("web.pid")}));
  script.add(10, 1, "a");
  script.add(11, 1, "b").gauges[kResidentBytes] = 77;
  EXPECT_EQ(collect().at("process.count{picket.process.match=web}"), 0);
  EXPECT_EQ(group->faults().message(), "");
  folder.write("web.pid", "11\n");
  auto values = collect();
  EXPECT_EQ(values.at("process.count{picket.process.match=web}"), 1);
  EXPECT_EQ(values.at("process.memory.usage{picket.process.match=web}"), 77);
  folder.write("web.pid", "eleven\n");
  EXPECT_EQ(collect().at("process.count{picket.process.match=web}"), 0);
  EXPECT_EQ(group->faults().message(), folder.path("web.pid") + ": does not start with a process id");
}

TEST_F(Processes, each_shows_every_process_under_a_number_that_a_successor_inherits) {
  make(match({"web", "nginx", "", "", ""}, true));
  script.add(10, 1, "nginx").gauges[kResidentBytes] = 100;
  script.add(11, 1, "nginx").gauges[kResidentBytes] = 110;
  collect();
  script.processes.erase(10);
  script.add(12, 2, "nginx").gauges[kResidentBytes] = 120;
  const auto values = collect();
  EXPECT_EQ(values.at("process.count{picket.process.match=web}"), 2);
  EXPECT_EQ(values.at("process.memory.usage{picket.process.match=web,picket.process.slot=0}"), 120);
  EXPECT_EQ(values.at("process.memory.usage{picket.process.match=web,picket.process.slot=1}"), 110);
  EXPECT_FALSE(values.contains("process.memory.usage{picket.process.match=web}"));
  for (const auto& [key, value] : values) EXPECT_EQ(key.find("pid"), std::string::npos) << key;
}

TEST_F(Processes, each_stops_at_a_hundred_and_says_so) {
  make(match({"web", "nginx", "", "", ""}, true));
  for (int pid = 1; pid <= 101; ++pid) script.add(pid, 1, "nginx");
  const auto values = collect();
  EXPECT_EQ(values.at("process.count{picket.process.match=web}"), 101);
  EXPECT_TRUE(values.contains("process.memory.usage{picket.process.match=web,picket.process.slot=99}"));
  EXPECT_FALSE(values.contains("process.memory.usage{picket.process.match=web,picket.process.slot=100}"));
  EXPECT_NE(group->faults().message().find("at most 100 processes"), std::string::npos);
}

TEST_F(Processes, one_process_may_belong_to_several_matches) {
  make({{{"all", "*", "", "", ""}, {"web", "nginx", "", "", ""}}});
  script.add(1, 1, "nginx");
  script.add(2, 1, "cron");
  const auto values = collect();
  EXPECT_EQ(values.at("process.count{picket.process.match=all}"), 2);
  EXPECT_EQ(values.at("process.count{picket.process.match=web}"), 1);
}

TEST_F(Processes, top_shows_the_programs_that_used_most_cpu_since_the_last_reading) {
  make(top(2, TopBy::cpu));
  ProcessStat& a = script.add(1, 1, "a");
  ProcessStat& b1 = script.add(2, 1, "b");
  ProcessStat& b2 = script.add(3, 1, "b");
  script.add(4, 1, "idle").counters[kUserTime] = 100'000;
  ProcessStat& c = script.add(5, 1, "c");
  EXPECT_FALSE(collect().contains("process.count{process.executable.name=a}"));  // nothing is known to have run yet
  a.counters[kUserTime] += 10;
  b1.counters[kUserTime] += 20;
  b2.counters[kSystemTime] += 20;
  c.counters[kUserTime] += 5;
  const auto values = collect();
  EXPECT_DOUBLE_EQ(values.at("process.cpu.utilization{process.executable.name=b}"), 0.2);
  EXPECT_EQ(values.at("process.count{process.executable.name=b}"), 2);
  EXPECT_TRUE(values.contains("process.memory.usage{process.executable.name=a}"));
  EXPECT_FALSE(values.contains("process.memory.usage{process.executable.name=c}"));
  EXPECT_FALSE(values.contains("process.memory.usage{process.executable.name=idle}"));
}

TEST_F(Processes, top_by_memory_needs_no_second_reading) {
  make(top(1, TopBy::memory));
  script.add(1, 1, "small").gauges[kResidentBytes] = 1;
  script.add(2, 1, "large").gauges[kResidentBytes] = 2;
  const auto values = collect();
  EXPECT_EQ(values.at("process.memory.usage{process.executable.name=large}"), 2);
  EXPECT_FALSE(values.contains("process.memory.usage{process.executable.name=small}"));
}

TEST_F(Processes, names_of_programs_are_never_interned) {
  make(top(10, TopBy::memory));
  collect();
  const std::size_t before = world.host.texts.size();
  for (int pid = 1; pid <= 10; ++pid) script.add(pid, 1, "program" + std::to_string(pid)).gauges[kResidentBytes] = pid;
  EXPECT_TRUE(collect().contains("process.count{process.executable.name=program3}"));
  EXPECT_EQ(world.host.texts.size(), before);
}

TEST_F(Processes, a_match_on_an_unknown_user_is_refused_with_its_name) {
  try {
    make(match({"web", "", "", "nobody-here", ""}));
    FAIL();
  } catch (const std::runtime_error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("\"web\": there is no user \"nobody-here\""), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace picket::perf_collector
