// SPDX-License-Identifier: Apache-2.0
#include "launch.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include "environment_file.hpp"

namespace picket::process_supervisor {
namespace {

constexpr std::string_view kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

Result<std::vector<std::string>> environment_of(const ProgramSettings& program) {
  Environment variables{{"PATH", std::string(kPath)}};
  for (const EnvironmentFile& file : program.launch.environment_files) {
    auto read = read_environment_file(file.path);
    if (!read) {
      // Only what is not there is forgiven; a mistake in it is not.
      if (file.optional && read.error().status == PICKET_NOT_FOUND) continue;
      return read.error();
    }
    for (auto& [name, value] : *read) variables.insert_or_assign(name, std::move(value));
  }
  for (const auto& [name, value] : program.launch.environment) variables.insert_or_assign(name, value);
  variables["PICKET_PROGRAM_NAME"] = program.name;
  if (program.number > 0) variables["PICKET_PROGRAM_NUMBER"] = std::to_string(program.number);
  if (program.launch.watchdog_ns > 0) {
    variables["WATCHDOG_USEC"] = std::to_string(program.launch.watchdog_ns / 1'000);
  }
  std::vector<std::string> list;
  for (const auto& [name, value] : variables) list.push_back(name + "=" + value);
  return list;
}

Result<ProgramSpec> base_spec(const ProgramSettings& program) {
  auto environment = environment_of(program);
  if (!environment) return environment.error();
  ProgramSpec spec;
  spec.environment = std::move(environment).value();
  spec.directory = program.launch.directory;
  spec.user = program.launch.user;
  spec.group = program.launch.group;
  spec.groups = program.launch.groups;
  spec.only_group = !spec.groups.empty();
  spec.umask = program.launch.umask;
  spec.no_new_privileges = program.launch.no_new_privileges;
  return spec;
}

// FNV-1a, 64 bits: a difference by chance would be missed once in 10^19 times, and costs one restart too few.
class Hash {
 public:
  void add(std::string_view text) {
    for (const char c : text) step(static_cast<unsigned char>(c));
    step(0xFFU);  // no byte of UTF-8, so that "ab","c" is not "a","bc"
  }
  void add(std::int64_t number) { add(std::to_string(number)); }
  std::uint64_t value() const { return value_; }

 private:
  void step(std::uint64_t byte) { value_ = (value_ ^ byte) * 1'099'511'628'211ULL; }
  std::uint64_t value_ = 14'695'981'039'346'656'037ULL;
};

}  // namespace

ProcessTuning tuning_of(const Priority& priority) {
  ProcessTuning tuning;
  tuning.nice = priority.nice;
  tuning.cpus = priority.cpus;
  if (priority.io_class) tuning.io_class = static_cast<IoClass>(*priority.io_class);
  tuning.io_level = priority.io_level;
  tuning.oom_score = priority.oom_score;
  return tuning;
}

ProgramLimits limits_of(const Limits& limits) {
  ProgramLimits wanted;
  wanted.memory_max = limits.memory;
  wanted.memory_high = limits.memory_high;
  wanted.swap_max = limits.swap;
  wanted.cpu_milli = limits.cpu_milli;
  wanted.cpu_weight = limits.cpu_weight;
  wanted.tasks_max = limits.tasks;
  return wanted;
}

Result<ProgramSpec> make_spec(const ProgramSettings& program) {
  auto made = base_spec(program);
  if (!made) return made.error();
  ProgramSpec spec = std::move(made).value();
  const Launch& launch = program.launch;
  spec.key = program.name;
  spec.arguments = launch.command;
  spec.notify = launch.notify;
  for (const auto& [name, value] : launch.limits.rlimits) spec.rlimits.push_back({name, value, value});
  spec.tuning = tuning_of(launch.priority);
  spec.limits = limits_of(launch.limits);
  spec.strict_limits = launch.limits.strict;
  const Output& output = launch.output;
  ProgramStream stream;
  stream.capture = launch.capture;
  stream.file = output.file;
  stream.rotate_bytes = output.rotate_size;
  stream.rotate_age = std::chrono::nanoseconds(output.rotate_every_ns);
  stream.rotate_keep = output.rotate_keep;
  stream.backlog_disk = output.backlog == 0 ? UINT64_MAX : output.backlog;
  spec.output = stream;
  if (!output.error_file.empty()) stream.file = output.error_file;
  spec.error_output = stream;
  for (const std::string* const file : {&output.file, &output.error_file}) {
    if (file->empty()) continue;
    // What cannot be made is told by the start, which then cannot open the file.
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(std::u8string(file->begin(), file->end())).parent_path(),
                                        ignored);
  }
  return spec;
}

Result<ProgramSpec> make_helper_spec(const ProgramSettings& program, const std::vector<std::string>& command,
                                     const std::string& key) {
  auto made = base_spec(program);
  if (!made) return made.error();
  ProgramSpec spec = std::move(made).value();
  spec.key = key;
  spec.arguments = command;
  spec.output.capture = true;
  spec.output.backlog_memory = 16U << 10U;
  spec.output.backlog_disk = UINT64_MAX;
  spec.error_output.as_stdout = true;
  return spec;
}

std::string fingerprint(const Launch& launch) {
  Hash hash;
  const auto add_list = [&](const std::vector<std::string>& list) {
    hash.add(static_cast<std::int64_t>(list.size()));
    for (const std::string& text : list) hash.add(text);
  };
  add_list(launch.command);
  for (const std::string* const text : {&launch.directory, &launch.user, &launch.group}) hash.add(*text);
  add_list(launch.groups);
  hash.add(launch.umask);
  hash.add(static_cast<std::int64_t>(launch.environment.size()));
  for (const auto& [name, value] : launch.environment) {
    hash.add(name);
    hash.add(value);
  }
  hash.add(static_cast<std::int64_t>(launch.environment_files.size()));
  for (const EnvironmentFile& file : launch.environment_files) {
    hash.add(file.path);
    hash.add(file.optional ? 1 : 0);
  }
  hash.add(static_cast<std::int64_t>(launch.limits.rlimits.size()));
  for (const auto& [name, value] : launch.limits.rlimits) {
    hash.add(name);
    hash.add(static_cast<std::int64_t>(value));
  }
  hash.add(launch.limits.strict ? 1 : 0);
  hash.add(launch.no_new_privileges ? 1 : 0);
  hash.add(launch.notify ? 1 : 0);
  hash.add(launch.watchdog_ns);
  const Output& output = launch.output;
  hash.add(output.file);
  hash.add(output.error_file);
  hash.add(static_cast<std::int64_t>(output.rotate_size));
  hash.add(output.rotate_every_ns);
  hash.add(output.rotate_keep);
  hash.add(static_cast<std::int64_t>(output.backlog));
  hash.add(launch.capture ? 1 : 0);
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash.value()));
  return text;
}

}  // namespace picket::process_supervisor
