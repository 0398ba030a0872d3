// SPDX-License-Identifier: Apache-2.0
//
// explain(): what each part of an expression was for one event.
#include <gtest/gtest.h>

#include "test_batch.hpp"

namespace picket::routing {
namespace {

class ExpressionExplain : public testing::Test {
 protected:
  // One line for each verdict: depth, text, value.
  std::vector<std::string> explain(std::string_view text) {
    const Expression compiled = Expression::compile(text, names_).value();
    std::vector<std::string> lines;
    for (const Verdict& verdict : compiled.explain(batch_.raw(), batch_.last())) {
      lines.push_back(std::to_string(verdict.depth) + " " + std::string(text.substr(verdict.offset, verdict.length)) +
                      " => " + verdict.value);
    }
    return lines;
  }

  Names names_;
  TestBatch batch_{names_};
};

TEST_F(ExpressionExplain, lists_every_part_outermost_first) {
  batch_.event("metric").real("value", 0.75);
  EXPECT_EQ(explain("kind == 'log' and (value > 0.5 or not exists x)"),
            (std::vector<std::string>{
                "0 kind == 'log' and (value > 0.5 or not exists x) => false", "1 kind == 'log' => false",
                "2 kind => \"metric\"", "1 (value > 0.5 or not exists x) => true", "2 value > 0.5 => true",
                "3 value => 0.75", "2 not exists x => true", "3 exists x => false", "4 x => null"}));
}

TEST_F(ExpressionExplain, leaves_constants_out) {
  batch_.event("metric").integer("n", 3);
  EXPECT_EQ(explain("n in [1, 2] or 1 + 1 == 2"),
            (std::vector<std::string>{"0 n in [1, 2] or 1 + 1 == 2 => true", "1 n in [1, 2] => false", "2 n => 3"}));
}

TEST_F(ExpressionExplain, writes_texts_with_escapes_and_cuts_long_ones) {
  batch_.event("log")
      .text("message", "a\n\"b\"\\")
      .text("long", std::string(1'000, 'x'))
      .heap("raw", PICKET_TYPE_BYTES, "123");
  EXPECT_EQ(explain("message")[0], R"(0 message => "a\n\"b\"\\")");
  EXPECT_LT(explain("fields.long")[0].size(), 250U);
  EXPECT_TRUE(explain("fields.long")[0].ends_with("x...\""));
  EXPECT_EQ(explain("raw")[0], "0 raw => (3 bytes)");
}

TEST_F(ExpressionExplain, shows_texts_that_functions_made) {
  batch_.event("log").text("message", "Ab");
  EXPECT_EQ(
      explain("concat(upper(message), lower(message))"),
      (std::vector<std::string>{"0 concat(upper(message), lower(message)) => \"ABab\"", "1 upper(message) => \"AB\"",
                                "2 message => \"Ab\"", "1 lower(message) => \"ab\"", "2 message => \"Ab\""}));
}

TEST_F(ExpressionExplain, agrees_with_the_evaluation) {
  batch_.event("metric", "host", PICKET_SEVERITY_ERROR).integer("n", 3).name("name", "cpu");
  for (const std::string_view text : {"severity >= warning", "n > 2.5", "name in ['cpu']", "name like 'c*' and n == 3",
                                      "missing > 3", "if n > 1 then name else missing"}) {
    const Expression compiled = Expression::compile(text, names_).value();
    EXPECT_EQ(compiled.explain(batch_.raw(), batch_.last())[0].value, batch_.evaluate(text)) << text;
  }
}

}  // namespace
}  // namespace picket::routing
