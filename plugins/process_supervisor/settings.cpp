// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>

#include "dependencies.hpp"
#include "program_settings.hpp"

namespace picket::process_supervisor {
namespace {

using nlohmann::json;

// Each entry of an object by `read`; what one of them throws is its own problem.
template <typename Read>
void each_entry(const SettingValues& values, const char* key, Settings& settings, const Read& read) {
  const json* const entries = values.find(key);
  if (entries == nullptr) return;
  if (!entries->is_object()) values.fail(key, "must be an object");
  for (const auto& [name, entry] : entries->items()) {
    try {
      if (name.empty() || name.size() > 48 || name.find_first_of("@/ ") != std::string::npos || name == "all") {
        throw std::invalid_argument("this cannot be a name");
      }
      read(name, entry);
    } catch (const std::invalid_argument& problem) {
      settings.problems.emplace(name, problem.what());
    } catch (const json::exception& problem) {
      settings.problems.emplace(name, problem.what());
    }
  }
}

void read_program(Settings& settings, const std::string& name, const json& entry) {
  const SettingValues values(entry, "");
  const ProgramSettings written = program_of(values);
  const std::uint32_t count = count_of(values);
  if (count == 0) {
    settings.programs.emplace(name, instance_of(written, name, 0));
    return;
  }
  for (std::uint32_t number = 1; number <= count; ++number) {
    ProgramSettings program = instance_of(written, name, number);
    settings.groups[name].push_back(program.name);
    settings.programs.emplace(program.name, std::move(program));
  }
}

void read_group(Settings& settings, const std::string& name, const json& entry) {
  if (settings.programs.contains(name) || settings.groups.contains(name)) {
    throw std::invalid_argument("a program has this name already");
  }
  if (!entry.is_array()) throw std::invalid_argument("must be a list of names");
  std::vector<std::string> members;
  for (const json& member : entry) {
    const auto found = members_of(settings, member.is_string() ? member.get<std::string>() : member.dump());
    const bool broken = member.is_string() && settings.problems.contains(member.get<std::string>());
    if (found.empty() && !broken) throw std::invalid_argument("there is no program " + member.dump());
    for (const std::string& one : found) {
      if (std::find(members.begin(), members.end(), one) == members.end()) members.push_back(one);
    }
  }
  settings.groups.emplace(name, std::move(members));
}

void read_watch(Settings& settings, const std::string& name, const json& entry) {
  const SettingValues values(entry, "");
  values.only({"pid_file", "process", "command_line", "nice", "io_class", "io_level", "affinity", "oom_score"});
  if (settings.programs.contains(name) || settings.groups.contains(name)) {
    throw std::invalid_argument("a program or group has this name already");
  }
  WatchSettings watch;
  watch.name = name;
  watch.pid_file = values.text("pid_file");
  watch.process = values.text("process");
  watch.command_line = values.text("command_line");
  watch.priority = priority_of(values);
  const bool pattern = !watch.process.empty() || !watch.command_line.empty();
  if (watch.pid_file.empty() == !pattern) {
    throw std::invalid_argument("needs either pid_file, or process and command_line (one of them or both)");
  }
  settings.watch.emplace(name, std::move(watch));
}

}  // namespace

bool ProgramSettings::operator==(const ProgramSettings& other) const {
  const auto parts = [](const ProgramSettings& p) {
    return std::tie(p.name, p.base, p.number, p.launch, p.task, p.autostart, p.restart, p.success_codes,
                    p.backoff.initial_ns, p.backoff.max_ns, p.backoff.reset_after_ns, p.backoff.factor,
                    p.backoff.jitter, p.give_up_after, p.ready, p.healthy, p.after, p.requires_, p.schedule,
                    p.stop_signal, p.stop_timeout_ns, p.stop_tree, p.drain);
  };
  return parts(*this) == parts(other);
}

Result<Settings> parse_settings(std::string_view text) try {
  const json parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return Error{"the settings are no JSON", PICKET_INVALID};
  const SettingValues values(parsed, "");
  values.only({"programs", "groups", "watch", "watch_interval", "interval", "record", "limiter"});
  Settings settings;
  constexpr std::int64_t kSecond = 1'000'000'000, kHour = 3'600 * kSecond;
  settings.watch_interval_ns = values.integer("watch_interval", kSecond / 10, 24 * kHour, settings.watch_interval_ns);
  settings.interval_ns = values.integer("interval", kSecond, kHour, settings.interval_ns);
  settings.record_ns = values.integer("record", 0, kHour, settings.record_ns);
  const SettingValues limiter = values.object("limiter");
  limiter.only({"rate", "burst"});
  settings.rate = limiter.number("rate", 0.01, 10'000, settings.rate);
  settings.burst = limiter.number("burst", 1, 10'000, settings.burst);
  each_entry(values, "programs", settings,
             [&](const std::string& name, const json& entry) { read_program(settings, name, entry); });
  each_entry(values, "groups", settings,
             [&](const std::string& name, const json& entry) { read_group(settings, name, entry); });
  each_entry(values, "watch", settings,
             [&](const std::string& name, const json& entry) { read_watch(settings, name, entry); });
  resolve_dependencies(settings);
  return settings;
} catch (const std::invalid_argument& problem) {
  return Error{problem.what(), PICKET_INVALID};
}

std::string all_problems(const Settings& settings) {
  std::string text;
  for (const auto& [name, problem] : settings.problems) text += (text.empty() ? "" : "; ") + name + ": " + problem;
  return text;
}

}  // namespace picket::process_supervisor
