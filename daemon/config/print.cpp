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

const char* on_full_name(OnFull on_full) {
  switch (on_full) {
    case OnFull::drop_newest:
      return "drop_newest";
    case OnFull::drop_oldest:
      return "drop_oldest";
    case OnFull::spill:
      return "spill";
    case OnFull::block:
      break;
  }
  return "block";
}

namespace {

// Keeps the order in which people write things; settings are sorted by key already.
using nlohmann::ordered_json;

constexpr const char* kHidden = "(secret)";

// Of an instance or a step.
template <typename Configured>
ordered_json settings_of(const Configured& configured) {
  ordered_json settings = ordered_json::parse(configured.settings);
  for (const auto& [pointer, meaning] : configured.meanings) {
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
  value["recorder"]["size"] = format_bytes(static_cast<std::int64_t>(daemon.recorder_bytes));
  value["recorder"]["keep"] = daemon.recorder_keep;
  value["dead_letters"]["enabled"] = daemon.dead_letters;
  value["dead_letters"]["max_size"] = format_bytes(static_cast<std::int64_t>(daemon.dead_letters_bytes));
  value["reload"]["health_deadline"] = format_duration(daemon.reload_health_deadline_ns);
  value["watch_config"] = daemon.watch_config;
  value["watch_delay"] = format_duration(daemon.watch_delay_ns);
  return value;
}

void add_call(ordered_json& entry, const CommandCall& call) {
  entry["command"] = call.command;
  entry["args"] = ordered_json::parse(call.args);
  entry["limit"]["count"] = call.limit_count;
  entry["limit"]["per"] = format_duration(call.limit_per_ns);
  entry["timeout"] = format_duration(call.timeout_ns);
  entry["retry_for"] = format_duration(call.retry_for_ns);
  entry["parallel"] = call.parallel;
}

ordered_json route_of(const Route& route) {
  ordered_json value;
  for (const SourceRef& source : route.from) {
    value["from"].push_back(source.port.empty() ? source.instance : source.instance + "." + source.port);
  }
  if (!route.filter.empty()) value["where"] = route.filter;
  const auto add_queue = [](ordered_json& entry, const QueueSettings& queue) {
    entry["queue"]["events"] = queue.events;
    entry["queue"]["bytes"] = format_bytes(static_cast<std::int64_t>(queue.bytes));
    entry["on_full"] = on_full_name(queue.on_full);
    if (!queue.spools()) return;
    entry["queue"]["spool"] = format_bytes(static_cast<std::int64_t>(queue.spool));
    entry["on_spool_full"] = on_full_name(queue.when_full());
    entry["durable"] = queue.durable;
  };
  for (const Step& step : route.steps) value["steps"].push_back({{step.type, settings_of(step)}});
  if (!route.steps.empty()) add_queue(value, route.queue);
  for (const Destination& to : route.to) {
    ordered_json entry;
    entry["instance"] = to.instance;
    if (to.call) add_call(entry, *to.call);
    add_queue(entry, to.queue);
    value["to"].push_back(std::move(entry));
  }
  return value;
}

ordered_json test_of(const Test& test) {
  ordered_json value = ordered_json::parse(test.settings);
  for (const std::string& pointer : test.durations) {
    const ordered_json::json_pointer at(pointer);
    if (value.contains(at) && value[at].is_number_integer()) value[at] = format_duration(value[at]);
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
  for (const Test& test : model.tests) tree["tests"].push_back(test_of(test));
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

std::string print_running(const Model& model) {
  ordered_json tree = tree_of(model);
  tree.erase("tests");
  return tree.dump(2) + "\n";
}

std::string redacted_settings(const Instance& instance) {
  return settings_of(instance).dump();
}

std::string readable_settings(const Step& step) {
  return settings_of(step).dump();
}

}  // namespace picket::config
