// SPDX-License-Identifier: Apache-2.0
//
// Following processes: the parser of /proc/PID/stat, identities, sums by name, slots. No operating system involved.
#include "process_table.hpp"

#include <gtest/gtest.h>

#include "process_script.hpp"
#include "process_slots.hpp"
#include "process_top.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

ProcessStat process(std::int64_t pid, std::uint64_t start, std::uint64_t user_units, std::string_view name = "a") {
  ProcessStat stat;
  stat.pid = pid;
  stat.start = start;
  stat.counters[kUserTime] = user_units;
  stat.set_name(name);
  return stat;
}

TEST(ProcessStat, a_name_may_hold_blanks_and_parentheses) {
  ProcessStat stat;
  ASSERT_TRUE(
      parse_process_stat("42 (odd (x) R 1) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22", 4096, stat));
  EXPECT_EQ(stat.pid, 42);
  EXPECT_EQ(stat.name(), "odd (x) R 1");
  EXPECT_EQ(stat.state, kSleeping);
  EXPECT_EQ(stat.counters[kUserTime], 11U);
  EXPECT_EQ(stat.counters[kSystemTime], 12U);
  EXPECT_EQ(stat.gauges[kThreadCount], 17);
  EXPECT_EQ(stat.start, 19U);
  EXPECT_EQ(stat.gauges[kVirtualBytes], 20);
  EXPECT_EQ(stat.gauges[kResidentBytes], 21 * 4096);
  EXPECT_FALSE(stat.kernel);
}

TEST(ProcessStat, letters_of_all_states_are_known) {
  const std::pair<char, ProcessState> states[] = {{'R', kRunning},    {'S', kSleeping}, {'D', kBlocked},
                                                  {'I', kIdleThread}, {'T', kStopped},  {'t', kStopped},
                                                  {'Z', kDefunct},    {'X', kDefunct},  {'?', kUnknown}};
  for (const auto& [letter, state] : states) {
    ProcessStat stat;
    const std::string line = std::string("1 (a) ") + letter + " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21";
    ASSERT_TRUE(parse_process_stat(line, 1, stat)) << letter;
    EXPECT_EQ(stat.state, state) << letter;
  }
}

TEST(ProcessStat, malformed_lines_are_refused) {
  ProcessStat stat;
  for (const char* line :
       {"", "1", "1 (a", "1 a) S", ")(", "x (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21",
        "1 (a) S 1 2 3 4 5 6 7 8 9 10 x 12 13 14 15 16 17 18 19 20 21",
        "1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"}) {
    EXPECT_FALSE(parse_process_stat(line, 1, stat)) << line;
  }
}

TEST(ProcessStat, a_long_name_is_cut) {
  ProcessStat stat;
  stat.set_name(std::string(100, 'x'));
  EXPECT_EQ(stat.name(), std::string(64, 'x'));
}

struct Table : ::testing::Test {
  Faults faults;
  test::Script script;
  test::ScriptedSource source{script, faults};
  ProcessTable table{source,
                     2'500,
                     {[this](const ProcessStat& stat) {
                        evaluated.push_back(stat.pid);
                        return MatchSet{1};
                      },
                      [](MatchSet /*candidates*/) { return DetailSet{0}; }}};
  std::vector<std::int64_t> evaluated;  // pids, in order
  std::int64_t time = 0;

  // One second later, these are the processes.
  const std::vector<FollowedProcess>& update(const std::vector<ProcessStat>& reading) {
    evaluated.clear();
    script.processes.clear();
    for (const ProcessStat& stat : reading) script.processes[stat.pid].stat = stat;
    time += test::kSecond;
    EXPECT_TRUE(table.update(time));
    return table.processes();
  }
};

TEST_F(Table, the_first_reading_starts_from_zero_and_the_next_has_differences) {
  EXPECT_EQ(update({process(1, 5, 1000)})[0].spent[kUserTime], 0U);
  EXPECT_EQ(update({process(1, 5, 1030)})[0].spent[kUserTime], 30U);
}

TEST_F(Table, a_process_that_started_since_then_spent_all_of_its_time_since_then) {
  update({process(1, 5, 1000)});
  EXPECT_EQ(update({process(1, 5, 1000), process(2, 6, 40)})[1].spent[kUserTime], 40U);
}

TEST_F(Table, a_reused_pid_is_another_process) {
  update({process(7, 5, 1000)});
  const auto& now = update({process(7, 9, 3)});
  EXPECT_EQ(now[0].spent[kUserTime], 3U);
  EXPECT_EQ(evaluated, std::vector<std::int64_t>{7});
}

TEST_F(Table, an_old_process_that_was_not_seen_for_a_tick_makes_no_jump) {
  update({process(1, 5, 1000), process(2, 6, 2000)});
  update({process(1, 5, 1000)});
  EXPECT_EQ(update({process(1, 5, 1000), process(2, 6, 2010)})[1].spent[kUserTime], 0U);
}

