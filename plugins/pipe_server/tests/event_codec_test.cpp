// SPDX-License-Identifier: Apache-2.0
//
// JSON to events and back, without a socket.
#include "event_codec.hpp"

#include <gmock/gmock.h>

#include <map>
#include <picket/testing.hpp>

#include "event_time.hpp"
#include "json_lines.hpp"
#include "severity.hpp"

namespace picket::pipe_server {
namespace {

using ::testing::HasSubstr;

// A plugin that does nothing: its host is what the codec needs.
class Nothing : public Plugin {
 public:
  Nothing(Host host, const Config& /*config*/) : Plugin(host) { current = this; }
  static inline Nothing* current = nullptr;
};
constexpr picket_plugin_type kNothing =
    picket::plugin_type<Nothing>({.id = "nothing", .version = "0", .summary = "of the tests", .config_schema = "{}"});

class EventCodec : public ::testing::Test {
 protected:
  EventCodec() : fake(&kNothing) {
    EXPECT_TRUE(fake.start().ok());
    decoder.emplace(Nothing::current->host());
  }

  EventDecoder::Outcome decode(std::string json, std::uint32_t bytes = 4096) {
    batch.emplace(Nothing::current->host(), 4U, 64U, bytes);
    json.reserve(json.size() + 64);
    return decoder->decode(json, *batch->c(), error);
  }
  // The event in other words.
  std::string round_trip(const std::string& json) {
    if (decode(json) != EventDecoder::Outcome::event) return error.reason;
    std::string out;
    const EventView event(Nothing::current->host(), batch->c(), batch->c()->events);
    encode_event(Nothing::current->host(), event, out);
    return out;
  }
  // The fields of the event, by the short way if it is one for it, or by the long one in any case.
  std::string fields(std::string json, bool the_long_way) {
    batch.emplace(Nothing::current->host(), 4U, 64U, 4096U);
    json.reserve(json.size() + 64);
    const auto outcome = the_long_way ? decoder->decode_the_long_way(json, *batch->c(), error)
                                      : decoder->decode(json, *batch->c(), error);
    if (outcome != EventDecoder::Outcome::event) return std::string(fixtures::kRefused);
    EXPECT_EQ(batch->size(), 1U);
    return fixtures::describe_fields(*batch->c(), batch->c()->events[0], [&](const picket_field& field) {
      const Host host = Nothing::current->host();
      return (field.key & PICKET_KEY_INLINE) != 0 ? to_view(picket_batch_inline_key_text(batch->c(), field.key))
                                                  : host.text(Name{field.key});
    });
  }
  std::string mistake(const std::string& json) {
    return decode(json) == EventDecoder::Outcome::malformed ? std::to_string(error.byte) + ": " + error.reason : "none";
  }

