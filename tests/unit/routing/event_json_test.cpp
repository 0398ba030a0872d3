// SPDX-License-Identifier: Apache-2.0
#include "routing/event_json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "json_lines.hpp"
#include "routing/batch_validate.hpp"

namespace picket::routing {
namespace {

class EventJsonTest : public ::testing::Test {
 protected:
  Names names_;

  static EventJsonOptions trusted() {
    EventJsonOptions options;
    options.names = NamePolicy::intern;
    return options;
  }

  std::string read_back(std::string_view text, const EventJsonOptions& options = trusted()) {
    EventJsonReader reader(names_, options);
    const auto batch = reader.read(text);
    if (!batch) return batch.error().message;
    EXPECT_TRUE(validate_batch(**batch, names_.size()).ok()) << text;
    EXPECT_EQ((*batch)->event_count, 1U);
    return event_json(**batch, (*batch)->events[0], names_);
  }

  EventJsonError error_of(std::string_view text, const EventJsonOptions& options = trusted()) {
    struct Nothing final : Output {
      void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
      void pass(const Events& /*in*/) override {}
      void add(BatchRef /*made*/) override {}
    } nothing;
    EventWriter writer(nothing);
    EventJsonReader reader(names_, options);
    const auto error = reader.read(text, writer);
    EXPECT_EQ(writer.event_count(), error ? 0U : 1U);
    return error.value_or(EventJsonError{"no error", 0, {}});
  }
};

TEST_F(EventJsonTest, every_part_and_every_type_of_field_comes_back) {
  const std::string text =
      R"({"time":"2026-12-01T10:00:00.123456789Z","sequence":18446744073709551615,"kind":"metric","source":"host",)"
      R"("severity":"warning","name":"cpu","value":0.5,"message":"a \"quote\"\nµ",)"
      R"("fields":{"n":-9223372036854775808,"r":1.0,"t":true,"nothing":null,"list":[1,{"a":[]}],"empty":{},)"
      R"("big":18446744073709551616,"raw":{"$base64":"AP8="},"cpu.mode":"user","kind":"a field","fields":1}})";
  EventJsonOptions options = trusted();
  options.keep_sequence = true;
  EXPECT_EQ(read_back(text, options), text);
}

TEST_F(EventJsonTest, what_all_readers_of_ours_read_alike_is_read_so) {
  EventJsonReader reader(names_);
  for (const fixtures::JsonLine& line : fixtures::kJsonLines) {
    const auto batch = reader.read(line.text);
    const std::string fields =
        batch ? fixtures::describe_fields(**batch, (*batch)->events[0],
                                          [&](const picket_field& field) { return field_key(**batch, field, names_); })
              : std::string(fixtures::kRefused);
    EXPECT_EQ(fields, line.fields) << line.text;
  }
}

TEST_F(EventJsonTest, keys_at_the_top_are_fields_and_nested_objects_become_dotted_keys) {
  EXPECT_EQ(read_back(R"({"user": "x", "http": {"request": {"size": 5}, "code": 200}, "fields": {"a": {"b": 1}}})"),
            R"({"kind":"log","fields":{"user":"x","http.request.size":5,"http.code":200,"a.b":1}})");
}

TEST_F(EventJsonTest, parts_that_are_absent_or_null_are_not_given) {
  EXPECT_EQ(read_back("{}"), R"({"kind":"log"})");
  EXPECT_EQ(read_back(R"({"time":null,"kind":null,"source":null,"severity":null,"sequence":null,"fields":null})"),
            R"({"kind":"log"})");
  EventJsonOptions options = trusted();
  options.default_kind = "metric";
  EXPECT_EQ(read_back("{}", options), R"({"kind":"metric"})");
}

TEST_F(EventJsonTest, times_are_texts_with_an_offset_or_nanoseconds) {
  EXPECT_EQ(read_back(R"({"time": "2026-12-01T12:00:00+02:00"})"),
            R"({"time":"2026-12-01T10:00:00.000000000Z","kind":"log"})");
  EXPECT_EQ(read_back(R"({"time": 1000000001})"), R"({"time":"1970-01-01T00:00:01.000000001Z","kind":"log"})");
  EXPECT_EQ(read_back(R"({"time": 9223372036854775807})"), R"({"time":9223372036854775807,"kind":"log"})");
  EXPECT_EQ(read_back(R"({"time": -9223372036854775808})"), R"({"time":-9223372036854775808,"kind":"log"})");
}

TEST_F(EventJsonTest, severities_are_names_aliases_or_numbers) {
  EXPECT_EQ(read_back(R"({"severity": "warn"})"), R"({"kind":"log","severity":"warning"})");
  EXPECT_EQ(read_back(R"({"severity": 6})"), R"({"kind":"log","severity":"error"})");
  EXPECT_EQ(read_back(R"({"severity": 0})"), R"({"kind":"log"})");
  EXPECT_EQ(severity_text(0), "");
  EXPECT_EQ(severity_text(10), "");
  EXPECT_EQ(severity_of("err"), PICKET_SEVERITY_ERROR);
  EXPECT_EQ(severity_of("loud"), std::nullopt);
}

TEST_F(EventJsonTest, the_sequence_of_a_text_is_dropped_unless_it_is_asked_for) {
  EXPECT_EQ(read_back(R"({"sequence": 5})"), R"({"kind":"log"})");
}

TEST_F(EventJsonTest, arrays_stay_the_text_that_they_were_on_one_line) {
  EXPECT_EQ(read_back("{\"a\": [1,\n {\"b\": \"]\"} , [ ]\r\n], \"c\": 1}"),
            R"({"kind":"log","fields":{"a":[1,  {"b": "]"} , [ ]  ],"c":1}})");
}

