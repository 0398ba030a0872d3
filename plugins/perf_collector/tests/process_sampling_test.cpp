// SPDX-License-Identifier: Apache-2.0
//
// More processes than one tick may read, and processes that appear, end and change between the list and the reading:
// the table and the group over a scripted machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "process_script.hpp"
#include "processes.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using test::kSecond;

struct Sampling : ::testing::Test {
  test::World world;
  test::Script script;
  std::unique_ptr<Group> group;
  std::int64_t now = 0;

  void make(const ProcessesSettings& settings) {
    const Machine machine{"", 100, 4096, 0, [] { return 1; }};
    group = make_processes(settings, machine, world.vocabulary,
                           [this](Faults& faults) { return std::make_unique<test::ScriptedSource>(script, faults); });
  }
  void make(std::size_t budget, bool each = false) {
    ProcessesSettings settings;
    settings.match = {{"web", "web", "", "", ""}};
    settings.match[0].each = each;
    settings.budget = budget;
    make(settings);
  }
  // One second later; every process then has used 10 % of a CPU since the last one.
  std::map<std::string, double> collect() {
    now += kSecond;
    for (auto& [pid, process] : script.processes) process.stat.counters[kUserTime] += 10;
    world.samples.begin(now);
    group->collect(now, world.samples);
    return world.values();
  }
  void crowd(std::int64_t count, std::string_view name = "web") {
    for (std::int64_t pid = 1; pid <= count; ++pid) script.add(pid, 1, name);
  }
};

// Ticks after which a budget of a quarter of the processes has read all of them, and gone round twice.
constexpr int kSettled = 14;

const std::string kWeb = "{picket.process.match=web}";
const std::string kUser = "{cpu.mode=user,picket.process.match=web}";

