// SPDX-License-Identifier: Apache-2.0
//
// Keeps the language's reference (README.md of the expression folder) true: each of its examples is evaluated, and
// every function, keyword and severity has to be in it.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "routing/expression/functions.hpp"
#include "test_batch.hpp"

namespace picket::routing {
namespace {

std::string reference() {
  std::ifstream file(PICKET_EXPRESSION_REFERENCE, std::ios::binary);
  std::stringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

// The event that the reference's examples are about.
void example_event(TestBatch& batch) {
  batch.event("metric", "host", PICKET_SEVERITY_WARNING)
      .at(1'700'000'000'000'000'000)
      .name("name", "system.memory.utilization")
      .real("value", 0.93)
      .text("message", "worker 7 took 312ms")
      .integer("used", 7'516'192'768)
      .integer("total", 8'589'934'592)
      .name("cpu.mode", "user")
      .boolean("up", true)
      .text("odd key", "x");
}

TEST(ExpressionReference, every_example_gives_what_the_reference_says) {
  Names names;
  TestBatch batch(names);
  example_event(batch);
  std::istringstream lines(reference());
  int examples = 0;
  for (std::string line; std::getline(lines, line);) {
    // | `expression` | `result` |
    constexpr std::string_view kStart = "| ``";
    constexpr std::string_view kMiddle = " `` | `";
    const std::size_t middle = line.find(kMiddle);
    if (!line.starts_with(kStart) || middle == std::string::npos) continue;
    const std::string text = line.substr(kStart.size() + 1, middle - kStart.size() - 1);
    const std::size_t result = middle + kMiddle.size();
    EXPECT_EQ(batch.evaluate(text), line.substr(result, line.find('`', result) - result)) << text;
    ++examples;
  }
  EXPECT_GE(examples, 30);
}

TEST(ExpressionReference, every_function_and_word_is_in_it) {
  const std::string text = reference();
  for (const expression::Function& function : expression::functions()) {
    EXPECT_NE(text.find("| `" + std::string(function.name) + "("), std::string::npos) << function.name;
  }
  for (const std::string_view severity : expression::severity_names()) {
    EXPECT_NE(text.find("`" + std::string(severity) + "`"), std::string::npos) << severity;
  }
  for (const std::string_view word : {"and", "or", "not", "in", "like", "matches", "exists", "if", "then", "else"}) {
    EXPECT_NE(text.find("\"" + std::string(word) + "\""), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace picket::routing
