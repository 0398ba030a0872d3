// SPDX-License-Identifier: Apache-2.0
//
// Canonical JSON into Settings; see settings.hpp. The daemon has already checked the schema, so what is found wrong
// here is mostly what a schema cannot say; but a host that checks nothing still gets a clear error and no surprise.
#include "settings.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "file_settings.hpp"
#include "hwmon.hpp"
#include "load.hpp"
#include "network.hpp"
#include "pressure.hpp"
#include "process_settings.hpp"
#include "setting_reader.hpp"

namespace picket::perf_collector {

namespace {

using nlohmann::json;

using Texts = std::vector<std::string>;

CpuSettings parse_cpu(const json& group, const std::string& where) {
  check_keys(group, where, {"per_core", "include", "exclude"});
  CpuSettings settings{get_bool(group, "per_core", where, false), get_choice(group, where)};
  if (!settings.per_core && !(settings.cores == Choice{})) {
    fail(where, "include and exclude choose single CPUs: set per_core: true as well");
  }
  return settings;
}

NoSettings parse_nothing(const json& group, const std::string& where) {
  check_keys(group, where, {});
  return {};
}

Choice parse_choice(const json& group, const std::string& where) {
  check_keys(group, where, {"include", "exclude"});
  return get_choice(group, where);
}

Choice parse_network(const json& group, const std::string& where) {
  check_keys(group, where, {"include", "exclude"});
  return get_choice(group, where, Texts(std::begin(kInterfacesExcluded), std::end(kInterfacesExcluded)));
}

DisksSettings parse_disks(const json& group, const std::string& where) {
  check_keys(group, where, {"include", "exclude", "partitions"});
  return {get_choice(group, where, Texts(std::begin(kDisksExcluded), std::end(kDisksExcluded))),
          get_bool(group, "partitions", where, false)};
}

FilesystemsSettings parse_filesystems(const json& group, const std::string& where) {
  check_keys(group, where, {"include", "exclude", "types"});
  const json types = group.value("types", json::object());
  check_keys(types, where + ".types", {"include", "exclude"});
  return {get_choice(group, where, Texts(std::begin(kMountPointsExcluded), std::end(kMountPointsExcluded))),
          get_choice(types, where + ".types", default_excluded_types())};
}

// One group, if it is on: by name, or by default. `usual_ns`: its period by default, or the next multiple of the
// interval.
template <typename Own>
std::optional<GroupSettings<Own>> parse_group(const json& groups, const char* name, std::int64_t interval_ns,
                                              Own (*parse_own)(const json&, const std::string&),
                                              std::int64_t usual_ns = 0) {
  const auto found = groups.find(name);
  if (found == groups.end()) return std::nullopt;
  const std::string where = std::string("groups.") + name;
  if (!found->is_object()) fail(where, "must be an object");
  // Every group has these two; the rest is its own.
  const json metrics = found->value("metrics", json::object());
  json rest = *found;
  rest.erase("every");
  rest.erase("metrics");
  Own own = parse_own(rest, where);
  check_keys(metrics, where + ".metrics", {"include", "exclude"});
  const std::int64_t periods = std::max<std::int64_t>(1, (usual_ns + interval_ns - 1) / interval_ns);
  const std::int64_t every = get_duration(*found, "every", where, periods * interval_ns);
  if (every % interval_ns != 0) {
    fail(where + ".every",
         "must be a multiple of interval, so that values of one time arrive together; "
         "set interval to the shortest period that all groups share");
  }
  return GroupSettings<Own>{every, std::move(own), get_choice(metrics, where + ".metrics"), false};
}

json default_groups() {
  json groups;
  for (const char* name : {"cpu", "memory", "paging", "disks", "filesystems", "network", "kernel", "processes"}) {
    groups[name] = json::object();
  }
  groups["processes"]["top"] = kUsualTop;
  if (has_load()) groups["load"] = json::object();
  if (has_pressure()) groups["pressure"] = json::object();
  if (has_hwmon()) groups["hwmon"] = json::object();
  return groups;
}

Settings parse(const json& root) {
  check_keys(root, "settings", {"interval", "groups"});
  Settings settings;
  settings.interval_ns = get_duration(root, "interval", "settings", kDefaultInterval);
  json groups = root.value("groups", json());
  const bool asked = !groups.is_null();
  if (!asked) groups = default_groups();
  check_keys(groups, "groups",
             {"cpu", "load", "memory", "paging", "disks", "filesystems", "network", "pressure", "kernel", "hwmon",
              "processes", "cgroups", "files"});
  settings.cpu = parse_group(groups, "cpu", settings.interval_ns, parse_cpu);
  settings.load = parse_group(groups, "load", settings.interval_ns, parse_nothing);
  settings.memory = parse_group(groups, "memory", settings.interval_ns, parse_nothing);
  settings.paging = parse_group(groups, "paging", settings.interval_ns, parse_choice);
  settings.disks = parse_group(groups, "disks", settings.interval_ns, parse_disks);
  settings.filesystems = parse_group(groups, "filesystems", settings.interval_ns, parse_filesystems, kFilesystemsEvery);
  settings.network = parse_group(groups, "network", settings.interval_ns, parse_network);
  settings.pressure = parse_group(groups, "pressure", settings.interval_ns, parse_choice);
  settings.kernel = parse_group(groups, "kernel", settings.interval_ns, parse_nothing);
  settings.hwmon = parse_group(groups, "hwmon", settings.interval_ns, parse_choice, kHwmonEvery);
  settings.processes = parse_group(groups, "processes", settings.interval_ns, parse_processes);
  settings.cgroups = parse_group(groups, "cgroups", settings.interval_ns, parse_cgroups);
  if (const auto found = groups.find("files"); found != groups.end()) {
    settings.files = {settings.interval_ns, parse_files(*found, "groups.files", settings.interval_ns), {}, true};
  }
  if (settings.pressure) settings.pressure->asked = asked;
  if (settings.hwmon) settings.hwmon->asked = asked;
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
