// SPDX-License-Identifier: Apache-2.0
#include "service/config_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/virtual_executor.hpp"

namespace picket::service {
namespace {

using platform::kMillisecond;
using platform::kSecond;
using testing::ElementsAre;
using testing::HasSubstr;

// What the directories' watch was told, and how to make it speak.
struct FakeDirectories {
  std::vector<std::vector<std::filesystem::path>> watched;
  std::function<void()> on_change;
  int alive = 0;
  bool broken = false;
};

class FakeDirectoryWatch final : public platform::DirectoryWatch {
 public:
  explicit FakeDirectoryWatch(FakeDirectories& directories) : directories_(directories) { ++directories_.alive; }
  ~FakeDirectoryWatch() override { --directories_.alive; }
  Result<void> set(const std::vector<std::filesystem::path>& directories) override {
    directories_.watched.push_back(directories);
    return {};
  }

 private:
  FakeDirectories& directories_;
};

class WatchedLines final : public LogSink {
 public:
  explicit WatchedLines(std::vector<std::string>& lines) : lines_(lines) {}
  void write(LogLevel /*level*/, std::string_view line) override { lines_.emplace_back(line); }

 private:
  std::vector<std::string>& lines_;
};

class ConfigWatchTest : public testing::Test {
 protected:
  ConfigWatchTest() {
    files_ = {1, {"/etc/picket"}};
    watch_ = ConfigWatch::make(
        {platform::Lane::make(executor_), log_,
         [this] {
           ++looks_;
           return files_;
         },
         [this](std::function<void()> on_change) -> Result<std::unique_ptr<platform::DirectoryWatch>> {
           if (directories_.broken) return Error{"too many watches"};
           directories_.on_change = std::move(on_change);
           return std::unique_ptr<platform::DirectoryWatch>(std::make_unique<FakeDirectoryWatch>(directories_));
         },
         [this] { return must_wait_; }, [this] { ++reloads_; }});
    watch_->seen(1);
  }
  void change(std::uint64_t fingerprint) {
    files_.fingerprint = fingerprint;
    directories_.on_change();
    executor_->run_ready();
  }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  std::vector<std::string> lines_;
  Log log_{{}, executor_->clock(), std::make_unique<WatchedLines>(lines_)};
  FakeDirectories directories_;
  config::WatchedFiles files_;
  bool must_wait_ = false;
  int reloads_ = 0;
  int looks_ = 0;
  std::shared_ptr<ConfigWatch> watch_;
};

TEST_F(ConfigWatchTest, reloads_once_when_the_files_have_been_left_alone) {
  watch_->set(true, kSecond);
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(reloads_, 0) << "nothing has changed since they were read";
  for (std::uint64_t i = 2; i < 12; ++i) {
    change(i);
    executor_->run_for(500 * kMillisecond);
  }
  EXPECT_EQ(reloads_, 0);
  executor_->run_for(kSecond);
  EXPECT_EQ(reloads_, 1);
  executor_->run_for(60 * kSecond);
  EXPECT_EQ(reloads_, 1);
}

TEST_F(ConfigWatchTest, what_changed_between_the_reading_and_the_watching_is_seen) {
  files_.fingerprint = 2;
  watch_->set(true, kSecond);
  executor_->run_for(2 * kSecond);
  EXPECT_EQ(reloads_, 1);
}

TEST_F(ConfigWatchTest, the_same_content_is_no_change_and_a_bad_file_is_read_once) {
  watch_->set(true, kSecond);
  change(1);
  executor_->run_for(2 * kSecond);
  EXPECT_EQ(reloads_, 0);
  change(2);  // bad or good, it is told once
  executor_->run_for(2 * kSecond);
  change(2);
  executor_->run_for(2 * kSecond);
  EXPECT_EQ(reloads_, 1);
}

TEST_F(ConfigWatchTest, what_somebody_else_reloaded_is_not_read_again) {
  watch_->set(true, kSecond);
  change(2);
  watch_->seen(2);  // a signal was quicker
  executor_->run_for(2 * kSecond);
  EXPECT_EQ(reloads_, 0);
}

TEST_F(ConfigWatchTest, a_change_waits_while_a_reload_would_be_refused) {
  watch_->set(true, kSecond);
  must_wait_ = true;
  change(2);
  executor_->run_for(30 * kSecond);
  EXPECT_EQ(reloads_, 0);
  must_wait_ = false;
  executor_->run_for(2 * kSecond);
  EXPECT_EQ(reloads_, 1);
}

TEST_F(ConfigWatchTest, other_directories_are_watched_when_the_files_move) {
  watch_->set(true, kSecond);
  EXPECT_THAT(directories_.watched.back(), ElementsAre("/etc/picket"));
  files_.directories = {"/etc/picket", "/etc/picket/conf.d"};
  change(2);
  executor_->run_for(2 * kSecond);
  EXPECT_THAT(directories_.watched.back(), ElementsAre("/etc/picket", "/etc/picket/conf.d"));
}

TEST_F(ConfigWatchTest, it_can_be_ended_and_begun_again) {
  watch_->set(true, kSecond);
  change(2);
  watch_->set(false, kSecond);
  EXPECT_EQ(directories_.alive, 0);
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(reloads_, 0);
  watch_->set(true, kSecond);
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(reloads_, 1) << "what changed meanwhile counts";
  watch_->stop();
  watch_->set(true, kSecond);
  EXPECT_EQ(directories_.alive, 0);
}

TEST_F(ConfigWatchTest, a_change_that_comes_after_its_end_harms_nobody) {
  watch_->set(true, kSecond);
  const auto late = directories_.on_change;
  watch_->stop();
  watch_.reset();
  late();
  executor_->run_for(5 * kSecond);
  EXPECT_EQ(reloads_, 0);
}

TEST_F(ConfigWatchTest, who_cannot_watch_says_so) {
  directories_.broken = true;
  watch_->set(true, kSecond);
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("the configuration is not watched: too many watches")));
}

}  // namespace
}  // namespace picket::service
