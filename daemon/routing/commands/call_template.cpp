// SPDX-License-Identifier: Apache-2.0
#include "routing/commands/call_template.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "routing/steps/message_template.hpp"

namespace picket::routing {

using CallJson = nlohmann::ordered_json;

// One value of the argument: a text to fill in, an array or object of further ones, or a constant.
struct CallTemplate::Node {
  std::optional<MessageTemplate> text;
  CallJson constant;  // of arrays and objects: empty ones
  std::vector<Node> children;
  std::string key;  // of this one, within an object

  static Result<Node> compile(const CallJson& json, Names& names, const std::string& where);
  CallJson render(const picket_batch& batch, const picket_event& event) const;
};

namespace {

CallJson json_of_value(const Value& value) {
  switch (value.type()) {
    case ValueType::null:
      return nullptr;
    case ValueType::boolean:
      return value.as_boolean();
    case ValueType::integer:
      return value.as_integer();
    case ValueType::real:
      return value.as_real();
    case ValueType::text:
    case ValueType::bytes:
      break;
  }
  return std::string(value.as_text());
}

}  // namespace

Result<CallTemplate::Node> CallTemplate::Node::compile(const CallJson& json, Names& names, const std::string& where) {
  Node node;
  if (json.is_string()) {
    auto text = MessageTemplate::compile(json.get_ref<const std::string&>(), names);
    if (!text.ok()) return Error{where + ": " + text.error().message, PICKET_INVALID};
    node.text = std::move(text.value());
    return node;
  }
  if (!json.is_structured()) {
    node.constant = json;
    return node;
  }
  node.constant = json.is_array() ? CallJson::array() : CallJson::object();
  for (const auto& [key, value] : json.items()) {
    auto child = compile(value, names, where + "." + key);
    if (!child.ok()) return child.error();
    node.children.push_back(std::move(child).value());
    if (json.is_object()) node.children.back().key = key;
  }
  return node;
}

CallJson CallTemplate::Node::render(const picket_batch& batch, const picket_event& event) const {
  if (text) {
    const Expression* const sole = text->sole();
    return sole != nullptr ? json_of_value(sole->evaluate(batch, event)) : CallJson(text->render(batch, event));
  }
  CallJson result = constant;
  for (const Node& child : children) {
    if (result.is_array()) {
      result.push_back(child.render(batch, event));
    } else {
      result[child.key] = child.render(batch, event);
    }
  }
  return result;
}

Result<CallTemplate> CallTemplate::compile(std::string_view args, Names& names) {
  const CallJson json = CallJson::parse(args, nullptr, false);
  if (!json.is_object()) return Error{"args: not an object", PICKET_INVALID};
  auto root = Node::compile(json, names, "args");
  if (!root.ok()) return root.error();
  return CallTemplate(std::make_shared<const Node>(std::move(root).value()));
}

std::string CallTemplate::render(const picket_batch& batch, const picket_event& event) const {
  return root_->render(batch, event).dump(-1, ' ', false, CallJson::error_handler_t::replace);
}

}  // namespace picket::routing
