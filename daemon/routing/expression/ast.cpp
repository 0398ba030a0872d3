// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/ast.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace picket::routing {

std::string_view type_name(ValueType type) {
  static constexpr std::array<std::string_view, 6> kNames = {"null", "boolean", "integer", "real", "text", "bytes"};
  return kNames[static_cast<std::size_t>(type)];
}

namespace expression {

std::string describe(TypeSet types) {
  static constexpr std::array<std::pair<TypeSet, std::string_view>, 4> kWords = {
      {{kBoolean, "true or false"}, {kNumber, "a number"}, {kText, "text"}, {kBytes, "bytes"}}};
  std::string words;
  for (const auto& [type, word] : kWords) {
    if ((types & type) == 0) continue;
    if (!words.empty()) words += " or ";
    words += word;
  }
  return words.empty() ? "null" : words;
}

AstPointer make_ast(AstKind kind, Span span) {
  auto ast = std::make_unique<Ast>();
  ast->kind = kind;
  ast->span = span;
  return ast;
}

void adopt(Ast& parent, AstPointer child) {
  parent.height = std::max(parent.height, child->height + 1);
  if (parent.height > kMaxHeight) {
    fail(child->span,
         "this chain of operators is over " + std::to_string(kMaxHeight) + " long; split the expression into several");
  }
  parent.children.push_back(std::move(child));
}

bool is_constant(const Ast& ast) {
  if (ast.children.empty()) return ast.kind == AstKind::constant;
  return std::all_of(ast.children.begin(), ast.children.end(),
                     [](const AstPointer& child) { return is_constant(*child); });
}

namespace {

// The exact value: reals by their bits, so that -0.0 and 0.0 stay two.
void append_constant(const Ast& ast, std::string& to) {
  const Value value = ast.constant();
  to += type_name(value.type());
  to += ' ';
  if (value.is_text()) {
    to += std::to_string(value.as_text().size()) + ":" + std::string(value.as_text());
  } else if (value.type() == ValueType::real) {
    to += std::to_string(std::bit_cast<std::uint64_t>(value.as_real()));
  } else if (value.type() == ValueType::integer) {
    to += std::to_string(value.as_integer());
  } else if (value.type() == ValueType::boolean) {
    to += value.as_boolean() ? "1" : "0";
  }
}

void append_canonical(const Ast& ast, std::string& to) {
  to += '(' + std::to_string(static_cast<int>(ast.kind)) + ' ';
  if (ast.kind == AstKind::constant) {
    append_constant(ast, to);
  } else if (ast.kind == AstKind::part) {
    to += std::to_string(static_cast<int>(ast.part));
  } else {
    to += std::to_string(ast.text.size()) + ":" + ast.text;
    to += ast.negated ? " not " : " ";
    to += std::to_string(ast.orders);
    if (ast.operation != 0) to += ast.operation;
  }
  for (const AstPointer& child : ast.children) append_canonical(*child, to);
  to += ')';
}

}  // namespace

std::string canonical(const Ast& ast) {
  std::string result;
  append_canonical(ast, result);
  return result;
}

std::string source_of(const Ast& ast, std::string_view text) {
  std::size_t begin = ast.span.offset;
  std::size_t end = ast.span.end();
  // The span of what stands in parentheses includes them; those of its first part lie within.
  const std::size_t inner = ast.children.empty() ? end : ast.children.front()->span.offset;
  const auto blank = [&](std::size_t at) {
    return text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r';
  };
  while (begin < inner && begin < end && text[begin] == '(') {
    ++begin;
    --end;
    while (begin < end && blank(begin)) ++begin;
    while (begin < end && blank(end - 1)) --end;
  }
  std::string source(text.substr(begin, end - begin));
  std::replace_if(
      source.begin(), source.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return source;
}

}  // namespace expression
}  // namespace picket::routing
