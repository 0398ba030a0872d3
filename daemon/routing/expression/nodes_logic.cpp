// SPDX-License-Identifier: Apache-2.0
//
// Conditions of the compiled tree, three-valued (Kleene): unknown only where the unknown operands decide.
#include "routing/expression/nodes.hpp"

namespace picket::routing::expression {
namespace {

class NotNode final : public Predicate<NotNode> {
 public:
  explicit NotNode(NodePointer operand) : operand_(std::move(operand)) {}
  Truth test(const Context& context) const override {
    const Truth truth = operand_->test(context);
    return truth == Truth::unknown ? truth : truth_of(truth == Truth::no);
  }

 private:
  NodePointer operand_;
};

// `and` stops at the first no, `or` at the first yes.
template <Truth kDecides>
class JunctionNode final : public Predicate<JunctionNode<kDecides>> {
 public:
  explicit JunctionNode(std::vector<NodePointer> operands) : operands_(std::move(operands)) {}

  Truth test(const Context& context) const override {
    Truth result = kDecides == Truth::no ? Truth::yes : Truth::no;
    for (const NodePointer& operand : operands_) {
      const Truth truth = operand->test(context);
      if (truth == kDecides) return truth;
      if (truth == Truth::unknown) result = truth;
    }
    return result;
  }

  // A selection keeps only what is yes, so `and` is one operand's selection after the other's.
  std::uint32_t narrow(Context context, std::uint32_t* selection, std::uint32_t count) const override {
    if constexpr (kDecides == Truth::yes) {
      return Predicate<JunctionNode>::narrow(context, selection, count);
    } else {
      for (const NodePointer& operand : operands_) {
        if (count == 0) break;
        count = operand->narrow(context, selection, count);
      }
      return count;
    }
  }

 private:
  std::vector<NodePointer> operands_;
};

// An unknown condition takes the `else`.
class ConditionalNode final : public Node {
 public:
  ConditionalNode(NodePointer condition, NodePointer then, NodePointer otherwise)
      : condition_(std::move(condition)), then_(std::move(then)), otherwise_(std::move(otherwise)) {}
  Value evaluate(const Context& context) const override { return chosen(context).evaluate(context); }
  Truth test(const Context& context) const override { return chosen(context).test(context); }

 private:
  const Node& chosen(const Context& context) const {
    return condition_->test(context) == Truth::yes ? *then_ : *otherwise_;
  }

  NodePointer condition_;
  NodePointer then_;
  NodePointer otherwise_;
};

}  // namespace

NodePointer make_not(NodePointer operand) {
  return std::make_unique<NotNode>(std::move(operand));
}
NodePointer make_and(std::vector<NodePointer> operands) {
  return std::make_unique<JunctionNode<Truth::no>>(std::move(operands));
}
NodePointer make_or(std::vector<NodePointer> operands) {
  return std::make_unique<JunctionNode<Truth::yes>>(std::move(operands));
}
NodePointer make_conditional(NodePointer condition, NodePointer then, NodePointer otherwise) {
  return std::make_unique<ConditionalNode>(std::move(condition), std::move(then), std::move(otherwise));
}

}  // namespace picket::routing::expression
