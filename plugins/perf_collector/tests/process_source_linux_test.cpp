// SPDX-License-Identifier: Apache-2.0
//
// Processes of Linux: over a captured /proc, and over the real one with children of this test. Linux only.
#include <dirent.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "process_source.hpp"
#include "processes.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

std::size_t open_files() {
  std::size_t count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

struct Source : ::testing::Test {
  test::FixtureProc proc;
  Faults faults;
  std::vector<ProcessStat> processes;

  std::vector<std::int64_t> pids(ProcessSource& source) {
    EXPECT_TRUE(source.read(processes));
    std::vector<std::int64_t> all;
    for (const ProcessStat& process : processes) all.push_back(process.pid);
    return all;
  }
};

TEST_F(Source, lists_all_processes_in_order_and_nothing_else) {
  const auto source = make_process_source(proc.machine(), faults);
  EXPECT_EQ(pids(*source), (std::vector<std::int64_t>{1, 2, 9, 100, 101, 102, 200, 300, 400}));
  EXPECT_EQ(processes[6].name(), "odd (name) R 1");
  EXPECT_EQ(processes[6].state, kBlocked);
  EXPECT_EQ(processes[4].user_units, 300U);
  EXPECT_EQ(processes[4].resident_bytes, 2500 * 4096);
  EXPECT_TRUE(processes[2].kernel);
  EXPECT_FALSE(processes[3].kernel);
  EXPECT_EQ(faults.message(), "");
}

TEST_F(Source, follows_starts_and_ends) {
  const auto source = make_process_source(proc.machine(), faults);
  pids(*source);
  proc.remove("101");
  proc.write("150/stat", "150 (new) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 900 20 21 22\n");
  EXPECT_EQ(pids(*source), (std::vector<std::int64_t>{1, 2, 9, 100, 102, 150, 200, 300, 400}));
  EXPECT_EQ(faults.message(), "");
}

TEST_F(Source, a_malformed_process_is_left_out_and_counted_and_the_others_stay) {
  proc.write("101/stat", "101 (nginx) S 1\n");
  proc.write("102/stat", "");
  const auto source = make_process_source(proc.machine(), faults);
  EXPECT_EQ(pids(*source).size(), 7U);
  EXPECT_EQ(faults.message(), proc.path() + "/PID/stat: content: malformed; that process is left out");
}

TEST_F(Source, an_unreadable_process_is_left_out_and_told) {
  proc.remove("101/stat");
  proc.write("101/stat/a_folder", "");
  const auto source = make_process_source(proc.machine(), faults);
  EXPECT_EQ(pids(*source).size(), 8U);
  EXPECT_EQ(faults.message(), proc.path() + "/PID/stat: Is a directory");
}

TEST_F(Source, a_process_that_ends_between_listing_and_reading_is_no_fault) {
  proc.remove("101/stat");
  const auto source = make_process_source(proc.machine(), faults);
  EXPECT_EQ(pids(*source).size(), 8U);
  EXPECT_EQ(faults.message(), "");
}

TEST_F(Source, a_folder_without_processes_is_told_and_recovers) {
  Machine machine = proc.machine();
  machine.proc = proc.path("elsewhere");
  const auto source = make_process_source(machine, faults);
  EXPECT_FALSE(source->read(processes));
  EXPECT_EQ(faults.message(), machine.proc + ": No such file or directory");
  proc.write("elsewhere/empty", "");
  EXPECT_FALSE(source->read(processes));
  proc.write("elsewhere/5/stat", "5 (new) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 900 20 21 22\n");
  EXPECT_EQ(pids(*source), std::vector<std::int64_t>{5});
  EXPECT_EQ(faults.message(), "");
}

TEST_F(Source, keeps_no_more_files_than_it_may_and_closes_them_all) {
  const std::size_t before = open_files();
  {
    const auto source = make_process_source(proc.machine(3), faults);
    EXPECT_EQ(pids(*source).size(), 9U);
    EXPECT_EQ(open_files(), before + 3 + 1);  // and the folder
    EXPECT_EQ(pids(*source).size(), 9U);
    EXPECT_EQ(open_files(), before + 3 + 1);
    for (const char* pid : {"1", "2", "9"}) proc.remove(pid);
    EXPECT_EQ(pids(*source).size(), 6U);
    EXPECT_EQ(open_files(), before + 3 + 1);  // the room goes to others
  }
  EXPECT_EQ(open_files(), before);
}

TEST_F(Source, command_lines_and_owners_come_on_request) {
  const auto source = make_process_source(proc.machine(), faults);
  EXPECT_EQ(source->command_line(200), "/opt/odd --flag a b");
  EXPECT_EQ(source->command_line(2), "");
  EXPECT_EQ(source->command_line(5555), "");
  EXPECT_EQ(source->owner(101), "33");
  EXPECT_EQ(source->owner(5555), "");
  EXPECT_EQ(source->owner_key("root").value(), "0");
  EXPECT_EQ(source->owner_key("4711").value(), "4711");
}

TEST_F(Source, matches_of_a_whole_fixture) {
  test::World world;
  const auto group = make_processes(
      {{{"web", "nginx", "", "33", ""}, {"db", "postgres_exporter", "", "", ""}, {"odd", "", "*--flag*", "", ""}},
       false,
       0,
       TopBy::cpu},
      proc.machine(), world.vocabulary);
  world.samples.begin(1);
  group->collect(1, world.samples);
  const auto values = world.values();
  EXPECT_EQ(values.at("process.count{picket.process.match=web}"), 2);
  EXPECT_EQ(values.at("process.count{picket.process.match=db}"), 1);
  EXPECT_EQ(values.at("process.count{picket.process.match=odd}"), 1);
  EXPECT_EQ(values.at("process.memory.usage{picket.process.match=web}"), 5000.0 * 4096);
  EXPECT_EQ(values.at("system.process.count{system.process.status=sleeping}"), 4);
  EXPECT_EQ(values.at("system.process.count{system.process.status=idle}"), 1);
  EXPECT_EQ(values.at("system.process.count{system.process.status=stopped}"), 1);
}

TEST_F(Source, running_out_of_descriptors_costs_one_tick_and_fewer_files_are_kept) {
  const auto source = make_process_source(proc.machine(), faults);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = open_files() + 4;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const std::size_t first = pids(*source).size();
  const std::string message = faults.message();
  const std::size_t second = pids(*source).size();
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_LT(first, 9U);
  EXPECT_EQ(message, proc.path() + "/PID/stat: Too many open files");
  EXPECT_EQ(second, 9U);
  EXPECT_EQ(faults.message(), "");
}

// A child of this test that does nothing until it is told to end.
class Child {
 public:
  Child() : pid_(::fork()) {
    if (pid_ == 0) {
      for (;;) ::pause();
    }
  }
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  std::int64_t pid() const { return pid_; }
  void end() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

TEST_F(Source, a_real_process_is_seen_while_it_lives) {
  Child child;
  const auto source = make_process_source(this_machine(), faults);
  const auto has_child = [&] {
    const auto all = pids(*source);
    return std::find(all.begin(), all.end(), child.pid()) != all.end();
  };
  ASSERT_GT(child.pid(), 0);
  EXPECT_TRUE(has_child());
  EXPECT_TRUE(has_child());  // through the kept file
  EXPECT_EQ(source->owner(child.pid()), std::to_string(::geteuid()));
  EXPECT_NE(source->command_line(child.pid()), "");
  child.end();
  EXPECT_FALSE(has_child());
  EXPECT_EQ(faults.message(), "");
}

}  // namespace
}  // namespace picket::perf_collector
