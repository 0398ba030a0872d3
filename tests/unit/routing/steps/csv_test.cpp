// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace picket::routing {
namespace {

using ::testing::ElementsAre;

std::string problem(std::string_view text) {
  const auto table = parse_csv(text);
  return table.ok() ? "none" : table.error().message;
}

TEST(Csv, reads_a_header_and_rows) {
  const auto table = parse_csv("\xEF\xBB\xBFkey,site\r\nweb1,north\r\n\r\nweb2,\n");
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_THAT(table->header, ElementsAre("key", "site"));
  EXPECT_THAT(table->rows, ElementsAre(ElementsAre("web1", "north"), ElementsAre("web2", "")));
}

TEST(Csv, quotes_hold_commas_quotes_and_line_ends) {
  const auto table = parse_csv("a,b\n\"x,\"\"y\"\"\",\"1\n2\"\n\"\",last");
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_THAT(table->rows, ElementsAre(ElementsAre("x,\"y\"", "1\n2"), ElementsAre("", "last")));
}

TEST(Csv, says_which_line_is_wrong) {
  EXPECT_EQ(problem("a,b\n1,2\n3\n"), "line 3 has 1 values, the header has 2");
  EXPECT_EQ(problem("a,b\n\"1\n2\",3\n4,5,6\n"), "line 4 has 3 values, the header has 2");
  EXPECT_EQ(problem("a,b\n1,\"2\n"), "line 2 ends inside quotes");
  EXPECT_EQ(problem("a,b\n1,2\"\n"), "line 2 has a quote inside a value without quotes around it");
  EXPECT_EQ(problem("a,b\n\"1\"2,3\n"), "line 2 has something behind a closing quote");
  EXPECT_EQ(problem(""), "the table is empty; its first line must name the columns");
  EXPECT_EQ(problem("a,\xFF"), "the table is not UTF-8");
}

TEST(Csv, is_bounded) {
  EXPECT_EQ(problem(std::string(kMaxCsvColumns, ',')), "line 1 has more than 256 columns");
  std::string rows = "a\n";
  for (std::size_t i = 0; i <= kMaxCsvRows; ++i) rows += "1\n";
  EXPECT_EQ(problem(rows), "the table has more than 100,000 rows");
}

}  // namespace
}  // namespace picket::routing
