// SPDX-License-Identifier: Apache-2.0
//
// A watched directory that is removed and made again, which Windows does not allow while it is watched.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>

#include "platform/directory_watch.hpp"
#include "temporary_directory.hpp"

namespace picket::platform {
namespace {

TEST(DirectoryReplacedTest, the_one_that_took_its_name_is_watched_after_the_next_set) {
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "a");
  std::mutex mutex;
  std::condition_variable changed;
  int changes = 0;
  auto watch = DirectoryWatch::start([&] {
    const std::scoped_lock lock(mutex);
    ++changes;
    changed.notify_all();
  });
  ASSERT_TRUE(watch.ok());
  const auto heard_more_than = [&](int before) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(30), [&] { return changes > before; });
  };
  ASSERT_TRUE((*watch)->set({directory / "a"}).ok());
  std::filesystem::remove_all(directory / "a");
  EXPECT_TRUE(heard_more_than(0));
  std::filesystem::create_directories(directory / "a");
  ASSERT_TRUE((*watch)->set({directory / "a"}).ok());
  int before = 0;
  {
    const std::scoped_lock lock(mutex);
    before = changes;
  }
  std::ofstream(directory / "a/x") << "x";
  EXPECT_TRUE(heard_more_than(before));
}

}  // namespace
}  // namespace picket::platform
