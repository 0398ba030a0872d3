// SPDX-License-Identifier: Apache-2.0
#include "service/logging.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/virtual_executor.hpp"

namespace picket::service {
namespace {

using platform::kSecond;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Lines final : public LogSink {
 public:
  explicit Lines(std::vector<std::string>& lines) : lines_(lines) {}
  void write(LogLevel /*level*/, std::string_view line) override { lines_.emplace_back(line); }

 private:
  std::vector<std::string>& lines_;
};

class LogTest : public testing::Test {
 protected:
  std::unique_ptr<Log> make(Log::Settings settings = {}) {
    return std::make_unique<Log>(settings, executor_->clock(), std::make_unique<Lines>(lines_));
  }

  // All from one site.
  static void repeat(Log& log, int count, std::string_view instance = "host") {
    for (int i = 0; i < count; ++i) log.write(LogLevel::warning, instance, "again", {}, {"dir/file.cpp", 7});
  }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  std::vector<std::string> lines_;
};

TEST_F(LogTest, writes_one_line_stamped_with_the_wall_clock) {
  const auto log = make();
  log->write(LogLevel::info, "host", "ready", {{"routes", 3}});
  EXPECT_THAT(lines_, ElementsAre("2023-11-14T22:13:20.000Z INFO host ready routes=3"));
}

TEST_F(LogTest, levels_below_the_set_one_are_off_until_a_reload_says_otherwise) {
  const auto log = make();
  EXPECT_FALSE(log->enabled(LogLevel::debug));
  log->write(LogLevel::debug, "host", "hidden");
  EXPECT_THAT(lines_, IsEmpty());
  log->set_level(LogLevel::debug);
  log->write(LogLevel::debug, "host", "shown");
  EXPECT_EQ(lines_.size(), 1U);
}

TEST_F(LogTest, the_format_can_change_while_running) {
  const auto log = make();
  log->set_format(config::LogFormat::json);
  log->write(LogLevel::info, "host", "ready");
  EXPECT_EQ(lines_.back().front(), '{');
}

TEST_F(LogTest, different_call_sites_do_not_share_a_limit) {
  const auto log = make();
  for (int i = 0; i < 10; ++i) log->write(LogLevel::info, "host", "one");
  for (int i = 0; i < 10; ++i) log->write(LogLevel::info, "host", "other");
  EXPECT_EQ(lines_.size(), 20U);
}

TEST_F(LogTest, an_answer_to_the_operator_is_neither_hidden_nor_held_back) {
  Log::Settings settings;
  settings.level = LogLevel::error;
  const auto log = make(settings);
  for (int i = 0; i < 50; ++i) log->answer(LogLevel::info, "", "route", {{"number", i}});
  EXPECT_EQ(lines_.size(), 50U);
  EXPECT_EQ(log->suppressed(), 0U);
}

TEST_F(LogTest, one_line_says_how_many_were_suppressed_when_the_window_ends) {
  const auto log = make();
  log->use_executor(executor_);
  repeat(*log, 25);
  EXPECT_EQ(lines_.size(), 10U);
  EXPECT_EQ(log->suppressed(), 15U);
  executor_->run_for(10 * kSecond - 1);
  EXPECT_EQ(lines_.size(), 10U);
  executor_->run_for(1);
  ASSERT_EQ(lines_.size(), 11U);
  EXPECT_EQ(lines_.back(),
            "2023-11-14T22:13:30.000Z WARNING host similar messages were suppressed suppressed=15 first=again "
            "site=file.cpp:7");
}

TEST_F(LogTest, nothing_is_scheduled_while_nothing_is_suppressed) {
  const auto log = make();
  log->use_executor(executor_);
  repeat(*log, 10);
  EXPECT_FALSE(executor_->run_next_call());
  repeat(*log, 1);
  EXPECT_TRUE(executor_->run_next_call());
  EXPECT_FALSE(executor_->run_next_call());
}

TEST_F(LogTest, without_an_executor_the_next_record_brings_the_count) {
  const auto log = make();
  repeat(*log, 12);
  executor_->run_for(10 * kSecond);
  log->write(LogLevel::info, "other", "hello");
  ASSERT_EQ(lines_.size(), 12U);
  EXPECT_THAT(lines_[10], HasSubstr("suppressed=2"));
}

TEST_F(LogTest, the_end_of_the_log_brings_the_rest_and_a_pending_call_finds_it_gone) {
  auto log = make();
  log->use_executor(executor_);
  repeat(*log, 12);
  log.reset();
  EXPECT_THAT(lines_.back(), HasSubstr("suppressed=2"));
  const std::size_t before = lines_.size();
  executor_->run_for(20 * kSecond);
  EXPECT_EQ(lines_.size(), before);
}

TEST_F(LogTest, two_noisy_instances_are_reported_apart) {
  const auto log = make();
  log->use_executor(executor_);
  repeat(*log, 11, "a");
  executor_->run_for(kSecond);
  repeat(*log, 13, "b");
  executor_->run_for(20 * kSecond);
  ASSERT_EQ(lines_.size(), 22U);
  EXPECT_THAT(lines_[20], HasSubstr(" a similar messages were suppressed suppressed=1"));
  EXPECT_THAT(lines_[21], HasSubstr(" b similar messages were suppressed suppressed=3"));
}

TEST_F(LogTest, a_plugin_may_leave_its_file_unnamed) {
  const auto log = make();
  log->write(LogLevel::error, "host", "odd", {}, {nullptr, 0});
  EXPECT_EQ(lines_.size(), 1U);
}

TEST(StderrLogSink, writes_lines_as_they_are) {
  testing::internal::CaptureStderr();  // first: on Windows the sink keeps the handle that it finds
  const auto sink = make_stderr_log_sink();
  sink->write(LogLevel::trace, "one {} %v");
  sink->write(LogLevel::critical, "two");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "one {} %v\ntwo\n");
}

}  // namespace
}  // namespace picket::service
