// SPDX-License-Identifier: Apache-2.0
//
// Conditions that can never be true: that they are found, and above all that nothing else is.
#include "routing/expression/contradiction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "test_batch.hpp"

namespace picket::routing {
namespace {

using ::testing::HasSubstr;

class ExpressionContradiction : public testing::Test {
 protected:
  Expression compiled(std::string_view text) { return Expression::compile(text, names_).value(); }
  // The message; empty when the condition may be true.
  std::string found(std::string_view text) {
    const auto contradiction = find_contradiction(compiled(text));
    if (!contradiction) return {};
    EXPECT_LE(contradiction->offset + contradiction->length, text.size());
    EXPECT_GT(contradiction->length, 0U);
    return contradiction->message;
  }

  Names names_;
};

TEST_F(ExpressionContradiction, is_found_and_told_with_the_two_parts) {
  EXPECT_EQ(found("severity > error and severity < info"),
            "`severity > error` and `severity < info` are never both true");
  EXPECT_EQ(found("kind == \"a\" and value > 1 and kind == \"b\""),
            "`kind == \"a\"` and `kind == \"b\"` are never both true");
  const auto where = find_contradiction(compiled("up and x > 1 and (x < 1)"));
  ASSERT_TRUE(where);
  EXPECT_EQ(where->offset, 17U);
  EXPECT_EQ(where->length, 7U);
}

TEST_F(ExpressionContradiction, of_three_parts_names_the_one_that_breaks) {
  EXPECT_EQ(found("x >= 1 and x != 1 and x <= 1"), "`x <= 1` is never true together with what stands before it");
}

TEST_F(ExpressionContradiction, these_are_never_true) {
  for (const std::string_view text : {
           "false",
           "1 > 2",
           "null",
           "not true",
           "'a' == 'b'",
           "2 in [1, 3]",
           "x > 1 and x < 1",
           "x > 1 and x <= 1",
           "x >= 2 and x < 1.5",
           "x == 1 and x == 1.5",
           "x == 1 and not (x >= 1)",
           "1 < x and 1 > x",
           "x < x",
           "x != x",
           "used / total > 0.9 and used/total < 0.1",
           "severity > error and severity < critical",  // no integer between
           "time > 5 and time < 6",
           "severity == 5.5",
           "x in [1, 2, 3] and x in [4, 5]",
           "x in [1, 2] and x > 2",
           "x not in [1, 2] and x in [1, 2]",
           "x in [1, 2] and x != 1 and x != 2",
           "x == 1 and x == 'a'",
           "x == 'a' and x < 'a'",
           "x >= 'b' and x < 'a'",
           "name in ['a', 'b'] and name == 'c'",
           "(kind == 'a' or kind == 'b') and kind == 'c'",
           "kind == 'a' and (kind == 'b' or kind == 'c')",
           "not (kind == 'a' or kind != 'a')",
           "name like 'system.*' and name == 'process.cpu'",
           "name like 'system.*' and name like 'process.*'",
           "name like 'system.*' and name not like 'system.*'",
           "name like 'a?c' and name == 'abd'",
           "name not like '*'",
           "name == 'abc' and not (name matches '^a')",
           "name in ['abc', 'abd'] and name matches 'x'",
           "up and not up",
           "up == true and up == false",
           "up and up == false",
           "up and up > 1",
           "exists x and not exists x",
           "not exists x and x > 1",
           "not exists severity and severity >= warning",
           "x == 1 and not (x == 1)",
           "if x > 1 then x < 1 else false",
           "if x > 1 then x < 0 else 1 > 2",
           "(x > 1 and x < 0) or (x > 3 and x < 2)",
           "y > 1 and (x > 1 and (x < 0 or x == 1))",
           "lower(name) == 'a' and lower(name) == 'b'",
           "x == 1 and (if y then x == 2 else x == 3)",
       }) {
    EXPECT_NE(found(text), "") << text;
  }
}

TEST_F(ExpressionContradiction, these_may_be_true) {
  for (const std::string_view text : {
           "true",
           "1 < 2",
           "x > 1 and x < 2",
           "x >= 1 and x <= 1",
           "x == 1 and x == 1.0",
           "severity >= error and severity <= error",
           "severity > error and severity < alert",
           "severity > emergency",  // nothing says what a plugin may put there
           "x > 9223372036854775807",
           "x > 1e300",
           "time > 9223372036854775807 or up",
           "not (x > 1) and not (x <= 1)",  // NaN
           "not (x == x)",
           "x == x",
           "x <= x",
           "x != 1 and x != 2",
           "kind != 'a' and kind != 'b'",
           "x not in [1] and x not in [2]",
           "kind == 'a' and source == 'b'",
           "fields.kind == 'a' and kind == 'b'",
           "name like 'a*' and name like '*b'",
           "name like 'a*b' and name not like 'ab*'",
           "name like 'a?*' and name not like 'ab*'",
           "name matches '^a' and name matches '^b'",  // patterns are tried on known texts only
           "name > 'a' and name < 'b'",
           "name > 'a' and name < 'aa'",
           "not exists x and y > 1",
           "not exists x or x > 1",
           "x > 1 or x < 0",
           "if x > 1 then x < 1 else true",
           "if x > 1 then x < 1 else x > 1 or up",
           "lower(name) == 'a' and upper(name) == 'A'",
           "x + 1 > 2 and x < 0",  // arithmetic is taken as it is written
           "x == 'a' or x == 1",
           "up and exists up",
           "not (missing == 1) and exists missing",
       }) {
    EXPECT_EQ(found(text), "") << text;
  }
}

TEST_F(ExpressionContradiction, of_two_conditions) {
  const auto found = find_contradiction(compiled("name == 'cpu' and up"), compiled("name == 'memory' and value > 1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->message, "`name == 'memory' and value > 1` is never true where `name == 'cpu' and up` is");
  EXPECT_FALSE(find_contradiction(compiled("name == 'cpu'"), compiled("value > 1")));
  EXPECT_FALSE(find_contradiction(compiled("false"), compiled("up"))) << "the first alone is the contradiction";
}

TEST_F(ExpressionContradiction, alternatives_that_can_never_be_true) {
  const auto dead = dead_alternatives(compiled("x == 1 or (x > 3 and x < 2) or up"));
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_THAT(dead[0].message, HasSubstr("`x > 3` and `x < 2`"));
  EXPECT_TRUE(dead_alternatives(compiled("(x > 3 and x < 2) or false")).empty());
  EXPECT_TRUE(dead_alternatives(compiled("x > 3 and x < 2")).empty());
}

TEST_F(ExpressionContradiction, implication_by_the_parts_that_are_joined) {
  EXPECT_TRUE(implies(compiled("x > 1 and up"), compiled("x>1")));
  EXPECT_TRUE(implies(compiled("x > 1 and (up and y == 2)"), compiled("y == 2 and x > 1")));
  EXPECT_FALSE(implies(compiled("x > 1"), compiled("x > 1 and up")));
  EXPECT_FALSE(implies(compiled("x > 1 or up"), compiled("x > 1")));
  EXPECT_FALSE(implies(compiled("x == 1"), compiled("x == 1.0"))) << "only what is written alike";
  EXPECT_TRUE(implies(compiled("x > 1m"), compiled("x > 60s")));
}

TEST_F(ExpressionContradiction, many_parts_are_no_burden) {
  std::string text = "x > 0";
  for (int i = 0; i < 5'000; ++i) text += " and x!=" + std::to_string(i);
  EXPECT_EQ(found(text), "");
  std::string list = "k=='a'";
  for (int i = 0; i < 5'000; ++i) list += "or k=='" + std::to_string(i) + "'";
  EXPECT_EQ(found(list), "");
  EXPECT_NE(found("(" + list + ") and k == 'b'"), "");
}

// Random conditions over few fields, tried on events that are made to hit their constants: whatever is true for one of
// them has no contradiction.
class RandomConditions {
 public:
  explicit RandomConditions(std::uint32_t seed) : random_(seed) {}

  std::string condition(int depth) {
    switch (depth == 0 ? pick(6) : pick(11)) {
      case 0:
        return field() + order() + constant();
      case 1:
        return field() + (pick(2) != 0 ? " in [" : " not in [") + constant() + ", " + constant() + "]";
      case 2:
        return field() + (pick(2) != 0 ? " like " : " not like ") + choose({"'a*'", "'a'", "'?'", "'*'", "'b?'"});
      case 3:
        return "exists " + field();
      case 4:
        return "severity" + order() + choose({"3", "4", "3.5", "error"});
      case 5:
        return pick(2) != 0 ? field() : field() + order() + field();
      case 6:
      case 7:
        return "(" + condition(depth - 1) + " and " + condition(depth - 1) + ")";
      case 8:
        return "(" + condition(depth - 1) + " or " + condition(depth - 1) + ")";
      case 9:
        return "not " + condition(depth - 1);
      default:
        return "(if " + condition(depth - 1) + " then " + condition(depth - 1) + " else " + condition(depth - 1) + ")";
    }
  }

  void add_field(TestBatch& batch, std::string_view key) {
    switch (pick(8)) {
      case 0:
        return;
      case 1:
        batch.integer(key, static_cast<std::int64_t>(pick(5)) - 1);
        return;
      case 2:
        batch.real(key, std::initializer_list<double>{0.5, 1.0, 1.5, std::nan(""), -1e300}.begin()[pick(5)]);
        return;
      case 3:
        batch.boolean(key, pick(2) != 0);
        return;
      case 4:
        batch.heap(key, PICKET_TYPE_NULL, "");
        return;
      default:
        batch.text(key, choose({"a", "b", "ab", "ba", ""}));
    }
  }
  std::uint32_t pick(std::uint32_t count) { return static_cast<std::uint32_t>(random_() % count); }

 private:
  std::string choose(std::initializer_list<const char*> texts) {
    return texts.begin()[pick(static_cast<std::uint32_t>(texts.size()))];
  }
  std::string field() { return choose({"x", "y"}); }
  std::string order() { return choose({" == ", " != ", " < ", " <= ", " > ", " >= "}); }
  std::string constant() { return choose({"0", "1", "1.0", "1.5", "2", "'a'", "'ab'", "'b'"}); }

  std::mt19937 random_;
};

TEST_F(ExpressionContradiction, is_never_found_in_what_is_true_for_some_event) {
  RandomConditions random(7);
  int impossible = 0;
  for (int round = 0; round < 4'000; ++round) {
    const std::string text = random.condition(4);
    const auto compiled = Filter::compile(text, names_);
    if (!compiled) continue;  // compares what has no order
    const bool contradicted = find_contradiction(compiled.value().expression()).has_value();
    impossible += contradicted ? 1 : 0;
    if (!contradicted) continue;
    for (int event = 0; event < 60; ++event) {
      TestBatch batch(names_);
      batch.event("metric", "", random.pick(10));
      random.add_field(batch, "x");
      random.add_field(batch, "y");
      ASSERT_FALSE(compiled.value().matches(batch.raw(), batch.last())) << text;
    }
  }
  EXPECT_GT(impossible, 50) << "the conditions are too easy to say anything";
}

}  // namespace
}  // namespace picket::routing
