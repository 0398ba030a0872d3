// SPDX-License-Identifier: Apache-2.0
//
// Schema + YAML -> canonical settings.
#include <nlohmann/json.hpp>

#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SettingsTest : public ConfigTest {
 protected:
  // The only error of an instance with these settings, as "column: message"; the line is 2.
  std::string error(const std::string& inside) {
    const std::string settings = settings_of(inside);
    const auto all = errors(last);
    if (all.size() != 1) return "there are " + std::to_string(all.size()) + " errors for " + settings + last.render();
    return all.front().substr(2);
  }
};

TEST_F(SettingsTest, are_canonical_json_with_defaults) {
  EXPECT_EQ(settings_of("size: 64MiB, keep: 1h30m, ratio: 2, on: false"),
            R"({"interval":5000000000,"keep":5400000000000,"on":false,"ratio":2,"size":67108864})");
  EXPECT_EQ(settings_of("keep: forever"), R"({"interval":5000000000,"keep":-1})");
  EXPECT_EQ(settings_of("interval: \"1s\", any: [1, {b: null}, ~, x]"),
            R"({"any":[1,{"b":null},null,"x"],"interval":1000000000})");
}

TEST_F(SettingsTest, relative_paths_are_below_the_state_directory) {
  const auto parsed = nlohmann::json::parse(settings_of("file: x/../y"));
  const std::u8string expected = (directory / "state" / "y").u8string();
  EXPECT_EQ(parsed["file"], std::string(expected.begin(), expected.end()));
  EXPECT_EQ(error("file: ''"), "26: a path may not be empty");
}

TEST_F(SettingsTest, types_are_explained) {
  EXPECT_EQ(error("count: many"), "27: expected an integer, got `many`, a string");
  EXPECT_EQ(error("count: '5'"), "27: expected an integer, got `5`, a string; remove the quotes");
  EXPECT_EQ(error("count: 1.5"), "27: expected an integer, got `1.5`, a number");
  EXPECT_EQ(error("on: yes"), "24: expected true or false, got `yes`, a string; write true or false");
  EXPECT_EQ(error("label: 10"), "27: expected a string, got `10`, an integer; write it in quotes: \"10\"");
  EXPECT_EQ(error("names: a"), "27: expected a list, got `a`, a string; write it as a list: [a]");
  EXPECT_EQ(error("names: {a: 1}"), "27: expected a list, got a mapping");
  EXPECT_EQ(error("count:"), "20: expected an integer, got nothing");
  EXPECT_EQ(error("interval: [5s]"), "30: expected a duration like 5s, got a list");
  EXPECT_EQ(error("ratio: .inf"), "27: `.inf` is no finite number; quote it if it is text");
}

TEST_F(SettingsTest, limits_are_explained) {
  EXPECT_EQ(error("interval: 50ms"), "30: `50ms` is too small; it must be at least 100ms");
  EXPECT_EQ(error("interval: 2d"), "30: `2d` is too large; it must be at most 1d");
  EXPECT_EQ(error("interval: forever"), "30: `forever` is not allowed here; write a duration");
  EXPECT_THAT(error("interval: 5"), HasSubstr("30: `5` has no unit; write a duration like"));
  EXPECT_EQ(error("size: 2GiB"), "26: `2GiB` is too large; it must be at most 1GiB");
  EXPECT_EQ(error("count: 0"), "27: `0` is too small; it must be at least 1");
  EXPECT_EQ(error("count: 11"), "27: `11` is too large; it must be at most 10");
  EXPECT_EQ(error("mode: fats"), "26: `fats` is not allowed; did you mean `fast`?");
  EXPECT_EQ(error("mode: x"), "26: `x` is not allowed; one of `fast`, `slow`, `precise`");
  EXPECT_EQ(error("label: ''"), "27: may not be empty");
  EXPECT_EQ(error("label: abcdefghi"), "27: `abcdefghi` is too long; it may have 8 characters");
  EXPECT_EQ(error("label: A"), "27: `A` does not match the pattern `^[a-z]*$`");
  EXPECT_EQ(error("names: [a, b, c, d]"), "27: may have at most 3 items");
  EXPECT_EQ(error("names: [a, 2]"), "31: expected a string, got `2`, an integer; write it in quotes: \"2\"");
}

TEST_F(SettingsTest, unknown_keys_are_errors_with_the_nearest_name) {
  EXPECT_EQ(error("intervall: 5s"), "20: unknown key `intervall`; did you mean `interval`?");
  EXPECT_EQ(error("banana: 5s").substr(0, 24), "20: unknown key `banana`");
}

TEST_F(SettingsTest, a_declared_secret_is_never_shown) {
  EXPECT_THAT(settings_of("password: hunter2"), HasSubstr("hunter2"));
  settings_of("password: hunter2hunter2hunter2, count: 99");
  EXPECT_EQ(errors(last).size(), 2U);
  EXPECT_THAT(last.render() + last.json(), testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(last.render(), HasSubstr("the secret is too long"));
}

TEST_F(SettingsTest, nested_objects_get_their_defaults_and_an_empty_one_may_be_left_out) {
  plugins.schemas["meter"] = R"({"properties": {"groups": {"type": "object", "default": {}, "properties": {
      "cpu": {"type": "object", "default": {"every": "2s"}, "properties": {
        "every": {"type": "string", "format": "duration"}, "deep": {"type": "boolean", "default": true}}},
      "disk": {"type": "object", "properties": {"every": {"format": "duration", "default": 7}}}}}}})";
  EXPECT_EQ(settings_of(""), R"({"groups":{"cpu":{"deep":true,"every":2000000000}}})");
  EXPECT_EQ(settings_of("groups: {disk: , cpu: {every: 1s}}"),
            R"({"groups":{"cpu":{"deep":true,"every":1000000000},"disk":{"every":7}}})");
}

