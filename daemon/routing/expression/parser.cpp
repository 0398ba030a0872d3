// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/parser.hpp"

#include <array>
#include <limits>
#include <utility>

#include "routing/expression/nearest.hpp"

namespace picket::routing::expression {
namespace {

constexpr std::uint64_t kLargestInteger = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

}  // namespace

// Counts how deep rules that contain themselves are within one another.
class Parser::Nesting {
 public:
  explicit Nesting(Parser& parser) : parser_(parser) {
    if (parser_.nesting_++ > kMaxExpressionNesting) {
      fail(parser_.current_.span, "nested deeper than " + std::to_string(kMaxExpressionNesting) + " levels");
    }
  }
  ~Nesting() { --parser_.nesting_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  Parser& parser_;
};

Parser::Parser(std::string_view text) : lexer_(text), current_(lexer_.next()) {}

Token Parser::take() {
  return std::exchange(current_, lexer_.next());
}

void Parser::unexpected(std::string_view wanted) const {
  static constexpr std::array<std::string_view, 7> kInfix = {"and", "or", "not", "in", "like", "matches", "then"};
  if (current_.kind == TokenKind::end)
    fail(current_.span, "the expression ends where " + std::string(wanted) + " is expected");
  std::string message = "expected " + std::string(wanted) + ", not " + quoted(current_.symbol);
  if (current_.kind == TokenKind::name) message += suggestion(current_.symbol, kInfix);
  fail(current_.span, std::move(message));
}

Token Parser::expect_operator(std::string_view symbol, std::string_view purpose) {
  if (!at_operator(symbol)) unexpected(quoted(symbol) + " " + std::string(purpose));
  return take();
}

void Parser::expect_keyword(std::string_view word, std::string_view purpose) {
  if (!at_keyword(word)) unexpected(quoted(word) + " " + std::string(purpose));
  take();
}

AstPointer Parser::parse() {
  if (current_.kind == TokenKind::end) fail(current_.span, "the expression is empty");
  AstPointer result = expression();
  if (current_.kind != TokenKind::end) unexpected("an operator or the end");
  return result;
}

// expression = conditional | disjunction
AstPointer Parser::expression() {
  const Nesting nesting(*this);
  return at_keyword("if") ? conditional() : disjunction();
}

// conditional = "if" expression "then" expression "else" expression
AstPointer Parser::conditional() {
  const Token start = take();
  AstPointer result = make_ast(AstKind::conditional, start.span);
  adopt(*result, expression());
  expect_keyword("then", "after the condition of 'if'");
  adopt(*result, expression());
  expect_keyword("else", "with the value for when the condition does not hold");
  adopt(*result, expression());
  result->span = join(start.span, result->children.back()->span);
  return result;
}

// disjunction = conjunction { "or" conjunction }
AstPointer Parser::disjunction() {
  AstPointer first = conjunction();
  if (!at_keyword("or")) return first;
  AstPointer result = make_ast(AstKind::disjunction, first->span);
  adopt(*result, std::move(first));
  while (at_keyword("or")) {
    take();
    adopt(*result, conjunction());
  }
  result->span = join(result->span, result->children.back()->span);
  return result;
}

// conjunction = negation { "and" negation }
AstPointer Parser::conjunction() {
  AstPointer first = negation();
  if (!at_keyword("and")) return first;
  AstPointer result = make_ast(AstKind::conjunction, first->span);
  adopt(*result, std::move(first));
  while (at_keyword("and")) {
    take();
    adopt(*result, negation());
  }
  result->span = join(result->span, result->children.back()->span);
  return result;
}

// negation = "not" negation | comparison
AstPointer Parser::negation() {
  if (!at_keyword("not")) return comparison();
  const Nesting nesting(*this);
  const Token start = take();
  AstPointer result = make_ast(AstKind::negation, start.span);
  adopt(*result, negation());
  result->span = join(start.span, result->children.back()->span);
  return result;
}

// comparison = sum [ order sum | [ "not" ] ( "in" list | "like" text | "matches" text ) ]
AstPointer Parser::comparison() {
  static constexpr std::array<std::pair<std::string_view, OrderMask>, 6> kOrders = {{{"==", kEqual},
                                                                                     {"!=", kLess | kGreater},
                                                                                     {"<", kLess},
                                                                                     {"<=", kLess | kEqual},
                                                                                     {">", kGreater},
                                                                                     {">=", kGreater | kEqual}}};
  AstPointer left = sum();
  for (const auto& [symbol, orders] : kOrders) {
    if (!at_operator(symbol)) continue;
    const Token order = take();
    AstPointer result = make_ast(AstKind::comparison, left->span);
    result->orders = orders;
    result->detail = order.span;
    adopt(*result, std::move(left));
    adopt(*result, sum());
    result->span = join(result->span, result->children.back()->span);
    for (const auto& [next, unused] : kOrders) {
      if (at_operator(next)) fail(current_.span, "comparisons do not chain; join two of them with 'and'");
    }
    return result;
  }
  const bool negated = at_keyword("not");
  if (negated) take();
  if (at_keyword("in")) return membership(std::move(left), negated);
  if (at_keyword("like")) return pattern(std::move(left), AstKind::like, negated);
  if (at_keyword("matches")) return pattern(std::move(left), AstKind::matches, negated);
  if (negated) unexpected("'in', 'like' or 'matches' after 'not'");
  return left;
}

// list = "[" sum { "," sum } "]"      (the checker wants constants)
AstPointer Parser::membership(AstPointer operand, bool negated) {
  AstPointer result = make_ast(AstKind::membership, operand->span);
  result->negated = negated;
  result->detail = take().span;
  adopt(*result, std::move(operand));
  expect_operator("[", "before the list of 'in'");
  do {
    adopt(*result, sum());
  } while (at_operator(",") && (take(), true));
  const Token close = expect_operator("]", "after the list");
  result->span = join(result->span, close.span);
  return result;
}

AstPointer Parser::pattern(AstPointer operand, AstKind kind, bool negated) {
  const Token word = take();
  if (current_.kind != TokenKind::text) unexpected("a text in quotes after " + quoted(word.symbol));
  const Token text = take();
  AstPointer result = make_ast(kind, join(operand->span, text.span));
  result->negated = negated;
  result->text = text.text;
  result->verbatim = text.verbatim;
  result->detail = text.span;
  adopt(*result, std::move(operand));
  return result;
}

// sum = product { ( "+" | "-" ) product }
AstPointer Parser::sum() {
  AstPointer left = product();
  while (at_operator("+") || at_operator("-")) {
    AstPointer result = make_ast(AstKind::arithmetic, left->span);
    result->detail = current_.span;
    result->operation = take().symbol.front();
    adopt(*result, std::move(left));
    adopt(*result, product());
    result->span = join(result->span, result->children.back()->span);
    left = std::move(result);
  }
  return left;
}

// product = unary { ( "*" | "/" | "%" ) unary }
AstPointer Parser::product() {
  AstPointer left = unary();
  while (at_operator("*") || at_operator("/") || at_operator("%")) {
    AstPointer result = make_ast(AstKind::arithmetic, left->span);
    result->detail = current_.span;
    result->operation = take().symbol.front();
    adopt(*result, std::move(left));
    adopt(*result, unary());
    result->span = join(result->span, result->children.back()->span);
    left = std::move(result);
  }
  return left;
}

// unary = "-" unary | primary
AstPointer Parser::unary() {
  if (!at_operator("-")) return primary();
  const Nesting nesting(*this);
  const Token sign = take();
  // The sign belongs to a literal, so that -9223372036854775808 is an integer and a list may hold negative numbers.
  if (current_.kind == TokenKind::integer || current_.kind == TokenKind::real) {
    const Token number = take();
    AstPointer result = make_ast(AstKind::constant, join(sign.span, number.span));
    result->number = number.kind == TokenKind::real
                         ? Value::real(-number.real)
                         : Value::integer(static_cast<std::int64_t>(std::uint64_t{0} - number.magnitude));
    return result;
  }
  AstPointer result = make_ast(AstKind::minus, sign.span);
  result->detail = sign.span;
  adopt(*result, unary());
  result->span = join(sign.span, result->children.back()->span);
  return result;
}

// primary = literal | reference | call | "exists" reference | "(" expression ")"
AstPointer Parser::primary() {
  if (at_operator("(")) return group();
  if (at_keyword("exists")) return existence();
  switch (current_.kind) {
    case TokenKind::name:
    case TokenKind::field:
      return reference();
    case TokenKind::text:
    case TokenKind::integer:
    case TokenKind::real:
      return literal();
    default:
      break;
  }
  if (at_keyword("true") || at_keyword("false") || at_keyword("null")) return literal();
  if (at_keyword("if")) fail(current_.span, "'if' within an expression needs parentheses around it");
  unexpected("a value");
}

AstPointer Parser::group() {
  const Token open = take();
  AstPointer inner = expression();
  const Token close = expect_operator(")", "to close the parenthesis");
  inner->span = join(open.span, close.span);
  return inner;
}

AstPointer Parser::existence() {
  const Token word = take();
  if (current_.kind != TokenKind::name && current_.kind != TokenKind::field) unexpected("a field after 'exists'");
  AstPointer operand = reference();
  if (operand->kind == AstKind::call)
    fail(operand->span, "'exists' asks for a field, not for the result of a function");
  AstPointer result = make_ast(AstKind::exists, join(word.span, operand->span));
  adopt(*result, std::move(operand));
  return result;
}

// reference = part | name | "fields" "." name | "fields" "[" text "]" | "`" key "`"
AstPointer Parser::reference() {
  static constexpr std::array<std::pair<std::string_view, Part>, 4> kParts = {
      {{"time", Part::time}, {"kind", Part::kind}, {"source", Part::source}, {"severity", Part::severity}}};
  constexpr std::string_view kPrefix = "fields.";
  Token name = take();
  if (name.kind == TokenKind::name && at_operator("(")) return call(std::move(name));
  AstPointer result = make_ast(AstKind::field, name.span);
  result->text = name.text;
  if (name.kind == TokenKind::field) return result;
  for (const auto& [word, part] : kParts) {
    if (name.symbol != word) continue;
    result->kind = AstKind::part;
    result->part = part;
    return result;
  }
  if (name.symbol == "fields") {
    expect_operator("[", "or '.' and the field's name after 'fields'");
    if (current_.kind != TokenKind::text) unexpected("the field's name in quotes");
    const Token key = take();
    if (key.text.empty()) fail(key.span, "a field name cannot be empty");
    result->text = key.text;
    result->span = join(name.span, expect_operator("]", "after the field's name").span);
  } else if (name.symbol.starts_with(kPrefix)) {
    result->text = name.symbol.substr(kPrefix.size());
  } else {
    result->bare = name.symbol.find('.') == std::string_view::npos;
  }
  return result;
}

// call = name "(" [ expression { "," expression } ] ")"
AstPointer Parser::call(Token name) {
  take();
  AstPointer result = make_ast(AstKind::call, name.span);
  result->text = name.text;
  result->detail = name.span;
  if (!at_operator(")")) {
    do {
      adopt(*result, expression());
    } while (at_operator(",") && (take(), true));
  }
  const Token close = expect_operator(")", "after the arguments");
  result->span = join(name.span, close.span);
  return result;
}

AstPointer Parser::literal() {
  const Token token = take();
  AstPointer result = make_ast(AstKind::constant, token.span);
  if (token.kind == TokenKind::text) {
    result->is_text = true;
    result->text = token.text;
    result->verbatim = token.verbatim;
  } else if (token.kind == TokenKind::integer) {
    if (token.magnitude > kLargestInteger)
      fail(token.span, "this integer is beyond 64 bits; the largest is 9223372036854775807");
    result->number = Value::integer(static_cast<std::int64_t>(token.magnitude));
  } else if (token.kind == TokenKind::real) {
    result->number = Value::real(token.real);
  } else if (token.symbol != "null") {
    result->number = Value::boolean(token.symbol == "true");
  }
  return result;
}

}  // namespace picket::routing::expression
