// SPDX-License-Identifier: Apache-2.0
//
// What compiling refuses, and where it points.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_batch.hpp"

namespace picket::routing {
namespace {

struct Refusal {
  std::string_view text;
  std::string_view part;  // what the error points at
  std::string_view says;
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.text;
}

class ExpressionRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ExpressionRefuses, with_its_place_and_reason) {
  const auto& [text, part, says] = GetParam();
  Names names;
  const auto compiled = Expression::compile(text, names);
  ASSERT_FALSE(compiled.ok());
  const ExpressionError& error = compiled.error();
  EXPECT_EQ(text.substr(error.offset, error.length), part);
  EXPECT_THAT(error.message, testing::HasSubstr(says));
}

INSTANTIATE_TEST_SUITE_P(
    syntax, ExpressionRefuses,
    testing::Values(Refusal{"", "", "empty"}, Refusal{"  ", "", "empty"}, Refusal{"a b", "b", "operator or the end"},
                    Refusal{"a AND b", "AND", "did you mean 'and'?"}, Refusal{"a >", "", "ends where"},
                    Refusal{"(a", "", "')'"}, Refusal{"a)", ")", "operator or the end"},
                    Refusal{"1 < a < 3", "<", "do not chain"}, Refusal{"a == b == c", "==", "do not chain"},
                    Refusal{"if a then b", "", "'else'"}, Refusal{"if a b", "b", "'then'"},
                    Refusal{"1 + if a then 1 else 2", "if", "parentheses"}, Refusal{"a not b", "b", "'in', 'like'"},
                    Refusal{"a in 5", "5", "'['"}, Refusal{"a in []", "]", "a value"},
                    Refusal{"a in [1, b]", "b", "constants"}, Refusal{"a like b", "b", "quotes"},
                    Refusal{"exists 5", "5", "a field"}, Refusal{"exists f(x)", "f(x)", "asks for a field"},
                    Refusal{"``", "``", "empty"}, Refusal{"`abc", "`abc", "closing"},
                    Refusal{"fields == 1", "==", "'['"}, Refusal{"fields[a]", "a", "quotes"},
                    Refusal{"fields['']", "''", "empty"}, Refusal{"name == \"a\\", "\\", "escape"}));

INSTANTIATE_TEST_SUITE_P(
    types, ExpressionRefuses,
    testing::Values(Refusal{"name > 5", "name > 5", "cannot compare text with a number"},
                    Refusal{"5 == 'x'", "5 == 'x'", "cannot compare a number with text"},
                    Refusal{"time == 'x'", "time == 'x'", "cannot compare"},
                    Refusal{"a == true and true < false", "<", "have no order"},
                    Refusal{"a == null", "null", "exists field"}, Refusal{"a in [1, null]", "null", "exists field"},
                    Refusal{"name in ['a', 5]", "5", "cannot compare"}, Refusal{"5 and a", "5", "'and' needs true or"},
                    Refusal{"a or 'x'", "'x'", "'or' needs"}, Refusal{"not 5", "5", "'not' needs"},
                    Refusal{"name + 'x'", "name", "concat"}, Refusal{"1 * true", "true", "'*' needs a number"},
                    Refusal{"-name", "name", "'-' needs"}, Refusal{"5 like 'x'", "5", "'like' needs text"},
                    Refusal{"if 5 then 1 else 2", "5", "condition of 'if'"},
                    Refusal{"lower(5)", "5", "argument 1 of lower() needs text; this is a number"},
                    Refusal{"round(1.5, 'x')", "'x'", "argument 2 of round()"},
                    Refusal{"contains(name)", "contains(name)", "takes 2 arguments, not 1"},
                    Refusal{"lower()", "lower()", "takes 1 argument, not 0"},
                    Refusal{"lenght(name)", "lenght", "did you mean 'length'?"},
                    Refusal{"zzzzzz(name)", "zzzzzz", "unknown function 'zzzzzz'"}));

INSTANTIATE_TEST_SUITE_P(severities, ExpressionRefuses,
                         testing::Values(Refusal{"severity >= warnign", "warnign", "did you mean 'warning'?"},
                                         Refusal{"severity == 'eror'", "'eror'", "did you mean 'error'?"},
                                         Refusal{"whatever < severity", "whatever", "known are trace debug info"},
                                         Refusal{"severity in [error, fatale]", "fatale", "unknown severity"},
                                         Refusal{"severity > (if a then fatale else error)", "fatale",
                                                 "unknown severity"}));

INSTANTIATE_TEST_SUITE_P(patterns, ExpressionRefuses,
                         testing::Values(Refusal{"name like r'abc\\'", "r'abc\\'", "lone backslash"},
                                         Refusal{"message matches 'a(b'", "a(b", "does not compile: missing )"},
                                         Refusal{"message matches 'ab**'", "**", "bad repetition operator"},
                                         Refusal{"message matches r'x[z-a]'", "z-a", "does not compile"},
                                         Refusal{"message matches '\\\\d[z-a]'", "'\\\\d[z-a]'", "does not compile"}));

TEST(ExpressionCompile, nesting_is_allowed_up_to_its_limit) {
  Names names;
  const auto nested = [](unsigned levels) { return std::string(levels, '(') + "a" + std::string(levels, ')'); };
  EXPECT_TRUE(Expression::compile(nested(kMaxExpressionNesting), names).ok());
  const auto refused = Expression::compile(nested(kMaxExpressionNesting + 1), names);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("nested deeper than 64"), std::string::npos);
}

