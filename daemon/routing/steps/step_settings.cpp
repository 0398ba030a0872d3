// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/step_settings.hpp"

#include <stdexcept>

#include "routing/steps/grouping.hpp"

namespace picket::routing {
namespace {

template <typename T>
T value_or_throw(CompileResult<T> result, const char* key) {
  if (!result) throw std::runtime_error("'" + std::string(key) + "': " + result.error().message);
  return std::move(result.value());
}

}  // namespace

Expression compiled_expression(const nlohmann::json& settings, const char* key, Names& names) {
  return value_or_throw(Expression::compile(settings.at(key).get_ref<const std::string&>(), names), key);
}

Filter compiled_filter(const nlohmann::json& settings, const char* key, Names& names) {
  return value_or_throw(Filter::compile(settings.at(key).get_ref<const std::string&>(), names), key);
}

MessageTemplate compiled_message(const nlohmann::json& settings, const char* key, Names& names) {
  return value_or_throw(MessageTemplate::compile(settings.at(key).get_ref<const std::string&>(), names), key);
}

picket_name required_name(Names& names, std::string_view text) {
  const picket_name name = names.intern(text);
  if (name == 0) throw std::runtime_error("no room for the name '" + std::string(text) + "'");
  return name;
}

const std::string* SettingsCheck::text(const char* key) const {
  const auto found = settings_.find(key);
  return found == settings_.end() || !found->is_string() ? nullptr : found->get_ptr<const std::string*>();
}

void SettingsCheck::add(std::string pointer, std::string message, std::size_t offset) {
  problems_.push_back({std::move(pointer), offset, std::move(message)});
}

void SettingsCheck::filter(const char* key) {
  const std::string* const written = text(key);
  if (written == nullptr) return;
  const auto compiled = Filter::compile(*written, names_);
  if (!compiled) add("/" + std::string(key), compiled.error().message, compiled.error().offset);
}

void SettingsCheck::number(const char* key) {
  const std::string* const written = text(key);
  if (written == nullptr) return;
  const auto compiled = Expression::compile(*written, names_);
  if (!compiled)
    add("/" + std::string(key), compiled.error().message, compiled.error().offset);
  else if (!compiled.value().may_be(ValueType::integer) && !compiled.value().may_be(ValueType::real))
    add("/" + std::string(key), "this is never a number");
}

void SettingsCheck::message(const char* key) {
  const std::string* const written = text(key);
  if (written == nullptr) return;
  const auto compiled = MessageTemplate::compile(*written, names_);
  if (!compiled) add("/" + std::string(key), compiled.error().message, compiled.error().offset);
}

void SettingsCheck::by() {
  const auto found = settings_.find("by");
  if (found == settings_.end() || !found->is_array()) return;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const auto checked = Grouping::check_element((*found)[i].get_ref<const std::string&>(), names_);
    if (!checked) add("/by/" + std::to_string(i), checked.error().message, checked.error().offset);
  }
}

}  // namespace picket::routing
