// SPDX-License-Identifier: Apache-2.0
//
// Which processes belong to a program, on tables of processes that never were; and the lines of /proc that they come
// from.
#include "process/tree_linux.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace picket::process {
namespace {

ProcessFacts process_of(pid_t pid, pid_t parent, pid_t session, std::uint64_t start_time, char state = 'S') {
  ProcessFacts facts;
  facts.pid = pid;
  facts.parent = parent;
  facts.session = session;
  facts.start_time = start_time;
  facts.state = state;
  facts.name = "p" + std::to_string(pid);
  return facts;
}

std::vector<pid_t> pids(const std::vector<const ProcessFacts*>& members) {
  std::vector<pid_t> all;
  for (const ProcessFacts* member : members) all.push_back(member->pid);
  std::sort(all.begin(), all.end());
  return all;
}

// 1 init, 10 the holder, 100 the leader of a program with mark "h.1".
struct ProcessTreeTest : testing::Test {
  std::vector<pid_t> tree(std::vector<ProcessFacts> more, std::map<pid_t, std::string> marks = {}) {
    more.push_back(process_of(1, 0, 1, 1));
    more.push_back(process_of(10, 1, 10, 50));
    return pids(ProcessTable(std::move(more), std::move(marks)).tree(100, 1'000, "h.1", known));
  }
  std::map<pid_t, std::uint64_t> known;
};

TEST_F(ProcessTreeTest, descendants_belong_to_it_and_others_do_not) {
  EXPECT_EQ(tree({process_of(100, 10, 100, 1'000), process_of(101, 100, 100, 1'001), process_of(102, 101, 102, 1'002),
                  process_of(200, 10, 200, 900), process_of(201, 200, 200, 1'003)}),
            (std::vector<pid_t>{100, 101, 102}));
}

TEST_F(ProcessTreeTest, an_orphan_is_known_by_session_mark_or_memory) {
  EXPECT_EQ(tree({process_of(101, 10, 100, 1'001)}), std::vector<pid_t>{101});
  EXPECT_EQ(tree({process_of(102, 10, 102, 1'002)}, {{102, "h.1"}}), std::vector<pid_t>{102});
  EXPECT_EQ(tree({process_of(102, 10, 102, 1'002)}), std::vector<pid_t>{102});  // known from the look before
  EXPECT_EQ(tree({process_of(102, 10, 102, 5'000)}), std::vector<pid_t>{});     // the same pid, another process
  EXPECT_EQ(tree({process_of(103, 10, 103, 1'003)}, {{103, "h.2"}}), std::vector<pid_t>{});
}

TEST_F(ProcessTreeTest, a_leader_whose_pid_was_given_away_is_not_it) {
  EXPECT_EQ(tree({process_of(100, 1, 90, 9'000)}), std::vector<pid_t>{});
}

TEST_F(ProcessTreeTest, the_dead_do_not_count_but_their_children_do) {
  EXPECT_EQ(tree({process_of(100, 10, 100, 1'000, 'Z'), process_of(101, 100, 101, 1'001)}), std::vector<pid_t>{101});
}

TEST(ProcessStat, a_name_may_contain_anything) {
  const auto facts = parse_stat(
      "42 (a) R 1 (b) S 7 42 41 0 -1 4194560 100 0 0 0 5 6 7 8 20 0 3 0 4711 1000 12 18446744073709551615 1 1 0 0 0 0 "
      "0 "
      "0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 256\n");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->pid, 42);
  EXPECT_EQ(facts->name, "a) R 1 (b");
  EXPECT_EQ(facts->state, 'S');
  EXPECT_EQ(facts->parent, 7);
  EXPECT_EQ(facts->session, 41);
  EXPECT_EQ(facts->user_ticks, 5U);
  EXPECT_EQ(facts->waited_system_ticks, 8U);
  EXPECT_EQ(facts->threads, 3);
  EXPECT_EQ(facts->start_time, 4711U);
  EXPECT_EQ(facts->resident_pages, 12);
  EXPECT_EQ(facts->exit_status, 256);
  EXPECT_FALSE(parse_stat("42 a S 1"));
  EXPECT_FALSE(parse_stat("42 (a) S 1"));
  EXPECT_FALSE(parse_stat(""));
}

TEST(ProcessIdentity, a_pid_alone_is_not_enough) {
  const auto self = identify(getpid());
  ASSERT_TRUE(self);
  const int right = open_identified(*self);
  EXPECT_GE(right, 0);
  close(right);
  Identity other = *self;
  ++other.start_time;
  EXPECT_EQ(open_identified(other), -1);
  other = *self;
  other.boot_id[3] = static_cast<std::uint8_t>(other.boot_id[3] + 1);
  EXPECT_EQ(open_identified(other), -1);
}

TEST(ProcessMark, is_found_among_other_variables) {
  using namespace std::string_literals;
  EXPECT_EQ(mark_in("A=1\0PICKET_PROGRAM=x.1\0B=2\0"s), "x.1");
  EXPECT_EQ(mark_in("NO_PICKET_PROGRAM=x.1\0"s), "");
  EXPECT_EQ(mark_in(""), "");
}

}  // namespace
}  // namespace picket::process
