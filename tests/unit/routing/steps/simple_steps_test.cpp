// SPDX-License-Identifier: Apache-2.0
//
// set, unset, rename and sample, each by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "routing/steps/step_catalogue.hpp"
#include "step_harness.hpp"

namespace picket::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<StepProblem> simple_step_problems(const char* type, const char* settings) {
  Names names;
  return find_step_type(type)->check(nlohmann::json::parse(settings), names);
}

// --- the catalogue -------------------------------------------------------------------------------------------------

TEST(StepTypes, is_in_order_of_name_and_complete) {
  std::string before;
  for (const StepType* type : step_types()) {
    EXPECT_LT(before, type->name);
    before = type->name;
    EXPECT_EQ(find_step_type(type->name), type);
    const auto schema = nlohmann::json::parse(type->schema);
    EXPECT_TRUE(schema.contains("description")) << type->name;
    for (const auto& [name, property] : schema["properties"].items()) {
      EXPECT_TRUE(property.contains("description")) << type->name << "." << name;
    }
    EXPECT_NE(type->make, nullptr);
  }
  EXPECT_EQ(find_step_type("nothing"), nullptr);
}

// --- set -----------------------------------------------------------------------------------------------------------

TEST(SetStep, gives_parts_and_fields_constant_values_where_they_are_or_at_the_end) {
  StepHarness step(kSetStep, R"({"kind": "alert", "source": "north", "severity": "error",
                                 "fields": {"site": "x", "value": 2, "up": true, "gone": null, "ratio": 0.5}})");
  step.input().event("metric", "host").at(5).integer("value", 1).text("note", "n").integer("value", 7);
  EXPECT_THAT(step.feed(), ElementsAre(R"(alert north 6@5 value=2 note="n" gone=null ratio=0.5 site="x" up=true)"));
}

TEST(SetStep, computes_from_the_event_as_it_came) {
  StepHarness step(kSetStep, R"json({"fields": {"a": 10}, "compute": {"b": "a + 1", "c": "concat(kind, \"!\")",
                                     "fields.kind": "source"}})json");
  step.input().event("log", "host").at(1).integer("a", 1);
  EXPECT_THAT(step.feed(), ElementsAre(R"(log host 0@1 a=10 b=2 c="log!" kind="host")"));
}

TEST(SetStep, a_result_of_null_leaves_what_was_there) {
  StepHarness step(kSetStep, R"({"compute": {"a": "missing + 1", "b": "missing", "kind": "missing",
                                 "severity": "missing"}})");
  step.input().event("log", "", PICKET_SEVERITY_INFO).at(1).integer("a", 3);
  EXPECT_THAT(step.feed(), ElementsAre("log  3@1 a=3"));
}

TEST(SetStep, computes_parts_of_the_event) {
  StepHarness step(kSetStep, R"({"compute": {"kind": "what", "source": "who", "severity": "level"}})");
  step.input().event("log").at(1).text("what", "alert").text("who", "web").text("level", "warn");
  step.input_more().event("log").at(2).integer("level", 9);
  step.input_more().event("log", "", PICKET_SEVERITY_DEBUG).at(3).integer("level", 10).text("what", "");
  EXPECT_THAT(step.feed(), ElementsAre(R"(alert web 5@1 what="alert" who="web" level="warn")", "log  9@2 level=9",
                                       R"(log  2@3 level=10 what="")"));
}

TEST(SetStep, computed_names_are_bounded) {
  StepHarness step(kSetStep, R"({"compute": {"kind": "what"}})");
  for (int i = 0; i < 256; ++i) {
    step.input().event("log").at(1).text("what", "kind" + std::to_string(i));
    step.feed();
  }
  EXPECT_EQ(step.step().over_limit(), 0U);
  step.input().event("log").at(1).text("what", "one more");
  EXPECT_THAT(step.feed(), ElementsAre(R"(log  0@1 what="one more")"));
  EXPECT_EQ(step.step().over_limit(), 1U);
  EXPECT_EQ(step.names.find("one more"), 0U);
}

TEST(SetStep, replaces_a_field_whose_key_came_as_text) {
  StepHarness step(kSetStep, R"({"fields": {"odd key": 1}})");
  step.input().event("log").at(1).inline_integer("odd key", 7).inline_integer("other", 8);
  EXPECT_THAT(step.feed(), ElementsAre("log  0@1 odd key=1 other=8"));
}

TEST(SetStep, finds_mistakes_that_no_schema_sees) {
  const auto found = simple_step_problems("set", R"({"kind": "a", "fields": {"x": 1},
                                         "compute": {"kind": "\"b\"", "x": "2", "y": "1 +", "fields.": "1"}})");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].pointer, "/compute/fields.");
  EXPECT_EQ(found[1].pointer, "/compute/kind");
  EXPECT_EQ(found[2].pointer, "/compute/x");
  EXPECT_THAT(found[2].message, StartsWith("`x` is given a constant value too"));
  EXPECT_EQ(found[3].pointer, "/compute/y");
  EXPECT_EQ(found[3].offset, 3U);
}

// --- unset ---------------------------------------------------------------------------------------------------------

