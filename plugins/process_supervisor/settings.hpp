// SPDX-License-Identifier: Apache-2.0
//
// The settings in the checked form that the rest of the plugin uses (schema.hpp is what the daemon checks). A program
// with `count` is already its instances here. Pure; [control].
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <picket/plugin.hpp>
#include <picket/result.hpp>

#include "cron.hpp"
#include "restart_policy.hpp"

namespace picket::process_supervisor {

struct EnvironmentFile {
  std::string path;
  bool optional = false;
  bool operator==(const EnvironmentFile&) const = default;
};

// How the system favours a process; what is not set stays as it is.
struct Priority {
  std::optional<std::int32_t> nice;
  std::optional<std::uint32_t> io_class;  // PICKET_IO_...
  std::uint32_t io_level = 4;
  std::optional<std::vector<std::uint32_t>> cpus;
  std::optional<std::int32_t> oom_score;

  bool operator==(const Priority&) const = default;
  bool any() const { return nice || io_class || cpus || oom_score; }
};

struct Limits {
  std::int64_t memory = 0, memory_high = 0, swap = -1, cpu_milli = 0, cpu_weight = 0, tasks = 0;
  std::map<std::string, std::uint64_t> rlimits;  // by the names of setrlimit
  bool strict = false;

  bool operator==(const Limits&) const = default;
};

struct Output {
  bool events = true;
  Severity severity = Severity::info, error_severity = Severity::warning;
  std::string file, error_file;
  std::uint64_t rotate_size = 100U << 20U;
  std::int64_t rotate_every_ns = 0;
  std::uint32_t rotate_keep = 5;
  std::uint32_t last_lines = 50;
  std::uint64_t backlog = 64U << 20U;

  bool operator==(const Output&) const = default;
};

// What a process is started with: a change needs a restart of the program.
struct Launch {
  std::vector<std::string> command;
  std::string directory, user, group;
  std::vector<std::string> groups;
  std::int32_t umask = 022;
  std::map<std::string, std::string> environment;
  std::vector<EnvironmentFile> environment_files;
  Priority priority;
  Limits limits;
  bool no_new_privileges = false;
  bool notify = false;  // it can speak the notify protocol: by `ready` or `watchdog`
  std::int64_t watchdog_ns = 0;
  bool capture = true;  // its output comes here: for events, last lines, or a check
  Output output;

  bool operator==(const Launch&) const = default;
};

struct Check {
  enum class Kind : std::uint8_t { none, notify, port, http, command, log, file };
  Kind kind = Kind::none;
  std::string target;  // HOST:PORT, unix:PATH, URL, expression or path
  std::vector<std::string> command;
  std::int64_t every_ns = 0;
  std::int64_t attempt_ns = 0;  // one look
  std::int64_t timeout_ns = 0;  // of readiness as a whole
  std::uint32_t failures = 3, successes = 1;
  bool restart = true;

  bool operator==(const Check&) const = default;
};

struct Schedule {
  std::int64_t every_ns = 0;
  std::optional<Cron> cron;
  std::string cron_text;
  bool at_start = false;

  explicit operator bool() const { return every_ns > 0 || cron; }
  bool operator==(const Schedule& other) const {
    return every_ns == other.every_ns && cron_text == other.cron_text && at_start == other.at_start;
  }
};

struct Drain {
  std::optional<int> signal;
  std::vector<std::string> command;
  std::int64_t timeout_ns = 30'000'000'000;

  bool operator==(const Drain&) const = default;
};

struct ProgramSettings {
  std::string name;          // "web", or "web@2"
  std::string base;          // "web"
  std::uint32_t number = 0;  // of the instance; 0: it is the only one
  Launch launch;

  // What can change while it runs.
  bool task = false;
  bool autostart = true;
  RestartPolicy restart = RestartPolicy::on_failure;
  std::vector<std::int32_t> success_codes = {0};
  BackoffSettings backoff;
  std::uint32_t give_up_after = 0;
  Check ready, healthy;
  std::vector<std::string> after, requires_;  // names of programs, each a key of Settings::programs
  Schedule schedule;
  int stop_signal = 15;
  std::int64_t stop_timeout_ns = 10'000'000'000;
  bool stop_tree = false;
  Drain drain;

  bool operator==(const ProgramSettings& other) const;
};

struct WatchSettings {
  std::string name;
  std::string pid_file, process, command_line;
  Priority priority;

  bool operator==(const WatchSettings&) const = default;
};

struct Settings {
  std::map<std::string, ProgramSettings> programs;
  std::map<std::string, std::vector<std::string>> groups;  // members are keys of `programs`; bases with count are, too
  std::map<std::string, WatchSettings> watch;
  std::int64_t watch_interval_ns = 10'000'000'000;
  std::int64_t interval_ns = 10'000'000'000;
  std::int64_t record_ns = 300'000'000'000;
  double rate = 10, burst = 50;

  // What cannot work, by the name of the program (or of the group or watch) that it concerns. None of those is in the
  // maps above.
  std::map<std::string, std::string> problems;
};

// An error only when the text is no object of the schema at all: the mistakes of one program are its own, and land in
// `problems`.
Result<Settings> parse_settings(std::string_view json);

// All problems in one text: "programs.web: stop_signal: there is no signal \"TREM\"".
std::string all_problems(const Settings& settings);

}  // namespace picket::process_supervisor