TEST_F(Table, matching_is_asked_twice_for_a_new_process_and_again_when_its_name_changes) {
  update({process(1, 5, 0)});
  EXPECT_EQ(evaluated.size(), 1U);
  update({process(1, 5, 0)});
  EXPECT_EQ(evaluated.size(), 1U);
  update({process(1, 5, 0)});
  EXPECT_TRUE(evaluated.empty());
  EXPECT_EQ(table.processes()[0].candidates, 1U);
  update({process(1, 5, 0, "b")});
  EXPECT_EQ(evaluated.size(), 1U);
}

TEST_F(Table, processes_that_end_are_forgotten) {
  update({process(1, 1, 0), process(2, 2, 0), process(3, 3, 0)});
  const auto& now = update({process(2, 2, 5)});
  ASSERT_EQ(now.size(), 1U);
  EXPECT_EQ(now[0].spent[kUserTime], 5U);
  EXPECT_TRUE(update({}).empty());
}

FollowedProcess used(std::string_view name, std::uint64_t units, std::int64_t bytes, bool kernel = false) {
  FollowedProcess followed;
  followed.known = followed.fresh = true;
  followed.interval_ns = test::kSecond;
  followed.now = process(1, 1, 0, name);
  followed.now.gauges[kResidentBytes] = bytes;
  followed.now.kernel = kernel;
  followed.spent[kUserTime] = units;
  return followed;
}

std::vector<std::string> names(const std::vector<const ProcessTop::Sum*>& sums) {
  std::vector<std::string> all;
  for (const auto* sum : sums) all.emplace_back(sum->name);
  return all;
}

TEST(ProcessTop, sums_by_name_and_shows_the_largest_first) {
  ProcessTop top;
  top.update({used("a", 5, 1), used("b", 3, 10), used("b", 4, 10), used("c", 0, 100)});
  const auto& by_cpu = top.largest(10, TopBy::cpu);
  EXPECT_EQ(names(by_cpu), (std::vector<std::string>{"b", "a"}));  // c used nothing
  EXPECT_EQ(by_cpu[0]->usage.user_rate, 7);
  EXPECT_EQ(by_cpu[0]->usage.count, 2);
  EXPECT_EQ(by_cpu[0]->usage.gauges[kResidentBytes], 20);
  EXPECT_EQ(names(top.largest(2, TopBy::memory)), (std::vector<std::string>{"c", "b"}));
}

TEST(ProcessTop, equals_are_in_order_of_their_names) {
  ProcessTop top;
  top.update({used("c", 1, 0), used("a", 1, 0), used("b", 1, 0)});
  EXPECT_EQ(names(top.largest(2, TopBy::cpu)), (std::vector<std::string>{"a", "b"}));
}

TEST(ProcessTop, numbered_threads_of_the_kernel_share_a_name_and_programs_keep_theirs) {
  ProcessTop top;
  top.update({used("kworker/0:1", 1, 0, true), used("kworker/1:2-events", 1, 0, true), used("a/b", 1, 0)});
  EXPECT_EQ(names(top.largest(9, TopBy::cpu)), (std::vector<std::string>{"kworker", "a/b"}));
}

TEST(ProcessTop, a_name_without_a_process_is_forgotten) {
  ProcessTop top;
  top.update({used("a", 1, 0), used("b", 1, 0)});
  top.update({used("b", 2, 0)});
  EXPECT_EQ(names(top.largest(9, TopBy::cpu)), std::vector<std::string>{"b"});
  EXPECT_EQ(top.largest(9, TopBy::cpu)[0]->usage.user_rate, 2);
}

TEST(ProcessSlots, a_process_keeps_its_number_and_the_next_takes_the_lowest_free_one) {
  ProcessSlots slots;
  EXPECT_EQ(slots.take(10, 1), 0U);
  EXPECT_EQ(slots.take(11, 1), 1U);
  EXPECT_EQ(slots.take(12, 1), 2U);
  slots.begin();
  EXPECT_EQ(slots.find(12, 1), 2U);
  EXPECT_EQ(slots.find(10, 1), 0U);
  EXPECT_EQ(slots.find(11, 2), std::nullopt);  // the pid again, but another process
  slots.free_unseen();
  EXPECT_EQ(slots.take(11, 2), 1U);
  EXPECT_EQ(slots.take(13, 2), 3U);
}

TEST(ProcessSlots, numbers_end_at_a_limit) {
  ProcessSlots slots;
  for (std::size_t i = 0; i < ProcessSlots::kMost; ++i) EXPECT_EQ(slots.take(static_cast<std::int64_t>(i + 1), 1), i);
  EXPECT_EQ(slots.take(1000, 1), std::nullopt);
}

}  // namespace
}  // namespace picket::perf_collector
