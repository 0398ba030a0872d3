// SPDX-License-Identifier: Apache-2.0
//
// decide(): which parts of a condition decided, and what they read.
#include "routing/expression/decision.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_batch.hpp"

namespace picket::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ExpressionDecision : public testing::Test {
 protected:
  ExpressionDecision() {
    batch_.event("metric", "host", PICKET_SEVERITY_INFO)
        .at(1'700'000'000'000'000'000)
        .real("value", 0.93)
        .name("name", "system.memory.utilization")
        .text("message", "worker 7")
        .integer("used", 6)
        .integer("total", 8)
        .boolean("up", true)
        .name("cpu.mode", "user")
        .heap("raw", PICKET_TYPE_BYTES, "12");
  }

  Ruling decided(std::string_view text) {
    const Expression compiled = Expression::compile(text, names_).value();
    const Ruling decision = decide(compiled, batch_.raw(), batch_.last());
    for (const Reason& reason : decision.reasons) EXPECT_LE(reason.offset + reason.length, text.size());
    return decision;
  }
  std::vector<std::string> reasons(std::string_view text) {
    std::vector<std::string> lines;
    for (const Reason& reason : decided(text).reasons) lines.push_back(describe(reason));
    return lines;
  }

  Names names_;
  TestBatch batch_{names_};
};

TEST_F(ExpressionDecision, a_comparison_tells_what_it_read) {
  EXPECT_THAT(reasons("severity >= warning"), ElementsAre("severity >= warning is false: severity is info"));
  EXPECT_THAT(reasons("kind == 'metric'"), ElementsAre("kind == 'metric' is true: kind is \"metric\""));
  EXPECT_THAT(reasons("source != 'host'"), ElementsAre("source != 'host' is false: source is \"host\""));
  EXPECT_THAT(reasons("0.5 < value"), ElementsAre("0.5 < value is true: value is 0.93"));
  EXPECT_THAT(reasons("time > 0"),
              ElementsAre("time > 0 is true: time is 1700000000000000000 (2023-11-14T22:13:20.000Z)"));
}

TEST_F(ExpressionDecision, what_was_computed_is_followed_by_what_it_was_computed_of) {
  EXPECT_THAT(reasons("used / total > 0.8"),
              ElementsAre("used / total > 0.8 is false: used / total is 0.75, used is 6, total is 8"));
  EXPECT_THAT(reasons("-used < -5"), ElementsAre("-used < -5 is true: -used is -6, used is 6"));
  EXPECT_THAT(reasons("length(message) == 8 "),
              ElementsAre("length(message) == 8 is true: length(message) is 8, message is \"worker 7\""));
  EXPECT_THAT(reasons("used / 0 > 1"), ElementsAre("used / 0 > 1 is unknown: used / 0 is null, used is 6"));
}

TEST_F(ExpressionDecision, the_first_false_part_decides_an_and_and_all_parts_a_true_one) {
  EXPECT_THAT(reasons("kind == 'metric' and value > 1 and used > 100"),
              ElementsAre("value > 1 is false: value is 0.93"));
  EXPECT_THAT(reasons("kind == 'metric' and value < 1"),
              ElementsAre("kind == 'metric' is true: kind is \"metric\"", "value < 1 is true: value is 0.93"));
  EXPECT_THAT(reasons("missing > 1 and value > 1"), ElementsAre("value > 1 is false: value is 0.93"));
  EXPECT_THAT(reasons("missing > 1 and value < 1"), ElementsAre("missing > 1 is unknown: missing is not there"));
}

TEST_F(ExpressionDecision, the_first_true_part_decides_an_or_and_all_parts_a_false_one) {
  EXPECT_THAT(reasons("value > 1 or used == 6 or total == 8"), ElementsAre("used == 6 is true: used is 6"));
  EXPECT_THAT(reasons("value > 1 or used > 6"),
              ElementsAre("value > 1 is false: value is 0.93", "used > 6 is false: used is 6"));
  EXPECT_THAT(reasons("missing > 1 or used > 6"), ElementsAre("missing > 1 is unknown: missing is not there"));
}

