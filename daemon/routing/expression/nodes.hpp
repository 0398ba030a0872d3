// SPDX-License-Identifier: Apache-2.0
//
// The compiled form: a tree of small immutable objects, each evaluating itself for one event, with special ones for
// what filters do most (a field against a constant). Lowering builds it; Expression and Filter run it on any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "picket/batch.h"
#include "routing/expression/ast.hpp"
#include "routing/expression/value.hpp"
#include "routing/names.hpp"

namespace picket::routing::expression {

// What an evaluation reads.
struct Context {
  const picket_batch* batch;
  const picket_event* event;  // null only while constants are folded
  const Names* names;
};

class Node {
 public:
  Node() = default;
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  virtual Value evaluate(const Context& context) const = 0;
  virtual Truth test(const Context& context) const { return truth_of(evaluate(context)); }

  // Keeps of the `count` event indices in `selection` those for which test() says yes. `context.event` is its own.
  virtual std::uint32_t narrow(Context context, std::uint32_t* selection, std::uint32_t count) const;
};

using NodePointer = std::unique_ptr<const Node>;

// The loop of narrow() over anything that can be tested. No branch on the outcome, which filters make hard to predict.
template <typename Test>
std::uint32_t keep_if(Context context, std::uint32_t* selection, std::uint32_t count, const Test& test) {
  std::uint32_t kept = 0;
  for (std::uint32_t index = 0; index < count; ++index) {
    const std::uint32_t event = selection[index];
    context.event = context.batch->events + event;
    selection[kept] = event;
    kept += test(context) == Truth::yes ? 1 : 0;
  }
  return kept;
}

// A node whose value is a boolean or null. `Derived` is final and overrides test(); its loop needs no virtual calls.
template <typename Derived>
class Predicate : public Node {
 public:
  Value evaluate(const Context& context) const final { return value_of(self().test(context)); }
  std::uint32_t narrow(Context context, std::uint32_t* selection, std::uint32_t count) const override {
    return keep_if(context, selection, count, [this](const Context& each) { return self().test(each); });
  }

 private:
  const Derived& self() const { return static_cast<const Derived&>(*this); }
};

// How to find a field by key.
struct FieldKey {
  // Equal to no key of a field: neither an id that Names gives out, nor an inline key.
  static constexpr std::uint32_t kUnknown = ~PICKET_KEY_INLINE;

  FieldKey(picket_name name, std::string_view key_text) : id(name == 0 ? kUnknown : name), text(key_text) {}

  std::uint32_t id;
  std::string text;
};

// The event's field whose key has the text of `key` but not its id: inline keys, and, when the id was not known when
// the expression was compiled, names too.
const picket_field* find_field_by_text(const Context& context, const FieldKey& key);

// The event's first field with `key` by id, else the first that has it by text; null when there is none.
inline const picket_field* find_field(const Context& context, const FieldKey& key) {
  const picket_field* field = context.batch->fields + context.event->first_field;
  const picket_field* const end = field + context.event->field_count;
  std::uint32_t seen = key.id == FieldKey::kUnknown ? PICKET_KEY_INLINE : 0;
  for (; field != end; ++field) {
    if (field->key == key.id) return field;
    seen |= field->key;
  }
  return (seen & PICKET_KEY_INLINE) == 0 ? nullptr : find_field_by_text(context, key);
}

// A field's value; null for a null pointer and for types that this daemon does not know.
Value field_value(const Context& context, const picket_field* field);

// Leaves.
NodePointer make_constant(const Value& value);
NodePointer make_part(Part part);
NodePointer make_field(FieldKey key);
NodePointer make_exists_field(FieldKey key);
NodePointer make_exists_part(Part part);

// Conditions.
NodePointer make_not(NodePointer operand);
NodePointer make_and(std::vector<NodePointer> operands);
NodePointer make_or(std::vector<NodePointer> operands);
NodePointer make_conditional(NodePointer condition, NodePointer then, NodePointer otherwise);

// Comparisons. The special ones take the id of their text, or 0.
NodePointer make_compare(NodePointer left, NodePointer right, OrderMask orders);
NodePointer make_compare_field_number(FieldKey key, const Value& number, OrderMask orders);
NodePointer make_equal_field_text(FieldKey key, picket_name id, std::string_view text, bool negated);
NodePointer make_equal_part_name(Part part, picket_name id, bool negated);  // kind or source; id is not 0
NodePointer make_compare_severity(std::int64_t number, OrderMask orders);

// One constant of a list, with the id of its text, or 0.
struct Member {
  Value value;
  picket_name id = 0;
};
NodePointer make_in(NodePointer operand, std::span<const Member> members, bool negated);
// kind or source among names whose ids are all known.
NodePointer make_in_part(Part part, std::vector<picket_name> ids, bool negated);
NodePointer make_in_field_text(FieldKey key, std::span<const Member> members, bool negated);

// Patterns, arithmetic and calls.
NodePointer make_like(NodePointer operand, std::shared_ptr<const Glob> glob, bool negated);
NodePointer make_matches(NodePointer operand, std::shared_ptr<const Regex> regex, bool negated);
NodePointer make_arithmetic(char operation, NodePointer left, NodePointer right);
NodePointer make_minus(NodePointer operand);
NodePointer make_call(const Function& function, std::vector<NodePointer> arguments);

}  // namespace picket::routing::expression
