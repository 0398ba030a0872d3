// SPDX-License-Identifier: Apache-2.0
//
// The keys that a step's settings name, and which of them a field has; and constants out of settings. Used by the steps
// that change fields, on their lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "picket/batch.h"
#include "routing/expression/value.hpp"
#include "routing/names.hpp"

namespace picket::routing {

class FieldKeys {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // Throws std::runtime_error when the table of names is full or `text` cannot be a name.
  void add(std::string_view text, Names& names) {
    const picket_name id = names.intern(text);
    if (id == 0) throw std::runtime_error("`" + std::string(text) + "` cannot be the key of a field");
    ids_.push_back(id);
    texts_.emplace_back(text);
  }

  std::size_t size() const { return ids_.size(); }
  picket_name id(std::size_t place) const { return ids_[place]; }
  const std::string& text(std::size_t place) const { return texts_[place]; }

  // The place of the first key that `field` has, also when it carries it as text; kNone when it has none of them.
  std::size_t find(const picket_batch& batch, const picket_field& field) const {
    if ((field.key & PICKET_KEY_INLINE) == 0) {
      for (std::size_t i = 0; i < ids_.size(); ++i) {
        if (ids_[i] == field.key) return i;
      }
      return kNone;
    }
    const picket_str key = picket_batch_inline_key_text(&batch, field.key);
    const std::string_view text(key.data, static_cast<std::size_t>(key.length));
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (texts_[i] == text) return i;
    }
    return kNone;
  }

 private:
  std::vector<picket_name> ids_;
  std::vector<std::string> texts_;
};

// The object `key` of settings; an empty one when it is not there.
inline const nlohmann::json& object_in(const nlohmann::json& settings, const char* key) {
  static const nlohmann::json empty = nlohmann::json::object();
  const auto found = settings.find(key);
  return found == settings.end() ? empty : *found;
}

// A value out of settings: null, a boolean, a number or a text.
class Constant {
 public:
  explicit Constant(const nlohmann::json& json) {
    if (json.is_boolean()) {
      value_ = Value::boolean(json.get<bool>());
    } else if (json.is_number_integer() && !(json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX)) {
      value_ = Value::integer(json.get<std::int64_t>());
    } else if (json.is_number()) {
      value_ = Value::real(json.get<double>());
    } else if (json.is_string()) {
      text_ = json.get<std::string>();
      value_ = Value::text({});
    }
  }
  Value value() const { return value_.is_text() ? Value::text(text_) : value_; }

 private:
  Value value_;
  std::string text_;
};

}  // namespace picket::routing
