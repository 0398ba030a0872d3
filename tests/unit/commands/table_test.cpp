// SPDX-License-Identifier: Apache-2.0
#include "commands/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace picket::commands {
namespace {

std::string printed(const Table& table, const platform::Terminal& terminal = {}) {
  std::ostringstream out;
  table.print(out, terminal);
  return out.str();
}

TEST(Table, aligns_text_to_the_left_and_numbers_to_the_right) {
  Table table({{"NAME"}, {"VALUE", Align::right}});
  table.add({"a", "1"});
  table.add({"longer", "12.5 MiB"});
  EXPECT_EQ(printed(table),
            "NAME       VALUE\n"
            "a              1\n"
            "longer  12.5 MiB\n");
}

TEST(Table, leaves_no_blanks_at_the_ends_of_lines) {
  Table table({{"A"}, {"B"}});
  table.add({"long text", "x"});
  table.add({"y", "also long"});
  EXPECT_EQ(printed(table), "A          B\nlong text  x\ny          also long\n");
}

TEST(Table, counts_characters_and_not_bytes) {
  Table table({{"A"}, {"B"}});
  table.add({"\u00fc\u00fc", "x"});
  table.add({"abc", "y"});
  EXPECT_EQ(printed(table), "A    B\n\u00fc\u00fc   x\nabc  y\n");
}

TEST(Table, cuts_the_widest_text_to_fit_a_terminal_and_nothing_in_a_pipe) {
  Table table({{"NAME"}, {"VALUE", Align::right}});
  table.add({std::string(50, 'n'), "12345"});
  EXPECT_EQ(printed(table, {.interactive = true, .colour = false, .columns = 30}),
            "NAME                     VALUE\n" + std::string(22, 'n') + "\u2026  12345\n");
  EXPECT_THAT(printed(table), ::testing::HasSubstr(std::string(50, 'n')));
}

TEST(Table, never_cuts_below_the_narrowest_column) {
  Table table({{"NAME"}, {"VALUE", Align::right}});
  table.add({std::string(50, 'n'), std::string(40, '1')});
  const std::string text = printed(table, {.interactive = true, .colour = false, .columns = 20});
  EXPECT_THAT(text, ::testing::HasSubstr(std::string(Table::kNarrowest - 1, 'n') + "\u2026"));
  EXPECT_THAT(text, ::testing::HasSubstr(std::string(40, '1')));
}

TEST(Table, titles_are_bold_where_there_is_colour) {
  Table table({{"A"}});
  table.add({"x"});
  EXPECT_EQ(printed(table, {.interactive = true, .colour = true, .columns = 80}), "\x1b[1mA\x1b[0m\nx\n");
}

TEST(Table, a_cell_cannot_drive_the_terminal) {
  Table table({{"A"}});
  table.add({"x\x1b[2J\ny"});
  EXPECT_EQ(printed(table), "A\nx\\u001b[2J\\ny\n");
}

TEST(Table, a_heading_takes_the_whole_line_and_widens_no_column) {
  Table table({{"NAME"}, {"VALUE", Align::right}});
  table.add_heading("a name longer than all columns");
  table.add({"x", "1"});
  EXPECT_EQ(printed(table), "NAME  VALUE\na name longer than all columns\nx         1\n");
  EXPECT_EQ(table.width(), 11U);
  EXPECT_THAT(printed(table, {.interactive = true, .columns = 20}),
              ::testing::HasSubstr("a name longer than \u2026\n"));
}

TEST(CsvLine, quotes_what_needs_it) {
  EXPECT_EQ(csv_line({"a", "b,c", "say \"hi\"", "two\nlines", ""}), "a,\"b,c\",\"say \"\"hi\"\"\",\"two\nlines\",\n");
}

}  // namespace
}  // namespace picket::commands
