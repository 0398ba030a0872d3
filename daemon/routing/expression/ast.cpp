// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/ast.hpp"

#include <algorithm>
#include <array>
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

}  // namespace expression
}  // namespace picket::routing
