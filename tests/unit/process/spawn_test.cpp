// SPDX-License-Identifier: Apache-2.0
//
// Starts of real programs, and each step at which one can fail.
#include "process/spawn_linux.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "picket/ext/process.h"
#include "process/channel_linux.hpp"
#include "process/kernel_linux.hpp"
#include "temporary_folder.hpp"

namespace picket::process {
namespace {

struct SpawnTest : testing::Test {
  SpawnTest() {
    order.environment = {"PATH=/usr/bin:/bin"};
    plan.order = &order;
    getrlimit(RLIMIT_NOFILE, &plan.descriptors);
  }
  // Runs `sh -c script` to its end, and gives what it says.
  std::string said_by(const std::string& script) {
    order.arguments = {"/bin/sh", "-c", script};
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    plan.output = writing.get();
    const SpawnResult result = spawn(plan);
    EXPECT_GT(result.pid, 0) << (result.step == nullptr ? "" : result.step) << " " << result.error;
    writing.reset();
    std::string all;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = read(reading.get(), buffer, sizeof buffer)) > 0) all.append(buffer, static_cast<std::size_t>(got));
    int status = 0;
    waitpid(result.pid, &status, 0);
    return all;
  }
  // The step at which the start fails, and errno.
  std::pair<std::string, int> failure() {
    if (order.arguments.empty()) order.arguments = {"/bin/true"};
    const SpawnResult result = spawn(plan);
    EXPECT_EQ(result.pid, -1);
    return {result.step == nullptr ? "" : result.step, result.error};
  }
  using Failure = std::pair<std::string, int>;
  Start order;
  SpawnPlan plan;
  TemporaryFolder folder;
};

TEST_F(SpawnTest, the_program_runs_as_the_leader_of_a_session_with_its_identity_known) {
  order.arguments = {"sleep", "100"};
  const SpawnResult result = spawn(plan);
  ASSERT_GT(result.pid, 0);
  const auto facts = read_facts(result.pid);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->name, "sleep");
  EXPECT_EQ(facts->session, result.pid);
  EXPECT_EQ(facts->start_time, result.start_time);
  kill(result.pid, SIGKILL);
  EXPECT_EQ(waitpid(result.pid, nullptr, 0), result.pid);
}

TEST_F(SpawnTest, signals_that_we_ignore_or_block_are_not_passed_on) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked, old;
  sigfillset(&blocked);
  pthread_sigmask(SIG_BLOCK, &blocked, &old);
  const std::string said = said_by("grep -E '^Sig(Blk|Ign)' /proc/self/status");
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  std::signal(SIGPIPE, before);
  EXPECT_EQ(said, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(SpawnTest, only_standard_descriptors_and_sockets_are_open) {
  const Descriptor stray(dup(0));  // not closed on exec
  // In one process: a shell that starts others has pipes of its own.
  const std::string list = "for f in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$f ] && printf '%s ' $f; done; ";
  EXPECT_EQ(said_by(list), "0 1 2 ");
  const Descriptor socket(open("/dev/zero", O_RDONLY | O_CLOEXEC));
  plan.sockets = {socket.get()};
  plan.extra_environment = {"LISTEN_FDS=1"};
  EXPECT_EQ(said_by(list + "readlink /proc/$$/fd/3; [ $LISTEN_PID = $$ ] && echo mine"), "0 1 2 3 /dev/zero\nmine\n");
}

TEST_F(SpawnTest, the_record_has_the_identity_before_the_program_runs) {
  const Descriptor record(open(folder.file("r").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  plan.record = record.get();
  plan.record_offset = 8;
  const std::string said =
      said_by("od -An -t u8 -j 8 -N 16 " + folder.file("r") + "; echo $$ $(cut -d' ' -f22 /proc/$$/stat)");
  std::uint64_t facts[4] = {0, 0, 1, 1};
  EXPECT_EQ(sscanf(said.c_str(), "%lu %lu %lu %lu", &facts[0], &facts[1], &facts[2], &facts[3]), 4) << said;
  EXPECT_EQ(facts[0], facts[2]);
  EXPECT_EQ(facts[1], facts[3]);
}

TEST_F(SpawnTest, a_missing_program_is_named) {
  order.arguments = {"/no/such/program"};
  EXPECT_EQ(failure(), Failure("program", ENOENT));
  order.arguments = {"no-such-command"};
  EXPECT_EQ(failure(), Failure("program", ENOENT));
}

TEST_F(SpawnTest, a_file_that_is_no_program_is_named) {
  write_content(folder.file("text"), "text");
  order.arguments = {folder.file("text")};
  EXPECT_EQ(failure(), Failure("program", EACCES));
  std::filesystem::permissions(folder.file("text"), std::filesystem::perms::owner_all);
  EXPECT_EQ(failure(), Failure("program", ENOEXEC));
}

TEST_F(SpawnTest, a_missing_directory_is_named) {
  order.directory = "/no/such/directory";
  EXPECT_EQ(failure(), Failure("directory", ENOENT));
}

TEST_F(SpawnTest, a_limit_that_does_not_exist_is_named) {
  order.rlimits = {{"nonsense", 1, 1}};
  EXPECT_EQ(failure(), Failure("rlimit", EINVAL));
  order.rlimits = {{"nofile", 2, 1}};
  EXPECT_EQ(failure(), Failure("rlimit", EINVAL));
}

TEST_F(SpawnTest, a_cpu_that_does_not_exist_is_named) {
  order.tuning.flags = PICKET_TUNE_AFFINITY;
  order.tuning.cpus = {1'000};
  EXPECT_EQ(failure(), Failure("affinity", EINVAL));
}

TEST_F(SpawnTest, a_control_group_that_is_none_is_named) {
  const Descriptor group(open(folder.path().c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
  plan.group = group.get();
  plan.group_is_born_in = false;
  EXPECT_EQ(failure(), Failure("control group", ENOENT));
}

TEST_F(SpawnTest, a_record_that_cannot_be_written_is_named) {
  const Descriptor record(open("/dev/null", O_RDONLY | O_CLOEXEC));
  plan.record = record.get();
  EXPECT_EQ(failure(), Failure("record", EBADF));
}

TEST_F(SpawnTest, a_failed_start_leaves_no_child) {
  order.arguments = {"/no/such/program"};
  spawn(plan);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace picket::process