TEST_F(ExpressionDecision, not_is_decided_by_what_it_negates) {
  EXPECT_THAT(reasons("not (name like 'system.*')"),
              ElementsAre("name like 'system.*' is true: name is \"system.memory.utilization\""));
  EXPECT_EQ(decided("not (name like 'system.*')").outcome, Truth::no);
  EXPECT_THAT(reasons("not (value > 1 and used == 6)"), ElementsAre("value > 1 is false: value is 0.93"));
  EXPECT_THAT(reasons("not (missing == 1)"), ElementsAre("missing == 1 is unknown: missing is not there"));
}

TEST_F(ExpressionDecision, if_is_decided_by_its_condition_and_the_branch_taken) {
  EXPECT_THAT(reasons("if up then value > 1 else used > 1"),
              ElementsAre("up is true", "value > 1 is false: value is 0.93"));
  EXPECT_THAT(reasons("if missing == 1 then up else used > 1"),
              ElementsAre("missing == 1 is unknown: missing is not there", "used > 1 is true: used is 6"));
}

TEST_F(ExpressionDecision, lists_patterns_existence_and_calls) {
  EXPECT_THAT(reasons("cpu.mode in ['nice', 'steal']"),
              ElementsAre("cpu.mode in ['nice', 'steal'] is false: cpu.mode is \"user\""));
  EXPECT_THAT(reasons("cpu.mode not in ['nice']"),
              ElementsAre("cpu.mode not in ['nice'] is true: cpu.mode is \"user\""));
  EXPECT_THAT(reasons("message matches '^x'"), ElementsAre("message matches '^x' is false: message is \"worker 7\""));
  EXPECT_THAT(reasons("exists user.id"), ElementsAre("exists user.id is false: user.id is not there"));
  EXPECT_THAT(reasons("exists used"), ElementsAre("exists used is true: used is 6"));
  EXPECT_THAT(reasons("contains(message, 'x')"),
              ElementsAre("contains(message, 'x') is false: message is \"worker 7\""));
  EXPECT_THAT(reasons("coalesce(missing, up)"),
              ElementsAre("coalesce(missing, up) is true: missing is not there, up is true"));
}

TEST_F(ExpressionDecision, says_what_does_not_compare) {
  EXPECT_THAT(reasons("cpu.mode == 5"),
              ElementsAre("cpu.mode == 5 is unknown: cpu.mode is \"user\"; text does not compare with a number"));
  EXPECT_THAT(reasons("used in ['a']"),
              ElementsAre("used in ['a'] is unknown: used is 6; nothing in the list compares with a number"));
  EXPECT_THAT(reasons("used like 'a'"), ElementsAre("used like 'a' is unknown: used is 6; a number is no text"));
  EXPECT_THAT(reasons("used"), ElementsAre("used is unknown: used is 6; a number is neither true nor false"));
  EXPECT_THAT(reasons("raw == raw"), ElementsAre("raw == raw is unknown: raw is (2 bytes); bytes has no order"));
}

TEST_F(ExpressionDecision, parentheses_and_line_breaks_are_left_out) {
  EXPECT_THAT(reasons("( (value\n  > 1) )"), ElementsAre("value   > 1 is false: value is 0.93"));
  EXPECT_THAT(reasons("(used) > (total)"), ElementsAre("(used) > (total) is false: used is 6, total is 8"));
}

TEST_F(ExpressionDecision, a_constant_is_its_own_reason) {
  EXPECT_THAT(reasons("1 > 2"), ElementsAre("1 > 2 is false"));
  EXPECT_THAT(reasons("true"), ElementsAre("true is true"));
  EXPECT_THAT(reasons("up and 1 > 2"), ElementsAre("1 > 2 is false"));
}

TEST_F(ExpressionDecision, the_outcome_is_that_of_the_filter) {
  for (const std::string_view text :
       {"severity >= warning", "value > 0.5 and up", "missing > 3 or up", "not (missing > 3)",
        "if up then missing == 1 else up", "used % 4 == 2 and message like 'w*' and cpu.mode in ['user']"}) {
    const Filter filter = Filter::compile(text, names_).value();
    EXPECT_EQ(decided(text).outcome, filter.test(batch_.raw(), batch_.last())) << text;
    EXPECT_FALSE(decided(text).reasons.empty()) << text;
  }
}

}  // namespace
}  // namespace picket::routing
