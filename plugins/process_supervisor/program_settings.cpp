// SPDX-License-Identifier: Apache-2.0
#include "program_settings.hpp"

#include <picket/ext/process.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "probe_target.hpp"
#include "signals.hpp"

namespace picket::process_supervisor {
namespace {

constexpr std::int64_t kSettingMilli = 1'000'000, kSettingSecond = 1'000 * kSettingMilli,
                       kSettingDay = 86'400 * kSettingSecond;
constexpr std::int64_t kSettingMost = std::numeric_limits<std::int64_t>::max();

int signal_of(const SettingValues& values, const char* key, const char* otherwise) {
  const std::string name = values.text(key, otherwise);
  const auto number = signal_number(name);
  if (!number) values.fail(key, "there is no signal \"" + name + "\"");
  return *number;
}

Severity severity_of(const SettingValues& values, const char* key, Severity otherwise) {
  static constexpr std::array<std::pair<std::string_view, Severity>, 7> kWords = {{{"trace", Severity::trace},
                                                                                   {"debug", Severity::debug},
                                                                                   {"info", Severity::info},
                                                                                   {"notice", Severity::notice},
                                                                                   {"warning", Severity::warning},
                                                                                   {"error", Severity::error},
                                                                                   {"critical", Severity::critical}}};
  if (!values.has(key)) return otherwise;
  const std::string word = values.text(key);
  for (const auto& [name, severity] : kWords) {
    if (name == word) return severity;
  }
  values.fail(key, "must be trace, debug, info, notice, warning, error or critical");
}

BackoffSettings backoff_of(const SettingValues& values) {
  values.only({"initial", "factor", "max", "jitter", "reset_after"});
  const BackoffSettings usual;
  BackoffSettings backoff;
  backoff.initial_ns = values.integer("initial", 0, 3'600 * kSettingSecond, usual.initial_ns);
  backoff.factor = values.number("factor", 1, 10, usual.factor);
  backoff.max_ns = values.integer("max", 0, kSettingDay, usual.max_ns);
  backoff.jitter = values.number("jitter", 0, 1, usual.jitter);
  backoff.reset_after_ns = values.integer("reset_after", kSettingMilli, kSettingDay, usual.reset_after_ns);
  if (backoff.max_ns < backoff.initial_ns) values.fail("max", "must not be shorter than initial");
  return backoff;
}

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

// As it will be for the first instance, to see whether it can work.
std::string filled_target(std::string text) {
  replace_all(text, "{instance}", "1");
  replace_all(text, "{program}", "program@1");
  return text;
}

// The one kind that is named; none when there is none.
void set_kind(const SettingValues& values, Check& check, bool notify_allowed) {
  const auto claim = [&](const char* key, Check::Kind kind) {
    if (check.kind != Check::Kind::none) values.fail(key, "there is another kind already; one is possible");
    check.kind = kind;
  };
  if (notify_allowed && values.flag("notify", false)) claim("notify", Check::Kind::notify);
  if (const nlohmann::json* const port = values.find("port")) {
    claim("port", Check::Kind::port);
    check.target = port->is_number_integer() ? port->dump() : values.text("port");
    if (const auto target = port_target(filled_target(check.target)); !target)
      values.fail("port", target.error().message);
  }
  if (values.has("http")) {
    claim("http", Check::Kind::http);
    check.target = values.text("http");
    if (const auto target = http_target(filled_target(check.target)); !target)
      values.fail("http", target.error().message);
  }
  if (values.has("command")) {
    claim("command", Check::Kind::command);
    check.command = values.texts("command");
    if (check.command.empty() || check.command[0].empty()) values.fail("command", "names no program");
  }
  if (values.has("log")) {
    claim("log", Check::Kind::log);
    check.target = values.text("log");
    RE2::Options options;
    options.set_log_errors(false);
    if (const RE2 expression(check.target, options); !expression.ok()) {
      values.fail("log", "\"" + check.target + "\" is no regular expression: " + expression.error());
    }
  }
  if (values.has("file")) {
    claim("file", Check::Kind::file);
    check.target = values.text("file");
  }
}

Check ready_of(const SettingValues& values) {
  values.only({"notify", "port", "http", "command", "log", "file", "timeout", "every", "attempt"});
  Check check;
  set_kind(values, check, true);
  check.timeout_ns = values.integer("timeout", kSettingMilli, kSettingDay, 60 * kSettingSecond);
  check.every_ns = values.integer("every", 10 * kSettingMilli, 3'600 * kSettingSecond, 250 * kSettingMilli);
  check.attempt_ns = values.integer("attempt", 10 * kSettingMilli, 3'600 * kSettingSecond, 2 * kSettingSecond);
  return check;
}

Check healthy_of(const SettingValues& values) {
  values.only({"port", "http", "command", "log", "file", "every", "timeout", "failures", "successes", "restart"});
  Check check;
  set_kind(values, check, false);
  if (check.kind == Check::Kind::none) {
    throw std::invalid_argument("healthy: names no kind: port, http, command, log or file");
  }
  check.every_ns = values.integer("every", 10 * kSettingMilli, kSettingDay, 10 * kSettingSecond);
  check.attempt_ns = values.integer("timeout", 10 * kSettingMilli, 3'600 * kSettingSecond, 5 * kSettingSecond);
  check.failures = static_cast<std::uint32_t>(values.integer("failures", 1, 1'000, 3));
  check.successes = static_cast<std::uint32_t>(values.integer("successes", 1, 1'000, 1));
  check.restart = values.flag("restart", true);
  return check;
}

Schedule schedule_of(const SettingValues& values) {
  values.only({"every", "cron", "at_start"});
  Schedule schedule;
  schedule.every_ns = values.integer("every", 100 * kSettingMilli, 365 * kSettingDay, 0);
  schedule.cron_text = values.text("cron");
  schedule.at_start = values.flag("at_start", false);
  if ((schedule.every_ns > 0) == !schedule.cron_text.empty()) {
    throw std::invalid_argument("schedule: needs either every or cron");
  }
  if (!schedule.cron_text.empty()) {
    auto cron = Cron::parse(schedule.cron_text);
    if (!cron) values.fail("cron", cron.error().message);
    schedule.cron = *cron;
  }
  return schedule;
}

Drain drain_of(const SettingValues& values) {
  values.only({"signal", "command", "timeout"});
  Drain drain;
  if (values.has("signal")) drain.signal = signal_of(values, "signal", "");
  if (values.has("command")) {
    drain.command = values.texts("command");
    if (drain.command.empty() || drain.command[0].empty()) values.fail("command", "names no program");
  }
  drain.timeout_ns = values.integer("timeout", kSettingMilli, kSettingDay, 30 * kSettingSecond);
  if (!drain.signal && drain.command.empty()) throw std::invalid_argument("drain: names neither signal nor command");
  return drain;
}

Limits limits_of(const SettingValues& values) {
  values.only({"memory", "memory_high", "swap", "cpu", "cpu_weight", "tasks", "files", "core", "stack", "locked_memory",
               "strict"});
  Limits limits;
  limits.memory = values.integer("memory", 1U << 20U, kSettingMost, 0);
  limits.memory_high = values.integer("memory_high", 1U << 20U, kSettingMost, 0);
  limits.swap = values.integer("swap", 0, kSettingMost, -1);
  limits.cpu_milli = std::llround(values.number("cpu", 0.001, 4'096, 0) * 1'000);
  limits.cpu_weight = values.integer("cpu_weight", 1, 10'000, 0);
  limits.tasks = values.integer("tasks", 1, 4'194'304, 0);
  static constexpr std::array<std::pair<const char*, const char*>, 4> kRlimits = {
      {{"files", "nofile"}, {"core", "core"}, {"stack", "stack"}, {"locked_memory", "memlock"}}};
  for (const auto& [key, name] : kRlimits) {
    if (values.has(key)) limits.rlimits[name] = static_cast<std::uint64_t>(values.integer(key, 0, kSettingMost, 0));
  }
  limits.strict = values.flag("strict", false);
  if (limits.memory > 0 && limits.memory_high > limits.memory) values.fail("memory_high", "is above memory");
  return limits;
}

Output output_of(const SettingValues& values) {
  values.only({"events", "severity", "error_severity", "file", "error_file", "rotate", "last_lines", "backlog"});
  Output output;
  output.events = values.flag("events", output.events);
  output.severity = severity_of(values, "severity", output.severity);
  output.error_severity = severity_of(values, "error_severity", output.error_severity);
  output.file = values.text("file");
  output.error_file = values.text("error_file");
  const SettingValues rotate = values.object("rotate");
  rotate.only({"size", "every", "keep"});
  output.rotate_size = static_cast<std::uint64_t>(rotate.integer("size", 4'096, kSettingMost, 100LL << 20));
  output.rotate_every_ns = rotate.integer("every", kSettingSecond, 365 * kSettingDay, 0);
  output.rotate_keep = static_cast<std::uint32_t>(rotate.integer("keep", 0, 1'000, 5));
  output.last_lines = static_cast<std::uint32_t>(values.integer("last_lines", 0, 10'000, 50));
  output.backlog = static_cast<std::uint64_t>(values.integer("backlog", 0, kSettingMost, 64LL << 20));
  return output;
}

std::vector<EnvironmentFile> environment_files_of(const SettingValues& values) {
  std::vector<EnvironmentFile> files;
  const nlohmann::json* const list = values.find("environment_files");
  if (list == nullptr) return files;
  if (!list->is_array()) values.fail("environment_files", "must be a list");
  for (const nlohmann::json& one : *list) {
    if (one.is_string()) {
      files.push_back({one.get<std::string>(), false});
      continue;
    }
    const SettingValues file(one, "environment_files");
    file.only({"path", "optional"});
    files.push_back({file.text("path"), file.flag("optional", false)});
    if (files.back().path.empty()) file.fail("path", "is missing");
  }
  return files;
}

std::map<std::string, std::string> environment_of(const SettingValues& values) {
  std::map<std::string, std::string> environment;
  const nlohmann::json* const given = values.find("environment");
  if (given == nullptr) return environment;
  if (!given->is_object()) values.fail("environment", "must be an object");
  for (const auto& [name, value] : given->items()) {
    if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos) {
      values.fail("environment", "\"" + name + "\" is no name of a variable");
    }
    if (!value.is_string() || value.get_ref<const std::string&>().find('\0') != std::string::npos) {
      values.fail("environment." + name, "must be a text");
    }
    environment[name] = value.get<std::string>();
  }
  return environment;
}

Launch launch_of(const SettingValues& values) {
  Launch launch;
  launch.command = values.texts("command");
  if (launch.command.empty() || launch.command[0].empty()) values.fail("command", "names no program");
  launch.directory = values.text("directory");
  launch.user = values.text("user");
  launch.group = values.text("group");
  launch.groups = values.texts("groups");
  const std::string umask = values.text("umask", "022");
  if (umask.size() < 3 || umask.size() > 4 || umask.find_first_not_of("01234567") != std::string::npos) {
    values.fail("umask", "must be three octal digits");
  }
  launch.umask = static_cast<std::int32_t>(std::stol(umask, nullptr, 8));
  launch.environment = environment_of(values);
  launch.environment_files = environment_files_of(values);
  launch.priority = priority_of(values);
  launch.limits = limits_of(values.object("limits"));
  launch.no_new_privileges = values.flag("no_new_privileges", false);
  launch.watchdog_ns = values.integer("watchdog", 10 * kSettingMilli, kSettingDay, 0);
  launch.output = output_of(values.object("output"));
  return launch;
}

}  // namespace

Priority priority_of(const SettingValues& values) {
  Priority priority;
  if (values.has("nice")) priority.nice = static_cast<std::int32_t>(values.integer("nice", -20, 19, 0));
  if (values.has("io_class")) {
    static constexpr std::array<std::string_view, 4> kClasses = {"none", "realtime", "best_effort", "idle"};
    const auto found = std::find(kClasses.begin(), kClasses.end(), values.text("io_class"));
    if (found == kClasses.end()) values.fail("io_class", "must be none, realtime, best_effort or idle");
    priority.io_class = static_cast<std::uint32_t>(found - kClasses.begin());
  }
  priority.io_level = static_cast<std::uint32_t>(values.integer("io_level", 0, 7, 4));
  if (values.has("io_level") && priority.io_class != PICKET_IO_REALTIME && priority.io_class != PICKET_IO_BEST_EFFORT) {
    values.fail("io_level", "means something with io_class realtime or best_effort only");
  }
  if (values.has("affinity")) {
    const auto cpus = values.integers("affinity", 0, 4'095);
    if (cpus.empty()) values.fail("affinity", "names no CPU");
    priority.cpus.emplace(cpus.begin(), cpus.end());
  }
  if (values.has("oom_score")) {
    priority.oom_score = static_cast<std::int32_t>(values.integer("oom_score", -1'000, 1'000, 0));
  }
  return priority;
}

std::uint32_t count_of(const SettingValues& values) {
  return static_cast<std::uint32_t>(values.integer("count", 1, 1'000, 0));
}

ProgramSettings program_of(const SettingValues& values) {
  values.only({"command",       "directory",   "user",          "group",
               "groups",        "umask",       "environment",   "environment_files",
               "type",          "autostart",   "count",         "restart",
               "success_codes", "backoff",     "give_up_after", "ready",
               "healthy",       "watchdog",    "after",         "requires",
               "schedule",      "stop_signal", "stop_timeout",  "stop_tree",
               "drain",         "nice",        "io_class",      "io_level",
               "affinity",      "oom_score",   "limits",        "no_new_privileges",
               "output"});
  ProgramSettings program;
  program.launch = launch_of(values);
  const std::string type = values.text("type", "service");
  if (type != "service" && type != "task") values.fail("type", "must be service or task");
  program.task = type == "task";
  const std::string restart = values.text("restart", "on-failure");
  if (restart == "always") {
    program.restart = RestartPolicy::always;
  } else if (restart == "never") {
    program.restart = RestartPolicy::never;
  } else if (restart != "on-failure") {
    values.fail("restart", "must be always, on-failure or never");
  }
  if (program.task && program.restart == RestartPolicy::always) values.fail("restart", "a task cannot have always");
  if (values.has("success_codes")) {
    const auto codes = values.integers("success_codes", 0, 255);
    program.success_codes.assign(codes.begin(), codes.end());
  }
  program.backoff = backoff_of(values.object("backoff"));
  program.give_up_after = static_cast<std::uint32_t>(values.integer("give_up_after", 0, 1'000'000, 0));
  program.ready = ready_of(values.object("ready"));
  if (values.has("healthy")) program.healthy = healthy_of(values.object("healthy"));
  if (program.task && values.has("ready"))
    values.fail("ready", "a task is done when it has ended well; it has no ready");
  program.launch.notify = program.ready.kind == Check::Kind::notify || program.launch.watchdog_ns > 0;
  program.launch.capture = program.launch.output.events || program.launch.output.last_lines > 0 ||
                           program.ready.kind == Check::Kind::log || program.healthy.kind == Check::Kind::log;
  program.after = values.texts("after");
  program.requires_ = values.texts("requires");
  if (values.has("schedule")) {
    if (!program.task) values.fail("schedule", "is for a task; add `type: task`");
    program.schedule = schedule_of(values.object("schedule"));
  }
  program.autostart = program.schedule ? program.schedule.at_start : values.flag("autostart", true);
  program.stop_signal = signal_of(values, "stop_signal", "TERM");
  program.stop_timeout_ns = values.integer("stop_timeout", 0, kSettingDay, 10 * kSettingSecond);
  program.stop_tree = values.flag("stop_tree", false);
  if (values.has("drain")) program.drain = drain_of(values.object("drain"));
  return program;
}

ProgramSettings instance_of(const ProgramSettings& written, const std::string& base, std::uint32_t number) {
  ProgramSettings program = written;
  program.base = base;
  program.number = number;
  program.name = number == 0 ? base : base + "@" + std::to_string(number);
  const auto fill = [&](std::string& text) {
    replace_all(text, "{instance}", std::to_string(std::max(number, 1U)));
    replace_all(text, "{program}", program.name);
  };
  for (auto* const words :
       {&program.launch.command, &program.ready.command, &program.healthy.command, &program.drain.command}) {
    for (std::string& word : *words) fill(word);
  }
  for (auto& [name, value] : program.launch.environment) fill(value);
  for (EnvironmentFile& file : program.launch.environment_files) fill(file.path);
  for (std::string* const text : {&program.launch.directory, &program.launch.output.file,
                                  &program.launch.output.error_file, &program.ready.target, &program.healthy.target}) {
    fill(*text);
  }
  return program;
}

}  // namespace picket::process_supervisor
