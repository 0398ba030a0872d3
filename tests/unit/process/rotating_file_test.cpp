// SPDX-License-Identifier: Apache-2.0
#include "process/rotating_file_linux.hpp"

#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace picket::process {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

struct RotatingFileTest : testing::Test {
  TemporaryFolder folder;
  std::string path = folder.file("log");
  std::uint64_t lost = 0;
};

TEST_F(RotatingFileTest, is_appended_to) {
  write_content(path, "old ");
  RotatingFile file(path, {});
  ASSERT_EQ(file.open(0), 0);
  EXPECT_EQ(file.write("new", 0, lost), 0);
  EXPECT_EQ(content_of(path), "old new");
}

TEST_F(RotatingFileTest, rotates_by_size_after_the_line) {
  RotatingFile file(path, {10, 0, 2});
  ASSERT_EQ(file.open(0), 0);
  EXPECT_EQ(file.write("123456789\nabcdefghijk\nl", 0, lost), 0);
  EXPECT_EQ(content_of(path + ".2"), "123456789\n");
  EXPECT_EQ(content_of(path + ".1"), "abcdefghijk\n");  // it stands across the limit
  EXPECT_EQ(content_of(path), "l");
}

TEST_F(RotatingFileTest, keeps_lines_whole_and_as_many_files_as_it_should) {
  RotatingFile file(path, {8, 0, 2});
  ASSERT_EQ(file.open(0), 0);
  for (const char* line : {"first\n", "second\n", "third\n", "fourth\n", "fifth\n", "sixth\n", "7\n"}) {
    EXPECT_EQ(file.write(line, 0, lost), 0);
  }
  EXPECT_EQ(content_of(path), "7\n");
  EXPECT_EQ(content_of(path + ".1"), "fifth\nsixth\n");
  EXPECT_EQ(content_of(path + ".2"), "third\nfourth\n");
  EXPECT_FALSE(std::filesystem::exists(path + ".3"));
}

TEST_F(RotatingFileTest, rotates_by_age) {
  RotatingFile file(path, {0, 60 * kSecond, 1});
  ASSERT_EQ(file.open(0), 0);
  file.write("a\n", 0, lost);
  file.write("b\n", 59 * kSecond, lost);
  file.write("c\nd\n", 60 * kSecond, lost);
  EXPECT_EQ(content_of(path + ".1"), "a\nb\n");
  EXPECT_EQ(content_of(path), "c\nd\n");
}

TEST_F(RotatingFileTest, is_begun_anew_when_somebody_takes_it_away) {
  RotatingFile file(path, {});
  ASSERT_EQ(file.open(0), 0);
  file.write("a", 0, lost);
  std::filesystem::remove(path);
  file.write("b", 2 * kSecond, lost);
  EXPECT_EQ(content_of(path), "b");
}

TEST_F(RotatingFileTest, a_removed_file_takes_nothing_more) {
  RotatingFile file(path, {});
  ASSERT_EQ(file.open(0), 0);
  file.write("a", 0, lost);
  std::filesystem::remove(path);
  file.write("b", 0, lost);
  file.write("c", 0, lost);
  EXPECT_EQ(content_of(path), "bc");
}

TEST_F(RotatingFileTest, a_renamed_file_is_written_until_it_is_noticed) {
  RotatingFile file(path, {});
  ASSERT_EQ(file.open(0), 0);
  file.write("a", 0, lost);
  std::filesystem::rename(path, path + ".old");
  file.write("b", 0, lost);
  file.write("c", 2 * kSecond, lost);
  EXPECT_EQ(content_of(path + ".old"), "ab");
  EXPECT_EQ(content_of(path), "c");
}

TEST_F(RotatingFileTest, says_what_it_could_not_write) {
  RotatingFile file("/dev/full", {});
  EXPECT_NE(file.open(0), 0);  // no regular file
  EXPECT_NE(file.write("lost", 0, lost), 0);
  EXPECT_EQ(lost, 4U);
}

TEST_F(RotatingFileTest, does_not_follow_a_link) {
  std::filesystem::create_symlink(folder.file("elsewhere"), path);
  RotatingFile file(path, {});
  EXPECT_NE(file.open(0), 0);
}

}  // namespace
}  // namespace picket::process
