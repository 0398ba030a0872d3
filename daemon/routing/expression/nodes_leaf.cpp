// SPDX-License-Identifier: Apache-2.0
//
// Leaves of the compiled tree: constants, parts of the event, fields, and whether they are there.
#include "routing/expression/nodes.hpp"

namespace picket::routing::expression {
namespace {

class ConstantNode final : public Node {
 public:
  explicit ConstantNode(const Value& value) : value_(value) {
    if (!value.is_text()) return;
    text_ = value.as_text();
    value_ = Value::text(text_);
  }
  Value evaluate(const Context& /*context*/) const override { return value_; }

 private:
  std::string text_;
  Value value_;
};

Value name_value(const Context& context, picket_name name) {
  return name == 0 ? Value() : Value::text(context.names->text(name));
}

Value part_value(const Context& context, Part part) {
  const picket_event& event = *context.event;
  switch (part) {
    case Part::time:
      return event.time_ns == 0 ? Value() : Value::integer(event.time_ns);
    case Part::kind:
      return name_value(context, event.kind);
    case Part::source:
      return name_value(context, event.source);
    case Part::severity:
      return event.severity == PICKET_SEVERITY_NONE ? Value() : Value::integer(event.severity);
  }
  return {};
}

class PartNode final : public Node {
 public:
  explicit PartNode(Part part) : part_(part) {}
  Value evaluate(const Context& context) const override { return part_value(context, part_); }

 private:
  Part part_;
};

class FieldNode final : public Node {
 public:
  explicit FieldNode(FieldKey key) : key_(std::move(key)) {}
  Value evaluate(const Context& context) const override { return field_value(context, find_field(context, key_)); }

 private:
  FieldKey key_;
};

class ExistsFieldNode final : public Predicate<ExistsFieldNode> {
 public:
  explicit ExistsFieldNode(FieldKey key) : key_(std::move(key)) {}
  Truth test(const Context& context) const override {
    const picket_field* const field = find_field(context, key_);
    return truth_of(field != nullptr && field->type != PICKET_TYPE_NULL);
  }

 private:
  FieldKey key_;
};

class ExistsPartNode final : public Predicate<ExistsPartNode> {
 public:
  explicit ExistsPartNode(Part part) : part_(part) {}
  Truth test(const Context& context) const override { return truth_of(!part_value(context, part_).is_null()); }

 private:
  Part part_;
};

std::string_view view(picket_str text) {
  return {text.data, static_cast<std::size_t>(text.length)};
}

}  // namespace

std::uint32_t Node::narrow(Context context, std::uint32_t* selection, std::uint32_t count) const {
  return keep_if(context, selection, count, [this](const Context& each) { return test(each); });
}

const picket_field* find_field_by_text(const Context& context, const FieldKey& key) {
  const picket_field* field = context.batch->fields + context.event->first_field;
  const picket_field* const end = field + context.event->field_count;
  for (; field != end; ++field) {
    if ((field->key & PICKET_KEY_INLINE) != 0) {
      if (view(picket_batch_inline_key_text(context.batch, field->key)) == key.text) return field;
    } else if (key.id == FieldKey::kUnknown && context.names->text(field->key) == key.text) {
      return field;
    }
  }
  return nullptr;
}

Value field_value(const Context& context, const picket_field* field) {
  if (field == nullptr) return {};
  switch (field->type) {
    case PICKET_TYPE_BOOL:
      return Value::boolean(field->value.i != 0);
    case PICKET_TYPE_INT:
      return Value::integer(field->value.i);
    case PICKET_TYPE_DOUBLE:
      return Value::real(field->value.f);
    case PICKET_TYPE_NAME:
      return Value::text(context.names->text(field->value.name));
    case PICKET_TYPE_TEXT:
    case PICKET_TYPE_JSON:
      return Value::text(view(picket_batch_field_bytes(context.batch, field)));
    case PICKET_TYPE_BYTES:
      return Value::bytes(view(picket_batch_field_bytes(context.batch, field)));
    default:
      return {};
  }
}

NodePointer make_constant(const Value& value) {
  return std::make_unique<ConstantNode>(value);
}
NodePointer make_part(Part part) {
  return std::make_unique<PartNode>(part);
}
NodePointer make_field(FieldKey key) {
  return std::make_unique<FieldNode>(std::move(key));
}
NodePointer make_exists_field(FieldKey key) {
  return std::make_unique<ExistsFieldNode>(std::move(key));
}
NodePointer make_exists_part(Part part) {
  return std::make_unique<ExistsPartNode>(part);
}

}  // namespace picket::routing::expression
