// SPDX-License-Identifier: Apache-2.0
#include "commands/series_select.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_history.hpp"

namespace picket::commands {
namespace {

using ::testing::HasSubstr;

const Series kReceive = {1,   0, "box", "host", "system.network.io", R"({"device":"eth0","direction":"receive","n":2})",
                         "By"};

bool matches(const std::vector<std::string>& labels) {
  const auto filters = parse_labels(labels);
  EXPECT_TRUE(filters) << filters.error().message;
  return matches_labels(kReceive, *filters);
}

TEST(Labels, choose_by_attribute_host_and_source) {
  EXPECT_TRUE(matches({}));
  EXPECT_TRUE(matches({"device=eth0"}));
  EXPECT_FALSE(matches({"device=eth1"}));
  EXPECT_TRUE(matches({"host=box", "source=host"}));
  EXPECT_TRUE(matches({"n=2"}));
}

TEST(Labels, take_globs) {
  EXPECT_TRUE(matches({"device=eth*"}));
  EXPECT_TRUE(matches({"device=?th0"}));
  EXPECT_FALSE(matches({"device=eth?0"}));
}

TEST(Labels, of_one_key_are_alternatives_and_of_different_keys_must_all_hold) {
  EXPECT_TRUE(matches({"device=lo", "device=eth0"}));
  EXPECT_FALSE(matches({"device=lo", "device=eth1"}));
  EXPECT_FALSE(matches({"device=eth0", "direction=transmit"}));
}

TEST(Labels, that_must_differ_must_all_differ) {
  EXPECT_TRUE(matches({"device!=lo*", "device!=docker*"}));
  EXPECT_FALSE(matches({"device!=lo*", "device!=eth*"}));
}

TEST(Labels, that_a_series_lacks_are_empty) {
  EXPECT_TRUE(matches({"cpu="}));
  EXPECT_TRUE(matches({"cpu!=0"}));
  EXPECT_FALSE(matches({"cpu!="}));
  EXPECT_FALSE(matches({"cpu=?*"}));
}

TEST(Labels, without_key_or_sign_are_errors_with_an_example) {
  for (const std::string text : {"x", "=x", "!=x", ""}) {
    const auto labels = parse_labels({text});
    ASSERT_FALSE(labels) << text;
    EXPECT_THAT(labels.error().message, HasSubstr("--label " + text + ": expected key=value")) << text;
  }
}

TEST(Glob, stars_are_any_text_and_marks_any_one) {
  EXPECT_TRUE(matches_glob("abc", "a*c"));
  EXPECT_TRUE(matches_glob("abcbc", "a*bc"));
  EXPECT_TRUE(matches_glob("", "**"));
  EXPECT_TRUE(matches_glob("abc", "abc*"));
  EXPECT_FALSE(matches_glob("abc", "ab"));
  EXPECT_FALSE(matches_glob("abc", "?bcd"));
  EXPECT_FALSE(matches_glob("abc", ""));
  EXPECT_FALSE(matches_glob(std::string(500, 'a') + "b", "*a*a*a*a*a*a*c"));
}

TEST(Attributes, read_as_words) {
  EXPECT_EQ(readable_attributes(kReceive.attributes), "device=eth0 direction=receive n=2");
  EXPECT_EQ(readable_attributes("no json"), "no json");
}

TEST(FindSeries, counts_the_limit_after_the_labels) {
  FakeHistory history;
  for (int i = 0; i < 5; ++i) {
    history.add_gauge("m", R"({"n":)" + std::to_string(i) + "}", "", {});
  }
  EXPECT_EQ(find_series({{"m"}, {{"n", "3", false}}, 1}, history)->size(), 1U);
  const auto many = find_series({{}, {{"n", "*", false}}, 4}, history);
  EXPECT_EQ(many.error().status, PICKET_LIMIT);
  EXPECT_THAT(many.error().message, HasSubstr("5 series match, more than 4: name them more closely"));
}

}  // namespace
}  // namespace picket::commands
