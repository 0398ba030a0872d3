// SPDX-License-Identifier: Apache-2.0
//
// Patterns, arithmetic and function calls of the compiled tree. Whatever has no answer (overflow, division by zero, an
// operand of another type) is null.
#include <cmath>
#include <limits>

#include "routing/expression/functions.hpp"
#include "routing/expression/glob.hpp"
#include "routing/expression/nodes.hpp"
#include "routing/expression/regex.hpp"

namespace picket::routing::expression {
namespace {

class LikeNode final : public Predicate<LikeNode> {
 public:
  LikeNode(NodePointer operand, std::shared_ptr<const Glob> glob, bool negated)
      : operand_(std::move(operand)), glob_(std::move(glob)), negated_(negated) {}
  Truth test(const Context& context) const override {
    const Value value = operand_->evaluate(context);
    return value.is_text() ? truth_of(glob_->matches(value.as_text()) != negated_) : Truth::unknown;
  }

 private:
  NodePointer operand_;
  std::shared_ptr<const Glob> glob_;
  bool negated_;
};

class MatchesNode final : public Predicate<MatchesNode> {
 public:
  MatchesNode(NodePointer operand, std::shared_ptr<const Regex> regex, bool negated)
      : operand_(std::move(operand)), regex_(std::move(regex)), negated_(negated) {}
  Truth test(const Context& context) const override {
    const Value value = operand_->evaluate(context);
    return value.is_text() ? truth_of(regex_->found_in(value.as_text()) != negated_) : Truth::unknown;
  }

 private:
  NodePointer operand_;
  std::shared_ptr<const Regex> regex_;
  bool negated_;
};

Value integer_arithmetic(char operation, std::int64_t left, std::int64_t right) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (operation) {
    case '+':
      overflow = __builtin_add_overflow(left, right, &result);
      break;
    case '-':
      overflow = __builtin_sub_overflow(left, right, &result);
      break;
    case '*':
      overflow = __builtin_mul_overflow(left, right, &result);
      break;
    case '%':
      if (right == 0) return {};
      // The smallest integer divided by -1 overflows in hardware though its remainder is 0.
      result = right == -1 ? 0 : left % right;
      break;
    default:
      if (right == 0) return {};
      return Value::real(static_cast<double>(left) / static_cast<double>(right));
  }
  return overflow ? Value() : Value::integer(result);
}

Value real_arithmetic(char operation, double left, double right) {
  switch (operation) {
    case '+':
      return Value::real(left + right);
    case '-':
      return Value::real(left - right);
    case '*':
      return Value::real(left * right);
    case '%':
      return right == 0 ? Value() : Value::real(std::fmod(left, right));
    default:
      return right == 0 ? Value() : Value::real(left / right);
  }
}

class ArithmeticNode final : public Node {
 public:
  ArithmeticNode(char operation, NodePointer left, NodePointer right)
      : operation_(operation), left_(std::move(left)), right_(std::move(right)) {}
  Value evaluate(const Context& context) const override {
    const Value left = left_->evaluate(context);
    if (!left.is_number()) return {};
    const Value right = right_->evaluate(context);
    if (!right.is_number()) return {};
    if (left.type() == ValueType::integer && right.type() == ValueType::integer) {
      return integer_arithmetic(operation_, left.as_integer(), right.as_integer());
    }
    return real_arithmetic(operation_, left.as_real(), right.as_real());
  }

 private:
  char operation_;
  NodePointer left_;
  NodePointer right_;
};

class MinusNode final : public Node {
 public:
  explicit MinusNode(NodePointer operand) : operand_(std::move(operand)) {}
  Value evaluate(const Context& context) const override {
    const Value value = operand_->evaluate(context);
    if (value.type() == ValueType::real) return Value::real(-value.as_real());
    const bool valid =
        value.type() == ValueType::integer && value.as_integer() != std::numeric_limits<std::int64_t>::min();
    return valid ? Value::integer(-value.as_integer()) : Value();
  }

 private:
  NodePointer operand_;
};

// `kRoom` arguments at most; most functions have few, and the array is on the stack.
template <std::size_t kRoom>
class CallNode final : public Node {
 public:
  CallNode(const Function& function, std::vector<NodePointer> arguments)
      : function_(function), arguments_(std::move(arguments)) {}
  Value evaluate(const Context& context) const override {
    std::array<Value, kRoom> values;
    for (std::size_t index = 0; index < arguments_.size(); ++index) {
      values[index] = arguments_[index]->evaluate(context);
      if ((set_of(values[index].type()) & function_.accepts(index)) == 0) return {};
    }
    return function_.body(std::span<const Value>(values).first(arguments_.size()));
  }

 private:
  const Function& function_;
  std::vector<NodePointer> arguments_;
};

constexpr std::size_t kFewArguments = 3;

}  // namespace

NodePointer make_like(NodePointer operand, std::shared_ptr<const Glob> glob, bool negated) {
  return std::make_unique<LikeNode>(std::move(operand), std::move(glob), negated);
}
NodePointer make_matches(NodePointer operand, std::shared_ptr<const Regex> regex, bool negated) {
  return std::make_unique<MatchesNode>(std::move(operand), std::move(regex), negated);
}
NodePointer make_arithmetic(char operation, NodePointer left, NodePointer right) {
  return std::make_unique<ArithmeticNode>(operation, std::move(left), std::move(right));
}
NodePointer make_minus(NodePointer operand) {
  return std::make_unique<MinusNode>(std::move(operand));
}
NodePointer make_call(const Function& function, std::vector<NodePointer> arguments) {
  if (arguments.size() <= kFewArguments) {
    return std::make_unique<CallNode<kFewArguments>>(function, std::move(arguments));
  }
  return std::make_unique<CallNode<kMaxArguments>>(function, std::move(arguments));
}

}  // namespace picket::routing::expression
