// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/check.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "routing/expression/functions.hpp"
#include "routing/expression/glob.hpp"
#include "routing/expression/nearest.hpp"
#include "routing/expression/regex.hpp"

namespace picket::routing::expression {
namespace {

class Checker {
 public:
  explicit Checker(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  void visit(Ast& ast);

 private:
  void visit_children(Ast& ast);
  void part(Ast& ast);
  void field(Ast& ast);
  void condition(Ast& ast);
  void comparison(Ast& ast);
  void membership(Ast& ast);
  void like(Ast& ast);
  void matches(Ast& ast);
  void arithmetic(Ast& ast);
  void minus(Ast& ast);
  void conditional(Ast& ast);
  void call(Ast& ast);

  void resolve_severities(Ast& ast);
  void make_severity(Ast& ast, std::string_view name);

  const Vocabulary& vocabulary_;
  std::size_t patterns_ = 0;
};

TypeSet constant_type(const Ast& ast) {
  return ast.is_text ? kText : set_of(ast.number.type());
}

bool is_null_constant(const Ast& ast) {
  return ast.types == kNull;
}

// Refuses `ast` as an operand of `what` when it can never be one of `accepted`.
void require(const Ast& ast, TypeSet accepted, const std::string& what) {
  if ((ast.types & accepted) != 0) return;
  fail(ast.span, what + " needs " + describe(accepted) + "; this is " + describe(ast.types));
}

void Checker::visit(Ast& ast) {
  switch (ast.kind) {
    case AstKind::constant:
      ast.types = constant_type(ast);
      return;
    case AstKind::part:
      return part(ast);
    case AstKind::field:
      return field(ast);
    case AstKind::negation:
    case AstKind::conjunction:
    case AstKind::disjunction:
      return condition(ast);
    case AstKind::comparison:
      return comparison(ast);
    case AstKind::membership:
      return membership(ast);
    case AstKind::like:
      return like(ast);
    case AstKind::matches:
      return matches(ast);
    case AstKind::exists:
      visit_children(ast);
      ast.types = kBoolean;
      return;
    case AstKind::arithmetic:
      return arithmetic(ast);
    case AstKind::minus:
      return minus(ast);
    case AstKind::conditional:
      return conditional(ast);
    case AstKind::call:
      return call(ast);
  }
}

void Checker::visit_children(Ast& ast) {
  for (const AstPointer& child : ast.children) visit(*child);
}

void Checker::part(Ast& ast) {
  const bool number = ast.part == Part::time || ast.part == Part::severity;
  ast.types = kNull | (number ? kInteger : kText);
}

void Checker::field(Ast& ast) {
  ast.key = vocabulary_.id(ast.text);
  // By the conventions of the bus these two are text; a peer that sends something else is answered with null.
  ast.types = ast.text == "name" || ast.text == "message" ? kNull | kText : kAny;
}

void Checker::condition(Ast& ast) {
  static const auto word = [](AstKind kind) {
    return kind == AstKind::negation ? "'not'" : kind == AstKind::conjunction ? "'and'" : "'or'";
  };
  visit_children(ast);
  for (const AstPointer& child : ast.children) require(*child, kBoolean, word(ast.kind));
  ast.types = kBoolean | kNull;
}

// True if the value of `ast` is the event's severity, so that bare names beside it are severities.
bool is_severity(const Ast& ast) {
  return ast.kind == AstKind::part && ast.part == Part::severity;
}

void Checker::make_severity(Ast& ast, std::string_view name) {
  const std::uint32_t number = severity_number(name);
  if (number == 0) {
    std::string known;
    for (const std::string_view each : severity_names()) known += " " + std::string(each);
    std::string hint = suggestion(name, severity_names());
    if (hint.empty()) hint = "; known are" + known;
    if (ast.kind == AstKind::field) hint += " (a field of this name is fields." + std::string(name) + ")";
    fail(ast.span, "unknown severity '" + std::string(name) + "'" + hint);
  }
  ast.kind = AstKind::constant;
  ast.is_text = false;
  ast.number = Value::integer(number);
}

// Bare names and constant texts that are compared with `severity` become its numbers; also where they are what an `if`
// or a function that picks one of its arguments gives.
void Checker::resolve_severities(Ast& ast) {
  if (ast.kind == AstKind::field && ast.bare) {
    make_severity(ast, std::string(ast.text));
  } else if (ast.kind == AstKind::constant && ast.is_text) {
    make_severity(ast, ast.text);
  } else if (ast.kind == AstKind::conditional) {
    resolve_severities(*ast.children[1]);
    resolve_severities(*ast.children[2]);
  } else if (ast.kind == AstKind::call && (ast.text == "coalesce" || ast.text == "min" || ast.text == "max")) {
    for (const AstPointer& child : ast.children) resolve_severities(*child);
  }
}

void Checker::comparison(Ast& ast) {
  Ast& left = *ast.children[0];
  Ast& right = *ast.children[1];
  if (is_severity(left)) resolve_severities(right);
  if (is_severity(right)) resolve_severities(left);
  visit_children(ast);
  ast.types = kBoolean | kNull;
  for (const Ast* side : {&left, &right}) {
    if (is_null_constant(*side)) {
      fail(side->span, "nothing compares with null; write 'exists field' or 'not exists field'");
    }
  }
  const TypeSet common = left.types & right.types;
  const bool equality = ast.orders == kEqual || ast.orders == (kLess | kGreater);
  const bool numbers = (left.types & kNumber) != 0 && (right.types & kNumber) != 0;
  if (numbers || (common & kText) != 0 || (equality && (common & kBoolean) != 0)) return;
  if ((common & kBoolean) != 0) fail(ast.detail, "true and false have no order; only == and != compare them");
  fail(ast.span, "cannot compare " + describe(left.types) + " with " + describe(right.types));
}

void Checker::membership(Ast& ast) {
  Ast& operand = *ast.children.front();
  if (is_severity(operand)) {
    for (std::size_t index = 1; index < ast.children.size(); ++index) resolve_severities(*ast.children[index]);
  }
  visit_children(ast);
  ast.types = kBoolean | kNull;
  require(operand, kBoolean | kNumber | kText, "'in'");
  for (std::size_t index = 1; index < ast.children.size(); ++index) {
    const Ast& element = *ast.children[index];
    if (element.kind != AstKind::constant) fail(element.span, "a list holds constants; compare with 'or' instead");
    if (is_null_constant(element)) fail(element.span, "nothing equals null; write 'not exists field' for it");
    const TypeSet comparable = (element.types & kNumber) != 0 ? kNumber : element.types;
    if ((operand.types & comparable) == 0) {
      fail(element.span, "cannot compare " + describe(operand.types) + " with " + describe(element.types));
    }
  }
}

void Checker::like(Ast& ast) {
  visit_children(ast);
  ast.types = kBoolean | kNull;
  require(*ast.children.front(), kText, "'like'");
  std::optional<Glob> glob = Glob::compile(ast.text);
  if (!glob) fail(ast.detail, "this pattern ends in a lone backslash; write \\\\ for a backslash in r\"...\"");
  ast.glob = std::make_shared<const Glob>(std::move(*glob));
}

void Checker::matches(Ast& ast) {
  visit_children(ast);
  ast.types = kBoolean | kNull;
  require(*ast.children.front(), kText, "'matches'");
  if (++patterns_ > kMaxExpressionPatterns) {
    fail(ast.detail, "more than " + std::to_string(kMaxExpressionPatterns) + " regular expressions in one expression");
  }
  ast.regex = std::make_shared<const Regex>(ast.text);
  const std::string reason = ast.regex->error();
  if (reason.empty()) return;
  // Point at the part that RE2 names, if the text in the file is the pattern's, byte for byte.
  const std::string offending = ast.regex->offending();
  const std::size_t found = ast.text.find(offending);
  Span where = ast.detail;
  if (ast.verbatim && !offending.empty() && found != std::string::npos) {
    const std::size_t contents = ast.detail.end() - 1 - ast.text.size();
    where = {contents + found, offending.size()};
  }
  fail(where, "this regular expression does not compile: " + reason);
}

void Checker::arithmetic(Ast& ast) {
  visit_children(ast);
  TypeSet operands = 0;
  for (const AstPointer& child : ast.children) {
    if ((child->types & kNumber) == 0 && ast.operation == '+' && (child->types & kText) != 0) {
      fail(child->span, "'+' adds numbers; join texts with concat(...)");
    }
    require(*child, kNumber, std::string("'") + ast.operation + "'");
    operands |= child->types & kNumber;
  }
  const bool whole = operands == kInteger;
  ast.types = kNull | (ast.operation == '/' ? kReal : whole ? kInteger : kNumber);
}

void Checker::minus(Ast& ast) {
  visit_children(ast);
  require(*ast.children.front(), kNumber, "'-'");
  ast.types = kNull | (ast.children.front()->types & kNumber);
}

void Checker::conditional(Ast& ast) {
  visit_children(ast);
  require(*ast.children[0], kBoolean, "the condition of 'if'");
  ast.types = ast.children[1]->types | ast.children[2]->types;
}

void Checker::call(Ast& ast) {
  visit_children(ast);
  ast.function = find_function(ast.text);
  if (ast.function == nullptr) {
    std::vector<std::string_view> known;
    for (const Function& function : functions()) known.push_back(function.name);
    fail(ast.detail, "unknown function '" + ast.text + "'" + suggestion(ast.text, known));
  }
  const Function& function = *ast.function;
  const std::size_t count = ast.children.size();
  if (count < function.least || count > function.most) {
    const std::string range = function.least == function.most
                                  ? std::to_string(function.least)
                                  : std::to_string(function.least) + " to " + std::to_string(function.most);
    fail(ast.span, ast.text + "() takes " + range + (function.most == 1 ? " argument" : " arguments") + ", not " +
                       std::to_string(count));
  }
  for (std::size_t index = 0; index < count; ++index) {
    require(*ast.children[index], function.accepts(index),
            "argument " + std::to_string(index + 1) + " of " + ast.text + "()");
  }
  ast.types = function.result;
  if (function.name != "coalesce") return;
  // The types of a coalesce are those of its arguments; null only if the last of them may be.
  ast.types = 0;
  for (const AstPointer& child : ast.children) ast.types |= child->types & static_cast<TypeSet>(~kNull);
  ast.types |= ast.children.back()->types & kNull;
}

}  // namespace

void check(Ast& ast, const Vocabulary& vocabulary) {
  Checker(vocabulary).visit(ast);
}

}  // namespace picket::routing::expression
