// SPDX-License-Identifier: Apache-2.0
//
// Comparisons of the compiled tree: the general one, and special ones for a field or a part against constants, which
// are what most filters consist of. Texts that have an id are compared by id wherever the event has an id too.
#include <algorithm>

#include "routing/expression/compare.hpp"
#include "routing/expression/nodes.hpp"

namespace picket::routing::expression {
namespace {

class CompareNode final : public Predicate<CompareNode> {
 public:
  CompareNode(NodePointer left, NodePointer right, OrderMask orders)
      : left_(std::move(left)), right_(std::move(right)), orders_(orders) {}
  Truth test(const Context& context) const override {
    return compare(left_->evaluate(context), right_->evaluate(context), orders_);
  }

 private:
  NodePointer left_;
  NodePointer right_;
  OrderMask orders_;
};

template <typename Number>
class FieldNumberNode final : public Predicate<FieldNumberNode<Number>> {
 public:
  FieldNumberNode(FieldKey key, Number number, OrderMask orders)
      : key_(std::move(key)), number_(number), orders_(orders) {}
  Truth test(const Context& context) const override {
    const picket_field* const field = find_field(context, key_);
    if (field == nullptr) return Truth::unknown;
    if (field->type == PICKET_TYPE_DOUBLE) return truth_of((order_of(field->value.f, number_) & orders_) != 0);
    if (field->type == PICKET_TYPE_INT) return truth_of((order_of(field->value.i, number_) & orders_) != 0);
    return Truth::unknown;
  }

 private:
  FieldKey key_;
  Number number_;
  OrderMask orders_;
};

class FieldTextNode final : public Predicate<FieldTextNode> {
 public:
  FieldTextNode(FieldKey key, picket_name id, std::string_view text, bool negated)
      : key_(std::move(key)), id_(id), text_(text), negated_(negated) {}
  Truth test(const Context& context) const override {
    const picket_field* const field = find_field(context, key_);
    if (field == nullptr) return Truth::unknown;
    if (field->type == PICKET_TYPE_NAME && id_ != 0) return truth_of((field->value.name == id_) != negated_);
    const Value value = field_value(context, field);
    return value.is_text() ? truth_of((value.as_text() == text_) != negated_) : Truth::unknown;
  }

 private:
  FieldKey key_;
  picket_name id_;
  std::string text_;
  bool negated_;
};

picket_name name_of(const Context& context, Part part) {
  return part == Part::kind ? context.event->kind : context.event->source;
}

class PartNameNode final : public Predicate<PartNameNode> {
 public:
  PartNameNode(Part part, picket_name id, bool negated) : part_(part), id_(id), negated_(negated) {}
  Truth test(const Context& context) const override {
    const picket_name name = name_of(context, part_);
    return name == 0 ? Truth::unknown : truth_of((name == id_) != negated_);
  }

 private:
  Part part_;
  picket_name id_;
  bool negated_;
};

class SeverityNode final : public Predicate<SeverityNode> {
 public:
  SeverityNode(std::int64_t number, OrderMask orders) : number_(number), orders_(orders) {}
  Truth test(const Context& context) const override {
    const std::int64_t severity = context.event->severity;
    return severity == PICKET_SEVERITY_NONE ? Truth::unknown : truth_of((order_of(severity, number_) & orders_) != 0);
  }

 private:
  std::int64_t number_;
  OrderMask orders_;
};

// The constants of a list, arranged for a quick look-up: texts and integers sorted, the rest in a row.
class Members {
 public:
  explicit Members(std::span<const Member> members) {
    for (const Member& member : members) {
      if (member.value.is_text()) {
        texts_.emplace_back(member.value.as_text());
        all_have_ids_ = all_have_ids_ && member.id != 0;
        if (member.id != 0) ids_.push_back(member.id);
      } else if (member.value.type() == ValueType::integer) {
        integers_.push_back(member.value.as_integer());
      } else {
        others_.push_back(member.value);
      }
    }
    std::sort(texts_.begin(), texts_.end());
    std::sort(integers_.begin(), integers_.end());
    std::sort(ids_.begin(), ids_.end());
  }

