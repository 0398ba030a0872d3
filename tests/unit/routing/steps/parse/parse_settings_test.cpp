// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "config/prepared_schema.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

using ::testing::ElementsAre;

// "pointer:offset message" of each problem.
std::vector<std::string> problems_of(std::string_view settings) {
  Names names;
  std::vector<std::string> lines;
  for (const StepProblem& problem : kParseStep.check(nlohmann::json::parse(settings), names)) {
    lines.push_back(problem.pointer + ":" + std::to_string(problem.offset) + " " + problem.message);
  }
  return lines;
}

TEST(ParseSettings, options_of_another_format_are_named) {
  EXPECT_THAT(problems_of(R"({"format": "json", "max_depth": 3})"), ElementsAre());
  EXPECT_THAT(problems_of(R"({"format": "syslog", "max_depth": 3, "zone": "utc"})"),
              ElementsAre("/max_depth:0 has no meaning for the format syslog, only for json"));
  EXPECT_THAT(problems_of(R"({"format": "json", "zone": "utc"})"),
              ElementsAre("/zone:0 nothing here reads a time: give `time`, or leave `zone` out"));
  EXPECT_THAT(problems_of(R"({"format": "syslog", "zone": "+24:00"})"),
              ElementsAre("/zone:0 not utc, local or an offset like +02:00"));
}

TEST(ParseSettings, patterns_that_do_not_compile_are_named_with_their_byte) {
  EXPECT_THAT(problems_of(R"--({"format": "regex"})--"), ElementsAre("/format:0 regex needs `pattern`"));
  EXPECT_THAT(problems_of(R"--({"format": "regex", "pattern": ["(?P<a>.)", "ab(?<x>.)", "(.)"]})--"),
              ElementsAre("/pattern/1:2 invalid perl operator: (?<; a named group is written (?P<name>...)",
                          "/pattern/2:0 has no named group (?P<name>...), so that nothing would come of it"));
}

TEST(ParseSettings, separators_that_cannot_work_are_named) {
  EXPECT_THAT(problems_of(R"({"format": "key_value", "value_separator": " "})"),
              ElementsAre("/value_separator:0 blanks cannot part pairs and values at the same time"));
  EXPECT_THAT(problems_of(R"({"format": "key_value", "pair_separator": "=="})"),
              ElementsAre("/value_separator:0 is a part of pair_separator, so that no value would ever begin"));
  EXPECT_THAT(problems_of(R"({"format": "key_value", "pair_separator": "'"})"),
              ElementsAre("/quotes:0 a separator holds this quote: choose other quotes, or none (\"\")"));
}

TEST(ParseSettings, a_format_of_time_that_cannot_work_is_named) {
  EXPECT_THAT(problems_of(R"({"format": "json", "time": {"field": "t", "format": "%F %"}})"),
              ElementsAre("/time/format:3 a % at the end; write %% for a percent sign"));
}

TEST(ParseSettings, the_schema_takes_what_is_right_and_nothing_else) {
  config::PreparedSchema schema = config::PreparedSchema::make(kParseStep.schema).value();
  const auto accepts = [&](std::string_view text) { return schema.violations(nlohmann::json::parse(text)).empty(); };
  EXPECT_TRUE(accepts(R"({"format": "json", "types": {"a": "integer"}, "time": {"field": "t"},
                          "severity": {"field": "l", "map": {"30": "info"}}})"));
  EXPECT_TRUE(accepts(R"--({"format": "regex", "pattern": ["a", "b"], "on_error": "drop"})--"));
  EXPECT_TRUE(accepts(R"({"format": "key_value", "quotes": "\"'`"})"));
  EXPECT_FALSE(accepts("{}"));
  EXPECT_FALSE(accepts(R"({"format": "xml"})"));
  EXPECT_FALSE(accepts(R"({"format": "json", "fields": "x"})"));
  EXPECT_FALSE(accepts(R"({"format": "json", "severity": {"field": "l", "map": {"30": "fine"}}})"));
}

// Settings that a test writes by hand behave as those of a file, for which the schema's defaults are filled in.
TEST(ParseSettings, every_default_of_the_schema_is_a_setting_that_makes_a_step) {
  const auto schema = nlohmann::json::parse(kParseStep.schema);
  nlohmann::json settings = {{"format", "logfmt"}};
  for (const auto& [key, property] : schema["properties"].items()) {
    if (property.contains("default")) settings[key] = property["default"];
  }
  settings["max_bytes"] = 1 << 20;  // as the loader writes it
  EXPECT_EQ(settings.size(), 8U);
  Names names;
  EXPECT_TRUE(kParseStep.check(settings, names).empty());
  EXPECT_NE(kParseStep.make(settings, {names, platform::system_clock()}), nullptr);
}

}  // namespace
}  // namespace picket::routing
