// SPDX-License-Identifier: Apache-2.0
//
// Cuts an expression's text into tokens. Used by the parser, one token ahead, on the thread that compiles.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "routing/expression/error.hpp"

namespace picket::routing::expression {

enum class TokenKind {
  end,
  name,      // text: as written, dots included
  field,     // text: the key inside backticks
  text,      // text: the string's contents, escapes resolved
  integer,   // magnitude (durations in ns, sizes in bytes included)
  real,      // real
  keyword,   // symbol view: and or not in like matches exists if then else true false null
  operator_  // symbol view: == != < <= > >= + - * / % ( ) [ ] ,
};

struct Token {
  TokenKind kind = TokenKind::end;
  Span span;
  std::string_view symbol;  // as written, into the expression's text
  std::string text;
  bool verbatim = false;        // text: span is the text plus one quote (and an `r`) around it, without escapes
  std::uint64_t magnitude = 0;  // up to 2^63, which only a minus sign before it makes valid
  double real = 0;

  bool is(TokenKind wanted, std::string_view wanted_symbol) const { return kind == wanted && symbol == wanted_symbol; }
  bool is_keyword(std::string_view wanted) const { return is(TokenKind::keyword, wanted); }
  bool is_operator(std::string_view wanted) const { return is(TokenKind::operator_, wanted); }
};

class Lexer {
 public:
  // `text` is valid UTF-8 and outlives the lexer and its tokens.
  explicit Lexer(std::string_view text) : text_(text) {}

  // The next token; `end` for ever once the text is used up. Throws CompileFailure.
  Token next();

 private:
  char peek(std::size_t ahead = 0) const;
  Token token(TokenKind kind, std::size_t start) const;
  Token number();
  Token number_with_unit(std::size_t start, std::string_view digits);
  Token string(std::size_t start, bool raw);
  void escape(std::string& out);
  Token backtick();
  Token name();
  Token symbol();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace picket::routing::expression
