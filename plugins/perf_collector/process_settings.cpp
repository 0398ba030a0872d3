// SPDX-License-Identifier: Apache-2.0
//
// See process_settings.hpp.
#include "process_settings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "setting_reader.hpp"
#include "settings.hpp"

namespace picket::perf_collector {

namespace {

using nlohmann::json;

// `sum: true` (one series) or `sum: each`.
bool parse_each(const json& object, const std::string& where, bool otherwise) {
  const auto found = object.find("sum");
  if (found == object.end()) return otherwise;
  if (found->is_boolean() && found->get<bool>()) return false;
  if (found->is_string() && found->get_ref<const std::string&>() == "each") return true;
  fail(where + ".sum", "must be true or each");
}

DetailSet parse_details(const json& object, const char* key, const std::string& where, DetailSet otherwise) {
  if (!object.contains(key)) return otherwise;
  DetailSet set = 0;
  for (const std::string& name : get_texts(object, key, where, kProcessDetails)) {
    const auto* const found = std::find(kDetailNames.begin(), kDetailNames.end(), name);
    if (found == kDetailNames.end()) {
      std::string known;
      for (const std::string_view each : kDetailNames) known += (known.empty() ? "" : ", ") + std::string(each);
      fail(where + "." + key, "there is no detail \"" + name + "\"; there are: " + known);
    }
    set |= detail_bit(static_cast<ProcessDetail>(found - kDetailNames.begin()));
  }
  return set;
}

MatchSettings parse_match(const json& entry, const std::string& where, bool each, DetailSet details) {
  check_keys(entry, where, {"name", "executable", "command", "user", "pid_file", "cgroup", "unit", "sum", "detail"});
  MatchSettings match{get_text(entry, "name", where),
                      get_text(entry, "executable", where),
                      get_text(entry, "command", where),
                      get_text(entry, "user", where),
                      get_text(entry, "pid_file", where),
                      get_text(entry, "cgroup", where),
                      get_text(entry, "unit", where),
                      parse_each(entry, where, each),
                      parse_details(entry, "detail", where, details)};
  if (match.name.empty()) fail(where, "needs a name");
  if (match.name.size() > 255) fail(where + ".name", "is longer than 255 bytes");
  if (match.executable.empty() && match.command.empty() && match.user.empty() && match.pid_file.empty() &&
      match.cgroup.empty() && match.unit.empty()) {
    fail(where,
         "\"" + match.name + "\" would match every process: give executable, command, user, pid_file, cgroup or unit");
  }
  return match;
}

TopBy parse_by(const json& group, const std::string& where) {
  const std::string by = get_text(group, "by", where);
  if (by == "memory") return TopBy::memory;
  if (by == "io") return TopBy::io;
  if (!by.empty() && by != "cpu") fail(where + ".by", "must be cpu, memory or io");
  return TopBy::cpu;
}

}  // namespace

ProcessesSettings parse_processes(const json& group, const std::string& where) {
  check_keys(group, where, {"match", "sum", "detail", "top", "by", "top_detail", "budget"});
  ProcessesSettings settings;
  const bool each = parse_each(group, where, false);
  const DetailSet details = parse_details(group, "detail", where, kFreeDetails);
  settings.top = static_cast<std::size_t>(get_integer(group, "top", where, 0, kMostTop, 0));
  settings.by = parse_by(group, where);
  settings.top_details = parse_details(group, "top_detail", where, 0);
  settings.budget = static_cast<std::size_t>(
      get_integer(group, "budget", where, kLeastProcessBudget, kMostProcessBudget, kDefaultProcessBudget));
  const auto found = group.find("match");
  if (found == group.end()) return settings;
  if (!found->is_array() || found->size() > kMostMatches) {
    fail(where + ".match", "must be a list of at most 64 entries");
  }
  std::set<std::string> names;
  for (const json& entry : *found) {
    const std::string here = where + ".match[" + std::to_string(settings.match.size()) + "]";
    settings.match.push_back(parse_match(entry, here, each, details));
    if (!names.insert(settings.match.back().name).second) {
      fail(here + ".name", "\"" + settings.match.back().name + "\" is used twice");
    }
  }
  return settings;
}

}  // namespace picket::perf_collector
