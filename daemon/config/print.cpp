// SPDX-License-Identifier: Apache-2.0
#include "config/print.hpp"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>
#include <yaml-cpp/null.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "config/scalar.hpp"
#include "config/units.hpp"

namespace picket::config {
namespace {

// Keeps the order in which people write things; settings are sorted by key already.
using nlohmann::ordered_json;

constexpr const char* kHidden = "(secret)";

const char* name_of(OnFull on_full) {
  switch (on_full) {
    case OnFull::drop_newest:
      return "drop_newest";
    case OnFull::drop_oldest:
      return "drop_oldest";
    case OnFull::block:
      break;
  }
  return "block";
}

ordered_json settings_of(const Instance& instance) {
  ordered_json settings = ordered_json::parse(instance.settings);
  for (const auto& [pointer, meaning] : instance.meanings) {
    const ordered_json::json_pointer at(pointer);
    if (!settings.contains(at)) continue;
    ordered_json& value = settings[at];
    if (meaning == Meaning::secret) {
      value = kHidden;
    } else if (value.is_number_integer()) {
      const auto number = value.get<std::int64_t>();
      const bool duration = meaning == Meaning::duration;
      value = number < 0 ? "forever" : duration ? format_duration(number) : format_bytes(number);
    }
  }
  return settings;
}

ordered_json daemon_of(const DaemonSettings& daemon) {
  ordered_json value;
  value["log"]["level"] = daemon.log_level;
  value["log"]["format"] = daemon.log_format == LogFormat::json ? "json" : "text";
  value["state_dir"] = daemon.state_dir;
  if (!daemon.plugin_dirs.empty()) value["plugin_dirs"] = daemon.plugin_dirs;
  if (!daemon.secrets_dir.empty()) value["secrets_dir"] = daemon.secrets_dir;
  value["stop_timeout"] = format_duration(daemon.stop_timeout_ns);
  value["metrics"]["interval"] = format_duration(daemon.metrics_interval_ns);
  value["threads"] = daemon.threads;
  return value;
}

ordered_json route_of(const Route& route) {
  ordered_json value;
  for (const SourceRef& source : route.from) {
    value["from"].push_back(source.port.empty() ? source.instance : source.instance + "." + source.port);
  }
  if (!route.filter.empty()) value["where"] = route.filter;
  for (const Destination& to : route.to) {
    ordered_json entry;
    entry["instance"] = to.instance;
    entry["queue"]["events"] = to.queue.events;
    entry["queue"]["bytes"] = format_bytes(static_cast<std::int64_t>(to.queue.bytes));
    entry["on_full"] = name_of(to.queue.on_full);
    value["to"].push_back(std::move(entry));
  }
  return value;
}

ordered_json tree_of(const Model& model) {
  ordered_json tree;
  tree["daemon"] = daemon_of(model.daemon);
  tree["instances"] = ordered_json::object();
  for (const auto& [name, instance] : model.instances) {
    ordered_json entry;
    entry["type"] = instance.type;
    entry.update(settings_of(instance));
    tree["instances"][name] = std::move(entry);
  }
  tree["routes"] = ordered_json::object();
  for (const auto& [name, route] : model.routes) tree["routes"][name] = route_of(route);
  return tree;
}

// `${` would be substituted when the text is read again.
std::string escaped(std::string text) {
  for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3) text.insert(at, "$");
  return text;
}

void emit(YAML::Emitter& out, const ordered_json& value) {
  if (value.is_object()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, child] : value.items()) {
      out << YAML::Key << key << YAML::Value;
      emit(out, child);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    if (value.empty()) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const ordered_json& child : value) emit(out, child);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    // Whatever a reader would take for a number, a boolean or nothing needs its quotes.
    const std::string text = escaped(value.get<std::string>());
    const bool plain = std::holds_alternative<std::string_view>(type_plain(text));
    out << (plain ? YAML::Auto : YAML::DoubleQuoted) << text;
  } else if (value.is_null()) {
    out << YAML::Null;
  } else {
    out << value.dump();
  }
}

}  // namespace

std::string print_yaml(const Model& model) {
  YAML::Emitter out;
  emit(out, tree_of(model));
  return std::string(out.c_str()) + "\n";
}

std::string print_json(const Model& model) {
  return tree_of(model).dump(2) + "\n";
}

std::string redacted_settings(const Instance& instance) {
  return settings_of(instance).dump();
}

}  // namespace picket::config