TEST_F(Sampling, of_ten_thousand_processes_no_tick_reads_more_than_its_budget_and_a_round_reads_all) {
  crowd(10'000);
  make(2'500);
  std::set<std::int64_t> seen;
  // 2,500 new ones, then 1,875 at each tick, since those that are known have a quarter.
  for (int tick = 0; tick < 5; ++tick) {
    collect();
    EXPECT_EQ(script.read.size(), 2'500U);
    seen.insert(script.read.begin(), script.read.end());
  }
  EXPECT_EQ(seen.size(), 10'000U);
  for (int round = 0; round < 3; ++round) {
    seen.clear();
    for (int tick = 0; tick < 4; ++tick) {
      collect();
      EXPECT_EQ(script.read.size(), 2'500U);
      seen.insert(script.read.begin(), script.read.end());
    }
    EXPECT_EQ(seen.size(), 10'000U);
  }
}

TEST_F(Sampling, rates_are_over_the_true_interval_and_sums_show_the_longest_one) {
  crowd(10'000);
  make(2'500);
  for (int tick = 0; tick < kSettled; ++tick) collect();
  const auto values = collect();
  EXPECT_NEAR(values.at("process.cpu.utilization" + kUser), 1'000, 1e-6);  // 10 % each, of one CPU
  EXPECT_DOUBLE_EQ(values.at("process.sample.interval" + kWeb), 4);
  EXPECT_EQ(values.at("process.count" + kWeb), 10'000);
}

TEST_F(Sampling, the_cpu_time_of_a_sampled_sum_keeps_up_and_never_falls) {
  crowd(1'000);
  make(250);
  for (int tick = 0; tick < 8; ++tick) collect();
  double before = collect().at("process.cpu.time" + kUser);
  for (int tick = 0; tick < 8; ++tick) {
    if (tick == 3) script.processes.erase(script.processes.begin(), std::next(script.processes.begin(), 100));
    const double time = collect().at("process.cpu.time" + kUser);
    EXPECT_GE(time, before);
    before = time;
  }
  const double start = before;
  for (int tick = 0; tick < 36; ++tick) before = collect().at("process.cpu.time" + kUser);
  // 900 processes x 0.1 s a second; what is still unread is at most one round.
  EXPECT_NEAR(before - start, 36 * 90, 4 * 90 + 1);
}

TEST_F(Sampling, where_all_are_read_there_is_no_interval_to_tell) {
  crowd(10);
  make(10);
  collect();
  EXPECT_FALSE(collect().contains("process.sample.interval" + kWeb));
  EXPECT_EQ(script.rounds, 2);
}

TEST_F(Sampling, states_count_every_process_and_those_not_yet_read_are_unknown) {
  crowd(1'000);
  make(250);
  auto values = collect();
  EXPECT_EQ(values.at("system.process.count{system.process.status=sleeping}"), 250);
  EXPECT_EQ(values.at("system.process.count{system.process.status=unknown}"), 750);
  for (int tick = 0; tick < 6; ++tick) values = collect();
  EXPECT_EQ(values.at("system.process.count{system.process.status=sleeping}"), 1'000);
  EXPECT_FALSE(values.contains("system.process.count{system.process.status=unknown}"));
}

TEST_F(Sampling, a_new_process_is_read_at_once_even_when_all_others_wait_their_turn) {
  crowd(1'000, "other");
  make(100);
  for (int tick = 0; tick < 20; ++tick) collect();
  script.add(5'000, 77, "web").counters[kUserTime] = 40;
  const auto values = collect();
  EXPECT_EQ(values.at("process.count" + kWeb), 1);
  EXPECT_DOUBLE_EQ(values.at("process.cpu.time" + kUser), 0.5);  // all of it: it started since the last list
  EXPECT_DOUBLE_EQ(values.at("process.sample.interval" + kWeb), 1);
}

TEST_F(Sampling, a_storm_of_new_processes_leaves_the_others_a_quarter) {
  crowd(100, "other");
  make(100);
  collect();
  for (std::int64_t pid = 1'000; pid < 3'000; ++pid) script.add(pid, 50, "new");
  collect();
  EXPECT_EQ(std::count_if(script.read.begin(), script.read.end(), [](auto pid) { return pid >= 1'000; }), 75);
  EXPECT_EQ(std::count_if(script.read.begin(), script.read.end(), [](auto pid) { return pid < 1'000; }), 25);
}

TEST_F(Sampling, each_has_a_value_only_when_it_was_read_so_that_a_rate_is_over_the_true_time) {
  crowd(40);
  make(10, true);
  for (int tick = 0; tick < kSettled; ++tick) collect();
  const auto values = collect();
  int shown = 0;
  for (const auto& [key, value] : values) {
    if (key.starts_with("process.cpu.time{cpu.mode=user")) ++shown;
    if (key.starts_with("process.sample.interval")) {
      EXPECT_DOUBLE_EQ(value, 4) << key;
    }
    if (key.starts_with("process.cpu.utilization{cpu.mode=user")) {
      EXPECT_NEAR(value, 0.1, 1e-9) << key;
    }
  }
  EXPECT_EQ(shown, 10);
  EXPECT_EQ(values.at("process.count" + kWeb), 40);
}

TEST_F(Sampling, a_process_that_refuses_is_tried_in_its_turn_only) {
  crowd(100, "other");
  for (std::int64_t pid = 1; pid <= 50; ++pid) script.processes[pid].readable = false;
  make(20);
  for (int tick = 0; tick < 10; ++tick) collect();
  std::map<std::int64_t, int> times;
  for (int tick = 0; tick < 5; ++tick) {
    collect();
    for (const auto pid : script.read) ++times[pid];
  }
  EXPECT_EQ(times.size(), 100U);
  EXPECT_EQ(times[1], 1);
  EXPECT_EQ(collect().at("system.process.count{system.process.status=unknown}"), 50);
}

TEST_F(Sampling, a_process_that_ends_between_list_and_reading_leaves_no_trace) {
  crowd(3);
  make(100);
  collect();
  script.processes[2].ends = true;
  const auto values = collect();
  EXPECT_EQ(values.at("process.count" + kWeb), 2);
  EXPECT_EQ(values.at("system.process.count{system.process.status=sleeping}"), 2);
  EXPECT_EQ(group->faults().message(), "");
  EXPECT_EQ(script.kept, (std::multiset<std::int64_t>{1, 3}));
}

TEST_F(Sampling, files_of_processes_that_end_are_released_and_all_at_the_end) {
  crowd(3);
  make(100);
  collect();
  EXPECT_EQ(script.kept.size(), 3U);
  script.processes.erase(2);
  collect();
  EXPECT_EQ(script.kept, (std::multiset<std::int64_t>{1, 3}));
  group.reset();
  EXPECT_TRUE(script.kept.empty());
}

TEST_F(Sampling, a_pid_that_is_given_again_is_another_process_for_a_sum_and_for_each) {
  crowd(1);
  make(100, true);
  collect();
  collect();
  script.add(1, 900, "web").counters[kUserTime] = 20;  // 10 more until it is read
  const auto values = collect();
  EXPECT_DOUBLE_EQ(values.at("process.cpu.time{cpu.mode=user,picket.process.match=web,picket.process.slot=0}"), 0.3);
  EXPECT_NEAR(values.at("process.cpu.utilization{cpu.mode=user,picket.process.match=web,picket.process.slot=0}"), 0.3,
              1e-9);
}

TEST_F(Sampling, a_program_that_executes_another_of_the_same_name_is_matched_anew) {
  ProcessesSettings settings;
  settings.match = {{"new", "", "*--new", "", ""}};
  make(settings);
  ProcessStat& stat = script.add(1, 1, "sh", "sh --old");
  for (int tick = 0; tick < 3; ++tick) EXPECT_EQ(collect().at("process.count{picket.process.match=new}"), 0);
  script.processes[1].command = "sh --new";
  EXPECT_EQ(collect().at("process.count{picket.process.match=new}"), 0);  // a change that nothing shows
  EXPECT_TRUE(script.asked.empty());
  stat.image = 2;
  EXPECT_EQ(collect().at("process.count{picket.process.match=new}"), 1);
}

}  // namespace
}  // namespace picket::perf_collector
