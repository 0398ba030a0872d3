// SPDX-License-Identifier: Apache-2.0
//
// check_daemon().
#include <array>
#include <utility>

#include "config/daemon_schema.hpp"
#include "config/sections.hpp"
#include "config/settings.hpp"

namespace picket::config {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLeastRecorder = 64U << 10U;  // bytes

std::string absolute_path(const fs::path& path) {
  std::error_code error;
  const fs::path full = fs::absolute(path, error);
  return path_to_utf8((error ? path : full).lexically_normal());
}

std::vector<std::string> split(std::string_view list, char separator) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::string_view part = list.substr(0, list.find(separator));
    if (!part.empty()) parts.emplace_back(part);
    list.remove_prefix(std::min(part.size() + 1, list.size()));
  }
  return parts;
}

std::string default_state_dir(const LoadInput& input) {
  // systemd gives one directory for each name in StateDirectory=, in order.
  if (const auto given = input.environment("STATE_DIRECTORY")) {
    const auto all = split(*given, kPathListSeparator);
    if (!all.empty()) return absolute_path(path_from_utf8(all.front()));
  }
  return absolute_path(input.defaults.state_dir);
}

std::vector<std::string> default_plugin_dirs(const LoadInput& input) {
  std::vector<std::string> directories;
  if (const auto given = input.environment("PICKET_PLUGIN_PATH")) {
    for (const std::string& part : split(*given, kPathListSeparator))
      directories.push_back(absolute_path(path_from_utf8(part)));
  }
  if (!directories.empty()) return directories;
  for (const fs::path& path : input.defaults.plugin_dirs) directories.push_back(absolute_path(path));
  return directories;
}

// plugin_dirs of a section in which something is wrong; nothing when it is not there or is wrong itself. What is wrong
// has been reported already.
std::optional<std::vector<std::string>> plugin_dirs_alone(Node section, PreparedSchema& schema) {
  std::erase_if(section.entries, [](const Entry& entry) { return entry.key != "plugin_dirs"; });
  if (section.entries.empty()) return std::nullopt;
  Diagnostics known;
  const Settings settings = check_settings(section, section.where, schema, {}, known);
  if (!settings.sound || known.has_errors()) return std::nullopt;
  return settings.value["plugin_dirs"].get<std::vector<std::string>>();
}

}  // namespace

void refuse_secrets(const Node& node, const std::string& section, Diagnostics& diagnostics) {
  if (node.tag == "!secret") {
    report(diagnostics, Severity::error, node.where,
           "`!secret` can be used in instances only, not in `" + section + "`");
  }
  for (const Node& item : node.items) refuse_secrets(item, section, diagnostics);
  for (const Entry& entry : node.entries) refuse_secrets(entry.value, section, diagnostics);
}

DaemonSettings check_daemon(const Entry* section, const LoadInput& input, Diagnostics& diagnostics) {
  Node nothing;
  nothing.kind = Node::Kind::mapping;
  const Node& node = section == nullptr ? nothing : section->value;
  const std::size_t before = diagnostics.errors();
  refuse_secrets(node, "daemon", diagnostics);
  PreparedSchema schema = PreparedSchema::make(daemon_schema()).value();
  const Settings settings =
      check_settings(node, section == nullptr ? Place{} : section->where, schema, {}, diagnostics);
  DaemonSettings daemon;
  daemon.state_dir = default_state_dir(input);
  daemon.plugin_dirs = default_plugin_dirs(input);
  if (!input.defaults.secrets_dir.empty()) daemon.secrets_dir = absolute_path(input.defaults.secrets_dir);
  if (!settings.sound || diagnostics.errors() != before) {
    if (auto given = plugin_dirs_alone(node, schema)) daemon.plugin_dirs = std::move(*given);
    return daemon;
  }
  const nlohmann::json& value = settings.value;
  daemon.log_level = value["log"]["level"];
  daemon.log_format = value["log"]["format"] == "json" ? LogFormat::json : LogFormat::text;
  if (value.contains("state_dir")) daemon.state_dir = value["state_dir"];
  if (value.contains("plugin_dirs")) daemon.plugin_dirs = value["plugin_dirs"].get<std::vector<std::string>>();
  if (value.contains("secrets_dir")) daemon.secrets_dir = value["secrets_dir"];
  daemon.stop_timeout_ns = value["stop_timeout"];
  daemon.metrics_interval_ns = value["metrics"]["interval"];
  daemon.os_log_enabled = value["os_log"]["enabled"];
  daemon.os_log_journal = value["os_log"]["journal"];
  daemon.os_log_syslog = value["os_log"]["syslog"];
  daemon.threads = value["threads"];
  daemon.recorder_bytes = value["recorder"]["size"];
  daemon.recorder_keep = value["recorder"]["keep"];
  if (daemon.recorder_bytes != 0 && daemon.recorder_bytes < kLeastRecorder) {
    report(diagnostics, Severity::error, node.find("recorder")->find("size")->where,
           "`size` of the recorder must be 0, which turns it off, or at least 64KiB");
  }
  daemon.dead_letters = value["dead_letters"]["enabled"];
  daemon.dead_letters_bytes = value["dead_letters"]["max_size"];
  daemon.reload_health_deadline_ns = value["reload"]["health_deadline"];
  daemon.watch_config = value["watch_config"];
  daemon.watch_delay_ns = value["watch_delay"];
  return daemon;
}

}  // namespace picket::config