  // Unknown if no member can be compared with `value`.
  Truth contain(const Value& value) const {
    if (value.is_text()) return texts_.empty() ? Truth::unknown : contain(value.as_text());
    const bool comparable = value.is_number() && !integers_.empty();
    if (value.type() == ValueType::integer) {
      if (std::binary_search(integers_.begin(), integers_.end(), value.as_integer())) return Truth::yes;
    } else if (comparable) {
      const double real = value.as_real();
      const auto at = std::lower_bound(integers_.begin(), integers_.end(), real,
                                       [](std::int64_t left, double right) { return order_of(left, right) == kLess; });
      if (at != integers_.end() && order_of(*at, real) == kEqual) return Truth::yes;
    }
    Truth result = comparable ? Truth::no : Truth::unknown;
    for (const Value& other : others_) {
      const Truth truth = compare(value, other, kEqual);
      if (truth == Truth::yes) return truth;
      if (truth == Truth::no) result = truth;
    }
    return result;
  }

  Truth contain(std::string_view text) const {
    return truth_of(std::binary_search(texts_.begin(), texts_.end(), text));
  }

  // REQUIRES: have_ids()
  Truth contain_id(picket_name id) const { return truth_of(std::binary_search(ids_.begin(), ids_.end(), id)); }
  bool have_ids() const { return all_have_ids_ && !ids_.empty(); }

 private:
  std::vector<std::string> texts_;
  std::vector<picket_name> ids_;
  bool all_have_ids_ = true;
  std::vector<std::int64_t> integers_;
  std::vector<Value> others_;  // doubles and booleans
};

Truth flip(Truth truth, bool negated) {
  return truth == Truth::unknown || !negated ? truth : truth_of(truth == Truth::no);
}

class InNode final : public Predicate<InNode> {
 public:
  InNode(NodePointer operand, std::span<const Member> members, bool negated)
      : operand_(std::move(operand)), members_(members), negated_(negated) {}
  Truth test(const Context& context) const override {
    return flip(members_.contain(operand_->evaluate(context)), negated_);
  }

 private:
  NodePointer operand_;
  Members members_;
  bool negated_;
};

class InFieldNode final : public Predicate<InFieldNode> {
 public:
  InFieldNode(FieldKey key, std::span<const Member> members, bool negated)
      : key_(std::move(key)), members_(members), negated_(negated) {}
  Truth test(const Context& context) const override {
    const picket_field* const field = find_field(context, key_);
    if (field != nullptr && field->type == PICKET_TYPE_NAME && members_.have_ids()) {
      return flip(members_.contain_id(field->value.name), negated_);
    }
    return flip(members_.contain(field_value(context, field)), negated_);
  }

 private:
  FieldKey key_;
  Members members_;
  bool negated_;
};

class InPartNode final : public Predicate<InPartNode> {
 public:
  InPartNode(Part part, std::vector<picket_name> ids, bool negated)
      : part_(part), ids_(std::move(ids)), negated_(negated) {
    std::sort(ids_.begin(), ids_.end());
  }
  Truth test(const Context& context) const override {
    const picket_name name = name_of(context, part_);
    if (name == 0) return Truth::unknown;
    return truth_of(std::binary_search(ids_.begin(), ids_.end(), name) != negated_);
  }

 private:
  Part part_;
  std::vector<picket_name> ids_;
  bool negated_;
};

}  // namespace

NodePointer make_compare(NodePointer left, NodePointer right, OrderMask orders) {
  return std::make_unique<CompareNode>(std::move(left), std::move(right), orders);
}
NodePointer make_compare_field_number(FieldKey key, const Value& number, OrderMask orders) {
  if (number.type() == ValueType::integer) {
    return std::make_unique<FieldNumberNode<std::int64_t>>(std::move(key), number.as_integer(), orders);
  }
  return std::make_unique<FieldNumberNode<double>>(std::move(key), number.as_real(), orders);
}
NodePointer make_equal_field_text(FieldKey key, picket_name id, std::string_view text, bool negated) {
  return std::make_unique<FieldTextNode>(std::move(key), id, text, negated);
}
NodePointer make_equal_part_name(Part part, picket_name id, bool negated) {
  return std::make_unique<PartNameNode>(part, id, negated);
}
NodePointer make_compare_severity(std::int64_t number, OrderMask orders) {
  return std::make_unique<SeverityNode>(number, orders);
}
NodePointer make_in(NodePointer operand, std::span<const Member> members, bool negated) {
  return std::make_unique<InNode>(std::move(operand), members, negated);
}
NodePointer make_in_part(Part part, std::vector<picket_name> ids, bool negated) {
  return std::make_unique<InPartNode>(part, std::move(ids), negated);
}
NodePointer make_in_field_text(FieldKey key, std::span<const Member> members, bool negated) {
  return std::make_unique<InFieldNode>(std::move(key), members, negated);
}

}  // namespace picket::routing::expression
