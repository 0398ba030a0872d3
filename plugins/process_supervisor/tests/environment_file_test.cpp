// SPDX-License-Identifier: Apache-2.0
#include "environment_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace picket::process_supervisor {
namespace {

using ::testing::HasSubstr;

TEST(EnvironmentFile, lines_quotes_and_comments) {
  const auto parsed = parse_environment(
      "# comment\n; another\n\nA=1\r\n B = two words \nexport C=3\nD=\"a\\n\\\"b\\\" \\$x\"\nE='$x \\n'\nF=\nA=last",
      "f");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(
      *parsed,
      (Environment{{"A", "last"}, {"B", "two words"}, {"C", "3"}, {"D", "a\n\"b\" $x"}, {"E", "$x \\n"}, {"F", ""}}));
}

TEST(EnvironmentFile, a_mistake_names_file_and_line) {
  const auto error = [](const char* text) {
    const auto parsed = parse_environment(text, "/etc/web.env");
    return parsed.ok() ? std::string() : parsed.error().message;
  };
  EXPECT_EQ(error("A=1\nB\n"), "/etc/web.env:2: a line must be NAME=VALUE");
  EXPECT_THAT(error("1A=1"), HasSubstr("/etc/web.env:1: \"1A\" is no name of a variable"));
  EXPECT_THAT(error("\n\nA=\"x"), HasSubstr("/etc/web.env:3: a quote is not closed"));
  EXPECT_THAT(error("A='x' y"), HasSubstr("a quote is not closed, or text follows it"));
}

TEST(EnvironmentFile, a_file_that_cannot_be_read_says_why) {
  const auto missing = read_environment_file("/nowhere/web.env");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().status, PICKET_NOT_FOUND);
  EXPECT_THAT(missing.error().message, AllOf(HasSubstr("/nowhere/web.env"), HasSubstr("ENOENT")));
  const auto folder = read_environment_file(std::filesystem::temp_directory_path().string());
  ASSERT_FALSE(folder.ok());
  EXPECT_THAT(folder.error().message, HasSubstr("no regular file"));
}

}  // namespace
}  // namespace picket::process_supervisor
