// SPDX-License-Identifier: Apache-2.0
//
// How constants are written: numbers, units, texts, and what is refused.
#include <gtest/gtest.h>

#include "test_batch.hpp"

namespace picket::routing {
namespace {

class ExpressionLiterals : public testing::Test {
 protected:
  ExpressionLiterals() { batch_.event("test"); }

  ExpressionError error_of(std::string_view text) {
    const auto compiled = Expression::compile(text, names_);
    EXPECT_FALSE(compiled.ok()) << text;
    return compiled.ok() ? ExpressionError{} : compiled.error();
  }

  Names names_;
  TestBatch batch_{names_};
};

TEST_F(ExpressionLiterals, numbers_may_be_grouped_and_have_fractions_and_exponents) {
  EXPECT_EQ(batch_.evaluate("1_000_000"), "1000000");
  EXPECT_EQ(batch_.evaluate("1.5"), "1.5");
  EXPECT_EQ(batch_.evaluate("1e3"), "1000.0");
  EXPECT_EQ(batch_.evaluate("2.5e-1"), "0.25");
}

TEST_F(ExpressionLiterals, the_whole_range_of_integers_can_be_written) {
  EXPECT_EQ(batch_.evaluate("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(batch_.evaluate("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(error_of("9223372036854775808").length, 19U);
  EXPECT_NE(error_of("9223372036854775809").message.find("64 bits"), std::string::npos);
}

TEST_F(ExpressionLiterals, durations_are_nanoseconds) {
  EXPECT_EQ(batch_.evaluate("250ms"), "250000000");
  EXPECT_EQ(batch_.evaluate("5s"), "5000000000");
  EXPECT_EQ(batch_.evaluate("1.5s"), "1500000000");
  EXPECT_EQ(batch_.evaluate("1h"), "3600000000000");
  EXPECT_EQ(batch_.evaluate("-2m"), "-120000000000");
}

TEST_F(ExpressionLiterals, sizes_are_bytes) {
  EXPECT_EQ(batch_.evaluate("64MiB"), "67108864");
  EXPECT_EQ(batch_.evaluate("64MB"), "64000000");
  EXPECT_EQ(batch_.evaluate("0.5KiB"), "512");
}

TEST_F(ExpressionLiterals, a_unit_that_does_not_exist_is_pointed_at) {
  const ExpressionError error = error_of("value > 5sec");
  EXPECT_EQ(error.offset, 9U);
  EXPECT_EQ(error.length, 3U);
  EXPECT_NE(error.message.find("unknown unit 'sec'"), std::string::npos);
}

TEST_F(ExpressionLiterals, a_quantity_that_is_not_whole_or_too_large_is_refused) {
  EXPECT_NE(error_of("1.5ns").message.find("whole number"), std::string::npos);
  EXPECT_NE(error_of("999999999999d").message.find("64 bits"), std::string::npos);
  EXPECT_NE(error_of("1e999").message.find("double"), std::string::npos);
  EXPECT_NE(error_of("1.2.3").message.find("no number"), std::string::npos);
}

TEST_F(ExpressionLiterals, texts_have_two_kinds_of_quotes_and_escapes) {
  EXPECT_EQ(batch_.evaluate(R"("it's")"), "\"it's\"");
  EXPECT_EQ(batch_.evaluate(R"('say "hi"')"), "\"say \"hi\"\"");
  EXPECT_EQ(batch_.evaluate(R"("a\tb\n\\\"\'")"), "\"a\tb\n\\\"'\"");
  EXPECT_EQ(batch_.evaluate(R"("\u{41}\u{e9}\u{20AC}\u{1F600}")"), "\"A\u00e9\u20ac\U0001F600\"");
}

TEST_F(ExpressionLiterals, a_raw_text_keeps_its_backslashes) {
  EXPECT_EQ(batch_.evaluate(R"(r"\d+\")"), "\"\\d+\\\"");
  EXPECT_EQ(batch_.evaluate(R"(r'a"b')"), "\"a\"b\"");
}

TEST_F(ExpressionLiterals, a_text_without_its_end_is_pointed_at_from_its_start) {
  const ExpressionError error = error_of("name == \"abc");
  EXPECT_EQ(error.offset, 8U);
  EXPECT_EQ(error.length, 4U);
  EXPECT_NE(error.message.find("closing"), std::string::npos);
  EXPECT_EQ(error_of("\"abc\\").offset, 4U);
}

TEST_F(ExpressionLiterals, an_unknown_escape_is_pointed_at) {
  const ExpressionError error = error_of(R"(name == "a\d")");
  EXPECT_EQ(error.offset, 10U);
  EXPECT_EQ(error.length, 2U);
  EXPECT_NE(error.message.find("r\"...\""), std::string::npos);
}

TEST_F(ExpressionLiterals, a_code_that_is_no_character_is_refused) {
  EXPECT_NE(error_of(R"("\u{D800}")").message.find("no Unicode"), std::string::npos);
  EXPECT_NE(error_of(R"("\u{110000}")").message.find("no Unicode"), std::string::npos);
  EXPECT_NE(error_of(R"("\u{xyz}")").message.find("no Unicode"), std::string::npos);
  EXPECT_NE(error_of(R"("\u{}")").message.find("hexadecimal"), std::string::npos);
  EXPECT_NE(error_of(R"("\u0041")").message.find("hexadecimal"), std::string::npos);
  EXPECT_NE(error_of(R"("\u{41)").message.find("hexadecimal"), std::string::npos);
}

TEST_F(ExpressionLiterals, operators_of_other_languages_are_answered_with_ours) {
  EXPECT_NE(error_of("a && b").message.find("'and'"), std::string::npos);
  EXPECT_NE(error_of("a || b").message.find("'or'"), std::string::npos);
  EXPECT_NE(error_of("!a").message.find("'not'"), std::string::npos);
  EXPECT_NE(error_of("a = 1").message.find("'=='"), std::string::npos);
  EXPECT_NE(error_of("a =~ 'x'").message.find("'matches'"), std::string::npos);
}

TEST_F(ExpressionLiterals, characters_without_meaning_are_pointed_at_whole) {
  const ExpressionError error = error_of("a \u20ac b");
  EXPECT_EQ(error.offset, 2U);
  EXPECT_EQ(error.length, 3U);
  EXPECT_EQ(error_of(std::string_view("a \0 b", 5)).message, "a control character has no meaning here");
}

}  // namespace
}  // namespace picket::routing
