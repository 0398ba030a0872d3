// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "json_lines.hpp"
#include "parse_harness.hpp"

namespace picket::routing {
namespace {

ParseHarness json_harness(std::string_view more = "") {
  return ParseHarness(R"({"format": "json", "keep": false)" + std::string(more) + "}");
}

std::string read_json(std::string_view text) {
  return json_harness().fields(text);
}

TEST(ParseJson, each_member_becomes_a_field_of_its_type) {
  EXPECT_EQ(read_json(R"({"a": 1, "b": -2.5, "c": true, "d": false, "e": null, "f": "x y"})"),
            R"(a=1 b=-2.5 c=true d=false e=null f="x y")");
}

TEST(ParseJson, what_all_readers_of_ours_read_alike_is_read_so) {
  for (const fixtures::JsonLine& line : fixtures::kJsonLines) {
    // As bytes, for a text that is no UTF-8 comes to no step.
    const std::string fields = json_harness().fields(line.text, PICKET_TYPE_BYTES);
    if (line.fields == fixtures::kRefused) {
      EXPECT_NE(fields.find("parse.error"), std::string::npos) << line.text << ": " << fields;
    } else {
      EXPECT_EQ(fields, line.fields) << line.text;
    }
  }
}

TEST(ParseJson, nested_objects_become_dotted_keys) {
  EXPECT_EQ(read_json(R"({"http": {"status": 200, "request": {"method": "GET"}}, "z": 1})"),
            R"(http.status=200 http.request.method="GET" z=1)");
}

TEST(ParseJson, arrays_stay_json_as_they_came) {
  EXPECT_EQ(read_json("{\"a\": [1, 2.50, {\"b\": [] }] , \"c\":[ ]\n}"), R"(a=[1, 2.50, {"b": [] }] c=[ ])");
}

TEST(ParseJson, an_empty_object_inside_is_not_lost) {
  EXPECT_EQ(read_json(R"({"a": {}, "b": {"c": { }}})"), "a={} b.c={}");
  EXPECT_EQ(read_json("{}"), "");
}

TEST(ParseJson, numbers_are_exact_or_stay_json) {
  EXPECT_EQ(read_json(R"({"a": 9223372036854775807, "b": -9223372036854775808})"),
            "a=9223372036854775807 b=-9223372036854775808");
  EXPECT_EQ(read_json(R"({"a": 9223372036854775808, "b": 1e400})"), "a=9223372036854775808 b=1e400");
  EXPECT_EQ(read_json(R"({"a": 1e2, "b": 0.1, "c": -0.0, "d": 1.0})"), "a=100.0 b=0.1 c=-0.0 d=1.0");
}

TEST(ParseJson, escapes_are_undone_in_keys_and_values) {
  EXPECT_EQ(read_json(R"({"a\n\u00e9": "\"\\\/\t\ud83d\ude00"})"), "a\n\u00e9=\"\"\\/\t\U0001F600\"");
}

TEST(ParseJson, of_one_key_the_last_stays) {
  EXPECT_EQ(read_json(R"({"a": 1, "b": 2, "a": 3})"), "b=2 a=3");
  EXPECT_EQ(read_json(R"({"a.b": 1, "a": {"b": 2}})"), "a.b=2");
}

TEST(ParseJson, a_byte_order_mark_and_blanks_do_not_count) {
  EXPECT_EQ(read_json("\xEF\xBB\xBF {\"a\": 1}\r\n"), "a=1");
}

struct BadJson {
  const char* text;
  const char* error;
};

class ParseBadJson : public ::testing::TestWithParam<BadJson> {};

TEST_P(ParseBadJson, is_refused_with_its_byte_and_reason) {
  const std::string line = ParseHarness(R"({"format": "json"})").fields(GetParam().text, PICKET_TYPE_BYTES);
  EXPECT_EQ(line.substr(line.find("parse.error=")), "parse.error=\"json: byte " + std::string(GetParam().error) + "\"");
}

INSTANTIATE_TEST_SUITE_P(
    All, ParseBadJson,
    ::testing::Values(BadJson{"", "0: no object"}, BadJson{"  ", "0: no object"}, BadJson{"plain", "0: no object"},
                      BadJson{"[1]", "0: no object"}, BadJson{R"({"a": 1)", "7: does not end with }"},
                      BadJson{R"({"a": "x)", "8: ends inside of a string"},
                      BadJson{R"({"a": 1} x)", "10: does not end with }"},
                      BadJson{R"({"a": 1}})", "8: text behind the object"}, BadJson{R"({"a": 01})", "6: no value"},
                      BadJson{R"({"a": nul})", "6: no value"}, BadJson{R"({"a": 1.})", "6: no value"},
                      BadJson{R"({"a": +1})", "6: no value"}, BadJson{R"({"a": [1, .5]})", "10: no value"},
                      BadJson{R"({"a": "\x"})", "6: an invalid escape in a string"},
                      BadJson{R"({"a": "\ud800"})", "6: an invalid escape in a string"},
                      BadJson{R"({"\u12": 1})", "1: an invalid escape in a key"},
                      BadJson{"{\"a\": \"\xC3(\"}", "7: not UTF-8"},
                      BadJson{"{\"a\": \"x\ny\"}", "8: a control character in a string"},
                      BadJson{R"({"": 1})", "1: a key without characters"}));

TEST(ParseJson, whatever_is_between_members_is_looked_at) {
  for (const char* text : {R"({"a" 1})", R"({"a": 1 "b": 2})", R"({"a": 1,})", R"({,"a": 1})", R"({a: 1})",
                           R"({"a": [1 2]})", R"({"a": [1,]})", R"({"a": [})", R"({"a": {"b": 1})", R"({"a": })",
                           R"({"a": 1, 2: 3})", R"({"a": [{"b"}]})", R"({"a": ["\x"]})", R"({"a": tru e})"}) {
    EXPECT_NE(read_json(text).find("parse.error=\"json: byte "), std::string::npos) << text;
  }
}

TEST(ParseJson, depth_is_limited_also_inside_of_arrays) {
  auto harness = json_harness(R"(, "max_depth": 2)");
  EXPECT_EQ(harness.fields(R"({"a": {"b": 1}})"), "a.b=1");
  EXPECT_EQ(harness.fields(R"({"a": [1]})"), "a=[1]");
  for (const char* text :
       {R"({"a": {"b": {"c": 1}}})", R"({"a": [[1]]})", R"({"a": [{"b": 1}]})", R"({"a": {"b": []}})"}) {
    EXPECT_NE(harness.fields(text).find("nested deeper than max_depth"), std::string::npos) << text;
  }
  std::string deep = "{\"a\":";
  deep += std::string(100'000, '[') + std::string(100'000, ']') + '}';
  EXPECT_NE(harness.fields(deep).find("nested deeper than max_depth"), std::string::npos);
}

TEST(ParseJson, a_failure_leaves_nothing_behind_for_the_next_text) {
  auto harness = json_harness();
  harness.fields(R"({"a": {"b": [1, x]}})");
  EXPECT_EQ(harness.fields(R"({"c": {"d": 1}})"), "c.d=1");
}

}  // namespace
}  // namespace picket::routing
