// SPDX-License-Identifier: Apache-2.0
#include "setting_values.hpp"

#include <cmath>
#include <stdexcept>

namespace picket::process_supervisor {

using nlohmann::json;

const json& SettingValues::nothing() {
  static const auto* const kNothing = new json(json::object());  // never destroyed: the library stays mapped
  return *kNothing;
}

SettingValues::SettingValues(const json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object_.is_object()) throw std::invalid_argument((where_.empty() ? "settings" : where_) + ": must be an object");
}

void SettingValues::fail(const std::string& key, const std::string& what) const {
  throw std::invalid_argument((where_.empty() ? "" : where_ + ".") + key + ": " + what);
}

void SettingValues::only(std::initializer_list<const char*> keys) const {
  for (const auto& [key, value] : object_.items()) {
    bool known = false;
    for (const char* const name : keys) known = known || key == name;
    if (!known) fail(key, "there is no such setting");
  }
}

const json* SettingValues::find(const char* key) const {
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

SettingValues SettingValues::object(const char* key) const {
  const json* const found = find(key);
  return {found == nullptr ? nothing() : *found, (where_.empty() ? "" : where_ + ".") + key};
}

std::string SettingValues::text(const char* key, std::string otherwise) const {
  const json* const found = find(key);
  if (found == nullptr) return otherwise;
  if (!found->is_string() || found->get_ref<const std::string&>().find('\0') != std::string::npos) {
    fail(key, "must be a text");
  }
  return found->get<std::string>();
}

bool SettingValues::flag(const char* key, bool otherwise) const {
  const json* const found = find(key);
  if (found == nullptr) return otherwise;
  if (!found->is_boolean()) fail(key, "must be true or false");
  return found->get<bool>();
}

std::int64_t SettingValues::integer(const char* key, std::int64_t least, std::int64_t most,
                                    std::int64_t otherwise) const {
  const json* const found = find(key);
  if (found == nullptr) return otherwise;
  if (!found->is_number_integer() || found->get<std::int64_t>() < least || found->get<std::int64_t>() > most) {
    fail(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return found->get<std::int64_t>();
}

double SettingValues::number(const char* key, double least, double most, double otherwise) const {
  const json* const found = find(key);
  if (found == nullptr) return otherwise;
  if (!found->is_number() || !(found->get<double>() >= least && found->get<double>() <= most)) {
    fail(key, "must be a number from " + json(least).dump() + " to " + json(most).dump());
  }
  return found->get<double>();
}

std::vector<std::string> SettingValues::texts(const char* key) const {
  const json* const found = find(key);
  std::vector<std::string> list;
  if (found == nullptr) return list;
  if (!found->is_array()) fail(key, "must be a list of texts");
  for (const json& one : *found) {
    if (!one.is_string() || one.get_ref<const std::string&>().find('\0') != std::string::npos) {
      fail(key, "must be a list of texts");
    }
    list.push_back(one.get<std::string>());
  }
  return list;
}

std::vector<std::int64_t> SettingValues::integers(const char* key, std::int64_t least, std::int64_t most) const {
  const json* const found = find(key);
  std::vector<std::int64_t> list;
  if (found == nullptr) return list;
  if (!found->is_array()) fail(key, "must be a list of whole numbers");
  for (const json& one : *found) {
    if (!one.is_number_integer() || one.get<std::int64_t>() < least || one.get<std::int64_t>() > most) {
      fail(key, "must be a list of whole numbers from " + std::to_string(least) + " to " + std::to_string(most));
    }
    list.push_back(one.get<std::int64_t>());
  }
  return list;
}

}  // namespace picket::process_supervisor
