// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/decision.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "platform/utc_time.hpp"
#include "routing/expression/functions.hpp"
#include "routing/expression/lower.hpp"
#include "routing/expression/scratch.hpp"
#include "routing/expression/show.hpp"

namespace picket::routing {
namespace expression {
namespace {

// Words for what a value is, as the messages of the checker call it.
std::string_view kind_word(ValueType type) {
  switch (type) {
    case ValueType::boolean:
      return "true or false";
    case ValueType::integer:
    case ValueType::real:
      return "a number";
    case ValueType::text:
      return "text";
    case ValueType::bytes:
      return "bytes";
    default:
      return "null";
  }
}

class Decider {
 public:
  Decider(std::string_view text, const Context& context) : text_(text), context_(context) {}

  Truth test(const Ast& ast) const {
    const NodePointer node = lower(ast, Vocabulary(*context_.names));
    Scratch::of_this_thread().reset();
    return node->test(context_);
  }

  // Adds the parts of `ast`, whose outcome is `outcome`, that decided it.
  void explain(const Ast& ast, Truth outcome);
  // The whole as its own reason.
  void leaf(const Ast& ast, Truth outcome);

  std::vector<Reason> take() { return std::exchange(reasons_, {}); }

 private:
  void junction(const Ast& ast, Truth outcome);
  void operands_of(const Ast& ast, Reason& reason) const;
  void operand(const Ast& ast, Reason& reason) const;
  ValueType type_of(const Ast& ast) const;
  std::string hint(const Ast& ast) const;

  std::string_view text_;
  Context context_;
  std::vector<Reason> reasons_;
};

void Decider::explain(const Ast& ast, Truth outcome) {
  if (is_constant(ast)) return leaf(ast, outcome);
  switch (ast.kind) {
    case AstKind::conjunction:
    case AstKind::disjunction:
      return junction(ast, outcome);
    case AstKind::negation: {
      const Truth inner = outcome == Truth::unknown ? outcome : truth_of(outcome == Truth::no);
      return explain(*ast.children[0], inner);
    }
    case AstKind::conditional: {
      const Truth condition = test(*ast.children[0]);
      explain(*ast.children[0], condition);
      return explain(*ast.children[condition == Truth::yes ? 1 : 2], outcome);
    }
    default:
      return leaf(ast, outcome);
  }
}

void Decider::junction(const Ast& ast, Truth outcome) {
  const Truth deciding = ast.kind == AstKind::conjunction ? Truth::no : Truth::yes;
  for (const AstPointer& child : ast.children) {
    const Truth truth = test(*child);
    if (truth != outcome) continue;
    explain(*child, truth);
    if (outcome == deciding) return;  // one is enough
  }
}

void Decider::leaf(const Ast& ast, Truth outcome) {
  Reason reason;
  reason.offset = ast.span.offset;
  reason.length = ast.span.length;
  reason.text = source_of(ast, text_);
  reason.outcome = outcome;
  if (ast.children.empty()) {
    operand(ast, reason);
  } else {
    operands_of(ast, reason);
  }
  if (outcome == Truth::unknown) reason.hint = hint(ast);
  reasons_.push_back(std::move(reason));
}

void Decider::operands_of(const Ast& ast, Reason& reason) const {
  for (const AstPointer& child : ast.children) operand(*child, reason);
}

// What is computed is followed by what it was computed of.
void Decider::operand(const Ast& ast, Reason& reason) const {
  if (is_constant(ast)) return;
  const NodePointer node = lower(ast, Vocabulary(*context_.names));
  Scratch::of_this_thread().reset();
  const Value value = node->evaluate(context_);
  Operand read{source_of(ast, text_), value.type(), shown(value), !ast.children.empty()};
  if (ast.kind == AstKind::part && value.type() == ValueType::integer) {
    const auto names = severity_names();
    const std::int64_t number = value.as_integer();
    if (ast.part == Part::time) {
      read.value += " (" + platform::format_utc(number, 3) + ")";
    } else if (number >= 1 && number <= static_cast<std::int64_t>(names.size())) {
      read.value = names[static_cast<std::size_t>(number - 1)];
    }
  }
  const bool known = std::any_of(reason.operands.begin(), reason.operands.end(),
                                 [&](const Operand& other) { return other.text == read.text; });
  if (!known) reason.operands.push_back(std::move(read));
  operands_of(ast, reason);
}

ValueType Decider::type_of(const Ast& ast) const {
  const NodePointer node = lower(ast, Vocabulary(*context_.names));
  Scratch::of_this_thread().reset();
  return node->evaluate(context_).type();
}

// Only where nothing that was read is null: what is not there needs no further word.
std::string Decider::hint(const Ast& ast) const {
  if (ast.children.empty()) {
    const ValueType type = type_of(ast);
    return type == ValueType::null ? "" : std::string(kind_word(type)) + " is neither true nor false";
  }
  const ValueType left = type_of(*ast.children[0]);
  if (left == ValueType::null) return {};
  if (ast.kind == AstKind::like || ast.kind == AstKind::matches) {
    return left == ValueType::text ? "" : std::string(kind_word(left)) + " is no text";
  }
  if (ast.kind == AstKind::membership) {
    return "nothing in the list compares with " + std::string(kind_word(left));
  }
  if (ast.kind != AstKind::comparison) return {};
  const ValueType right = type_of(*ast.children[1]);
  if (right == ValueType::null) return {};
  if (kind_word(left) == kind_word(right)) return std::string(kind_word(left)) + " has no order";
  return std::string(kind_word(left)) + " does not compare with " + std::string(kind_word(right));
}

}  // namespace
}  // namespace expression

Ruling decide(const Expression& condition, const picket_batch& batch, const picket_event& event) {
  expression::Decider decider(condition.text(), expression::Context{&batch, &event, &condition.names()});
  Ruling decision;
  decision.outcome = decider.test(condition.syntax());
  decider.explain(condition.syntax(), decision.outcome);
  decision.reasons = decider.take();
  if (decision.reasons.empty()) {  // parts that run out of room for texts together, and not one by one
    decider.leaf(condition.syntax(), decision.outcome);
    decision.reasons = decider.take();
  }
  return decision;
}

std::string describe(const Reason& reason) {
  static constexpr std::string_view kOutcomes[] = {" is false", " is true", " is unknown"};
  std::string line = reason.text + std::string(kOutcomes[static_cast<std::size_t>(reason.outcome)]);
  std::string separator = ": ";
  for (const Operand& operand : reason.operands) {
    // A field that is the condition itself has been said already.
    if (operand.text == reason.text && operand.type == ValueType::boolean) continue;
    const bool missing = operand.type == ValueType::null && !operand.computed;
    line += separator + operand.text + (missing ? " is not there" : " is " + operand.value);
    separator = ", ";
  }
  if (!reason.hint.empty()) line += (separator == ", " ? "; " : ": ") + reason.hint;
  return line;
}

}  // namespace picket::routing
