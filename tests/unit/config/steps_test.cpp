// SPDX-License-Identifier: Apache-2.0
//
// The `steps` of a route: each against the schema of its type, every mistake at its place.
#include "config/model_diff.hpp"
#include "config/print.hpp"
#include "config/schema.hpp"
#include "fixture.hpp"

namespace picket::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two types: `hold` has units and a default, `rule` an expression that must not say "bad".
class FakeSteps final : public StepSchemas {
 public:
  std::optional<std::string> find(std::string_view type) const override {
    if (type == "hold") {
      return R"({"type": "object", "description": "Holds.", "required": ["for"], "properties": {
        "for": {"type": "string", "format": "duration", "minimum": "1s", "description": "How long."},
        "room": {"type": "string", "format": "bytes", "default": "1MiB", "description": "How much."},
        "words": {"type": "array", "items": {"type": "string"}, "default": [], "description": "Words."}}})";
    }
    if (type == "rule") {
      return R"({"type": "object", "required": ["raise"], "properties": {"raise": {"type": "string"},
        "deep": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}}})";
    }
    if (type == "broken") return "{";
    return std::nullopt;
  }
  std::vector<std::string> types() const override { return {"hold", "rule"}; }
  std::vector<StepMistake> check(std::string_view type, const std::string& settings) const override {
    if (type != "rule") return {};
    std::vector<StepMistake> mistakes;
    const auto at = settings.find("\"raise\":\"");
    const auto bad = settings.find("bad", at);
    if (bad != std::string::npos) mistakes.push_back({"/raise", bad - at - 9, "`bad` is not good"});
    if (settings.find("worse") != std::string::npos) mistakes.push_back({"/deep/a~1b/1", 2, "worse"});
    if (settings.find("missing") != std::string::npos) mistakes.push_back({"/lower", 0, "`lower` is missing"});
    return mistakes;
  }
};

class Steps : public ConfigTest {
 protected:
  Steps() { input.steps = &steps; }
  Loaded with_steps(const std::string& list, const std::string& more = "") {
    return load_text("instances: {a: {type: meter}, b: {type: store}}\nroutes:\n  r:\n    from: a\n    to: b\n" + more +
                     "    steps: " + list + "\n");
  }
  std::vector<std::string> mistakes(const std::string& list) { return errors(with_steps(list).diagnostics); }

  FakeSteps steps;
};

TEST_F(Steps, are_read_in_order_with_defaults_and_canonical_numbers) {
  const Loaded loaded = with_steps("[{hold: {for: 30s}}, {rule: {raise: x > 5}}]");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const std::vector<Step>& list = loaded.model->routes.at("r").steps;
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].type, "hold");
  EXPECT_EQ(list[0].settings, R"({"for":30000000000,"room":1048576,"words":[]})");
  EXPECT_EQ(list[0].where.line, 6);
  EXPECT_EQ(list[0].where.column, 14);
  EXPECT_EQ(list[1].settings, R"({"raise":"x > 5"})");
}

TEST_F(Steps, the_queue_of_the_route_is_that_before_its_steps) {
  const Loaded loaded = with_steps("[{hold: {for: 30s}}]", "    queue: {events: 7}\n    on_full: drop_oldest\n");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  EXPECT_EQ(loaded.model->routes.at("r").queue.events, 7U);
  EXPECT_EQ(loaded.model->routes.at("r").queue.on_full, OnFull::drop_oldest);
  EXPECT_EQ(loaded.model->routes.at("r").to[0].queue.events, 7U);
}

TEST_F(Steps, a_type_that_is_not_there_is_an_error_with_the_nearest) {
  EXPECT_THAT(mistakes("[{rulle: {raise: x}}]"),
              ElementsAre("6:14: route `r`: step 1: there is no step `rulle`; did you mean `rule`?"));
  EXPECT_THAT(mistakes("[{hold: {for: 1s}}, {zzzzzz: }]"),
              ElementsAre("6:33: route `r`: step 2: there is no step `zzzzzz`; one of `hold`, `rule`"));
}

TEST_F(Steps, must_be_a_list_of_mappings_with_one_key) {
  EXPECT_THAT(mistakes("{hold: {for: 1s}}"),
              ElementsAre("6:12: route `r`: `steps` must be a list, like `- sample: {one_in: 10}`"));
  EXPECT_THAT(mistakes("[hold, {hold: {for: 1s}, rule: {raise: x}}]"),
              ElementsAre(HasSubstr("6:13: route `r`: step 1 must be a mapping with one key"),
                          HasSubstr("6:19: route `r`: step 2 must be a mapping with one key")));
  EXPECT_THAT(mistakes(""), IsEmpty()) << "nothing is an empty list";
}

