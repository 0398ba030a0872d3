// SPDX-License-Identifier: Apache-2.0
#include "platform/atomic_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_directory.hpp"

namespace picket::platform {
namespace {

using testing::HasSubstr;

std::ptrdiff_t entries(const TemporaryDirectory& directory) {
  return std::distance(std::filesystem::directory_iterator(directory.path()), std::filesystem::directory_iterator());
}

TEST(AtomicFile, replaces_the_content_and_leaves_nothing_aside) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file_atomically(directory / "state", "first"));
  const std::string second("a\0b\r\n", 5);
  ASSERT_TRUE(write_file_atomically(directory / "state", second));
  const auto content = read_whole_file(directory / "state", 100);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(*content, second);
  EXPECT_EQ(entries(directory), 1);
}

TEST(AtomicFile, a_failed_replacement_leaves_nothing_aside) {
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "state" / "full");  // a file cannot take this one's place
  const auto written = write_file_atomically(directory / "state", "x");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("state"));
  EXPECT_EQ(entries(directory), 1);
}

TEST(AtomicFile, a_missing_directory_is_an_error) {
  const TemporaryDirectory directory;
  EXPECT_FALSE(write_file_atomically(directory / "missing" / "state", "x"));
}

TEST(ReadWholeFile, tells_missing_from_too_long_from_directory) {
  const TemporaryDirectory directory;
  EXPECT_EQ(read_whole_file(directory / "none", 10).error().status, PICKET_NOT_FOUND);
  ASSERT_TRUE(write_file_atomically(directory / "long", "0123456789"));
  EXPECT_TRUE(read_whole_file(directory / "long", 10));
  EXPECT_EQ(read_whole_file(directory / "long", 9).error().status, PICKET_LIMIT);
  EXPECT_THAT(read_whole_file(directory.path(), 10).error().message, HasSubstr("is a directory"));
}

TEST(ReadWholeFile, an_empty_file_is_empty) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file_atomically(directory / "empty", ""));
  EXPECT_EQ(read_whole_file(directory / "empty", 10).value(), "");
}

}  // namespace
}  // namespace picket::platform
