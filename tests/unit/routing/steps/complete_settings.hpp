// SPDX-License-Identifier: Apache-2.0
//
// Settings as a step gets them: what a test wrote, with the defaults of the step's own schema and durations as
// nanoseconds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "config/units.hpp"
#include "routing/steps/step.hpp"

namespace picket::routing {

inline void complete(const nlohmann::json& schema, nlohmann::json& value) {
  for (const auto& [key, property] : schema.at("properties").items()) {
    if (!value.contains(key) && property.contains("default")) value[key] = property.at("default");
    if (!value.contains(key)) continue;
    nlohmann::json& setting = value[key];
    if (property.value("format", "") == "duration" && setting.is_string()) {
      const std::string text = setting;
      setting = text == "forever" ? -1 : config::parse_duration(text).value();
    }
    if (property.contains("properties")) complete(property, setting);
  }
}

inline std::string complete_settings(const StepType& type, std::string_view settings) {
  nlohmann::json value = nlohmann::json::parse(settings);
  complete(nlohmann::json::parse(type.schema), value);
  return value.dump();
}

// The problems as "pointer@offset: message".
inline std::vector<std::string> problems_of(const StepType& type, std::string_view settings) {
  Names names;
  std::vector<std::string> texts;
  for (const StepProblem& problem : type.check(nlohmann::json::parse(complete_settings(type, settings)), names)) {
    texts.push_back(problem.pointer + "@" + std::to_string(problem.offset) + ": " + problem.message);
  }
  return texts;
}

}  // namespace picket::routing
