// SPDX-License-Identifier: Apache-2.0
#include "commands/progress.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "fake_history.hpp"

namespace picket::commands {
namespace {

using platform::kMillisecond;

class ProgressTest : public ::testing::Test {
 protected:
  std::string take() {
    std::string text = err_.str();
    err_.str("");
    return text;
  }

  FakeClock clock_;
  std::ostringstream err_;
};

TEST_F(ProgressTest, shows_nothing_for_half_a_second_then_a_bar_that_goes_away) {
  Progress progress(clock_, err_, true);
  clock_.monotonic = 499 * kMillisecond;
  progress.update(0.3);
  EXPECT_EQ(take(), "");
  clock_.monotonic = 500 * kMillisecond;
  progress.update(0.5);
  EXPECT_EQ(take(), "\rreading [###############               ] 50 %");
  progress.finish();
  EXPECT_EQ(take(), "\r\x1b[K");
  progress.update(1);
  EXPECT_EQ(take(), "");
}

TEST_F(ProgressTest, is_drawn_ten_times_a_second_and_never_goes_back) {
  Progress progress(clock_, err_, true);
  clock_.monotonic = 600 * kMillisecond;
  progress.update(0.5);
  take();
  clock_.monotonic = 650 * kMillisecond;
  progress.update(0.6);
  EXPECT_EQ(take(), "");
  clock_.monotonic = 700 * kMillisecond;
  progress.update(0.2);
  EXPECT_EQ(take(), "\rreading [##################            ] 60 %");
}

TEST_F(ProgressTest, is_taken_away_however_the_read_ends) {
  {
    Progress progress(clock_, err_, true);
    clock_.monotonic = 600 * kMillisecond;
    progress.update(2);
    EXPECT_EQ(take(), "\rreading [##############################] 100 %");
  }
  EXPECT_EQ(take(), "\r\x1b[K");
}

TEST_F(ProgressTest, is_not_for_files_and_pipes) {
  Progress progress(clock_, err_, false);
  clock_.monotonic = 900 * kMillisecond;
  progress.update(0.5);
  progress.finish();
  EXPECT_EQ(take(), "");
}

}  // namespace
}  // namespace picket::commands