TEST_F(SettingsTest, references_and_maps_of_objects_are_followed) {
  plugins.schemas["meter"] = R"json({"definitions": {"program": {"type": "object", "required": ["command"],
      "properties": {"command": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                     "wait": {"type": "string", "format": "duration", "default": "1s"}}}},
      "properties": {"programs": {"type": "object", "additionalProperties": {"$ref": "#/definitions/program"},
                                  "propertyNames": {"pattern": "^[a-z]+$"}}}})json";
  EXPECT_EQ(settings_of("programs: {web: {command: [a]}}"),
            R"({"programs":{"web":{"command":["a"],"wait":1000000000}}})");
  EXPECT_EQ(error("programs: {web: {wait: 1s}}"), "31: `command` is missing in `web`");
  EXPECT_EQ(error("programs: {web: {comand: [a]}}"), "37: unknown key `comand`; did you mean `command`?");
  EXPECT_EQ(error("programs: {web: {command: []}}"), "46: needs at least 1 items");
  EXPECT_EQ(error("programs: {W1: {command: [a]}}"), "31: the name `W1` does not match the pattern `^[a-z]+$`");
}

TEST_F(SettingsTest, of_alternatives_the_one_that_was_meant_is_explained) {
  plugins.schemas["meter"] = R"json({"properties": {"to": {"oneOf": [
      {"type": "string"},
      {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "file"}, "rotate": {"type": "string", "format": "bytes"}}},
      {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "net"}, "timeout": {"type": "string", "format": "duration"}}}]}}})json";
  EXPECT_EQ(settings_of("to: x"), R"({"to":"x"})");
  EXPECT_EQ(settings_of("to: {kind: net, timeout: 1s}"), R"({"to":{"kind":"net","timeout":1000000000}})");
  EXPECT_EQ(error("to: {kind: net, timeout: soon}").substr(0, 4), "45: ");
  EXPECT_EQ(error("to: {kind: file, rotat: 1MiB}"), "37: unknown key `rotat`; did you mean `rotate`?");
  EXPECT_EQ(error("to: [x]"), "24: expected a string or a mapping");
}

TEST_F(SettingsTest, parts_of_a_whole_know_each_others_keys) {
  plugins.schemas["meter"] =
      R"json({"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"format": "duration"}}}]})json";
  EXPECT_EQ(settings_of("a: 1, b: 1s"), R"({"a":1,"b":1000000000})");
  EXPECT_EQ(error("c: 1"), "20: unknown key `c`; one of `a`, `b`");
}

TEST_F(SettingsTest, the_validator_has_the_last_word) {
  plugins.schemas["meter"] = R"json({"properties": {"a": {"type": "integer", "multipleOf": 5}, "b": {}, "c": {},
      "l": {"type": "array", "uniqueItems": true}}, "dependencies": {"b": ["c"]}})json";
  EXPECT_EQ(settings_of("a: 10, b: 1, c: 1, l: [1, 2]"), R"({"a":10,"b":1,"c":1,"l":[1,2]})");
  EXPECT_THAT(error("a: 7"), HasSubstr("23: does not fit the schema of this value: "));
  EXPECT_THAT(error("b: 7"), HasSubstr("does not fit the schema of this value: "));
  EXPECT_THAT(error("l: [1, 1]"), HasSubstr("23: does not fit the schema of this value: "));
}

TEST_F(SettingsTest, a_schema_that_cannot_be_used_is_the_plugins_fault) {
  for (const char* schema : {"{", "[]", R"({"properties": {"a": {"$ref": "#/definitions/none"}}})",
                             R"({"properties": {"a": {"$ref": "http://x/y"}}})", R"({"properties": {"a": 5}})"}) {
    plugins.schemas["meter"] = schema;
    EXPECT_THAT(error(""), HasSubstr("13: plugin `meter`: its schema ")) << schema;
  }
}

TEST_F(SettingsTest, a_schema_whose_defaults_never_end_is_refused) {
  plugins.schemas["meter"] =
      R"json({"definitions": {"x": {"type": "object", "properties": {"x": {"$ref": "#/definitions/x"}}, "default": {}}},
      "properties": {"x": {"$ref": "#/definitions/x"}}})json";
  settings_of("");
  EXPECT_TRUE(last.has_errors());
}

TEST_F(SettingsTest, an_instance_needs_a_known_type_and_a_good_name) {
  EXPECT_THAT(
      errors(load_text("instances:\n  a: {}\n  b: {tpye: meter}\n  c: {type: metre}\n  d: 5\n  1e: {type: meter}\n"
                       "  picket: {type: meter}\n  f: {type: [x]}\n")
                 .diagnostics),
      ElementsAre("2:3: instance `a` has no `type`", "3:3: instance `b` has no `type`; `tpye` looks like it",
                  "4:13: instance `c`: there is no plugin `metre`; did you mean `meter`?",
                  "5:3: instance `d` must be a mapping with a `type`, like `d: {type: ...}`",
                  "6:3: `1e` cannot name an instance; a name is a letter, then up to 63 letters, digits, `_` or `-`",
                  "7:3: `picket` is the daemon itself; give the instance another name",
                  "8:13: `type` must be the name of a plugin"));
}

}  // namespace
}  // namespace picket::config
