// SPDX-License-Identifier: Apache-2.0
//
// The small text tools: globs and the scanner.
#include <gtest/gtest.h>

#include <string>

#include "glob.hpp"
#include "scan.hpp"

namespace picket::perf_collector {
namespace {

TEST(Glob, star_matches_any_run_even_an_empty_one_and_slashes) {
  EXPECT_TRUE(glob_match("*/web*", "/usr/bin/web --port 80"));
  EXPECT_TRUE(glob_match("web*", "web"));
  EXPECT_FALSE(glob_match("*/web", "/usr/bin/web --port 80"));
  EXPECT_TRUE(glob_match("*a*b*c", "xxaxxbxxbxxc"));
}

TEST(Glob, without_a_star_the_whole_text_must_match) {
  EXPECT_TRUE(glob_match("nginx", "nginx"));
  EXPECT_FALSE(glob_match("nginx", "nginx2"));
  EXPECT_FALSE(glob_match("nginx", "ngin"));
  EXPECT_TRUE(glob_match("ngin?", "nginx"));
  EXPECT_FALSE(glob_match("nginx?", "nginx"));
  EXPECT_TRUE(glob_match("", ""));
}

TEST(Glob, sets_hold_ranges_and_can_be_negated) {
  EXPECT_TRUE(glob_match("sd[a-c]", "sdb"));
  EXPECT_FALSE(glob_match("sd[a-c]", "sdd"));
  EXPECT_TRUE(glob_match("sd[!a-c]", "sdd"));
  EXPECT_TRUE(glob_match("[]x]", "]"));
  EXPECT_TRUE(glob_match("[a-]", "-"));
}

TEST(Glob, an_open_bracket_stands_for_itself_and_a_backslash_protects) {
  EXPECT_TRUE(glob_match("a[b", "a[b"));
  EXPECT_TRUE(glob_match("a\\*", "a*"));
  EXPECT_FALSE(glob_match("a\\*", "ab"));
}

TEST(Glob, many_stars_on_a_long_text_end_soon) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  EXPECT_FALSE(glob_match(pattern + "b", std::string(4096, 'a')));
}

TEST(Scanner, lines_come_without_their_end_and_the_last_may_lack_one) {
  Scanner scanner("one\n\nthree");
  std::string_view line;
  ASSERT_TRUE(scanner.line(line));
  EXPECT_EQ(line, "one");
  ASSERT_TRUE(scanner.line(line));
  EXPECT_EQ(line, "");
  ASSERT_TRUE(scanner.line(line));
  EXPECT_EQ(line, "three");
  EXPECT_FALSE(scanner.line(line));
}

TEST(Scanner, a_number_must_be_a_whole_word_and_fit) {
  Scanner scanner("  12 3x 99999999999999999999 -4 1.5");
  std::int64_t number = 0;
  std::string_view word;
  ASSERT_TRUE(scanner.number(number));
  EXPECT_EQ(number, 12);
  EXPECT_FALSE(scanner.number(number));
  ASSERT_TRUE(scanner.word(word));
  EXPECT_EQ(word, "3x");
  EXPECT_FALSE(scanner.number(number));
  ASSERT_TRUE(scanner.skip(1));
  ASSERT_TRUE(scanner.number(number));
  EXPECT_EQ(number, -4);
  double fraction = 0;
  ASSERT_TRUE(scanner.number(fraction));
  EXPECT_EQ(fraction, 1.5);
  EXPECT_FALSE(scanner.number(number));
  EXPECT_FALSE(scanner.skip(1));
}

}  // namespace
}  // namespace picket::perf_collector
