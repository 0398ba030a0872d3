// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/lower.hpp"

#include <algorithm>

#include "routing/expression/functions.hpp"
#include "routing/expression/scratch.hpp"

namespace picket::routing::expression {
namespace {

struct Lowered {
  NodePointer node;
  bool constant = false;
};

class Lowering {
 public:
  explicit Lowering(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  Lowered visit(const Ast& ast);

 private:
  NodePointer leaf(const Ast& ast);
  NodePointer exists(const Ast& ast);
  NodePointer operation(const Ast& ast, std::vector<Lowered> operands);
  NodePointer comparison(const Ast& ast, std::vector<Lowered> operands);
  NodePointer compare_with_constant(const Ast& operand, const Value& constant, OrderMask orders);
  NodePointer membership(const Ast& ast, std::vector<Lowered> operands);

  // REQUIRES: the node reads no event
  Value constant_value(const Node& node) const {
    return node.evaluate(Context{nullptr, nullptr, &vocabulary_.names()});
  }

  const Vocabulary& vocabulary_;
};

OrderMask mirrored(OrderMask orders) {
  return static_cast<OrderMask>((orders & kEqual) | ((orders & kLess) != 0 ? kGreater : 0) |
                                ((orders & kGreater) != 0 ? kLess : 0));
}

std::vector<NodePointer> nodes_of(std::vector<Lowered> operands) {
  std::vector<NodePointer> nodes;
  nodes.reserve(operands.size());
  for (Lowered& operand : operands) nodes.push_back(std::move(operand.node));
  return nodes;
}

Lowered Lowering::visit(const Ast& ast) {
  if (ast.kind == AstKind::exists) return {exists(ast)};
  if (ast.children.empty()) return {leaf(ast), ast.kind == AstKind::constant};
  std::vector<Lowered> operands;
  operands.reserve(ast.children.size());
  for (const AstPointer& child : ast.children) operands.push_back(visit(*child));
  const bool constant =
      std::all_of(operands.begin(), operands.end(), [](const Lowered& operand) { return operand.constant; });
  NodePointer node = operation(ast, std::move(operands));
  if (!constant) return {std::move(node)};
  Scratch::of_this_thread().reset();
  return {make_constant(constant_value(*node)), true};
}

NodePointer Lowering::leaf(const Ast& ast) {
  if (ast.kind == AstKind::part) return make_part(ast.part);
  if (ast.kind == AstKind::field) return make_field({ast.key, ast.text});
  return make_constant(ast.constant());
}

NodePointer Lowering::exists(const Ast& ast) {
  const Ast& operand = *ast.children.front();
  return operand.kind == AstKind::part ? make_exists_part(operand.part)
                                       : make_exists_field({operand.key, operand.text});
}

NodePointer Lowering::operation(const Ast& ast, std::vector<Lowered> operands) {
  switch (ast.kind) {
    case AstKind::comparison:
      return comparison(ast, std::move(operands));
    case AstKind::membership:
      return membership(ast, std::move(operands));
    default:
      break;
  }
  std::vector<NodePointer> nodes = nodes_of(std::move(operands));
  switch (ast.kind) {
    case AstKind::negation:
      return make_not(std::move(nodes[0]));
    case AstKind::conjunction:
      return make_and(std::move(nodes));
    case AstKind::disjunction:
      return make_or(std::move(nodes));
    case AstKind::like:
      return make_like(std::move(nodes[0]), ast.glob, ast.negated);
    case AstKind::matches:
      return make_matches(std::move(nodes[0]), ast.regex, ast.negated);
    case AstKind::arithmetic:
      return make_arithmetic(ast.operation, std::move(nodes[0]), std::move(nodes[1]));
    case AstKind::minus:
      return make_minus(std::move(nodes[0]));
    case AstKind::conditional:
      return make_conditional(std::move(nodes[0]), std::move(nodes[1]), std::move(nodes[2]));
    default:
      return make_call(*ast.function, std::move(nodes));
  }
}

NodePointer Lowering::comparison(const Ast& ast, std::vector<Lowered> operands) {
  const Lowered& left = operands[0];
  const Lowered& right = operands[1];
  NodePointer special;
  if (right.constant) {
    special = compare_with_constant(*ast.children[0], constant_value(*right.node), ast.orders);
  } else if (left.constant) {
    special = compare_with_constant(*ast.children[1], constant_value(*left.node), mirrored(ast.orders));
  }
  if (special) return special;
  return make_compare(std::move(operands[0].node), std::move(operands[1].node), ast.orders);
}

// Null when there is no special node for this.
NodePointer Lowering::compare_with_constant(const Ast& operand, const Value& constant, OrderMask orders) {
  const bool equality = orders == kEqual || orders == (kLess | kGreater);
  const bool negated = orders != kEqual;
  if (operand.kind == AstKind::field) {
    FieldKey key(operand.key, operand.text);
    if (constant.is_number()) return make_compare_field_number(std::move(key), constant, orders);
    if (!constant.is_text() || !equality) return nullptr;
    return make_equal_field_text(std::move(key), vocabulary_.id(constant.as_text()), constant.as_text(), negated);
  }
  if (operand.kind != AstKind::part) return nullptr;
  if (operand.part == Part::severity && constant.type() == ValueType::integer) {
    return make_compare_severity(constant.as_integer(), orders);
  }
  const bool name = operand.part == Part::kind || operand.part == Part::source;
  if (!name || !constant.is_text() || !equality) return nullptr;
  const picket_name id = vocabulary_.id(constant.as_text());
  return id == 0 ? nullptr : make_equal_part_name(operand.part, id, negated);
}

NodePointer Lowering::membership(const Ast& ast, std::vector<Lowered> operands) {
  std::vector<Member> members;
  bool texts = false;
  bool all_have_ids = true;
  for (std::size_t index = 1; index < operands.size(); ++index) {
    Member member{constant_value(*operands[index].node)};
    if (member.value.is_text()) member.id = vocabulary_.id(member.value.as_text());
    texts = texts || member.value.is_text();
    all_have_ids = all_have_ids && member.id != 0;
    members.push_back(member);
  }
  const Ast& operand = *ast.children.front();
  if (operand.kind == AstKind::field && texts) {
    return make_in_field_text({operand.key, operand.text}, members, ast.negated);
  }
  if (operand.kind == AstKind::part && all_have_ids) {
    std::vector<picket_name> ids;
    ids.reserve(members.size());
    for (const Member& member : members) ids.push_back(member.id);
    return make_in_part(operand.part, std::move(ids), ast.negated);
  }
  return make_in(std::move(operands[0].node), members, ast.negated);
}

}  // namespace

NodePointer lower(const Ast& ast, const Vocabulary& vocabulary) {
  return Lowering(vocabulary).visit(ast).node;
}

}  // namespace picket::routing::expression
