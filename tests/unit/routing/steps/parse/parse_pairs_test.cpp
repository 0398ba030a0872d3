// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "parse_harness.hpp"

namespace picket::routing {
namespace {

std::string read_logfmt(std::string_view text) {
  return ParseHarness(R"({"format": "logfmt", "keep": false})").fields(text);
}

std::string read_pairs(std::string_view text, std::string_view more = "") {
  return ParseHarness(R"({"format": "key_value", "keep": false)" + std::string(more) + "}").fields(text);
}

TEST(ParseLogfmt, pairs_become_texts_and_keys_alone_become_true) {
  EXPECT_EQ(read_logfmt("level=info msg=\"two words\" status=200 cached  took=1.5ms\n"),
            R"(level="info" msg="two words" status="200" cached=true took="1.5ms")");
  EXPECT_EQ(read_logfmt("a= b=x=y"), R"(a="" b="x=y")");
}

TEST(ParseLogfmt, escapes_in_quotes_are_undone) {
  EXPECT_EQ(read_logfmt(R"(a="x\"y\\z\n\t" b="\u00e9\ud83d\ude00")"), "a=\"x\"y\\z\n\t\" b=\"\u00e9\U0001F600\"");
}

TEST(ParseLogfmt, a_backslash_before_anything_else_stays) {
  EXPECT_EQ(read_logfmt(R"(path="C:\dir" half="\ud800x" short="\u12")"),
            R"(path="C:\dir" half="\ud800x" short="\u12")");
}

TEST(ParseLogfmt, of_one_key_the_last_stays) {
  EXPECT_EQ(read_logfmt("a=1 b=2 a=3"), R"(b="2" a="3")");
}

TEST(ParseLogfmt, says_where_it_stops_to_understand) {
  const auto error = [](std::string_view text) {
    const std::string line = ParseHarness(R"({"format": "logfmt"})").fields(text);
    return line.substr(line.find("parse.error=") + 12);
  };
  EXPECT_EQ(error("only prose here"), R"("logfmt: byte 0: no key=value in it")");
  EXPECT_EQ(error("a=1 =2"), R"("logfmt: byte 4: an = without a key")");
  EXPECT_EQ(error("a=1 b\"c=2"), R"("logfmt: byte 5: a quote in a key")");
  EXPECT_EQ(error("a=\"x"), R"("logfmt: byte 2: a quote that is not closed")");
  EXPECT_EQ(error("a=\"x\\"), R"("logfmt: byte 2: a quote that is not closed")");
  EXPECT_EQ(error("a=\"x\"y"), R"("logfmt: byte 5: no blank after a quote")");
  EXPECT_EQ(error("a=x\"y"), R"("logfmt: byte 3: a quote inside a value without quotes")");
}

TEST(ParseLogfmt, bytes_that_are_no_text_stay_bytes) {
  ParseHarness harness(R"({"format": "logfmt", "keep": false})");
  EXPECT_EQ(harness.fields("a=\xFF\xFE b=caf\xC3\xA9", PICKET_TYPE_BYTES), "a=\"\xFF\xFE\" b=\"caf\u00e9\"");
  harness.input().event("log").heap("message", PICKET_TYPE_BYTES, "a\xFF=1");
  EXPECT_NE(harness.feed().front().find("byte 0: a key that is not UTF-8"), std::string::npos);
}

TEST(ParseKeyValue, blanks_and_equals_signs_by_default) {
  EXPECT_EQ(read_pairs("a=1   b='x y' c=\"d\""), R"(a="1" b="x y" c="d")");
  EXPECT_EQ(read_pairs("a= b=2"), R"(a="" b="2")");
}

TEST(ParseKeyValue, separators_are_the_operators_choice) {
  EXPECT_EQ(
      read_pairs("user: \"x; y\"; id : 7;; last: two words ", R"(, "pair_separator": ";", "value_separator": ":")"),
      R"(user="x; y" id="7" last="two words")");
  EXPECT_EQ(read_pairs("a: 1 b: 2", R"(, "value_separator": ": ")"), R"(a="1" b="2")");
  EXPECT_EQ(read_pairs("a->1||b->2", R"(, "pair_separator": "||", "value_separator": "->")"), R"(a="1" b="2")");
  EXPECT_EQ(read_pairs("SRC=10.0.0.1,DST=[::1]\r\n", R"(, "pair_separator": ",")"), R"(SRC="10.0.0.1" DST="[::1]")");
}

TEST(ParseKeyValue, quotes_can_be_chosen_and_left_out) {
  EXPECT_EQ(read_pairs("a='x' b=\"y z\"", R"(, "quotes": "\"")"), R"(a="'x'" b="y z")");
  EXPECT_EQ(read_pairs("a='x", R"(, "quotes": "")"), R"(a="'x")");
}

TEST(ParseKeyValue, says_where_it_stops_to_understand) {
  const auto error = [](std::string_view text) {
    const std::string line = ParseHarness(R"({"format": "key_value", "pair_separator": ";"})").fields(text);
    return line.substr(line.find("parse.error=") + 12);
  };
  EXPECT_EQ(error("a=1;b;c=2"), R"("key_value: byte 4: no value_separator after a key")");
  EXPECT_EQ(error("a=1; b='x"), R"("key_value: byte 7: a quote that is not closed")");
  EXPECT_EQ(error("a='x' y"), R"("key_value: byte 6: no pair_separator after a quote")");
  EXPECT_EQ(error(" = 1"), R"("key_value: byte 1: a key without characters")");
  EXPECT_EQ(error(" ;; "), R"("key_value: byte 0: no pair in it")");
}

}  // namespace
}  // namespace picket::routing
