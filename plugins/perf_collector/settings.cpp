// SPDX-License-Identifier: Apache-2.0
//
// Canonical JSON into Settings; see settings.hpp. The daemon has already checked the schema, so what is found wrong
// here is mostly what a schema cannot say; but a host that checks nothing still gets a clear error and no surprise.
#include "settings.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "hwmon.hpp"
#include "load.hpp"
#include "network.hpp"
#include "pressure.hpp"

namespace picket::perf_collector {

namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw std::invalid_argument(where + ": " + what);
}

void check_keys(const json& object, const std::string& where, std::initializer_list<const char*> known) {
  if (!object.is_object()) fail(where, "must be an object");
  for (const auto& [key, value] : object.items()) {
    bool found = false;
    for (const char* name : known) found = found || key == name;
    if (!found) fail(where, "there is no setting \"" + key + "\"");
  }
}

std::int64_t get_duration(const json& object, const char* key, const std::string& where, std::int64_t otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_number_integer()) fail(where + "." + key, "must be a duration, such as 5s");
  const auto value = found->get<std::int64_t>();
  if (value < kShortestInterval || value > kLongestInterval) fail(where + "." + key, "must be between 100ms and 1d");
  return value;
}

std::string get_text(const json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
    fail(where + "." + key, "must be a text that is not empty");
  }
  return found->get<std::string>();
}

bool get_bool(const json& object, const char* key, const std::string& where, bool otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_boolean()) fail(where + "." + key, "must be true or false");
  return found->get<bool>();
}

using Texts = std::vector<std::string>;

Texts get_globs(const json& object, const char* key, const std::string& where, Texts otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  const std::string here = where + "." + key;
  if (!found->is_array() || found->size() > kMostGlobs) fail(here, "must be a list of at most 64 globs");
  Texts globs;
  for (const json& glob : *found) {
    if (!glob.is_string() || glob.get_ref<const std::string&>().empty()) {
      fail(here + "[" + std::to_string(globs.size()) + "]", "must be a text that is not empty");
    }
    globs.push_back(glob.get<std::string>());
  }
  return globs;
}

Choice get_choice(const json& object, const std::string& where, Texts exclude_by_default = {}) {
  return {get_globs(object, "include", where, {}), get_globs(object, "exclude", where, std::move(exclude_by_default))};
}

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

MatchSettings parse_match(const json& entry, const std::string& where) {
  check_keys(entry, where, {"name", "executable", "command", "user", "pid_file"});
  MatchSettings match{get_text(entry, "name", where), get_text(entry, "executable", where),
                      get_text(entry, "command", where), get_text(entry, "user", where),
                      get_text(entry, "pid_file", where)};
  if (match.name.empty()) fail(where, "needs a name");
  if (match.name.size() > 255) fail(where + ".name", "is longer than 255 bytes");
  if (match.executable.empty() && match.command.empty() && match.user.empty() && match.pid_file.empty()) {
    fail(where, "\"" + match.name + "\" would match every process: give executable, command, user or pid_file");
  }
  return match;
}

bool parse_sum(const json& group, const std::string& where) {
  const auto found = group.find("sum");
  if (found == group.end() || (found->is_boolean() && found->get<bool>())) return false;
  if (found->is_string() && found->get_ref<const std::string&>() == "each") return true;
  fail(where + ".sum", "must be true or each");
}

TopBy parse_by(const json& group, const std::string& where) {
  const std::string by = get_text(group, "by", where);
  if (by == "memory") return TopBy::memory;
  if (!by.empty() && by != "cpu") fail(where + ".by", "must be cpu or memory");
  return TopBy::cpu;
}

std::size_t parse_top(const json& group, const std::string& where) {
  const auto found = group.find("top");
  if (found == group.end()) return 0;
  if (!found->is_number_integer() || found->get<std::int64_t>() < 0 ||
      found->get<std::int64_t>() > static_cast<std::int64_t>(kMostTop)) {
    fail(where + ".top", "must be between 0 and 1000");
  }
  return found->get<std::size_t>();
}

ProcessesSettings parse_processes(const json& group, const std::string& where) {
  check_keys(group, where, {"match", "sum", "top", "by"});
  ProcessesSettings settings;
  settings.each = parse_sum(group, where);
  settings.top = parse_top(group, where);
  settings.by = parse_by(group, where);
  const auto found = group.find("match");
  if (found == group.end()) return settings;
  if (!found->is_array() || found->size() > kMostMatches)
    fail(where + ".match", "must be a list of at most 64 entries");
  std::set<std::string> names;
  for (const json& entry : *found) {
    const std::string here = where + ".match[" + std::to_string(settings.match.size()) + "]";
    settings.match.push_back(parse_match(entry, here));
    if (!names.insert(settings.match.back().name).second) {
      fail(here + ".name", "\"" + settings.match.back().name + "\" is used twice");
    }
  }
  return settings;
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
              "processes"});
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
