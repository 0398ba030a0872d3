// SPDX-License-Identifier: Apache-2.0
#include "config/model_diff.hpp"

#include <algorithm>

namespace picket::config {
namespace {

bool same(const Instance& a, const Instance& b) {
  return a.type == b.type && a.settings == b.settings;
}

bool same(const Route& a, const Route& b) {
  return same_meaning(a, b);
}

template <typename Map>
Changes compare(const Map& before, const Map& after) {
  Changes changes;
  for (const auto& [name, old] : before) {
    const auto found = after.find(name);
    if (found == after.end()) {
      changes.removed.push_back(name);
    } else if (!same(old, found->second)) {
      changes.changed.push_back(name);
    }
  }
  for (const auto& [name, fresh] : after) {
    if (!before.contains(name)) changes.added.push_back(name);
  }
  return changes;
}

std::vector<std::string> compare(const DaemonSettings& a, const DaemonSettings& b) {
  std::vector<std::string> names;
  const auto check = [&](const char* name, bool equal) {
    if (!equal) names.emplace_back(name);
  };
  check("dead_letters", a.dead_letters == b.dead_letters && a.dead_letters_bytes == b.dead_letters_bytes);
  check("log.format", a.log_format == b.log_format);
  check("log.level", a.log_level == b.log_level);
  check("metrics.interval", a.metrics_interval_ns == b.metrics_interval_ns);
  check("plugin_dirs", a.plugin_dirs == b.plugin_dirs);
  check("recorder.keep", a.recorder_keep == b.recorder_keep);
  check("recorder.size", a.recorder_bytes == b.recorder_bytes);
  check("reload.health_deadline", a.reload_health_deadline_ns == b.reload_health_deadline_ns);
  check("secrets_dir", a.secrets_dir == b.secrets_dir);
  check("state_dir", a.state_dir == b.state_dir);
  check("stop_timeout", a.stop_timeout_ns == b.stop_timeout_ns);
  check("threads", a.threads == b.threads);
  check("watch_config", a.watch_config == b.watch_config);
  check("watch_delay", a.watch_delay_ns == b.watch_delay_ns);
  return names;
}

}  // namespace

bool same_meaning(const Route& a, const Route& b) {
  const auto from = [](const SourceRef& x, const SourceRef& y) { return x.instance == y.instance && x.port == y.port; };
  const auto to = [](const Destination& x, const Destination& y) {
    return x.instance == y.instance && x.queue == y.queue && x.call == y.call;
  };
  const auto step = [](const Step& x, const Step& y) { return x.type == y.type && x.settings == y.settings; };
  return a.filter == b.filter && std::equal(a.from.begin(), a.from.end(), b.from.begin(), b.from.end(), from) &&
         std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(), step) &&
         (a.steps.empty() || a.queue == b.queue) && std::equal(a.to.begin(), a.to.end(), b.to.begin(), b.to.end(), to);
}

ModelDiff diff(const Model& before, const Model& after) {
  ModelDiff all;
  all.instances = compare(before.instances, after.instances);
  for (const std::string& name : all.instances.changed) {
    if (before.instances.at(name).type != after.instances.at(name).type) all.replaced.push_back(name);
  }
  all.routes = compare(before.routes, after.routes);
  all.daemon = compare(before.daemon, after.daemon);
  return all;
}

}  // namespace picket::config