TEST(UnsetStep, takes_away_what_matches_a_pattern_and_no_exception) {
  StepHarness step(kUnsetStep, R"({"fields": ["tmp.*", "secret"], "except": ["tmp.keep"]})");
  step.input().event("log").at(1).integer("tmp.a", 1).integer("tmp.keep", 2).integer("secret", 3).integer("b", 4);
  step.input_more().inline_integer("tmp.odd", 5).inline_integer("plain odd", 6);
  EXPECT_THAT(step.feed(), ElementsAre("log  0@1 tmp.keep=2 b=4 plain odd=6"));
}

TEST(UnsetStep, passes_the_same_batch_when_nothing_matches) {
  StepHarness step(kUnsetStep, R"({"fields": ["x"], "except": []})");
  step.input().event("log").at(1).integer("a", 1);
  EXPECT_THAT(step.feed(), ElementsAre("log  0@1 a=1"));
  EXPECT_EQ(step.added(), 0U);
}

TEST(UnsetStep, a_pattern_that_ends_in_a_backslash_is_a_mistake) {
  const auto found = simple_step_problems("unset", R"({"fields": ["a", "b\\"], "except": ["\\"]})");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].pointer, "/fields/1");
  EXPECT_EQ(found[0].offset, 1U);
  EXPECT_EQ(found[1].pointer, "/except/0");
}

// --- rename --------------------------------------------------------------------------------------------------------

TEST(RenameStep, gives_fields_other_keys_in_place) {
  StepHarness step(kRenameStep, R"({"fields": {"msg": "message", "odd key": "even"}})");
  step.input().event("log").at(1).integer("a", 1).text("msg", "x").text("message", "old").inline_integer("odd key", 2);
  step.input_more().event("log").at(2).text("message", "stays");
  EXPECT_THAT(step.feed(), ElementsAre(R"(log  0@1 a=1 message="x" even=2)", R"(log  0@2 message="stays")"));
}

TEST(RenameStep, swaps_two_fields) {
  StepHarness step(kRenameStep, R"({"fields": {"a": "b", "b": "a"}})");
  step.input().event("log").at(1).integer("a", 1).integer("b", 2);
  EXPECT_THAT(step.feed(), ElementsAre("log  0@1 b=1 a=2"));
}

TEST(RenameStep, passes_the_same_batch_when_no_field_is_there) {
  StepHarness step(kRenameStep, R"({"fields": {"a": "b"}})");
  step.input().event("log").at(1).integer("b", 1);
  EXPECT_THAT(step.feed(), ElementsAre("log  0@1 b=1"));
  EXPECT_EQ(step.added(), 0U);
}

TEST(RenameStep, two_fields_cannot_get_one_key) {
  const auto found = simple_step_problems("rename", R"({"fields": {"a": "c", "b": "c", "d": "d"}})");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].pointer, "/fields/b");
  EXPECT_EQ(found[1].pointer, "/fields/d");
}

// --- sample --------------------------------------------------------------------------------------------------------

std::vector<std::string> sampled(StepHarness& step, int count) {
  step.input();
  for (int i = 0; i < count; ++i) step.input_more().event("e").at(i + 1);
  return step.feed();
}

TEST(SampleStep, lets_every_nth_event_pass_across_batches) {
  StepHarness step(kSampleStep, R"({"one_in": 3, "by": []})");
  EXPECT_THAT(sampled(step, 4), ElementsAre("e  0@1", "e  0@4"));
  EXPECT_THAT(sampled(step, 4), ElementsAre("e  0@3"));
}

TEST(SampleStep, spreads_a_fraction_evenly) {
  StepHarness step(kSampleStep, R"({"fraction": 0.25, "by": []})");
  EXPECT_THAT(sampled(step, 8), ElementsAre("e  0@4", "e  0@8"));
  StepHarness none(kSampleStep, R"({"fraction": 0, "by": []})");
  EXPECT_THAT(sampled(none, 8), IsEmpty());
  StepHarness all(kSampleStep, R"({"fraction": 1, "by": []})");
  EXPECT_EQ(sampled(all, 8).size(), 8U);
}

TEST(SampleStep, keeps_all_events_of_one_value_together) {
  StepHarness step(kSampleStep, R"({"fraction": 0.5, "by": ["id"]})");
  std::set<std::string> kept;
  std::size_t lines = 0;
  for (int round = 0; round < 2; ++round) {
    step.input();
    for (int id = 0; id < 200; ++id) step.input_more().event("e").at(1).integer("id", id);
    for (const std::string& line : step.feed()) {
      kept.insert(line);
      ++lines;
    }
  }
  EXPECT_EQ(lines, 2 * kept.size()) << "the same values in both rounds";
  EXPECT_GT(kept.size(), 60U);
  EXPECT_LT(kept.size(), 140U);
}

TEST(SampleStep, wants_one_way_to_choose) {
  EXPECT_EQ(simple_step_problems("sample", R"({"by": []})").at(0).message, "needs either `one_in` or `fraction`");
  EXPECT_EQ(simple_step_problems("sample", R"({"one_in": 2, "fraction": 0.5, "by": []})").size(), 1U);
  EXPECT_EQ(simple_step_problems("sample", R"({"one_in": 2, "by": ["a"]})").at(0).pointer, "/by");
  EXPECT_EQ(simple_step_problems("sample", R"({"fraction": 0.5, "by": ["a", "b +"]})").at(0).pointer, "/by/1");
  EXPECT_THAT(simple_step_problems("sample", R"({"fraction": 0.5, "by": ["a"]})"), IsEmpty());
}

}  // namespace
}  // namespace picket::routing
