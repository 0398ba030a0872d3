// SPDX-License-Identifier: Apache-2.0
//
// Canonical JSON into Settings; see settings.hpp. The daemon has already checked the schema, so what is found wrong
// here is mostly what a schema cannot say; but a host that checks nothing still gets a clear error and no surprise.
#include "settings.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "file_settings.hpp"
#include "load.hpp"
#include "process_settings.hpp"
#include "setting_reader.hpp"

namespace picket::perf_collector {

namespace {

using nlohmann::json;

CpuSettings parse_cpu(const json& group, const std::string& where) {
  check_keys(group, where, {"every", "per_core"});
  return {get_bool(group, "per_core", where, false)};
}

NoSettings parse_nothing(const json& group, const std::string& where) {
  check_keys(group, where, {"every"});
  return {};
}

// One group, if it is on: by name, or by default.
template <typename Own>
std::optional<GroupSettings<Own>> parse_group(const json& groups, const char* name, std::int64_t interval_ns,
                                              Own (*parse_own)(const json&, const std::string&)) {
  const auto found = groups.find(name);
  if (found == groups.end()) return std::nullopt;
  const std::string where = std::string("groups.") + name;
  Own own = parse_own(*found, where);
  const std::int64_t every = get_duration(*found, "every", where, interval_ns);
  if (every % interval_ns != 0) {
    fail(where + ".every",
         "must be a multiple of interval, so that values of one time arrive together; "
         "set interval to the shortest period that all groups share");
  }
  return GroupSettings<Own>{every, std::move(own)};
}

Settings parse(const json& root) {
  check_keys(root, "settings", {"interval", "groups"});
  Settings settings;
  settings.interval_ns = get_duration(root, "interval", "settings", kDefaultInterval);
  json groups = root.value("groups", json());
  if (groups.is_null()) {
    groups = {{"cpu", json::object()}, {"memory", json::object()}, {"processes", json::object()}};
    if (has_load()) groups["load"] = json::object();
  }
  check_keys(groups, "groups", {"cpu", "load", "memory", "processes", "cgroups", "files"});
  settings.cpu = parse_group(groups, "cpu", settings.interval_ns, parse_cpu);
  settings.load = parse_group(groups, "load", settings.interval_ns, parse_nothing);
  settings.memory = parse_group(groups, "memory", settings.interval_ns, parse_nothing);
  settings.processes = parse_group(groups, "processes", settings.interval_ns, parse_processes);
  settings.cgroups = parse_group(groups, "cgroups", settings.interval_ns, parse_cgroups);
  if (const auto found = groups.find("files"); found != groups.end()) {
    settings.files = {settings.interval_ns, parse_files(*found, "groups.files", settings.interval_ns)};
  }
  return settings;
}

}  // namespace

Result<Settings> parse_settings(std::string_view text) {
  try {
    return parse(json::parse(text));
  } catch (const std::exception& problem) {
    return Error{problem.what(), PICKET_INVALID};
  }
}

}  // namespace picket::perf_collector