TEST_F(EventJsonTest, what_a_peer_names_does_not_fill_the_table_of_names) {
  names_.intern("metric");
  names_.intern("known");
  names_.intern("name");
  names_.intern("log");
  const std::uint32_t before = names_.size();
  const std::string text = R"({"kind":"metric","name":"new","fields":{"known":1,"unknown":[2],"other.key":"x"}})";
  EXPECT_EQ(read_back(text, {}), text);
  EXPECT_EQ(names_.size(), before);
  EXPECT_EQ(error_of(R"({"kind": "novel"})", {}).message, "`kind`: `novel` is not known here");
  EXPECT_EQ(error_of(R"({"source": "novel"})", {}).message, "`source`: `novel` is not known here");
  EXPECT_EQ(names_.size(), before);
}

TEST_F(EventJsonTest, what_is_no_number_is_written_as_null_and_bad_utf8_is_replaced) {
  picket_batch* const raw = batch_new(1, 8, 100);
  picket_batch_event(raw, names_.intern("metric"));
  picket_batch_double(raw, names_.intern("nan"), std::nan(""));
  picket_batch_double(raw, names_.intern("inf"), std::numeric_limits<double>::infinity());
  picket_batch_text(raw, names_.intern("t"), picket_str_of("a\xFF", 2));
  picket_batch_heap(raw, names_.intern("j"), PICKET_TYPE_JSON, picket_str_of("[1", 2));
  picket_batch_int(raw, names_.intern("j"), 5);
  const BatchRef batch = BatchRef::adopt(raw);
  EXPECT_EQ(event_json(*batch, batch->events[0], names_),
            "{\"kind\":\"metric\",\"fields\":{\"nan\":null,\"inf\":null,\"t\":\"a\xEF\xBF\xBD\",\"j\":\"[1\"}}");
}

struct BadText {
  const char* text;
  std::size_t offset;
  const char* message;
  const char* pointer;
};

