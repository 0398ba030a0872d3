// SPDX-License-Identifier: Apache-2.0
//
// Comparisons: exact between integers and doubles, the same for every way a field may be stored, and never true of
// null.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "routing/expression/compare.hpp"
#include "test_batch.hpp"

namespace picket::routing {
namespace {

constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMinInteger = std::numeric_limits<std::int64_t>::min();

class ExpressionCompare : public testing::Test {
 protected:
  Names names_;
  TestBatch batch_{names_};
};

TEST_F(ExpressionCompare, integers_and_doubles_compare_exactly) {
  using expression::order_of;
  EXPECT_EQ(order_of(std::int64_t{9007199254740993}, 9007199254740992.0), expression::kGreater);
  EXPECT_EQ(order_of(kMaxInteger, 9223372036854775808.0), expression::kLess);
  EXPECT_EQ(order_of(kMinInteger, -9223372036854775808.0), expression::kEqual);
  EXPECT_EQ(order_of(kMinInteger, -9223372036854777856.0), expression::kGreater);
  EXPECT_EQ(order_of(std::int64_t{-1}, -1.5), expression::kGreater);
  EXPECT_EQ(order_of(std::int64_t{1}, 1.5), expression::kLess);
  EXPECT_EQ(order_of(kMaxInteger, INFINITY), expression::kLess);
  EXPECT_EQ(order_of(kMinInteger, -INFINITY), expression::kGreater);
  EXPECT_EQ(order_of(std::int64_t{0}, std::nan("")), 0);
}

TEST_F(ExpressionCompare, an_integer_field_compares_with_a_fraction) {
  batch_.event("test").integer("big", 9007199254740993).integer("small", 1);
  EXPECT_EQ(batch_.evaluate("big > 9007199254740992.0"), "true");
  EXPECT_EQ(batch_.evaluate("small < 1.5 and small > 0.5 and small == 1.0"), "true");
}

TEST_F(ExpressionCompare, nan_compares_false_whatever_is_asked) {
  batch_.event("test").real("x", std::nan(""));
  for (const std::string_view order : {"==", "!=", "<", "<=", ">", ">="}) {
    EXPECT_EQ(batch_.evaluate("x " + std::string(order) + " 1"), "false") << order;
    EXPECT_EQ(batch_.evaluate("x " + std::string(order) + " x"), "false") << order;
  }
  EXPECT_EQ(batch_.evaluate("x in [1, 1.5]"), "false");
}

TEST_F(ExpressionCompare, null_compares_to_null) {
  batch_.event("test").null("nothing").integer("one", 1);
  for (const std::string_view text :
       {"nothing == 1", "nothing != 1", "missing == 'a'", "missing != 'a'", "one < missing", "missing == missing",
        "missing in [1]", "missing not in [1]", "missing like '*'", "missing not like '*'", "missing matches '.*'",
        "severity >= info", "severity in [info]", "source == 'x'", "source != 'x'", "source in ['x']", "time > 5"}) {
    EXPECT_EQ(batch_.evaluate(text), "null") << text;
  }
}

TEST_F(ExpressionCompare, values_of_different_kinds_compare_to_null) {
  batch_.event("test").integer("n", 1).text("t", "1").boolean("b", true).heap("raw", PICKET_TYPE_BYTES, "1");
  for (const std::string_view text : {"n == t", "n != t", "t == 1", "n == '1'", "b == n", "b == 1", "raw == '1'",
                                      "raw == raw", "b > n", "b < b", "raw in ['1']", "b in [1]", "n like '1'"}) {
    EXPECT_EQ(batch_.evaluate(text), "null") << text;
  }
}

TEST_F(ExpressionCompare, every_stored_form_of_a_text_is_the_same_text) {
  batch_.event("test").name("a", "web").text("b", "web").heap("c", PICKET_TYPE_JSON, "web");
  for (const std::string_view key : {"a", "b", "c"}) {
    const std::string field(key);
    EXPECT_EQ(batch_.evaluate(field + " == 'web'"), "true");
    EXPECT_EQ(batch_.evaluate("'web' == " + field), "true");
    EXPECT_EQ(batch_.evaluate(field + " != 'web'"), "false");
    EXPECT_EQ(batch_.evaluate(field + " == 'other'"), "false");
    EXPECT_EQ(batch_.evaluate(field + " in ['x', 'web']"), "true");
    EXPECT_EQ(batch_.evaluate(field + " not in ['x', 'web']"), "false");
    EXPECT_EQ(batch_.evaluate(field + " == a and " + field + " == b and " + field + " == c"), "true");
    EXPECT_EQ(batch_.evaluate(field + " > 'wea' and " + field + " < 'wec'"), "true");
  }
}

TEST_F(ExpressionCompare, texts_that_could_not_be_interned_still_compare) {
  Names full(6);
  TestBatch batch(full);
  batch.event("test").name("a", "one").name("b", "two");
  ASSERT_EQ(full.intern("three"), 6U);
  ASSERT_EQ(full.intern("seven"), 0U);
  EXPECT_EQ(batch.evaluate("a == 'one' and b in ['nope', 'two']"), "true");
  EXPECT_EQ(batch.evaluate("a != 'nope' and a not in ['nope', 'neither']"), "true");
  EXPECT_EQ(batch.evaluate("kind == 'nope'"), "false");
  EXPECT_EQ(batch.evaluate("kind not in ['nope']"), "true");
  const std::string longer(300, 'x');
  batch.text("b", longer);
  EXPECT_EQ(batch.evaluate("b == '" + longer + "'"), "false") << "the first field of a key counts";
}

TEST_F(ExpressionCompare, a_constant_may_stand_on_either_side) {
  batch_.event("test", "", PICKET_SEVERITY_ERROR).integer("n", 5);
  EXPECT_EQ(batch_.evaluate("3 < n and 5 <= n and 9 > n and 5 >= n and 5 == n and 4 != n"), "true");
  EXPECT_EQ(batch_.evaluate("5 < n or 9 <= n or 5 > n or 4 >= n or 4 == n or 5 != n"), "false");
  EXPECT_EQ(batch_.evaluate("warning <= severity and critical > severity"), "true");
}

TEST_F(ExpressionCompare, lists_mix_kinds_of_constants) {
  batch_.event("test").integer("n", -3).real("r", 2.0).text("t", "x").boolean("b", false);
  EXPECT_EQ(batch_.evaluate("n in ['x', -3, true]"), "true");
  EXPECT_EQ(batch_.evaluate("n in [-3.0]"), "true");
  EXPECT_EQ(batch_.evaluate("n in ['x', 4, 4.5]"), "false");
  EXPECT_EQ(batch_.evaluate("r in [3, 2, 1]"), "true");
  EXPECT_EQ(batch_.evaluate("r in [3, 1]"), "false");
  EXPECT_EQ(batch_.evaluate("b in [1, false]"), "true");
  EXPECT_EQ(batch_.evaluate("t in [1, 2]"), "null");
}

TEST_F(ExpressionCompare, the_special_nodes_agree_with_the_general_ones) {
  std::mt19937 random(7);
  const std::array<std::string_view, 6> orders = {"==", "!=", "<", "<=", ">", ">="};
  const std::array<std::string_view, 6> constants = {"-1", "0", "2", "0.5", "-1.0", "2.25"};
  for (int round = 0; round < 40; ++round) {
    TestBatch batch(names_);
    batch.event("test");
    const int value = static_cast<int>(random() % 9) - 4;
    if (random() % 2 == 0) {
      batch.integer("n", value);
    } else {
      batch.real("n", value / 4.0);
    }
    for (const std::string_view order : orders) {
      const std::string constant(constants[random() % constants.size()]);
      const std::string special = "n " + std::string(order) + " " + constant;
      const std::string general = "n + 0 " + std::string(order) + " " + constant;
      EXPECT_EQ(batch.evaluate(special), batch.evaluate(general)) << special << " for " << value;
    }
  }
}

}  // namespace
}  // namespace picket::routing
