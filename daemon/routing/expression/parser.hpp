// SPDX-License-Identifier: Apache-2.0
//
// Builds the syntax tree by recursive descent: one function per rule of the grammar in README.md. Knows nothing of
// types. Runs on the thread that compiles.
#pragma once

#include <string_view>

#include "routing/expression/ast.hpp"
#include "routing/expression/lexer.hpp"

namespace picket::routing::expression {

class Parser {
 public:
  // `text` is valid UTF-8 within kMaxExpressionLength and outlives the parser.
  explicit Parser(std::string_view text);

  // The whole text as one expression. Throws CompileFailure. Call once.
  AstPointer parse();

 private:
  class Nesting;

  AstPointer expression();
  AstPointer conditional();
  AstPointer disjunction();
  AstPointer conjunction();
  AstPointer negation();
  AstPointer comparison();
  AstPointer membership(AstPointer operand, bool negated);
  AstPointer pattern(AstPointer operand, AstKind kind, bool negated);
  AstPointer sum();
  AstPointer product();
  AstPointer unary();
  AstPointer primary();
  AstPointer group();
  AstPointer existence();
  AstPointer reference();
  AstPointer call(Token name);
  AstPointer literal();

  Token take();
  bool at_operator(std::string_view symbol) const { return current_.is_operator(symbol); }
  bool at_keyword(std::string_view word) const { return current_.is_keyword(word); }
  Token expect_operator(std::string_view symbol, std::string_view purpose);
  void expect_keyword(std::string_view word, std::string_view purpose);
  [[noreturn]] void unexpected(std::string_view wanted) const;

  Lexer lexer_;
  Token current_;
  unsigned nesting_ = 0;
};

}  // namespace picket::routing::expression
