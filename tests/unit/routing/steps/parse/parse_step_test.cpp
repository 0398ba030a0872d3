// SPDX-License-Identifier: Apache-2.0
//
// What `parse` does to events, whatever the format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parse_harness.hpp"

namespace picket::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ParseStep, new_fields_stand_behind_the_others_and_replace_those_of_their_key) {
  ParseHarness harness(R"({"format": "json"})");
  harness.input().event("log", "door", 4).at(7).integer("a", 1).text("message", R"({"a": 2, "b": 3})").text("c", "x");
  EXPECT_THAT(harness.feed(), ElementsAre(R"(log door 4@7 message="{"a": 2, "b": 3}" c="x" a=2 b=3)"));
  EXPECT_EQ(harness.names.find("b"), 0U) << "what a peer chose is not interned";
}

TEST(ParseStep, a_new_field_with_the_key_of_the_text_takes_its_place) {
  EXPECT_EQ(ParseHarness(R"({"format": "json"})").fields(R"({"message": "inner", "n": 1})"), R"(message="inner" n=1)");
}

TEST(ParseStep, another_field_a_prefix_and_no_text_left) {
  ParseHarness harness(R"({"format": "logfmt", "field": "raw", "into": "app.", "keep": false})");
  harness.input().event("log").text("raw", "x=1 y").name("message", "m");
  EXPECT_THAT(harness.feed(), ElementsAre(R"(log  0@0 message="m" app.x="1" app.y=true)"));
}

TEST(ParseStep, events_without_the_text_pass_as_they_are) {
  ParseHarness harness(R"({"format": "json", "on_error": "drop"})");
  harness.input().event("metric").real("value", 1).event("log").integer("message", 4).event("log").null("message");
  EXPECT_THAT(harness.feed(), ElementsAre("metric  0@0 value=1.0", "log  0@0 message=4", "log  0@0 message=null"));
  EXPECT_EQ(harness.step().failed(), 0U);
}

TEST(ParseStep, texts_of_every_kind_are_read) {
  ParseHarness harness(R"({"format": "logfmt", "keep": false})");
  harness.input().event("log").name("message", "a=1");
  EXPECT_THAT(harness.feed(), ElementsAre(R"(log  0@0 a="1")"));
  EXPECT_EQ(harness.fields("a=2", PICKET_TYPE_JSON), R"(a="2")");
  EXPECT_EQ(harness.fields("a=3", PICKET_TYPE_BYTES), R"(a="3")");
}

TEST(ParseStep, the_order_of_events_stays_whatever_becomes_of_each) {
  ParseHarness harness(R"({"format": "logfmt", "keep": false, "on_error": "drop"})");
  harness.input().event("e", "1").event("e", "2").text("message", "bad").event("e", "3");
  EXPECT_THAT(harness.feed(), ElementsAre("e 1 0@0", "e 3 0@0"));
  harness.input()
      .event("e", "1")
      .event("e", "2")
      .text("message", "a=1")
      .event("e", "3")
      .event("e", "4")
      .text("message", "bad")
      .event("e", "5")
      .text("message", "b=2");
  EXPECT_THAT(harness.feed(), ElementsAre("e 1 0@0", R"(e 2 0@0 a="1")", "e 3 0@0", R"(e 5 0@0 b="2")"));
  EXPECT_EQ(harness.step().failed(), 2U);
}

TEST(ParseStep, what_becomes_of_an_event_that_cannot_be_read) {
  const auto with = [](std::string_view on_error) {
    ParseHarness harness(R"({"format": "json", "on_error": ")" + std::string(on_error) + "\"}");
    std::string line = harness.fields("oops");
    EXPECT_EQ(harness.step().failed(), 1U);
    return line;
  };
  EXPECT_EQ(with("tag"), R"(message="oops" parse.error="json: byte 0: no object")");
  EXPECT_EQ(with("pass"), R"(message="oops")");
  EXPECT_EQ(with("drop"), "");
}

TEST(ParseStep, an_error_replaces_an_older_one) {
  ParseHarness harness(R"({"format": "json"})");
  harness.input().event("log").text("parse.error", "old").text("message", "{");
  EXPECT_THAT(harness.feed(), ElementsAre(R"(log  0@0 message="{" parse.error="json: byte 1: does not end with }")"));
}

TEST(ParseStep, a_text_cannot_set_the_error) {
  EXPECT_EQ(ParseHarness(R"({"format": "json", "keep": false})").fields(R"({"parse": {"error": "forged"}, "a": 1})"),
            "a=1");
}

TEST(ParseStep, texts_and_fields_are_limited) {
  ParseHarness harness(R"({"format": "logfmt", "max_bytes": 64, "max_fields": 2})");
  EXPECT_THAT(harness.fields(std::string(65, 'x')), HasSubstr("logfmt: byte 64: longer than max_bytes"));
  EXPECT_THAT(harness.fields("a=1 b=2 c=3"), HasSubstr("logfmt: byte 8: more fields than max_fields"));
  EXPECT_THAT(harness.fields("a=1 b=2"), HasSubstr(R"(a="1" b="2")"));
}