  testing::FakeHost fake;
  std::optional<EventDecoder> decoder;
  std::optional<Batch> batch;
  CodecError error;
};

TEST_F(EventCodec, an_event_comes_back_as_it_was) {
  EXPECT_EQ(round_trip(R"({"time":"2026-12-01T10:00:00.123456789Z","kind":"log","source":"a","severity":"error",)"
                       R"("message":"x\ty","other":[1,2.50,"z"],"n":-5,"f":2.0,"big":18446744073709551616,"o":{}})"),
            R"({"time":"2026-12-01T10:00:00.123456789Z","sequence":0,"kind":"log","source":"a","severity":"error",)"
            R"("message":"x\ty","fields":{"other":[1,2.50,"z"],"n":-5,"f":2.0,"big":18446744073709551616,"o":{}}})");
}

TEST_F(EventCodec, what_all_readers_of_ours_read_alike_is_read_so_on_both_ways) {
  for (const fixtures::JsonLine& line : fixtures::kJsonLines) {
    EXPECT_EQ(fields(std::string(line.text), false), line.fields) << line.text;
    EXPECT_EQ(fields(std::string(line.text), true), line.fields) << line.text << " (the long way)";
  }
}

TEST_F(EventCodec, the_parts_of_an_event_are_read_alike_on_both_ways) {
  for (const char* text :
       {R"({"time":"2026-12-01T10:00:00.5Z","severity":"Warn","kind":"metric","source":"a","name":"n","value":1.5})",
        R"({"time":"2026-12-01T11:00:00+01:00","message":"x","kind":"log"})", R"({"time":5,"n":1})",
        R"({"n":1,"fields":{"m":2}})", R"({"n":1,"kind":7})", R"({"n":1,"severity":"loud"})", R"({"time":"soon"})"}) {
    const std::string shorter = fields(text, false);
    const picket_event first = batch->c()->events[0];
    const std::string longer = fields(text, true);
    const picket_event second = batch->c()->events[0];
    EXPECT_EQ(shorter, longer) << text;
    EXPECT_EQ(first.time_ns, second.time_ns) << text;
    EXPECT_EQ(first.severity, second.severity) << text;
    EXPECT_EQ(first.kind, second.kind) << text;
    EXPECT_EQ(first.source, second.source) << text;
  }
}

TEST_F(EventCodec, events_with_the_same_keys_in_the_same_order_share_their_text) {
  std::string json = R"({"first":1,"second":"x"})";
  json.reserve(json.size() + 64);
  batch.emplace(Nothing::current->host(), 4U, 64U, 4096U);
  picket_batch& raw = *batch->c();
  ASSERT_EQ(decoder->decode(json, raw, error), EventDecoder::Outcome::event);
  const std::uint32_t bytes_of_one = raw.byte_count;
  ASSERT_EQ(decoder->decode(json, raw, error), EventDecoder::Outcome::event);
  EXPECT_EQ(raw.byte_count, bytes_of_one + 1) << "only the value is new";
  EXPECT_EQ(raw.fields[0].key, raw.fields[2].key);
  // A batch that begins anew, or an event that is taken back, leaves no key behind that points into nothing.
  raw.event_count = raw.field_count = raw.byte_count = 0;
  std::string other = R"({"second":2,"first":"x"})";
  other.reserve(other.size() + 64);
  ASSERT_EQ(decoder->decode(other, raw, error), EventDecoder::Outcome::event);
  EXPECT_EQ(to_view(picket_batch_inline_key_text(&raw, raw.fields[0].key)), "second");
  EXPECT_EQ(to_view(picket_batch_inline_key_text(&raw, raw.fields[1].key)), "first");
}

TEST_F(EventCodec, nested_objects_become_dotted_keys_and_fields_adds_no_prefix) {
  EXPECT_THAT(round_trip(R"({"fields": {"a": 1, "b": {"c": {"d": 2}}}, "e": {"f": true}})"),
              HasSubstr(R"("fields":{"a":1,"b.c.d":2,"e.f":true})"));
}

TEST_F(EventCodec, a_time_is_a_text_or_nanoseconds) {
  ASSERT_EQ(decode(R"({"time": 1796119200000000001})"), EventDecoder::Outcome::event);
  EXPECT_EQ(batch->c()->events[0].time_ns, 1'796'119'200'000'000'001);
  EXPECT_EQ(mistake(R"({"time": 1.5})"), "9: a time as a number is integer nanoseconds since 1970");
  EXPECT_THAT(mistake(R"({"time": "today"})"), HasSubstr("9: no time as of RFC 3339"));
}

TEST_F(EventCodec, mistakes_are_found_at_their_byte) {
  EXPECT_EQ(mistake("[1]"), "0: an event is a JSON object, which begins with {");
  EXPECT_EQ(mistake(R"({"a": 1} {})"), "9: text behind the object");
  EXPECT_EQ(mistake(R"({"a": 01})"), "6: no value");
  EXPECT_EQ(mistake(R"({"a": [1, nul]})"), "10: no value");
  EXPECT_THAT(mistake(R"({"a": 1)"), HasSubstr("7: "));
  EXPECT_EQ(mistake("{\"a\": \"\xFF\"}"), "7: not UTF-8");
  EXPECT_EQ(mistake("{\"a\": \"\x01\"}"), "7: a control character in a string");
  EXPECT_EQ(mistake(R"({"a": "\q"})"), "6: an invalid escape in a string");
  EXPECT_THAT(mistake(R"({"severity": "bad"})"), HasSubstr("13: a severity is"));
  EXPECT_THAT(mistake(R"({"kind": ""})"), HasSubstr("9: kind is a text"));
  EXPECT_THAT(mistake(R"({"fields": 1})"), HasSubstr("1: fields is an object"));
  std::string deep = "1";
  for (int i = 0; i < 20; ++i) deep = R"({"a": )" + deep + "}";
  EXPECT_THAT(mistake(deep), HasSubstr("nested deeper than 16"));
}

TEST_F(EventCodec, only_so_many_kinds_are_taken) {
  for (int i = 0; i < 1'024; ++i) {
    ASSERT_EQ(decode(R"({"kind": "k)" + std::to_string(i) + "\"}"), EventDecoder::Outcome::event);
  }
  EXPECT_THAT(mistake(R"({"kind": "one more"})"), HasSubstr("too many different ones"));
  EXPECT_EQ(decode(R"({"kind": "k7"})"), EventDecoder::Outcome::event);
}

TEST_F(EventCodec, keys_of_clients_are_never_interned) {
  const std::size_t before = fake.names().size();
  ASSERT_EQ(decode(R"({"never": 1, "seen": {"before": "x"}})"), EventDecoder::Outcome::event);
  EXPECT_EQ(fake.names().size(), before);
}

TEST_F(EventCodec, a_batch_without_room_is_said_to_be_full) {
  EXPECT_EQ(decode(R"({"message": ")" + std::string(100, 'x') + "\"}", 50), EventDecoder::Outcome::no_room);
}

TEST(EncodeText, what_is_not_utf8_is_replaced_and_control_characters_are_escaped) {
  std::string out;
  encode_text("a\"\\\n\x01\xC3\xA9\xFF", out);
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\xC3\xA9\xEF\xBF\xBD\"");
}

TEST(EventTime, offsets_and_fractions) {
  EXPECT_EQ(parse_time("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(parse_time("1970-01-01T00:00:00.1Z"), 100'000'000);
  EXPECT_EQ(parse_time("1969-12-31T23:59:59.9999999999Z"), -1);
  EXPECT_FALSE(parse_time("2026-02-30T00:00:00Z"));
  EXPECT_FALSE(parse_time("2026-02-03T00:00:00"));
  EXPECT_FALSE(parse_time("2026-02-03T00:00:00.Z"));
  EXPECT_FALSE(parse_time("9999-01-01T00:00:00Z"));
  std::string out;
  append_time(-1, out);
  EXPECT_EQ(out, "1969-12-31T23:59:59.999999999Z");
}

TEST(Severities, by_their_names_and_by_those_of_others) {
  EXPECT_EQ(parse_severity("Warn"), PICKET_SEVERITY_WARNING);
  EXPECT_EQ(parse_severity("EMERGENCY"), PICKET_SEVERITY_EMERGENCY);
  EXPECT_FALSE(parse_severity("loud"));
}

}  // namespace
}  // namespace picket::pipe_server
