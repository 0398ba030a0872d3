// SPDX-License-Identifier: Apache-2.0
//
// The functions of the language, their edges and their bounds.
#include <gtest/gtest.h>

#include <cmath>

#include "routing/expression/functions.hpp"
#include "test_batch.hpp"

namespace picket::routing {
namespace {

class ExpressionFunctions : public testing::Test {
 protected:
  ExpressionFunctions() {
    batch_.event("test", "", PICKET_SEVERITY_ERROR)
        .text("t", " Caf\u00e9 au lait ")
        .integer("n", -7)
        .real("r", 2.567)
        .boolean("b", true)
        .heap("raw", PICKET_TYPE_BYTES, "\xFF\xFE")
        .real("nan", std::nan(""))
        .text("big", std::string(60'000, 'x'));
  }

  Names names_;
  TestBatch batch_{names_};
};

TEST_F(ExpressionFunctions, text_functions_count_characters_not_bytes) {
  EXPECT_EQ(batch_.evaluate("length(t)"), "14");
  EXPECT_EQ(batch_.evaluate("length(raw)"), "2");
  EXPECT_EQ(batch_.evaluate("substring(t, 4, 4)"), "\"\u00e9 au\"");
  EXPECT_EQ(batch_.evaluate("substring(t, 6)"), "\"au lait \"");
  EXPECT_EQ(batch_.evaluate("substring(t, 99)"), "\"\"");
  EXPECT_EQ(batch_.evaluate("substring(t, 0, 0)"), "\"\"");
  EXPECT_EQ(batch_.evaluate("substring(t, 0, 99) == t"), "true");
  EXPECT_EQ(batch_.evaluate("substring(t, -1)"), "null");
  EXPECT_EQ(batch_.evaluate("substring(t, 1, -1)"), "null");
}

TEST_F(ExpressionFunctions, case_changes_for_ascii_letters_only) {
  EXPECT_EQ(batch_.evaluate("lower('AZ\u00c9[')"), "\"az\u00c9[\"");
  EXPECT_EQ(batch_.evaluate("upper('az\u00e9{')"), "\"AZ\u00e9{\"");
}

TEST_F(ExpressionFunctions, text_is_searched_and_trimmed) {
  EXPECT_EQ(batch_.evaluate("contains(t, 'au') and not contains(t, 'AU') and contains(t, '')"), "true");
  EXPECT_EQ(batch_.evaluate("starts_with(t, ' Caf') and ends_with(t, 'lait ')"), "true");
  EXPECT_EQ(batch_.evaluate("starts_with(t, 'Caf') or ends_with(t, 'lait')"), "false");
  EXPECT_EQ(batch_.evaluate("trim(t)"), "\"Caf\u00e9 au lait\"");
  EXPECT_EQ(batch_.evaluate("trim(' \\t\\n ')"), "\"\"");
}

TEST_F(ExpressionFunctions, replace_replaces_every_occurrence) {
  EXPECT_EQ(batch_.evaluate("replace(t, 'a', '')"), "\" Cf\u00e9 u lit \"");
  EXPECT_EQ(batch_.evaluate("replace('aaa', 'aa', 'b')"), "\"ba\"");
  EXPECT_EQ(batch_.evaluate("replace('abc', 'x', 'y')"), "\"abc\"");
  EXPECT_EQ(batch_.evaluate("replace('abc', 'c', 'long')"), "\"ablong\"");
  EXPECT_EQ(batch_.evaluate("replace('abc', '', 'y')"), "null");
}

TEST_F(ExpressionFunctions, concat_joins_everything_printable) {
  EXPECT_EQ(batch_.evaluate("concat('n=', n, ' r=', r, ' b=', b, ' ', 2.0)"), "\"n=-7 r=2.567 b=true 2\"");
  EXPECT_EQ(batch_.evaluate("concat('a', missing)"), "null");
  EXPECT_EQ(batch_.evaluate("concat('a', coalesce(missing, '-'))"), "\"a-\"");
  EXPECT_EQ(batch_.evaluate("concat(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16)"), "\"12345678910111213141516\"");
}

TEST_F(ExpressionFunctions, texts_and_numbers_convert) {
  EXPECT_EQ(batch_.evaluate("text(n)"), "\"-7\"");
  EXPECT_EQ(batch_.evaluate("text(r)"), "\"2.567\"");
  EXPECT_EQ(batch_.evaluate("text(0.1 + 0.2)"), "\"0.30000000000000004\"");
  EXPECT_EQ(batch_.evaluate("number('12')"), "12");
  EXPECT_EQ(batch_.evaluate("number('1.5e1')"), "15.0");
  EXPECT_EQ(batch_.evaluate("number('99999999999999999999')"), "1e+20");
  EXPECT_EQ(batch_.evaluate("number(b)"), "1");
  for (const std::string_view text : {"number('')", "number(' 1')", "number('1x')", "number('inf')", "number('nan')",
                                      "int('x')", "int(1e30)", "int(nan)", "int(-1e19)"}) {
    EXPECT_EQ(batch_.evaluate(text), "null") << text;
  }
  EXPECT_EQ(batch_.evaluate("int(2.9) + int(-2.9) + int('4.7') + int(true)"), "5");
}

TEST_F(ExpressionFunctions, numbers_are_rounded) {
  EXPECT_EQ(batch_.evaluate("round(r)"), "3.0");
  EXPECT_EQ(batch_.evaluate("round(r, 2)"), "2.57");
  EXPECT_EQ(batch_.evaluate("round(-2.5)"), "-3.0");
  EXPECT_EQ(batch_.evaluate("round(n, 3)"), "-7");
  EXPECT_EQ(batch_.evaluate("round(1e308, 15)"), "1e+308");
  EXPECT_EQ(batch_.evaluate("round(r, 16)"), "null");
  EXPECT_EQ(batch_.evaluate("round(r, -1)"), "null");
  EXPECT_EQ(batch_.evaluate("floor(-2.5)"), "-3.0");
  EXPECT_EQ(batch_.evaluate("ceil(-2.5)"), "-2.0");
  EXPECT_EQ(batch_.evaluate("trunc(-2.5)"), "-2.0");
  EXPECT_EQ(batch_.evaluate("floor(n)"), "-7");
}

TEST_F(ExpressionFunctions, abs_min_and_max_keep_the_kind_of_number) {
  EXPECT_EQ(batch_.evaluate("abs(n)"), "7");
  EXPECT_EQ(batch_.evaluate("abs(-0.5)"), "0.5");
  EXPECT_EQ(batch_.evaluate("abs(-9223372036854775808)"), "null");
  EXPECT_EQ(batch_.evaluate("min(3, n, 2.5)"), "-7");
  EXPECT_EQ(batch_.evaluate("max(3, n, 2.5)"), "3");
  EXPECT_EQ(batch_.evaluate("max(3, missing)"), "null");
  EXPECT_EQ(batch_.evaluate("max(3, nan)"), "nan");
  EXPECT_EQ(batch_.evaluate("min(nan, 3)"), "nan");
}

TEST_F(ExpressionFunctions, coalesce_takes_the_first_that_is_there) {
  EXPECT_EQ(batch_.evaluate("coalesce(missing, n, 1)"), "-7");
  EXPECT_EQ(batch_.evaluate("coalesce(missing, null)"), "null");
  EXPECT_EQ(batch_.evaluate("coalesce(missing, 0) == 0"), "true");
}

TEST_F(ExpressionFunctions, severities_and_types_have_names) {
  EXPECT_EQ(batch_.evaluate("severity_name(severity)"), "\"error\"");
  EXPECT_EQ(batch_.evaluate("severity_name(0)"), "null");
  EXPECT_EQ(batch_.evaluate("severity_name(10)"), "null");
  EXPECT_EQ(batch_.evaluate("concat(type_of(n), type_of(r), type_of(t), type_of(b), type_of(raw), type_of(missing))"),
            "\"integerrealtextbooleanbytesnull\"");
}

TEST_F(ExpressionFunctions, an_argument_of_another_type_makes_the_result_null) {
  for (const std::string_view text : {"lower(n)", "length(b)", "abs(t)", "contains(t, n)", "concat(raw)", "int(raw)"}) {
    EXPECT_EQ(batch_.evaluate(text), "null") << text;
  }
}

TEST_F(ExpressionFunctions, a_result_over_its_bound_is_null) {
  EXPECT_EQ(batch_.evaluate("length(concat(big, substring(big, 0, 5536)))"), "65536");
  EXPECT_EQ(batch_.evaluate("concat(big, substring(big, 0, 5537))"), "null");
  EXPECT_EQ(batch_.evaluate("replace(big, 'x', 'xx')"), "null");
  EXPECT_EQ(batch_.evaluate("length(replace(big, 'x', ''))"), "0");
  batch_.text("huge", std::string(70'000, 'y'));
  EXPECT_EQ(batch_.evaluate("upper(huge)"), "null");
  EXPECT_EQ(batch_.evaluate("length(trim(huge))"), "70000") << "a part of the event is no new text";
}

TEST_F(ExpressionFunctions, one_evaluation_may_not_use_more_than_its_share) {
  std::string text = "length(upper(big))";
  for (int index = 0; index < 7; ++index) text += " + length(upper(big))";
  EXPECT_EQ(batch_.evaluate(text), "480000");
  EXPECT_EQ(batch_.evaluate(text + " + length(upper(big))"), "null");
  EXPECT_EQ(batch_.evaluate("length(upper(big))"), "60000") << "the next evaluation starts anew";
}

TEST_F(ExpressionFunctions, every_row_of_the_table_is_sound) {
  std::string_view previous;
  for (const expression::Function& function : expression::functions()) {
    EXPECT_LT(previous, function.name);
    previous = function.name;
    EXPECT_LE(function.least, function.most) << function.name;
    EXPECT_LE(function.most, expression::kMaxArguments) << function.name;
    EXPECT_NE(function.accepts(0), 0) << function.name;
    EXPECT_NE(function.body, nullptr) << function.name;
    EXPECT_EQ(expression::find_function(function.name), &function);
  }
}

}  // namespace
}  // namespace picket::routing
