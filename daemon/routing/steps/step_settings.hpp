// SPDX-License-Identifier: Apache-2.0
//
// Reading a step's settings: expressions compiled or their mistakes told. Used by steps, at load and when they are
// made.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "routing/expression/expression.hpp"
#include "routing/steps/message_template.hpp"
#include "routing/steps/step.hpp"

namespace picket::routing {

// Of settings that StepType::check has passed. Each throws std::runtime_error when the text does not compile.
Expression compiled_expression(const nlohmann::json& settings, const char* key, Names& names);
Filter compiled_filter(const nlohmann::json& settings, const char* key, Names& names);
MessageTemplate compiled_message(const nlohmann::json& settings, const char* key, Names& names);

// Interns a key that the step writes or reads. Throws std::runtime_error when the table of names is full.
picket_name required_name(Names& names, std::string_view text);

// Gathers the problems of one step's settings. Settings that are not there have none.
class SettingsCheck {
 public:
  SettingsCheck(const nlohmann::json& settings, Names& names) : settings_(settings), names_(names) {}

  void filter(const char* key);
  // An expression that can be a number.
  void number(const char* key);
  void message(const char* key);
  // The elements of `by`, as Grouping takes them.
  void by();

  void add(std::string pointer, std::string message, std::size_t offset = 0);
  bool sound() const { return problems_.empty(); }
  std::vector<StepProblem> take() { return std::move(problems_); }

 private:
  const std::string* text(const char* key) const;

  const nlohmann::json& settings_;
  Names& names_;
  std::vector<StepProblem> problems_;
};

}  // namespace picket::routing
