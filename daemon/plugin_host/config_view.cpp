// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/config_view.hpp"

#include <nlohmann/json.hpp>

#include "plugin_host/text.hpp"

namespace picket::plugin_host {

struct ConfigView::Parsed {
  nlohmann::json root;
};

ConfigView::ConfigView(std::string json) : json_(std::move(json)) {
  table_.size = sizeof table_;
  table_.self = this;
  table_.json = &ConfigView::json;
  table_.get = &ConfigView::value;
}

ConfigView::~ConfigView() = default;

picket_str ConfigView::json(void* self) PICKET_NOEXCEPT {
  return text(static_cast<ConfigView*>(self)->json_);
}

picket_status ConfigView::value(void* self, picket_str pointer, picket_type type, picket_field* value,
                                picket_str* text_out) PICKET_NOEXCEPT {
  auto* config = static_cast<ConfigView*>(self);
  if (!config->parsed_) config->parsed_ = std::make_unique<Parsed>(Parsed{nlohmann::json::parse(config->json_)});
  const nlohmann::json* node = nullptr;
  try {
    const nlohmann::json::json_pointer path{std::string(view(pointer))};
    if (!config->parsed_->root.contains(path)) return PICKET_NOT_FOUND;
    node = &config->parsed_->root.at(path);
  } catch (const nlohmann::json::exception&) {
    return PICKET_INVALID;  // not a JSON pointer
  }
  if (value != nullptr) {
    *value = picket_field{};
    value->type = type;
  }
  const bool wants_value = value != nullptr;
  switch (type) {
    case PICKET_TYPE_BOOL:
      if (!node->is_boolean()) return PICKET_INVALID;
      if (wants_value) value->value.i = node->get<bool>() ? 1 : 0;
      return PICKET_OK;
    case PICKET_TYPE_INT:
      if (!node->is_number_integer()) return PICKET_INVALID;
      if (wants_value) value->value.i = node->get<std::int64_t>();
      return PICKET_OK;
    case PICKET_TYPE_DOUBLE:
      if (!node->is_number()) return PICKET_INVALID;
      if (wants_value) value->value.f = node->get<double>();
      return PICKET_OK;
    case PICKET_TYPE_TEXT:
      if (!node->is_string()) return PICKET_INVALID;
      if (text_out != nullptr) *text_out = text(node->get_ref<const std::string&>());
      return PICKET_OK;
    default:
      return PICKET_INVALID;
  }
}

}  // namespace picket::plugin_host
