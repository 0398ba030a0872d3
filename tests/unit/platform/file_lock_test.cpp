// SPDX-License-Identifier: Apache-2.0
#include "platform/file_lock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/process.hpp"
#include "temporary_directory.hpp"

namespace picket::platform {
namespace {

using testing::HasSubstr;

TEST(FileLock, a_second_holder_is_told_who_the_first_is) {
  const TemporaryDirectory directory;
  const auto first = FileLock::acquire(directory / "lock");
  ASSERT_TRUE(first) << first.error().message;
  const auto second = FileLock::acquire(directory / "lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().status, PICKET_REFUSED);
  EXPECT_THAT(second.error().message, HasSubstr("process " + std::to_string(process_id())));
}

TEST(FileLock, a_released_lock_can_be_taken_again_although_its_file_stays) {
  const TemporaryDirectory directory;
  {
    const auto first = FileLock::acquire(directory / "lock");
    ASSERT_TRUE(first);
  }
  EXPECT_TRUE(std::filesystem::exists(directory / "lock"));
  EXPECT_TRUE(FileLock::acquire(directory / "lock"));
}

TEST(FileLock, a_moved_lock_stays_held) {
  const TemporaryDirectory directory;
  auto first = FileLock::acquire(directory / "lock");
  ASSERT_TRUE(first);
  const FileLock moved = std::move(*first);
  EXPECT_FALSE(FileLock::acquire(directory / "lock"));
}

TEST(FileLock, a_missing_directory_is_an_error_that_names_it) {
  const TemporaryDirectory directory;
  const auto lock = FileLock::acquire(directory / "missing" / "lock");
  ASSERT_FALSE(lock);
  EXPECT_THAT(lock.error().message, HasSubstr("missing"));
}

}  // namespace
}  // namespace picket::platform
