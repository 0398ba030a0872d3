// SPDX-License-Identifier: Apache-2.0
#include "analysis/step_summary.hpp"

#include <nlohmann/json.hpp>

#include "config/fresh_queue.hpp"
#include "config/print.hpp"
#include "config/units.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::analysis {
namespace {

using nlohmann::ordered_json;

std::string flow_text(const ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) {
    std::string text;
    for (const auto& [key, child] : value.items()) text += (text.empty() ? "" : ", ") + key + ": " + flow_text(child);
    return "{" + text + "}";
  }
  if (value.is_array()) {
    std::string text;
    for (const ordered_json& child : value) text += (text.empty() ? "" : ", ") + flow_text(child);
    return "[" + text + "]";
  }
  return value.dump();
}

// Whether `value`, with units as people write them, is what holds when nothing is said.
bool is_default(const ordered_json& value, const ordered_json& schema) {
  const auto preset = schema.find("default");
  if (preset == schema.end()) return false;
  if (*preset == value) return true;
  if (value.is_string() && preset->is_string()) {  // 60s and 1m
    const auto a = config::parse_duration(value.get<std::string>());
    const auto b = config::parse_duration(preset->get<std::string>());
    return a && b && *a == *b;
  }
  if (!value.is_object() || !preset->is_object()) return false;
  const auto properties = schema.find("properties");  // an object whose members are all defaults
  if (properties == schema.end()) return false;
  for (const auto& [key, child] : value.items()) {
    if (!properties->contains(key) || !is_default(child, (*properties)[key])) return false;
  }
  return true;
}

}  // namespace

std::string summary_of(const config::Step& step) {
  const ordered_json settings = ordered_json::parse(config::readable_settings(step));
  const routing::StepType* const type = routing::find_step_type(step.type);
  const ordered_json schema = type == nullptr ? ordered_json() : ordered_json::parse(type->schema);
  std::string text;
  const auto add = [&](const std::string& key, const ordered_json& value) {
    text += (text.empty() ? " " : ", ") + key + ": " + flow_text(value);
  };
  const auto properties = schema.find("properties");
  if (properties == schema.end()) {
    for (const auto& [key, value] : settings.items()) add(key, value);
    return step.type + text;
  }
  for (const auto& [key, description] : properties->items()) {
    const auto value = settings.find(key);
    if (value != settings.end() && !is_default(*value, description)) add(key, *value);
  }
  return step.type + text;
}

std::string summary_of(const config::QueueSettings& queue) {
  std::string text = config::on_full_name(queue.on_full);
  if (queue.durable) text = "durable, " + text;
  text +=
      ", " + std::to_string(queue.events) + " events, " + config::format_bytes(static_cast<std::int64_t>(queue.bytes));
  if (queue.spools()) {
    text += ", spool " + config::format_bytes(static_cast<std::int64_t>(queue.spool)) + " (then " +
            config::on_full_name(queue.when_full()) + ")";
  }
  return text;
}

std::string unusual_of(const config::Destination& destination) {
  const config::QueueSettings& queue = destination.queue;
  config::QueueSettings preset;
  preset.bytes = config::default_queue_bytes(queue);
  if (destination.call) {
    const config::CommandCall& call = *destination.call;
    return "at most " + std::to_string(call.limit_count) + " in " + config::format_duration(call.limit_per_ns);
  }
  if (queue == preset) return {};
  std::string text;
  const auto add = [&](const std::string& words) { text += (text.empty() ? "" : ", ") + words; };
  if (queue.durable) add("durable");
  if (queue.on_full != preset.on_full) add(config::on_full_name(queue.on_full));
  if (queue.events != preset.events) add(std::to_string(queue.events) + " events");
  if (queue.bytes != preset.bytes) add(config::format_bytes(static_cast<std::int64_t>(queue.bytes)));
  if (queue.spools()) add("spool " + config::format_bytes(static_cast<std::int64_t>(queue.spool)));
  return text;
}

std::string arguments_of(const config::CommandCall& call) {
  const ordered_json arguments = ordered_json::parse(call.args);
  std::string text;
  for (const auto& [key, value] : arguments.items()) {
    text += (text.empty() ? "" : ", ") + key + ": " + flow_text(value);
  }
  return text;
}

}  // namespace picket::analysis
