// SPDX-License-Identifier: Apache-2.0
//
// Text -> tree: positions, and everything that a hostile or broken file can do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/tree.hpp"

namespace picket::config {
namespace {

using testing::HasSubstr;

class Yaml : public testing::Test {
 protected:
  std::optional<Node> parse(std::string text) {
    source.emplace("f", std::move(text));
    diagnostics = {};
    if (!check_text(*source, diagnostics)) return std::nullopt;
    return parse_yaml(*source, diagnostics);
  }

  // "line:column: message" of the only error.
  std::string error(std::string text) {
    parse(std::move(text));
    if (diagnostics.items().size() != 1) return "there are " + std::to_string(diagnostics.items().size()) + " errors";
    const Diagnostic& only = diagnostics.items().front();
    return std::to_string(only.where.line) + ":" + std::to_string(only.where.column) + ": " + only.message;
  }

  std::string at(const Place& place) const {
    const Location where = locate(place);
    return std::to_string(where.line) + ":" + std::to_string(where.column);
  }

  std::optional<Source> source;
  Diagnostics diagnostics;
};

TEST_F(Yaml, every_node_knows_its_place) {
  const auto root = parse("a:\n  b: text\n  'c': [1, \"two\"]\n# note\nd: {e: 5}\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(at(root->find_entry("a")->where), "1:1");
  const Node& a = *root->find("a");
  EXPECT_EQ(at(a.find_entry("b")->where), "2:3");
  EXPECT_EQ(at(a.find("b")->where), "2:6");
  EXPECT_EQ(at(a.find_entry("c")->where), "3:3");
  EXPECT_EQ(at(a.find("c")->where), "3:8");
  EXPECT_EQ(at(a.find("c")->items[1].where), "3:12");
  EXPECT_EQ(at(root->find("d")->find("e")->where), "5:8");
}

TEST_F(Yaml, a_value_that_is_not_there_is_placed_at_its_key) {
  const auto root = parse("a:\nb:\n  c:\n  d: ~\ne:\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(at(root->find("a")->where), "1:1");
  EXPECT_EQ(at(root->find("b")->find("c")->where), "3:3");
  EXPECT_EQ(at(root->find("b")->find("d")->where), "4:6");
  EXPECT_EQ(at(root->find("e")->where), "5:1");
}

TEST_F(Yaml, an_item_that_is_not_there_is_placed_at_its_dash) {
  const auto root = parse("a:\n  - 1\n  -\n  - 3\n  -\n");
  ASSERT_TRUE(root);
  const auto& items = root->find("a")->items;
  ASSERT_EQ(items.size(), 4U);
  EXPECT_EQ(at(items[1].where), "3:3");
  EXPECT_EQ(at(items[2].where), "4:5");
  EXPECT_EQ(at(items[3].where), "5:3");
}

TEST_F(Yaml, columns_count_characters_and_lines_may_end_with_carriage_returns) {
  const auto root = parse("\xEF\xBB\xBF{\xC3\xA4: 1, b: 2}\r\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(at(root->find("b")->where), "1:11");
  EXPECT_EQ(source->line(1), "{\xC3\xA4: 1, b: 2}");
}

TEST_F(Yaml, styles_are_told_apart) {
  const auto root = parse("a: x\nb: 'x'\nc: \"x\"\nd: |\n  x\ne: &n x\nf: !secret x\ng: &m \"x\"\nh: !!str 5\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("a")->style, Node::Style::plain);
  EXPECT_EQ(root->find("b")->style, Node::Style::single_quoted);
  EXPECT_EQ(root->find("c")->style, Node::Style::double_quoted);
  EXPECT_EQ(root->find("d")->style, Node::Style::block);
  EXPECT_EQ(root->find("e")->style, Node::Style::plain);
  EXPECT_EQ(root->find("f")->tag, "!secret");
  EXPECT_EQ(root->find("g")->style, Node::Style::double_quoted);
  EXPECT_NE(root->find("h")->style, Node::Style::plain);
}

TEST_F(Yaml, a_byte_of_a_scalar_is_found_in_the_file) {
  const auto root =
      parse("a: plain\nb: 'it''s'\nc: \"\\x41\\u00e4\\nz\"\nd: &x plain\ne: |\n  block\nf: \"two\n  lines\"\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(at(place_in_scalar(*root->find("a"), 2)), "1:6");
  EXPECT_EQ(at(place_in_scalar(*root->find("b"), 3)), "2:9");   // past the doubled quote
  EXPECT_EQ(at(place_in_scalar(*root->find("c"), 4)), "3:17");  // past A, U+00E4 (two bytes) and a line break
  EXPECT_EQ(at(place_in_scalar(*root->find("d"), 1)), "4:8");
  EXPECT_EQ(at(place_in_scalar(*root->find("e"), 3)), "5:4");  // a block: its start
  EXPECT_EQ(at(place_in_scalar(*root->find("f"), 6)), "7:4");  // over lines: its start
}

TEST_F(Yaml, a_key_given_twice_names_both_places) {
  EXPECT_EQ(error("a: 1\nb: {x: 1, 'x': 2}\n"),
            "2:11: `x` is given twice in this mapping; the first is at line 2, column 5");
  const auto root = parse("a: 1\na: {b: 2}\nc: 3\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("a")->text, "1");  // the rest is still checked
  EXPECT_EQ(root->find("c")->text, "3");
}

TEST_F(Yaml, an_empty_file_is_nothing) {
  for (const char* text : {"", "# only a comment\n", "---\n"}) {
    const auto root = parse(text);
    ASSERT_TRUE(root) << text;
    EXPECT_EQ(root->kind, Node::Kind::null);
  }
}

TEST_F(Yaml, syntax_errors_have_a_place_and_say_what_to_do) {
  EXPECT_EQ(error("a: b: c\n"),
            "1:5: a `key: value` cannot start here; check the indentation, and quote text with `: `");
  EXPECT_EQ(error("a: 1\n  b: 2\n"),
            "2:4: a `key: value` cannot start here; check the indentation, and quote text with `: `");
  EXPECT_THAT(error("a: [1, 2\n"), HasSubstr("`[` is not closed"));
  EXPECT_THAT(error("a: {b: 1\n"), HasSubstr("`{` is not closed"));
  EXPECT_EQ(error("a: 'it''s\n"), "1:4: a quoted text is not closed");
  EXPECT_EQ(error("a: &b \"x\\\"\n\n"), "1:4: a quoted text is not closed");
  EXPECT_THAT(error("a: 'x"), HasSubstr("a quoted text is not closed"));
  EXPECT_EQ(error("a: *nowhere\n"), "1:4: this alias has no anchor before it; define it with `&name`");
  EXPECT_EQ(error("a: 1\n---\nb: 1\n").substr(0, 21), "2:1: a second documen");
  EXPECT_THAT(error("a: @x\n"), HasSubstr("1:4: "));
}

TEST_F(Yaml, tags_and_keys_that_mean_nothing_here_are_refused) {
  EXPECT_THAT(error("a: !include x\n"), HasSubstr("1:4: unknown tag `!include`"));
  EXPECT_THAT(error("a: !secret [x]\n"), HasSubstr("1:4: unknown tag `!secret`"));
  EXPECT_THAT(error("? [a, b]\n: 1\n"), HasSubstr("1:3: a key must be text"));
  EXPECT_THAT(error("a: &x {b: 1}\nc:\n  <<: *x\n"), HasSubstr("3:3: merge keys"));
  EXPECT_THAT(error("? " + std::string(1'025, 'k') + "\n: 1\n"), HasSubstr("a key longer than 1024 bytes"));
}

TEST_F(Yaml, text_that_is_no_yaml_text_is_refused_at_the_byte) {
  EXPECT_EQ(error("a: \xFF\n"), "1:4: the byte 0xFF is not valid UTF-8; save the file as UTF-8");
  EXPECT_EQ(error("a: 1\nb: \xC0\x80\n"), "2:4: the byte 0xC0 is not valid UTF-8; save the file as UTF-8");
  EXPECT_THAT(error("\xFF\xFE"
                    "a"),
              HasSubstr("the file is UTF-16"));
  EXPECT_THAT(error(std::string("a: x\0y", 6)), HasSubstr("1:5: the control character 0x00"));
  EXPECT_THAT(error("a: \x04 b"), HasSubstr("1:4: the control character 0x04"));
}

TEST_F(Yaml, aliases_stand_for_what_they_name) {
  const auto root = parse("a: &x {b: [1, 2]}\nc: *x\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("c")->find("b")->items.size(), 2U);
  EXPECT_THAT(error("a: &x [*x]\n"), HasSubstr("1:8: an alias cannot stand inside its own anchor"));
}

TEST_F(Yaml, aliases_of_aliases_cannot_explode) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    text += name + ": &" + name + " [" + before;
    for (int j = 0; j < 9; ++j) text += ", " + before;
    text += "]\n";
  }
  EXPECT_THAT(error(text), HasSubstr("more than 100000 values"));
}

TEST_F(Yaml, nesting_is_limited) {
  EXPECT_TRUE(parse(std::string(64, '[') + std::string(64, ']')));
  EXPECT_THAT(error(std::string(65, '[') + std::string(65, ']')), HasSubstr("1:65: nested deeper than 64 levels"));
  EXPECT_THAT(error(std::string(400, '[') + std::string(400, ']')), HasSubstr("nested deeper"));
  EXPECT_THAT(error("a: &x " + std::string(40, '[') + std::string(40, ']') + "\nb: " + std::string(30, '[') + "*x" +
                    std::string(30, ']')),
              HasSubstr("nested deeper"));
}

}  // namespace
}  // namespace picket::config
