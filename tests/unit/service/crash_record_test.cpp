// SPDX-License-Identifier: Apache-2.0
//
// Children that crash: what they leave, and how they end.
#include "service/crash_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <sstream>

#include "platform/clock.hpp"
#include "routing/recorder/recording.hpp"

namespace picket::service {
namespace {

namespace fs = std::filesystem;

class CrashRecords : public testing::Test {
 protected:
  CrashRecords() {
    directory_ = fs::temp_directory_path() /
                 (std::string("picket_crash_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(directory_);
  }
  ~CrashRecords() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }

  // The status of a child that records, crashes by `crash`, and must not return from it.
  int crashed(const std::function<void(routing::Recorder&)>& crash) {
    const pid_t child = fork();
    if (child == 0) {
      const struct rlimit none {};
      setrlimit(RLIMIT_CORE, &none);
      // The previous handlers are those of the system, also under a sanitizer.
      for (const int number : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE}) std::signal(number, SIG_DFL);
      routing::Names names;
      routing::Recorder recorder(routing::Recorder::kLeastSize, platform::system_clock());
      const auto installed = CrashRecord::install(recorder, names, directory_);
      if (!installed.ok()) _exit(99);
      recorder.add_log(R"({"message":"the last words"})");
      crash(recorder);
      _exit(98);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status;
  }

  std::unique_ptr<routing::Recording> only_record() {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory_, error)) files.push_back(entry.path());
    if (files.size() != 1) {
      ADD_FAILURE() << files.size() << " files";
      return nullptr;
    }
    std::ostringstream all;
    all << std::ifstream(files.front(), std::ios::binary).rdbuf();
    auto recording = routing::read_crash_record(all.str());
    if (recording.ok()) return std::move(recording).value();
    ADD_FAILURE() << recording.error().message;
    return nullptr;
  }

  fs::path directory_;
};

TEST_F(CrashRecords, a_signal_that_was_sent_ends_the_process_as_ever) {
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    fs::remove_all(directory_);
    const int status = crashed([&](routing::Recorder&) { kill(getpid(), number); });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == number) << number;
    const auto recording = only_record();
    ASSERT_TRUE(recording);
    EXPECT_EQ(recording->reason.signal, static_cast<std::uint32_t>(number));
    ASSERT_EQ(recording->contents.lines.size(), 1U);
    EXPECT_EQ(recording->contents.lines.front().text, R"({"message":"the last words"})");
    EXPECT_TRUE(recording->problems.empty());
  }
}

TEST_F(CrashRecords, a_fault_names_the_address) {
  const int status = crashed([](routing::Recorder&) {
    volatile std::uintptr_t address = 0x1000;
    *reinterpret_cast<volatile int*>(address) = 1;  // NOLINT(performance-no-int-to-ptr)
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
  const auto recording = only_record();
  ASSERT_TRUE(recording);
  EXPECT_EQ(recording->reason.address, 0x1000U);
}

TEST_F(CrashRecords, abort_is_a_crash) {
  const int status = crashed([](routing::Recorder&) { std::abort(); });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  EXPECT_TRUE(only_record());
}

TEST_F(CrashRecords, a_crash_while_something_is_being_recorded_is_recorded_too) {
  const int status = crashed([](routing::Recorder& recorder) {
    const routing::Recorder::Entry entry(recorder);  // holds the lock
    kill(getpid(), SIGSEGV);
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
  EXPECT_TRUE(only_record());
}

TEST_F(CrashRecords, only_one_is_installed_and_then_the_signals_go_back) {
  routing::Names names;
  routing::Recorder recorder(routing::Recorder::kLeastSize, platform::system_clock());
  struct sigaction before {};
  sigaction(SIGSEGV, nullptr, &before);
  {
    const auto installed = CrashRecord::install(recorder, names, directory_);
    ASSERT_TRUE(installed.ok()) << installed.error().message;
    EXPECT_FALSE(CrashRecord::install(recorder, names, directory_).ok());
  }
  struct sigaction after {};
  sigaction(SIGSEGV, nullptr, &after);
  EXPECT_EQ(before.sa_sigaction, after.sa_sigaction);
  EXPECT_TRUE(CrashRecord::install(recorder, names, directory_).ok());
}

}  // namespace
}  // namespace picket::service
