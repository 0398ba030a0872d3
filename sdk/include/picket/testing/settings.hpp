// SPDX-License-Identifier: Apache-2.0
//
// picket_config over a JSON text, as the daemon gives it to a plugin. The text is taken as it is: write durations in
// nanoseconds and sizes in bytes, and every default that the plugin relies on.
#ifndef PICKET_TESTING_SETTINGS_HPP
#define PICKET_TESTING_SETTINGS_HPP

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "../detail/text.hpp"
#include "../plugin.h"

namespace picket::testing {

// Valid as long as it lives; used on one thread.
class Settings {
 public:
  // Throws std::runtime_error for text that is no JSON object.
  explicit Settings(const std::string &json) : json_(parse(json)), canonical_(json_.dump()) {
    table_ = {sizeof table_, 0, this, text_of, get};
  }
  Settings(const Settings &) = delete;
  Settings &operator=(const Settings &) = delete;

  const picket_config *c() const { return &table_; }

 private:
  static nlohmann::json parse(const std::string &text) {
    nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) throw std::runtime_error("settings of the test are no JSON object: " + text);
    return json;
  }
  static picket_str text_of(void *self) noexcept { return to_str(static_cast<Settings *>(self)->canonical_); }

  static picket_status get(void *self, picket_str pointer, picket_type type, picket_field *value,
                           picket_str *text) noexcept try {
    const nlohmann::json &json = static_cast<Settings *>(self)->json_;
    const nlohmann::json::json_pointer at{std::string(to_view(pointer))};
    if (!json.contains(at)) return PICKET_NOT_FOUND;
    const nlohmann::json &found = json.at(at);
    *value = {};
    value->type = type;
    *text = {};
    if (type == PICKET_TYPE_BOOL && found.is_boolean()) {
      value->value.i = found.get<bool>() ? 1 : 0;
    } else if (type == PICKET_TYPE_INT && found.is_number_integer()) {
      value->value.i = found.get<std::int64_t>();
    } else if (type == PICKET_TYPE_DOUBLE && found.is_number()) {
      value->value.f = found.get<double>();
    } else if (type == PICKET_TYPE_TEXT && found.is_string()) {
      *text = to_str(found.get_ref<const std::string &>());
    } else {
      return PICKET_INVALID;
    }
    return PICKET_OK;
  } catch (const std::exception &) {
    return PICKET_INVALID;  // no JSON pointer
  }

  nlohmann::json json_;
  std::string canonical_;
  picket_config table_{};
};

}  // namespace picket::testing

#endif
