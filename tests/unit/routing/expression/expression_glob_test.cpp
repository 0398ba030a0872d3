// SPDX-License-Identifier: Apache-2.0
//
// Patterns of `like`, also against a plain model of what they mean.
#include "routing/expression/glob.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace picket::routing::expression {
namespace {

bool like(std::string_view text, std::string_view pattern) {
  return Glob::compile(pattern).value().matches(text);
}

TEST(Glob, without_wildcards_the_whole_text_must_be_the_pattern) {
  EXPECT_TRUE(like("abc", "abc"));
  EXPECT_FALSE(like("abcd", "abc"));
  EXPECT_FALSE(like("ab", "abc"));
  EXPECT_FALSE(like("ABC", "abc"));
  EXPECT_TRUE(like("", ""));
  EXPECT_FALSE(like("a", ""));
}

TEST(Glob, a_star_is_any_run) {
  EXPECT_TRUE(like("", "*"));
  EXPECT_TRUE(like("heartbeat 1", "heartbeat*"));
  EXPECT_TRUE(like("disk.full", "*.full"));
  EXPECT_TRUE(like("a-b-c", "a*b*c"));
  EXPECT_TRUE(like("abab", "*ab"));
  EXPECT_FALSE(like("ab", "ab*b"));
  EXPECT_TRUE(like("abc", "**a***c**"));
  EXPECT_FALSE(like("acb", "*a*c"));
}

TEST(Glob, a_question_mark_is_one_character) {
  EXPECT_TRUE(like("cat", "c?t"));
  EXPECT_FALSE(like("ct", "c?t"));
  EXPECT_TRUE(like("c\u00e9t", "c?t"));
  EXPECT_TRUE(like("\U0001F600", "?"));
  EXPECT_FALSE(like("ab", "?"));
  EXPECT_TRUE(like("x1y22", "*?2"));
  EXPECT_TRUE(like("abcde", "a*?d?"));
  EXPECT_FALSE(like("ab", "*???"));
  EXPECT_TRUE(like("\u00e9\u00e9", "*??"));
  EXPECT_TRUE(like("aXbYc", "a?b*?c"));
}

TEST(Glob, a_backslash_takes_the_next_character_as_it_is) {
  EXPECT_TRUE(like("a*b", R"(a\*b)"));
  EXPECT_FALSE(like("axb", R"(a\*b)"));
  EXPECT_TRUE(like("a?b", R"(a\??)"));
  EXPECT_TRUE(like("a\\b", R"(a\\b)"));
  EXPECT_FALSE(Glob::compile("abc\\").has_value());
}

TEST(Glob, texts_that_are_no_utf8_are_safe) {
  EXPECT_TRUE(like("\xFF", "?"));
  EXPECT_TRUE(like("\x80\x80", "*"));
  EXPECT_FALSE(like("\xE2\x82", "??"));
  EXPECT_FALSE(like("\x80", "a*?"));
}

// The definition, by trying everything; only for short texts of one-byte characters.
bool model(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*')
    return model(text, pattern.substr(1)) || (!text.empty() && model(text.substr(1), pattern));
  if (text.empty() || (pattern.front() != '?' && pattern.front() != text.front())) return false;
  return model(text.substr(1), pattern.substr(1));
}

TEST(Glob, agrees_with_its_definition) {
  std::mt19937 random(3);
  const auto made = [&](std::string_view letters, std::size_t longest) {
    std::string text;
    for (std::size_t length = random() % (longest + 1); text.size() < length;)
      text += letters[random() % letters.size()];
    return text;
  };
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = made("ab", 8);
    const std::string pattern = made("ab**?", 7);
    ASSERT_EQ(like(text, pattern), model(text, pattern)) << text << " like " << pattern;
  }
}

}  // namespace
}  // namespace picket::routing::expression