TEST(ParseStep, time_and_severity_come_from_fields) {
  ParseHarness harness(R"({"format": "json", "keep": false, "into": "p.", "time": {"field": "ts", "format": "unix"},
                           "severity": {"field": "level", "map": {"30": "notice"}}})");
  EXPECT_EQ(harness.message(R"({"ts": 12, "level": "error", "a": 1})"), "6@12000000000 p.a=1");
  EXPECT_EQ(harness.message(R"({"ts": 12, "level": 30})"), "4@12000000000");
  EXPECT_EQ(harness.message(R"({"a": 1, "ts": null})"), "3@5000000000 p.a=1 p.ts=null") << "not there: as it was";
}

TEST(ParseStep, time_and_severity_can_stay_as_fields_too) {
  ParseHarness harness(R"({"format": "logfmt", "keep": false, "zone": "+01:00",
    "time": {"field": "t", "format": "%F %T", "keep": true}, "severity": {"field": "l", "keep": true}})");
  EXPECT_EQ(harness.message("t=\"1970-01-01 01:00:09\" l=warn"), R"(5@9000000000 t="1970-01-01 01:00:09" l="warn")");
}

TEST(ParseStep, a_time_severity_or_type_that_is_none_is_an_error_beside_the_fields) {
  const std::string settings = R"({"format": "logfmt", "keep": false, "time": {"field": "t"}, "zone": "utc",
    "severity": {"field": "l"}, "types": {"n": "integer"})";
  ParseHarness harness(settings + "}");
  EXPECT_EQ(harness.message("t=soon a=1"),
            R"(3@5000000000 t="soon" a="1" parse.error="logfmt: field t: not a time of the format in `time`")");
  EXPECT_EQ(
      harness.message("l=odd"),
      R"(3@5000000000 l="odd" parse.error="logfmt: field l: not a severity; `severity.map` may say which it is")");
  EXPECT_EQ(
      harness.message("n=x l=odd2 n=1.5"),
      R"(3@5000000000 l="odd2" n="1.5" parse.error="logfmt: field l: not a severity; `severity.map` may say which it is")");
  EXPECT_EQ(harness.message("n=1.5"), R"(3@5000000000 n="1.5" parse.error="logfmt: field n: not an integer")");
  EXPECT_EQ(harness.step().failed(), 4U);
  EXPECT_EQ(ParseHarness(settings + R"(, "on_error": "pass"})").message("n=1.5"), R"(3@5000000000 n="1.5")");
  EXPECT_EQ(ParseHarness(settings + R"(, "on_error": "drop"})").message("n=1.5"), "");
}

TEST(ParseStep, texts_become_numbers_and_booleans_where_the_settings_say_so) {
  ParseHarness harness(R"({"format": "logfmt", "keep": false,
    "types": {"i": "integer", "r": "real", "b": "boolean", "none": "integer"}})");
  EXPECT_EQ(harness.fields("i=+12 r=1e3 b=yes x=1"), R"(i=12 r=1000.0 b=true x="1")");
  EXPECT_EQ(harness.fields("i=-9223372036854775808 r=-.5 b=off"), "i=-9223372036854775808 r=-0.5 b=false");
  EXPECT_EQ(harness.fields("i=- r= b=-"), "i=null r=null b=null");
  for (const char* text : {"i=9223372036854775808", "i=1x", "i=+-1", "i=0x10", "r=1e999", "r=1,5", "b=maybe"}) {
    EXPECT_THAT(harness.fields(text), HasSubstr("parse.error=")) << text;
  }
}

TEST(ParseStep, a_key_that_is_interned_is_written_by_its_name) {
  ParseHarness harness(R"({"format": "json", "keep": false})");
  const picket_name known = harness.names.intern("known");
  struct First final : Output {
    void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
    void pass(const Events& /*in*/) override {}
    void add(BatchRef made) override { batch = std::move(made); }
    BatchRef batch;
  } in;
  First out;
  EventWriter writer(in);
  writer.begin(harness.names.intern("log"));
  writer.set_text(harness.names.intern("message"), R"({"known": 1, "unknown": 2})");
  writer.flush();
  harness.step().process(Events(in.batch, nullptr, 1), out);
  EXPECT_EQ(out.batch->fields[0].key, known);
  EXPECT_NE(out.batch->fields[1].key & PICKET_KEY_INLINE, 0U);
}

TEST(ParseStep, a_large_text_is_not_torn_by_what_stands_in_the_batch_already) {
  ParseHarness harness(R"({"format": "logfmt", "keep": false, "max_bytes": 8388608})");
  const std::string large = "a=" + std::string(200'000, 'x');
  harness.input().event("log").text("message", "a=1").event("log").text("message", large);
  const auto lines = harness.feed();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].size(), std::string_view(R"(log  0@0 a="")").size() + 200'000);
  EXPECT_EQ(harness.step().over_limit(), 0U);
}

}  // namespace
}  // namespace picket::routing