TEST_F(EventJsonTest, each_mistake_says_where_and_what_to_do) {
  const std::vector<BadText> bad = {
      {"", 0, "syntax error while parsing value - unexpected end of input; expected '[', '{', or a literal", ""},
      {"5", 1, "an event is a JSON object, like {\"kind\": \"log\", \"message\": \"text\"}", ""},
      {"[{}]", 1, "an event is a JSON object, like {\"kind\": \"log\", \"message\": \"text\"}", ""},
      {R"({"a": nul})", 9, "syntax error while parsing value - invalid literal", "/a"},
      {R"({"a": 1)", 7, "syntax error while parsing object - unexpected end of input; expected '}'", "/a"},
      {R"({"a": 1} x)", 9, "syntax error while parsing value - invalid literal; expected end of input", ""},
      {R"({"a": 1e999})", 10, "a number is out of range", "/a"},
      {R"({"time": "noon"})", 1, "`time`: no time: `noon`; write one like 2026-12-01T10:00:00.5Z", "/time"},
      {R"({"time": 1.5})", 1,
       "`time`: wants a time like \"2026-12-01T10:00:00Z\" or integer nanoseconds, not a fraction", "/time"},
      {R"({"a": 1, "severity": "wanring"})", 9, "`severity`: there is no severity `wanring`; did you mean `warning`?",
       "/severity"},
      {R"({"severity": 10})", 1,
       "`severity`: wants a name like \"warning\" or a number from 0 to 9, not another number", "/severity"},
      {R"({"kind": ""})", 1, "`kind`: wants 1 to 255 bytes without control characters", "/kind"},
      {R"({"kind": "a\u0000"})", 1, "`kind`: wants 1 to 255 bytes without control characters", "/kind"},
      {R"({"kind": {}})", 1, "`kind`: wants a text, not an object", "/kind"},
      {R"({"sequence": -1})", 1, "`sequence`: wants a positive integer, not a negative one", "/sequence"},
      {R"({"fields": [1]})", 1, "`fields`: wants an object, not an array", "/fields"},
      {R"({"fields": {"x": {"a/b": {"": 1}}}})", 26, "a key is empty", "/fields/x/a~1b/"},
      {R"({"a": 1, "fields": {"a": 2}})", 20, "`a`: the field `a` is given twice", "/fields/a"},
      {R"({"a": {"b": 1}, "a.b": 2})", 16, "`a.b`: the field `a.b` is given twice", "/a.b"},
      {R"({"kind": "a", "kind": "b"})", 14, "`kind`: is given twice", "/kind"},
      {R"({"a": {"$base64": "x"}})", 7, "`$base64`: no base64 text", "/a/$base64"},
      {R"({"a": {"$base64": 1}})", 7, "`$base64`: `$base64` takes a text", "/a/$base64"},
      {R"({"a": {"$base64": "", "b": 1}})", 7, "`$base64`: `$base64` stands alone in its object", "/a/$base64"},
      {R"({"q\"\\": {"$base64": {}}})", 11, "`$base64`: `$base64` takes a text", "/q\"\\/$base64"},
  };
  for (const BadText& each : bad) {
    const EventJsonError error = error_of(each.text);
    EXPECT_EQ(error.message, each.message) << each.text;
    EXPECT_EQ(error.offset, each.offset) << each.text;
    EXPECT_EQ(error.pointer, each.pointer) << each.text;
  }
  EXPECT_EQ(error_of(R"({"kind": {}})").text(), "byte 1: `kind`: wants a text, not an object");
}

