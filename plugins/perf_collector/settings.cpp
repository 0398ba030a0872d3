// SPDX-License-Identifier: Apache-2.0
//
// Canonical JSON into Settings; see settings.hpp. The daemon has already checked the schema, so what is found wrong
// here is mostly what a schema cannot say; but a host that checks nothing still gets a clear error and no surprise.
#include "settings.hpp"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>

#include "load.hpp"

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

CpuSettings parse_cpu(const json& group, const std::string& where) {
  check_keys(group, where, {"every", "per_core"});
  return {get_bool(group, "per_core", where, false)};
}

NoSettings parse_nothing(const json& group, const std::string& where) {
  check_keys(group, where, {"every"});
  return {};
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
  check_keys(group, where, {"every", "match", "sum", "top", "by"});
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
  check_keys(groups, "groups", {"cpu", "load", "memory", "processes"});
  settings.cpu = parse_group(groups, "cpu", settings.interval_ns, parse_cpu);
  settings.load = parse_group(groups, "load", settings.interval_ns, parse_nothing);
  settings.memory = parse_group(groups, "memory", settings.interval_ns, parse_nothing);
  settings.processes = parse_group(groups, "processes", settings.interval_ns, parse_processes);
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