TEST(ExpressionCompile, every_kind_of_nesting_counts) {
  Names names;
  const auto repeated = [](std::string_view part, unsigned times) {
    std::string text;
    for (unsigned index = 0; index < times; ++index) text += part;
    return text;
  };
  for (const std::string_view part : {"not ", "- ", "abs(", "if a then b else ", "(", "-("}) {
    const auto refused = Expression::compile(repeated(part, 20'000 / static_cast<unsigned>(part.size())) + "x", names);
    ASSERT_FALSE(refused.ok()) << part;
    EXPECT_NE(refused.error().message.find("nested deeper"), std::string::npos) << refused.error().message;
  }
}

TEST(ExpressionCompile, a_long_chain_of_operators_is_refused_before_it_can_exhaust_the_stack) {
  Names names;
  std::string text = "a";
  for (int index = 0; index < 20'000; ++index) text += "+1";
  const auto refused = Expression::compile(text, names);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("chain of operators"), std::string::npos);
}

TEST(ExpressionCompile, thousands_of_alternatives_are_fine) {
  Names names;
  std::string text = "a == 0";
  for (int index = 1; index < 3'000; ++index) text += " or a == " + std::to_string(index);
  TestBatch batch(names);
  batch.event("test").integer("a", 2'999);
  EXPECT_EQ(batch.evaluate(text), "true");
}

TEST(ExpressionCompile, a_text_over_its_limit_is_refused_at_the_limit) {
  Names names;
  const std::string fits = "a" + std::string(kMaxExpressionLength - 1, ' ');
  EXPECT_TRUE(Expression::compile(fits, names).ok());
  const auto refused = Expression::compile(fits + " ", names);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().offset, kMaxExpressionLength);
}

TEST(ExpressionCompile, bytes_that_are_no_utf8_are_refused_at_their_place) {
  Names names;
  const auto refused = Expression::compile("name == '\xC3('", names);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().offset, 9U);
}

TEST(ExpressionCompile, the_number_of_regular_expressions_is_limited) {
  Names names;
  std::string text = "a matches 'x'";
  for (std::size_t index = 1; index < kMaxExpressionPatterns; ++index) text += " or a matches 'x'";
  EXPECT_TRUE(Expression::compile(text, names).ok());
  EXPECT_FALSE(Expression::compile(text + " or a matches 'x'", names).ok());
}

TEST(ExpressionCompile, a_filter_that_can_never_be_a_boolean_is_refused) {
  Names names;
  for (const std::string_view text : {"1 + 1", "name", "null", "concat(a, b)", "if a then 1 else 2"}) {
    EXPECT_FALSE(Filter::compile(text, names).ok()) << text;
    EXPECT_TRUE(Expression::compile(text, names).ok()) << text;
  }
  EXPECT_TRUE(Filter::compile("up", names).ok());
}

TEST(ExpressionCompile, the_possible_types_are_known) {
  Names names;
  const auto may_be = [&](std::string_view text, ValueType type) {
    return Expression::compile(text, names).value().may_be(type);
  };
  EXPECT_TRUE(may_be("1 / 2", ValueType::real));
  EXPECT_FALSE(may_be("time / 2", ValueType::integer));
  EXPECT_FALSE(may_be("time + 2", ValueType::real));
  EXPECT_FALSE(may_be("coalesce(name, 'x')", ValueType::null));
  EXPECT_TRUE(may_be("coalesce(name, message)", ValueType::null));
  EXPECT_TRUE(may_be("anything", ValueType::bytes));
}

TEST(ExpressionCompile, lookup_only_adds_no_names) {
  Names names;
  names.intern("known");
  const auto compiled = Filter::compile("known == 'one' or other in ['two', 'three']", names, NamePolicy::lookup_only);
  ASSERT_TRUE(compiled.ok());
  EXPECT_EQ(names.size(), 1U);
}

TEST(ExpressionCaret, marks_the_offending_part_of_its_line) {
  const ExpressionError error{"no", 6, 3};
  EXPECT_EQ(render_caret("a ==\n\tb foo\nc", {"no", 8, 3}), "\tb foo\n\t  ^~~");
  EXPECT_EQ(render_caret("value foo", error), "value foo\n      ^~~");
  EXPECT_EQ(render_caret("\u20ac == foo", {"no", 7, 3}), "\u20ac == foo\n     ^~~");
}

TEST(ExpressionCaret, stays_within_the_text_for_any_error) {
  EXPECT_EQ(render_caret("", {"no", 0, 0}), "\n^");
  EXPECT_EQ(render_caret("ab", {"no", 2, 0}), "ab\n  ^");
  EXPECT_EQ(render_caret("ab", {"no", 99, 99}), "ab\n  ^");
  EXPECT_EQ(render_caret("ab\ncd", {"no", 1, 4}), "ab\n ^");
  EXPECT_EQ(render_caret("ab\r\ncd", {"no", 4, 99}), "cd\n^~");
}

}  // namespace
}  // namespace picket::routing