TEST_F(Steps, settings_that_do_not_fit_the_schema_are_told_where_they_are) {
  EXPECT_THAT(mistakes("[{hold: {fro: 1s}}]"), ElementsAre("6:21: unknown key `fro`; did you mean `for`?"));
  EXPECT_THAT(mistakes("[{hold: {for: 1ms}}]"), ElementsAre(HasSubstr("6:26: ")));
  EXPECT_THAT(mistakes("[{hold: }]"), ElementsAre("6:14: `for` is missing"));
}

TEST_F(Steps, a_mistake_inside_a_text_is_told_with_its_column) {
  EXPECT_THAT(mistakes("[{rule: {raise: x > bad}}]"), ElementsAre("6:32: route `r`: step 1 (rule): `bad` is not good"));
  EXPECT_THAT(mistakes("[{rule: {raise: x, deep: {a/b: [ok, worse]}}}]"),
              ElementsAre("6:50: route `r`: step 1 (rule): worse"));
  EXPECT_THAT(mistakes("[{rule: {raise: missing}}]"),
              ElementsAre("6:20: route `r`: step 1 (rule): `lower` is missing"));
}

TEST_F(Steps, every_mistake_is_told_at_once) {
  EXPECT_THAT(mistakes("[{rulle: {}}, {hold: {for: 5}}, {rule: {raise: bad}}]").size(), 3U);
}

TEST_F(Steps, there_may_be_64_of_them) {
  std::string list;
  for (int i = 0; i < 64; ++i) list += "{hold: {for: 1s}}, ";
  EXPECT_TRUE(with_steps("[" + list + "]").model);
  EXPECT_THAT(mistakes("[" + list + "{hold: {for: 1s}}]"),
              ElementsAre(HasSubstr("route `r`: more than 64 steps; use two routes")));
}

TEST_F(Steps, a_mistyped_key_of_the_route_is_told) {
  const Loaded loaded = load_text("instances: {a: {type: meter}}\nroutes: {r: {from: a, to: a, step: []}}\n");
  EXPECT_THAT(errors(loaded.diagnostics), ElementsAre("2:30: unknown key `step`; did you mean `steps`?"));
}

TEST_F(Steps, a_type_whose_schema_cannot_be_used_is_an_error) {
  EXPECT_THAT(mistakes("[{broken: {}}]"), ElementsAre(HasSubstr("6:14: route `r`: step 1: its schema cannot be used")));
}

TEST_F(Steps, are_printed_with_units_and_read_back_the_same) {
  const Loaded first = with_steps("[{hold: {for: 90s}}, {rule: {raise: '${X}x > 5'}}]", "    queue: {bytes: 2MiB}\n");
  ASSERT_FALSE(first.model) << "X is not set";
  const Loaded loaded = with_steps("[{hold: {for: 90s}}, {rule: {raise: '$${X}x > 5'}}]", "    queue: {bytes: 2MiB}\n");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const std::string text = print_yaml(*loaded.model);
  EXPECT_THAT(text, HasSubstr("for: 1m30s\n"));
  const Loaded again = load_text(text);
  ASSERT_TRUE(again.model) << again.diagnostics.render() << text;
  EXPECT_TRUE(diff(*loaded.model, *again.model).empty()) << text;
  EXPECT_EQ(again.model->routes.at("r").queue.bytes, 2U << 20U);
  EXPECT_EQ(print_yaml(*again.model), text);
}

TEST_F(Steps, a_change_of_steps_or_of_their_queue_is_a_change_of_the_route) {
  const Loaded before = with_steps("[{hold: {for: 90s}}]");
  const auto changed = [&](const Loaded& after) { return !diff(*before.model, *after.model).routes.changed.empty(); };
  EXPECT_FALSE(changed(with_steps("[{hold: {for: 1m30s, room: 1MiB}}]")));
  EXPECT_TRUE(changed(with_steps("[{hold: {for: 91s}}]")));
  EXPECT_TRUE(changed(with_steps("[{hold: {for: 90s}}, {rule: {raise: x}}]")));
  EXPECT_TRUE(changed(with_steps("[]")));
  Loaded other = with_steps("[{hold: {for: 90s}}]");
  other.model->routes.at("r").queue.events = 3;
  EXPECT_TRUE(changed(other));
}

TEST_F(Steps, an_example_is_made_of_the_schema_that_load_reads) {
  const auto example = step_example("hold", *steps.find("hold"));
  ASSERT_TRUE(example.ok());
  EXPECT_THAT(*example, HasSubstr("# Holds.\nroutes:\n  my_route:\n    from: my_source\n    steps:\n      - hold:\n"));
  EXPECT_THAT(*example, HasSubstr("# How long."));
  const Loaded loaded = load_text("instances: {my_source: {type: meter}, my_sink: {type: store}}\n" + *example);
  EXPECT_TRUE(loaded.model) << loaded.diagnostics.render() << *example;
}

}  // namespace
}  // namespace picket::config
