// SPDX-License-Identifier: Apache-2.0
#include "config/file_schema.hpp"

#include <set>

#include "config/daemon_schema.hpp"
#include "config/plugin_settings.hpp"
#include "config/schema.hpp"
#include "config/sections.hpp"
#include "config/units.hpp"
#include "config/validator.hpp"
#include "fixture.hpp"

namespace picket::config {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::vector<NamedSchema> kOnePlugin = {{"gauge", "reads a gauge", R"({"type": "object", "required": ["port"],
  "properties": {
    "port": {"type": "integer", "minimum": 1, "description": "Its number."},
    "every": {"type": "string", "format": "duration", "minimum": "1s", "default": 5000000000, "description": "How often."},
    "keep": {"type": "string", "format": "duration", "forever": true, "description": "How long."},
    "room": {"type": "string", "format": "bytes", "description": "How much."},
    "mode": {"enum": ["fast", "slow"], "description": "How."},
    "token": {"type": "string", "secret": true, "pattern": "^[a-z]+$", "description": "Who."},
    "limits": {"$ref": "#/definitions/limits"}},
  "definitions": {"limits": {"type": "object", "description": "Limits.",
    "properties": {"most": {"type": "number", "description": "The most."}}}}})"}};
const std::vector<NamedSchema> kOneStep = {
    {"halve", "halves", R"({"type": "object", "properties": {"by": {"type": "integer", "description": "By what."}}})"}};

class FileSchema : public testing::Test {
 protected:
  FileSchema() : schema_(json::parse(file_schema(kOnePlugin, kOneStep).value())), validator_(schema_) {}
  bool accepts(const char* text) const { return validator_.accepts(json::parse(text)); }
  // An instance of that type with one setting more than it needs.
  bool takes(const std::string& setting, const json& value) const {
    json instance = {{"type", "gauge"}, {"port", 1}};
    instance[setting] = value;
    return validator_.accepts({{"instances", {{"a", instance}}}});
  }

  const json schema_;
  const Validator validator_;
};

TEST_F(FileSchema, has_every_section_that_the_loader_knows_and_no_other) {
  std::set<std::string> sections;
  for (const auto& [name, section] : schema_["properties"].items()) sections.insert(name);
  const auto& known = section_names();
  EXPECT_EQ(sections, std::set<std::string>(known.begin(), known.end()));
  EXPECT_FALSE(accepts(R"({"instanzes": {}})"));
}

TEST_F(FileSchema, has_every_key_that_the_texts_of_the_daemon_have) {
  for (const auto& [name, text] : {std::pair("daemon", daemon_schema()), std::pair("route", route_schema())}) {
    const json from = json::parse(text);
    for (const auto& [key, value] : from["properties"].items()) {
      EXPECT_TRUE(schema_["definitions"][name]["properties"].contains(key)) << name << " " << key;
    }
  }
}

TEST_F(FileSchema, takes_what_the_loader_takes) {
  EXPECT_TRUE(accepts("{}"));
  EXPECT_TRUE(accepts(R"({"daemon": {"log": null, "stop_timeout": "1m30s", "threads": 4}})"));
  EXPECT_TRUE(accepts(R"({"instances": {"a": {"type": "gauge", "port": 1}},
                          "routes": {"r": {"from": ["a", "picket"], "to": {"instance": "b", "on_full": "drop_oldest"},
                                           "steps": [{"halve": {"by": 2}}, {"halve": null}]}}})"));
  EXPECT_TRUE(accepts(R"({"daemon": {"threads": "${THREADS:-2}", "log": {"level": "${LEVEL}"},
                                     "stop_timeout": "${STOP}s"}})"));
}

TEST_F(FileSchema, refuses_what_the_loader_refuses) {
  EXPECT_FALSE(accepts(R"({"daemon": {"thread": 4}})"));
  EXPECT_FALSE(accepts(R"({"daemon": {"stop_timeout": "soon"}})"));
  EXPECT_FALSE(accepts(R"({"daemon": {"threads": 65}})"));
  EXPECT_FALSE(accepts(R"({"instances": {"a": {"port": 1}}})"));
  EXPECT_FALSE(accepts(R"({"instances": {"a": {"type": "gauche", "port": 1}}})"));
  EXPECT_FALSE(accepts(R"({"instances": {"picket": {"type": "gauge", "port": 1}}})"));
  EXPECT_FALSE(accepts(R"({"instances": {"1a": {"type": "gauge", "port": 1}}})"));
  EXPECT_FALSE(accepts(R"({"instances": {"a": {"type": "gauge"}}})"));
  EXPECT_FALSE(accepts(R"({"routes": {"r": {"from": "a"}}})"));
  EXPECT_FALSE(accepts(R"({"routes": {"r": {"from": "a", "to": "b", "steps": [{"half": {}}]}}})"));
  EXPECT_FALSE(accepts(R"({"routes": {"r": {"from": "a", "to": "b", "on_full": "lose"}}})"));
}

