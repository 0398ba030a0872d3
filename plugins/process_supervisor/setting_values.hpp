// SPDX-License-Identifier: Apache-2.0
//
// Reads values out of one JSON object of the settings and says what is wrong with which one. The daemon has checked
// them against the schema; what is checked again here keeps a hand-made host from crashing the plugin. Used by the
// files that parse settings only; they catch std::invalid_argument.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace picket::process_supervisor {

class SettingValues {
 public:
  // `where` is for messages: "healthy". Throws std::invalid_argument unless `object` is one.
  SettingValues(const nlohmann::json& object, std::string where);

  bool has(const char* key) const { return object_.contains(key); }
  SettingValues object(const char* key) const;  // an empty one when it is missing
  std::string text(const char* key, std::string otherwise = {}) const;
  bool flag(const char* key, bool otherwise) const;
  std::int64_t integer(const char* key, std::int64_t least, std::int64_t most, std::int64_t otherwise) const;
  double number(const char* key, double least, double most, double otherwise) const;
  std::vector<std::string> texts(const char* key) const;
  std::vector<std::int64_t> integers(const char* key, std::int64_t least, std::int64_t most) const;
  const nlohmann::json* find(const char* key) const;

  // An unknown key is a mistake.
  void only(std::initializer_list<const char*> keys) const;
  [[noreturn]] void fail(const std::string& key, const std::string& what) const;

 private:
  static const nlohmann::json& nothing();
  const nlohmann::json& object_;
  std::string where_;
};

}  // namespace picket::process_supervisor
