// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "parse_harness.hpp"

namespace picket::routing {
namespace {

TEST(ParseRegex, named_groups_become_fields) {
  ParseHarness harness(R"--({"format": "regex", "keep": false,
    "pattern": "^(?P<client>\\S+) (\\S+) \"(?P<method>[A-Z]+) (?P<path>[^\"]*)\" (?P<status>\\d+)",
    "types": {"status": "integer"}})--");
  EXPECT_EQ(harness.fields(R"(10.0.0.1 - "GET /a b" 404 -)"),
            R"(client="10.0.0.1" method="GET" path="/a b" status=404)");
}

TEST(ParseRegex, the_first_pattern_that_is_found_counts) {
  ParseHarness harness(R"--({"format": "regex", "keep": false,
    "pattern": ["user (?P<user>\\w+) logged in", "(?P<word>\\w+)"]})--");
  EXPECT_EQ(harness.fields("today user joe logged in"), R"(user="joe")");
  EXPECT_EQ(harness.fields("  else"), R"(word="else")");
  EXPECT_NE(harness.fields("...").find("regex: byte 0: no pattern matches"), std::string::npos);
}

TEST(ParseRegex, a_group_that_took_no_part_is_no_field_and_an_empty_one_is) {
  ParseHarness harness(R"--({"format": "regex", "keep": false, "pattern": "a(?P<b>b)?(?P<c>c*)"})--");
  EXPECT_EQ(harness.fields("a"), R"(c="")");
  EXPECT_EQ(harness.fields("abcc"), R"(b="b" c="cc")");
}

TEST(ParseRegex, half_a_character_is_bytes) {
  ParseHarness harness(R"--({"format": "regex", "keep": false, "pattern": "x(?P<half>\\C)"})--");
  harness.input().event("log").text("message", "x\u00e9");
  const auto lines = harness.feed();
  EXPECT_EQ(lines.front(), "log  0@0 half=\"\xC3\"");
}

TEST(ParseRegex, hostile_texts_take_linear_time) {
  ParseHarness harness(R"--({"format": "regex", "pattern": "(?P<a>(x+x+)+y)"})--");
  EXPECT_NE(harness.fields(std::string(100'000, 'x')).find("no pattern matches"), std::string::npos);
}

}  // namespace
}  // namespace picket::routing
