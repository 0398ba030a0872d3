// SPDX-License-Identifier: Apache-2.0
#include "config/diagnostics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace picket::config {
namespace {

Diagnostic problem(const char* file, int line, int column, const char* message, const char* text = "") {
  return {Severity::error, {file, line, column}, message, text};
}

TEST(Diagnostics, show_the_line_and_a_caret_under_the_column) {
  Diagnostics all;
  all.add(problem("a.yaml", 3, 5, "no good", "ab: cd"));
  EXPECT_EQ(all.render(), "a.yaml:3:5: no good\n  ab: cd\n      ^\n");
}

TEST(Diagnostics, caret_counts_characters_and_keeps_tabs) {
  Diagnostics all;
  all.add(problem("a.yaml", 1, 4, "no good", "\xC3\xA4\t\xE2\x82\xAC!"));
  EXPECT_EQ(all.render(), "a.yaml:1:4: no good\n  \xC3\xA4\t\xE2\x82\xAC!\n   \t ^\n");
}

TEST(Diagnostics, come_out_by_file_and_position) {
  Diagnostics all;
  all.add(problem("a", 9, 1, "third"));
  all.add(problem("b", 1, 1, "fourth"));
  all.add(problem("a", 2, 7, "second"));
  all.add(problem("a", 2, 3, "first"));
  EXPECT_EQ(all.render(), "a:2:3: first\na:2:7: second\na:9:1: third\nb:1:1: fourth\n");
}

TEST(Diagnostics, warnings_are_no_errors) {
  Diagnostics all;
  all.add({Severity::warning, {"a", 0, 0}, "odd", ""});
  EXPECT_FALSE(all.has_errors());
  EXPECT_EQ(all.render(), "a: warning: odd\n");
}

TEST(Diagnostics, a_long_line_is_cut_around_the_caret) {
  Diagnostics all;
  const std::string line = std::string(5'000, 'x') + "!" + std::string(5'000, 'y');
  all.add(problem("a", 1, 5'001, "no good", line.c_str()));
  const std::string text = all.render();
  EXPECT_LT(text.size(), 500U);
  const auto lines = [&] {
    std::vector<std::string> found;
    std::size_t at = 0;
    for (std::size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
      found.push_back(text.substr(at, end - at));
    }
    return found;
  }();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1][lines[2].find('^')], '!');
}

TEST(Diagnostics, thousands_are_counted_but_not_kept) {
  Diagnostics all;
  for (int i = 0; i < 1'005; ++i) all.add(problem("a", i + 1, 1, "no good"));
  EXPECT_EQ(all.items().size(), Diagnostics::kMaxItems);
  EXPECT_EQ(all.errors(), 1'005U);
  EXPECT_THAT(all.render(), testing::EndsWith("and 5 more\n"));
}

TEST(Diagnostics, are_printed_as_json) {
  Diagnostics all;
  all.add(problem("a", 3, 5, "no \"good\"", "line"));
  const auto parsed = nlohmann::json::parse(all.json());
  ASSERT_EQ(parsed.size(), 1U);
  EXPECT_EQ(parsed[0]["severity"], "error");
  EXPECT_EQ(parsed[0]["file"], "a");
  EXPECT_EQ(parsed[0]["line"], 3);
  EXPECT_EQ(parsed[0]["column"], 5);
  EXPECT_EQ(parsed[0]["message"], "no \"good\"");
}

}  // namespace
}  // namespace picket::config