TEST_F(EventJsonTest, limits_hold_at_their_edges) {
  EventJsonOptions options = trusted();
  options.max_depth = 3;
  EXPECT_EQ(error_of(R"({"a": {"b": [1]}})", options).message, "no error");
  EXPECT_EQ(error_of(R"({"a": {"b": [{}]}})", options).message, "`b`: nested deeper than 3");
  options.max_fields = 2;
  EXPECT_EQ(error_of(R"({"a": 1, "b": 1})", options).message, "no error");
  EXPECT_EQ(error_of(R"({"a": 1, "b": 1, "c": 1})", options).message, "`c`: an event has at most 2 fields");
  options.max_bytes = 8;
  EXPECT_EQ(error_of(R"({"a": 1})", options).message, "no error");
  EXPECT_EQ(error_of(R"({"a": 1 })", options).message, "an event has at most 8 bytes");
  const std::string longest(kMaxEventJsonKey, 'k');
  EXPECT_EQ(error_of("{\"" + longest + "\": 1}").message, "no error");
  EXPECT_EQ(error_of("{\"" + longest.substr(1) + "\": {\"k\": 1}}").message, "`k`: a key has at most 255 bytes");
}

TEST_F(EventJsonTest, a_deep_text_is_refused_without_deep_calls) {
  const std::string deep = "{\"a\":" + std::string(100'000, '[');
  EXPECT_EQ(error_of(deep).message, "`a`: nested deeper than 16");
}

// Events with every kind of value, with odd keys, come back as they were.
TEST_F(EventJsonTest, random_events_come_back_as_they_were) {
  std::mt19937_64 random(20261201);
  const auto text = [&](std::size_t longest) {
    static const std::vector<std::string> kParts = {"a", "b.", "\"", "\\", "/", "~", "\n", "é", "😀", "0", " ", "$"};
    std::string result;
    for (std::size_t i = random() % longest + 1; i > 0; --i) result += kParts[random() % kParts.size()];
    return result;
  };
  EventJsonOptions options = trusted();
  options.keep_sequence = true;
  EventJsonReader reader(names_, options);
  for (int round = 0; round < 1'000; ++round) {
    struct One final : Output {
      void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
      void pass(const Events& /*in*/) override {}
      void add(BatchRef made) override { batch = std::move(made); }
      BatchRef batch;
    } one;
    EventWriter writer(one);
    picket_event& event = writer.begin(names_.intern("kind" + std::to_string(random() % 3)));
    event.time_ns = static_cast<std::int64_t>(random());
    event.sequence = random();
    event.severity = static_cast<std::uint32_t>(random() % 10);
    event.source = random() % 2 == 0 ? 0 : names_.intern("host");
    for (std::size_t fields = random() % 8; fields > 0; --fields) {
      const std::string key = "k" + std::to_string(fields) + text(10);
      switch (random() % 7) {
        case 0:
          writer.set(key, names_, {});
          break;
        case 1:
          writer.set(key, names_, Value::integer(static_cast<std::int64_t>(random())));
          break;
        case 2: {
          const double real = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 1800) - 900);
          writer.set(key, names_, Value::real(real));
          break;
        }
        case 3:
          writer.set(key, names_, Value::text(text(30)));
          break;
        case 4:
          writer.set(key, names_, Value::bytes(text(30)));
          break;
        case 5:
          writer.set(key, names_, Value::boolean(random() % 2 == 0));
          break;
        default:
          writer.set_json(key, names_, "[1, {\"a\": \"]\"}]");
      }
    }
    writer.flush();
    const std::string written = event_json(*one.batch, one.batch->events[0], names_);
    const auto back = reader.read(written);
    ASSERT_TRUE(back.ok()) << back.error().message << " in " << written;
    const picket_batch& batch = **back;
    ASSERT_EQ(batch.field_count, one.batch->field_count);
    for (std::uint32_t i = 0; i < batch.field_count; ++i) {
      EXPECT_EQ(batch.fields[i].type, one.batch->fields[i].type) << written;
    }
    EXPECT_EQ(batch.events[0].time_ns, one.batch->events[0].time_ns);
    EXPECT_EQ(batch.events[0].sequence, one.batch->events[0].sequence);
    EXPECT_EQ(event_json(batch, batch.events[0], names_), written);
  }
}

}  // namespace
}  // namespace picket::routing
