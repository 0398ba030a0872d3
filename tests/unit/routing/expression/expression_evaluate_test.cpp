// SPDX-License-Identifier: Apache-2.0
//
// What expressions evaluate to: references, logic with null, arithmetic, conditionals.
#include <gtest/gtest.h>

#include <thread>

#include "test_batch.hpp"

namespace picket::routing {
namespace {

class ExpressionEvaluate : public testing::Test {
 protected:
  ExpressionEvaluate() {
    batch_.event("metric", "host", PICKET_SEVERITY_WARNING)
        .at(1'700'000'000'000'000'000)
        .name("name", "cpu")
        .real("value", 0.75)
        .name("cpu.mode", "user")
        .integer("count", 7)
        .boolean("up", true)
        .null("gone")
        .text("message", "disk full")
        .text("kind", "a field")
        .integer("odd key!", 9)
        .inline_integer("from.peer", 42);
  }

  Names names_;
  TestBatch batch_{names_};
};

TEST_F(ExpressionEvaluate, parts_and_fields_are_found_by_name) {
  EXPECT_EQ(batch_.evaluate("time"), "1700000000000000000");
  EXPECT_EQ(batch_.evaluate("kind"), "\"metric\"");
  EXPECT_EQ(batch_.evaluate("source"), "\"host\"");
  EXPECT_EQ(batch_.evaluate("severity"), "5");
  EXPECT_EQ(batch_.evaluate("name"), "\"cpu\"");
  EXPECT_EQ(batch_.evaluate("value"), "0.75");
  EXPECT_EQ(batch_.evaluate("message"), "\"disk full\"");
  EXPECT_EQ(batch_.evaluate("cpu.mode"), "\"user\"");
  EXPECT_EQ(batch_.evaluate("fields.cpu.mode"), "\"user\"");
  EXPECT_EQ(batch_.evaluate("up"), "true");
  EXPECT_EQ(batch_.evaluate("missing"), "null");
  EXPECT_EQ(batch_.evaluate("gone"), "null");
}

TEST_F(ExpressionEvaluate, a_field_with_the_name_of_a_part_needs_its_prefix) {
  EXPECT_EQ(batch_.evaluate("fields.kind"), "\"a field\"");
  EXPECT_EQ(batch_.evaluate("`kind`"), "\"a field\"");
  EXPECT_EQ(batch_.evaluate("fields['kind']"), "\"a field\"");
}

TEST_F(ExpressionEvaluate, odd_keys_are_written_in_backticks_or_brackets) {
  EXPECT_EQ(batch_.evaluate("`odd key!` + 1"), "10");
  EXPECT_EQ(batch_.evaluate("fields[\"odd key!\"] + 1"), "10");
}

TEST_F(ExpressionEvaluate, inline_and_interned_keys_are_equal) {
  EXPECT_EQ(batch_.evaluate("from.peer"), "42");
  EXPECT_EQ(batch_.evaluate("from.peer > 41 and exists from.peer"), "true");
  EXPECT_EQ(batch_.evaluate("from.pee"), "null");
}

TEST_F(ExpressionEvaluate, keys_unknown_at_compile_time_are_found_once_they_exist) {
  Names names;
  const auto compiled = Expression::compile("late > 1 and word == 'x'", names, NamePolicy::lookup_only);
  ASSERT_TRUE(compiled.ok());
  ASSERT_EQ(names.size(), 0U);
  TestBatch batch(names);
  batch.event("test").integer("late", 2).name("word", "x");
  EXPECT_EQ(TestBatch::write(compiled.value().evaluate(batch.raw(), batch.last())), "true");
}

TEST_F(ExpressionEvaluate, exists_asks_for_a_value) {
  EXPECT_EQ(batch_.evaluate("exists value"), "true");
  EXPECT_EQ(batch_.evaluate("exists missing"), "false");
  EXPECT_EQ(batch_.evaluate("exists gone"), "false");
  EXPECT_EQ(batch_.evaluate("not exists missing and exists severity"), "true");
  TestBatch plain(names_);
  plain.event("log");
  EXPECT_EQ(plain.evaluate("exists severity or exists source or exists time"), "false");
}

TEST_F(ExpressionEvaluate, logic_has_three_values) {
  EXPECT_EQ(batch_.evaluate("missing and false"), "false");
  EXPECT_EQ(batch_.evaluate("false and missing"), "false");
  EXPECT_EQ(batch_.evaluate("missing and true"), "null");
  EXPECT_EQ(batch_.evaluate("missing or true"), "true");
  EXPECT_EQ(batch_.evaluate("true or missing"), "true");
  EXPECT_EQ(batch_.evaluate("missing or false"), "null");
  EXPECT_EQ(batch_.evaluate("not missing"), "null");
  EXPECT_EQ(batch_.evaluate("count and true"), "null") << "a number is no boolean";
  EXPECT_EQ(batch_.evaluate("up and not (up and false)"), "true");
}

TEST_F(ExpressionEvaluate, operators_bind_as_documented) {
  EXPECT_EQ(batch_.evaluate("false and false or true"), "true");
  EXPECT_EQ(batch_.evaluate("true or false and false"), "true");
  EXPECT_EQ(batch_.evaluate("not false and false"), "false");
  EXPECT_EQ(batch_.evaluate("not count == 3"), "true");
  EXPECT_EQ(batch_.evaluate("1 + 2 * 3 - 4"), "3");
  EXPECT_EQ(batch_.evaluate("(1 + 2) * 3"), "9");
  EXPECT_EQ(batch_.evaluate("10 - 3 - 2"), "5");
  EXPECT_EQ(batch_.evaluate("-2 + 5 > 2 and count % 4 == 3"), "true");
}

TEST_F(ExpressionEvaluate, division_is_exact_and_other_arithmetic_keeps_integers) {
  EXPECT_EQ(batch_.evaluate("count / 2"), "3.5");
  EXPECT_EQ(batch_.evaluate("6 / 3 == 2"), "true");
  EXPECT_EQ(batch_.evaluate("count * 2"), "14");
  EXPECT_EQ(batch_.evaluate("count * 2.0"), "14.0");
  EXPECT_EQ(batch_.evaluate("-count % 4"), "-3");
  EXPECT_EQ(batch_.evaluate("7.5 % 2"), "1.5");
  EXPECT_EQ(batch_.evaluate("-value"), "-0.75");
}

TEST_F(ExpressionEvaluate, arithmetic_without_an_answer_is_null) {
  for (const std::string_view text :
       {"count / 0", "count % 0", "value / 0.0", "value % 0", "9223372036854775807 + 1", "-9223372036854775807 - 2",
        "9223372036854775807 * 2", "missing + 1", "1 + missing", "up + 1", "-missing", "-(-9223372036854775807 - 1)"}) {
    EXPECT_EQ(batch_.evaluate(text), "null") << text;
  }
  EXPECT_EQ(batch_.evaluate("(-9223372036854775807 - 1) % -1"), "0");
}

TEST_F(ExpressionEvaluate, conditionals_take_else_unless_the_condition_is_true) {
  EXPECT_EQ(batch_.evaluate("if value > 0.5 then 'high' else 'low'"), "\"high\"");
  EXPECT_EQ(batch_.evaluate("if value > 0.9 then 'high' else 'low'"), "\"low\"");
  EXPECT_EQ(batch_.evaluate("if missing > 1 then 'high' else 'low'"), "\"low\"");
  EXPECT_EQ(batch_.evaluate("if false then 1 else if true then 2 else 3"), "2");
  EXPECT_EQ(batch_.evaluate("1 + (if up then 1 else 2)"), "2");
}

TEST_F(ExpressionEvaluate, severities_are_names_beside_severity_only) {
  EXPECT_EQ(batch_.evaluate("severity == warning and severity == warn and severity == 'warning'"), "true");
  EXPECT_EQ(batch_.evaluate("severity >= notice and severity < err"), "true");
  EXPECT_EQ(batch_.evaluate("severity in [warning, critical]"), "true");
  EXPECT_EQ(batch_.evaluate("severity not in [debug, info]"), "true");
  EXPECT_EQ(batch_.evaluate("severity >= (if count > 5 then warning else error)"), "true");
  EXPECT_EQ(batch_.evaluate("severity >= max(info, debug)"), "true");
  EXPECT_EQ(batch_.evaluate("severity >= fields.warning"), "null");
  EXPECT_EQ(batch_.evaluate("warning"), "null") << "elsewhere it is a field";
}

TEST_F(ExpressionEvaluate, patterns_match_whole_texts_by_glob_and_anywhere_by_regular_expression) {
  EXPECT_EQ(batch_.evaluate("message like 'disk*' and message not like 'disk'"), "true");
  EXPECT_EQ(batch_.evaluate("message matches 'k f'"), "true");
  EXPECT_EQ(batch_.evaluate("message matches '^full'"), "false");
  EXPECT_EQ(batch_.evaluate("message not matches r'\\d'"), "true");
  EXPECT_EQ(batch_.evaluate("kind matches '(?i)^METRIC$'"), "true");
}

TEST_F(ExpressionEvaluate, fields_of_unknown_types_and_odd_names_are_null_or_empty) {
  batch_.raw().fields[batch_.last().first_field + 1].type = 99;
  EXPECT_EQ(batch_.evaluate("value"), "null");
  EXPECT_EQ(batch_.evaluate("value > 0"), "null");
  batch_.raw().fields[batch_.last().first_field].value.name = 60'000;
  EXPECT_EQ(batch_.evaluate("name"), "\"\"");
}

TEST_F(ExpressionEvaluate, copies_share_one_program_between_threads) {
  const auto compiled = Expression::compile("concat(upper(name), '-', count, '-', message matches 'f.ll')", names_);
  ASSERT_TRUE(compiled.ok());
  std::array<std::string, 4> results;
  {
    std::vector<std::jthread> threads;
    for (std::string& result : results) {
      threads.emplace_back([&result, copy = compiled.value(), this] {
        for (int round = 0; round < 100; ++round) {
          result = std::string(copy.evaluate(batch_.raw(), batch_.last()).as_text());
        }
      });
    }
  }
  for (const std::string& result : results) EXPECT_EQ(result, "CPU-7-true");
}

}  // namespace
}  // namespace picket::routing
