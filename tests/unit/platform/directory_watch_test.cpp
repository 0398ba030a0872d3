// SPDX-License-Identifier: Apache-2.0
#include "platform/directory_watch.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>

#include "temporary_directory.hpp"

namespace picket::platform {
namespace {

class DirectoryWatchTest : public testing::Test {
 protected:
  DirectoryWatchTest() {
    std::filesystem::create_directories(directory_ / "a");
    std::filesystem::create_directories(directory_ / "b");
    auto watch = DirectoryWatch::start([this] {
      const std::scoped_lock lock(mutex_);
      ++changes_;
      changed_.notify_all();
    });
    EXPECT_TRUE(watch.ok());
    watch_ = std::move(*watch);
  }

  void write(const std::string& name) const { std::ofstream(directory_ / name) << "x"; }
  int changes() {
    const std::scoped_lock lock(mutex_);
    return changes_;
  }
  // Something is heard after `act`.
  template <typename Act>
  bool heard_after(const Act& act) {
    const int before = changes();
    act();
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return changes_ > before; });
  }

  const TemporaryDirectory directory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int changes_ = 0;
  std::unique_ptr<DirectoryWatch> watch_;  // last: its thread uses the others
};

TEST_F(DirectoryWatchTest, hears_of_files_that_are_written_renamed_and_removed) {
  ASSERT_TRUE(watch_->set({directory_ / "a"}).ok());
  EXPECT_TRUE(heard_after([&] { write("a/new"); }));
  EXPECT_TRUE(heard_after([&] { write("a/new"); }));
  write("b/aside");
  EXPECT_TRUE(heard_after([&] { std::filesystem::rename(directory_ / "b/aside", directory_ / "a/new"); }));
  EXPECT_TRUE(heard_after([&] { std::filesystem::remove(directory_ / "a/new"); }));
}

TEST_F(DirectoryWatchTest, other_directories_can_take_the_place_of_the_first) {
  ASSERT_TRUE(watch_->set({directory_ / "a"}).ok());
  ASSERT_TRUE(watch_->set({directory_ / "b"}).ok());
  EXPECT_TRUE(heard_after([&] { write("b/x"); }));
}

TEST_F(DirectoryWatchTest, several_directories_at_once) {
  ASSERT_TRUE(watch_->set({directory_ / "a", directory_ / "b"}).ok());
  EXPECT_TRUE(heard_after([&] { write("a/x"); }));
  EXPECT_TRUE(heard_after([&] { write("b/x"); }));
}

TEST_F(DirectoryWatchTest, a_directory_that_is_not_there_is_named_and_the_others_are_watched) {
  const auto set = watch_->set({directory_ / "missing", directory_ / "a"});
  ASSERT_FALSE(set.ok());
  EXPECT_NE(set.error().message.find("missing"), std::string::npos);
  EXPECT_TRUE(heard_after([&] { write("a/x"); }));
}

}  // namespace
}  // namespace picket::platform