TEST_F(FileSchema, knows_the_settings_of_each_plugin_by_its_type) {
  EXPECT_TRUE(takes("every", "1m"));
  EXPECT_TRUE(takes("every", 0));
  EXPECT_FALSE(takes("every", 5));
  EXPECT_FALSE(takes("every", "forever"));
  EXPECT_TRUE(takes("keep", "forever"));
  EXPECT_TRUE(takes("room", 1024));
  EXPECT_TRUE(takes("room", "1.5GiB"));
  EXPECT_FALSE(takes("room", "1.5gib"));
  EXPECT_TRUE(takes("mode", "fast"));
  EXPECT_FALSE(takes("mode", "quick"));
  EXPECT_TRUE(takes("token", "abc"));
  EXPECT_FALSE(takes("token", "ABC"));
  EXPECT_TRUE(takes("limits", {{"most", 1.5}}));
  EXPECT_FALSE(takes("limits", {{"most", true}}));
  EXPECT_FALSE(takes("limits", {{"least", 1}}));
  EXPECT_FALSE(takes("evry", "1m"));
}

TEST_F(FileSchema, says_limits_of_texts_in_the_description_and_defaults_as_people_write_them) {
  const json& every = schema_["definitions"]["plugin.gauge"]["properties"]["every"];
  EXPECT_EQ(every["description"], "How often. At least 1s.");
  EXPECT_EQ(every["default"], "5s");
  EXPECT_EQ(schema_["definitions"]["plugin.gauge"]["properties"]["token"]["writeOnly"], true);
}

// A text that the loader reads must pass in an editor.
TEST_F(FileSchema, patterns_take_every_duration_and_size_that_the_loader_prints) {
  for (std::int64_t n = 1; n < INT64_MAX / 7; n = n * 7 + 3) {
    EXPECT_TRUE(takes("every", format_duration(n))) << format_duration(n);
    EXPECT_TRUE(takes("room", format_bytes(n))) << format_bytes(n);
  }
  for (const char* wrong : {"", "5", "5 s", "1s1h", "-1s", "1.s", "s", "1S"}) {
    EXPECT_FALSE(parse_duration(wrong).ok()) << wrong;
    EXPECT_FALSE(takes("every", wrong)) << wrong;
  }
}

TEST_F(FileSchema, fails_and_names_the_plugin_whose_schema_cannot_be_used) {
  const auto schema = file_schema({{"odd", "", "[]"}}, {});
  ASSERT_FALSE(schema.ok());
  EXPECT_THAT(schema.error().message, HasSubstr("plugin.odd"));
}

TEST(Undescribed, nothing_of_the_daemons_own_texts_is) {
  EXPECT_THAT(undescribed_settings(daemon_schema()).value(), IsEmpty());
  EXPECT_THAT(undescribed_settings(route_schema()).value(), IsEmpty());
}

TEST(Undescribed, names_each_place_where_a_description_is_missing) {
  EXPECT_THAT(undescribed_settings(R"({"properties": {"a": {"type": "string"}, "b": {"$ref": "#/definitions/c"},
      "d": {"description": "D.", "items": {"properties": {"e": {}, "f": {"type": "integer"}}}}},
      "definitions": {"c": {"type": "string"}}})")
                  .value(),
              UnorderedElementsAre("/properties/a", "/properties/b", "/properties/d/items/properties/f"));
  EXPECT_FALSE(undescribed_settings("no JSON").ok());
}

TEST(ListSettings, has_each_path_with_facts_and_description) {
  std::vector<std::string> lines;
  const auto settings = list_settings(kOnePlugin[0].schema);
  ASSERT_TRUE(settings.ok());
  for (const SettingText& setting : *settings) {
    lines.push_back(setting.path + " | " + setting.facts + " | " + setting.description);
  }
  EXPECT_THAT(lines, Contains("every | a duration like 5s, at least 1s; default 5s | How often."));
  EXPECT_THAT(lines, Contains("limits.most | a number | The most."));
  EXPECT_THAT(lines, Contains("port | an integer, at least 1; required | Its number."));
}

TEST(PluginSettings, are_completed_with_defaults_or_refused_with_places) {
  const auto good = check_plugin_settings(kOnePlugin[0].schema, "port: 7\nevery: 2s\n", "mine.yaml", "/base");
  ASSERT_TRUE(good.ok()) << good.error().message;
  EXPECT_EQ(json::parse(*good), (json{{"port", 7}, {"every", 2'000'000'000}}));
  const auto bad = check_plugin_settings(kOnePlugin[0].schema, "port: 7\nevery: [\n", "mine.yaml", "/base");
  ASSERT_FALSE(bad.ok());
  EXPECT_THAT(bad.error().message, HasSubstr("mine.yaml:"));
  const auto none = check_plugin_settings(kOnePlugin[0].schema, "{}", "the defaults", "/base");
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message, HasSubstr("`port` is missing"));
}

}  // namespace
}  // namespace picket::config
