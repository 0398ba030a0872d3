// SPDX-License-Identifier: Apache-2.0
//
// See setting_reader.hpp.
#include "setting_reader.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "settings.hpp"

namespace picket::perf_collector {

using nlohmann::json;

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw std::invalid_argument(where + ": " + what);
}

void check_keys(const json& object, const std::string& where, std::initializer_list<const char*> known) {
  if (!object.is_object()) fail(where, "must be an object");
  for (const auto& [key, value] : object.items()) {
    bool found = false;
    for (const char* name : known) found = found || key == name;
    if (!found) fail(where, "there is no setting \"" + key + "\"");
  }
}

std::int64_t get_duration(const json& object, const char* key, const std::string& where, std::int64_t otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_number_integer()) fail(where + "." + key, "must be a duration, such as 5s");
  const auto value = found->get<std::int64_t>();
  if (value < kShortestInterval || value > kLongestInterval) fail(where + "." + key, "must be between 100ms and 1d");
  return value;
}

std::int64_t get_integer(const json& object, const char* key, const std::string& where, std::int64_t least,
                         std::int64_t most, std::int64_t otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_number_integer() || found->get<std::int64_t>() < least || found->get<std::int64_t>() > most) {
    fail(where + "." + key, "must be between " + std::to_string(least) + " and " + std::to_string(most));
  }
  return found->get<std::int64_t>();
}

double get_number(const json& object, const char* key, const std::string& where, double otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_number() || !std::isfinite(found->get<double>())) fail(where + "." + key, "must be a number");
  return found->get<double>();
}

bool get_bool(const json& object, const char* key, const std::string& where, bool otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_boolean()) fail(where + "." + key, "must be true or false");
  return found->get<bool>();
}

std::string get_text(const json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
    fail(where + "." + key, "must be a text that is not empty");
  }
  return found->get<std::string>();
}

std::vector<std::string> get_texts(const json& object, const char* key, const std::string& where, std::size_t most,
                                   std::vector<std::string> otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  const std::string here = where + "." + key;
  if (!found->is_array() || found->size() > most) {
    fail(here, "must be a list of at most " + std::to_string(most) + " texts");
  }
  std::vector<std::string> texts;
  for (const json& entry : *found) {
    if (!entry.is_string() || entry.get_ref<const std::string&>().empty()) {
      fail(here + "[" + std::to_string(texts.size()) + "]", "must be a text that is not empty");
    }
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

Choice get_choice(const json& object, const std::string& where, std::vector<std::string> exclude_by_default) {
  return {get_texts(object, "include", where, kMostGlobs),
          get_texts(object, "exclude", where, kMostGlobs, std::move(exclude_by_default))};
}

}  // namespace picket::perf_collector
