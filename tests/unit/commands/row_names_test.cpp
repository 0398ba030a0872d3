// SPDX-License-Identifier: Apache-2.0
#include "commands/row_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace picket::commands {
namespace {

using ::testing::ElementsAre;

RowNames names_of(const std::vector<Series>& series) {
  static std::vector<Row> rows;
  rows.clear();
  for (const Series& each : series) {
    rows.emplace_back();
    rows.back().series = each;
  }
  return RowNames(pointers_to(rows));
}

Series named(const std::string& name, const std::string& attributes = "{}", const std::string& source = "host") {
  return {0, 0, "box", source, name, attributes, ""};
}

TEST(RowNames, a_single_row_is_called_by_all_it_has) {
  const RowNames names = names_of({named("io", R"({"device":"eth0"})")});
  EXPECT_EQ(names.common, "");
  EXPECT_THAT(names.labels, ElementsAre("io device=eth0"));
}

TEST(RowNames, one_label_that_tells_all_apart_is_named_once) {
  const RowNames names =
      names_of({named("io", R"({"device":"eth0","way":"in"})"), named("io", R"({"device":"lo","way":"in"})")});
  EXPECT_EQ(names.common, "io way=in by device");
  EXPECT_THAT(names.labels, ElementsAre("eth0", "lo"));
}

TEST(RowNames, several_labels_keep_their_keys) {
  const RowNames names =
      names_of({named("io", R"({"device":"eth0","way":"in"})"), named("io", R"({"device":"lo","way":"out"})")});
  EXPECT_EQ(names.common, "io");
  EXPECT_THAT(names.labels, ElementsAre("device=eth0 way=in", "device=lo way=out"));
}

TEST(RowNames, names_that_begin_alike_are_shortened) {
  const RowNames names = names_of({named("system.cpu.load.1m"), named("system.cpu.load.15m")});
  EXPECT_EQ(names.common, "system.cpu.load.*");
  EXPECT_THAT(names.labels, ElementsAre("1m", "15m"));
}

TEST(RowNames, one_common_word_is_not_enough_to_shorten) {
  const RowNames names = names_of({named("system.cpu"), named("system.memory")});
  EXPECT_EQ(names.common, "");
  EXPECT_THAT(names.labels, ElementsAre("system.cpu", "system.memory"));
}

TEST(RowNames, sources_are_shown_where_they_differ) {
  const RowNames names = names_of({named("load"), named("load", "{}", "old")});
  EXPECT_TRUE(names.source);
  EXPECT_FALSE(names.host);
  EXPECT_EQ(names.common, "load by source");
  EXPECT_THAT(names.labels, ElementsAre("host", "old"));
}

TEST(RowNames, a_row_with_nothing_of_its_own_says_so) {
  const RowNames names = names_of({named("io"), named("io", R"({"device":"lo"})")});
  EXPECT_THAT(names.labels, ElementsAre("(no labels)", "device=lo"));
}

}  // namespace
}  // namespace picket::commands
