// SPDX-License-Identifier: Apache-2.0
//
// Processes of Linux: over a captured /proc, and over the real one with children of this test. Linux only.
#include <dirent.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <thread>

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
  std::map<std::int64_t, KeptFiles> files;
  DetailSet details = 0;

  // Everything once, as the table does it.
  bool read(ProcessSource& source) {
    std::vector<std::int64_t> listed;
    processes.clear();
    if (!source.list(listed)) return false;
    for (auto kept = files.begin(); kept != files.end();) {
      if (std::binary_search(listed.begin(), listed.end(), kept->first)) {
        ++kept;
        continue;
      }
      source.release(kept->second);
      kept = files.erase(kept);
    }
    for (const std::int64_t pid : listed) {
      ProcessStat process;
      if (source.read(pid, files[pid], process) != ReadResult::good) continue;
      source.read_details(details, files[pid], process);
      processes.push_back(process);
    }
    source.end(true);
    return true;
  }
  void release_all(ProcessSource& source) {
    for (auto& [pid, kept] : files) source.release(kept);
    files.clear();
  }
  std::vector<std::int64_t> pids(ProcessSource& source) {
    EXPECT_TRUE(read(source));
    std::vector<std::int64_t> all;
    for (const ProcessStat& process : processes) all.push_back(process.pid);
    return all;
  }
  const ProcessStat& of(std::int64_t pid) const {
    return *std::find_if(processes.begin(), processes.end(), [pid](const auto& p) { return p.pid == pid; });
  }
};

TEST_F(Source, lists_all_processes_in_order_and_nothing_else) {
  const auto source = make_process_source(proc.machine(), faults);
  EXPECT_EQ(pids(*source), (std::vector<std::int64_t>{1, 2, 9, 100, 101, 102, 200, 300, 400}));
  EXPECT_EQ(processes[6].name(), "odd (name) R 1");
  EXPECT_EQ(processes[6].state, kBlocked);
  EXPECT_EQ(processes[4].counters[kUserTime], 300U);
  EXPECT_EQ(processes[4].gauges[kResidentBytes], 2500 * 4096);
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
  EXPECT_FALSE(read(*source));
  EXPECT_EQ(faults.message(), machine.proc + ": No such file or directory");
  proc.write("elsewhere/empty", "");
  EXPECT_FALSE(read(*source));
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
    release_all(*source);
  }
  EXPECT_EQ(open_files(), before);
}

TEST_F(Source, command_lines_and_owners_come_on_request) {
  const auto source = make_process_source(proc.machine(), faults);
  pids(*source);
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
      {{{"web", "nginx", "", "33", ""}, {"db", "postgres_exporter", "", "", ""}, {"odd", "", "*--flag*", "", ""}}},
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

TEST_F(Source, details_come_from_files_that_are_kept_like_the_others) {
  proc.write("101/io", "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n");
  proc.write("101/statm", "100 20 7 1 0 9 0\n");
  proc.write("101/status", proc.read("101/status") + "voluntary_ctxt_switches:\t15\nnonvoluntary_ctxt_switches:\t4\n");
  proc.write("101/smaps_rollup", "00-ff ---p 00 00:00 0 [rollup]\nRss: 8 kB\nPss: 3 kB\n");
  for (const char* file : {"0", "1", "2"}) proc.write(std::string("101/fd/") + file, "");
  details = (1U << kProcessDetails) - 1;
  const std::size_t before = open_files();
  const auto source = make_process_source(proc.machine(), faults);
  pids(*source);
  const std::size_t kept = open_files();
  pids(*source);
  EXPECT_EQ(open_files(), kept);
  EXPECT_EQ(kept, before + 1 + 9 + 2 + 9);  // the folder, every stat, the io and statm of one, every status
  const ProcessStat& stat = of(101);
  EXPECT_EQ(stat.have, details);
  EXPECT_EQ(stat.refused, 0);
  EXPECT_EQ(stat.counters[kReadBytes], 5U);
  EXPECT_EQ(stat.counters[kWriteCalls], 4U);
  EXPECT_EQ(stat.counters[kInvoluntarySwitches], 4U);
  EXPECT_EQ(stat.counters[kMinorFaults], 101U);
  EXPECT_EQ(stat.gauges[kSharedBytes], 7 * 4096);
  EXPECT_EQ(stat.gauges[kOpenFiles], 3);
  EXPECT_EQ(stat.gauges[kProportionalBytes], 3 * 1024);
  release_all(*source);
  EXPECT_EQ(open_files(), before + 1);
}

TEST_F(Source, a_detail_that_is_malformed_or_no_file_is_a_refusal_and_one_that_is_gone_is_none) {
  proc.write("101/io", "nonsense\n");
  proc.write("101/statm/a_folder", "");
  details = detail_bit(kDetailIo) | detail_bit(kDetailShared) | detail_bit(kDetailPss);
  const auto source = make_process_source(proc.machine(), faults);
  pids(*source);
  EXPECT_EQ(of(101).refused, detail_bit(kDetailIo) | detail_bit(kDetailShared));
  EXPECT_EQ(of(102).refused, 0);
  release_all(*source);
}

TEST_F(Source, a_control_group_and_the_program_come_on_request) {
  proc.write("101/cgroup", "0::/system.slice/nginx.service\n");
  const auto source = make_process_source(proc.machine(), faults);
  pids(*source);
  EXPECT_EQ(source->cgroup(101), "/system.slice/nginx.service");
  EXPECT_EQ(source->cgroup(102), "");
  EXPECT_EQ(source->program(101), "");
  std::filesystem::create_symlink("/usr/sbin/nginx", proc.path("101/exe"));
  EXPECT_EQ(source->program(101), "/usr/sbin/nginx");
  release_all(*source);
}

// A child of this test that does nothing until it is told to end.
class Child {
 public:
  Child() : pid_(::fork()) {
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // whatever becomes of the test
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

TEST_F(Source, every_detail_of_a_real_process_is_there) {
  Child child;
  details = (1U << kProcessDetails) - 1;
  const auto source = make_process_source(this_machine(), faults);
  ASSERT_TRUE(read(*source));
  const ProcessStat& stat = of(child.pid());
  EXPECT_EQ(stat.have, source->supported());
  EXPECT_EQ(stat.refused, details & ~source->supported());
  EXPECT_GT(stat.gauges[kProportionalBytes], 0);
  EXPECT_GE(stat.gauges[kOpenFiles], 3);
  EXPECT_GT(stat.counters[kMinorFaults], 0U);
  EXPECT_GE(source->age_seconds(stat.start), 0);
  EXPECT_LT(source->age_seconds(stat.start), 3600);
  EXPECT_NE(source->program(child.pid()).find("perf_collector_test"), std::string_view::npos);
  release_all(*source);
}

// A shell that waits for a line, then executes another shell, of the same name, with other arguments.
class ExecutingChild {
 public:
  ExecutingChild() {
    int input[2];
    EXPECT_EQ(::pipe(input), 0);
    input_ = input[1];
    pid_ = ::fork();
    if (pid_ != 0) {
      ::close(input[0]);
      return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(input[0], STDIN_FILENO);
    ::close(input[0]);
    ::close(input[1]);
    ::execl("/bin/sh", "sh", "-c", "read line; exec /bin/sh -c 'read line; read line'", nullptr);
    ::_exit(127);
  }
  ~ExecutingChild() {
    ::close(input_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ExecutingChild(const ExecutingChild&) = delete;
  ExecutingChild& operator=(const ExecutingChild&) = delete;
  std::int64_t pid() const { return pid_; }
  void go_on() const { EXPECT_EQ(::write(input_, "\n", 1), 1); }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
};

TEST_F(Source, a_real_program_that_executes_one_of_the_same_name_shows_another_image) {
  const ExecutingChild child;
  const auto source = make_process_source(this_machine(), faults);
  const auto wait_for = [&](const char* program) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      if (read(*source) && source->command_line(child.pid()).starts_with(program)) return true;
      std::this_thread::yield();
    }
    return false;
  };
  ASSERT_TRUE(wait_for("sh -c"));
  ASSERT_TRUE(read(*source));
  const ProcessStat before = of(child.pid());
  child.go_on();
  ASSERT_TRUE(wait_for("/bin/sh -c"));
  ASSERT_TRUE(read(*source));
  const ProcessStat& after = of(child.pid());
  EXPECT_EQ(after.name(), before.name());
  EXPECT_EQ(after.start, before.start);
  EXPECT_NE(after.image, before.image);
  release_all(*source);
}

}  // namespace
}  // namespace picket::perf_collector
