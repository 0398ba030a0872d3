// SPDX-License-Identifier: Apache-2.0
//
// The functions behind picket_process, the host's side of picket.process/1: what a plugin hands in is checked here,
// once.
#include <algorithm>
#include <cstdint>
#include <span>

#include "picket/abi_copy.hpp"
#include "plugin_host/instance.hpp"
#include "plugin_host/instance_processes.hpp"
#include "plugin_host/text.hpp"

namespace picket::plugin_host {
namespace {

constexpr std::uint64_t kMaxBlob = 64U << 10U;
constexpr std::uint32_t kMaxArguments = 4'096;
constexpr std::uint64_t kMaxStartBytes = 2U << 20U;  // of arguments and environment, as the kernel has it
constexpr std::uint32_t kKnownStartFlags =
    PICKET_PROGRAM_NO_NEW_PRIVILEGES | PICKET_PROGRAM_NOTIFY | PICKET_PROGRAM_ONLY_GROUP | PICKET_PROGRAM_STRICT_LIMITS;

Error malformed(const std::string& what) {
  return Error{"a program cannot be started like this: " + what, PICKET_INVALID};
}

bool has_zero(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

std::vector<std::string> texts_of(const picket_str* list, std::uint32_t count) {
  std::vector<std::string> all;
  for (const picket_str& item : std::span(list, list == nullptr ? 0 : count)) all.emplace_back(view(item));
  return all;
}

Result<process::StreamSpec> read_stream(const picket_program_stream* theirs, bool is_stderr) {
  const picket_program_stream given = picket::copy_table(theirs);
  process::StreamSpec read;
  read.flags = given.flags & (PICKET_OUTPUT_CAPTURE | PICKET_OUTPUT_FILE | PICKET_OUTPUT_AS_STDOUT);
  if (read.flags != given.flags) return malformed("an unknown flag of an output");
  if ((read.flags & PICKET_OUTPUT_AS_STDOUT) != 0 && !is_stderr) return malformed("stdout as stdout");
  read.file = view(given.file);
  const bool wants_file = (read.flags & PICKET_OUTPUT_FILE) != 0;
  if (wants_file && (!read.file.starts_with('/') || has_zero(read.file) || read.file.size() >= 4'096)) {
    return malformed("the file of an output must be an absolute path");
  }
  if (given.rotate_keep > 1'000 || given.rotate_age_ns < 0) return malformed("rotation keeps at most 1,000 files");
  read.rotate_bytes = given.rotate_bytes;
  read.rotate_age_ns = given.rotate_age_ns;
  read.rotate_keep = given.rotate_keep;
  read.backlog_memory = given.backlog_memory;
  read.backlog_disk = given.backlog_disk;
  return read;
}

}  // namespace

process::Limits read_limits(const picket_program_limits* theirs) {
  if (theirs == nullptr) return {};
  const picket_program_limits given = picket::copy_table(theirs);
  return {given.memory_max, given.memory_high, given.swap_max, given.cpu_milli, given.cpu_weight, given.tasks_max};
}

Result<process::Tuning> read_tuning(const picket_process_tuning* theirs) {
  const picket_process_tuning given = picket::copy_table(theirs);
  process::Tuning read;
  read.flags = given.flags;
  const auto has = [&](std::uint32_t flag) { return (given.flags & flag) != 0; };
  if (has(PICKET_TUNE_NICE) && (given.nice < -20 || given.nice > 19)) return malformed("nice is -20..19");
  if (has(PICKET_TUNE_IO) && (given.io_class > PICKET_IO_IDLE || given.io_level > 7)) {
    return malformed("the I/O class is 0..3, its level 0..7");
  }
  if (has(PICKET_TUNE_OOM) && (given.oom_score < -1000 || given.oom_score > 1000)) {
    return malformed("the OOM score is -1000..1000");
  }
  if (has(PICKET_TUNE_AFFINITY)) {
    if (given.cpu_count == 0 || given.cpu_count > 4'096 || given.cpus == nullptr) return malformed("no CPUs are named");
    read.cpus.assign(given.cpus, given.cpus + given.cpu_count);
  }
  read.nice = given.nice;
  read.io_class = given.io_class;
  read.io_level = given.io_class == PICKET_IO_REALTIME || given.io_class == PICKET_IO_BEST_EFFORT ? given.io_level : 0;
  read.oom_score = given.oom_score;
  return read;
}

Result<process::StartRequest> read_start(const picket_program_spec& spec) {
  process::StartRequest request;
  process::Start& order = request.order;
  if ((spec.flags & ~kKnownStartFlags) != 0) return malformed("an unknown flag");
  order.flags = spec.flags;
  order.key = view(spec.key);
  order.blob = view(spec.blob);
  if (order.key.empty() || order.key.size() > 255 || has_zero(order.key)) return malformed("the key is 1..255 bytes");
  if (order.blob.size() > kMaxBlob) return malformed("the blob has more than 64 KiB");
  if (spec.argument_count == 0 || spec.argument_count > kMaxArguments || spec.arguments == nullptr) {
    return malformed("1..4,096 arguments");
  }
  if (spec.environment_count > kMaxArguments) return malformed("more than 4,096 variables");
  order.arguments = texts_of(spec.arguments, spec.argument_count);
  order.environment = texts_of(spec.environment, spec.environment_count);
  std::uint64_t bytes = 0;
  for (const std::string& argument : order.arguments) {
    bytes += argument.size();
    if (has_zero(argument)) return malformed("an argument with a zero byte");
  }
  for (const std::string& entry : order.environment) {
    bytes += entry.size();
    if (has_zero(entry) || entry.find('=') == std::string::npos || entry.starts_with('=')) {
      return malformed("a variable must be NAME=value: " + entry.substr(0, 40));
    }
  }
  if (bytes > kMaxStartBytes) return malformed("arguments and environment have more than 2 MiB");
  if (order.arguments.front().empty()) return malformed("the program has no name");
  order.directory = view(spec.directory);
  if (!order.directory.empty() && (!order.directory.starts_with('/') || has_zero(order.directory))) {
    return malformed("the directory must be absolute: " + order.directory);
  }
  request.user = view(spec.user);
  request.group = view(spec.group);
  if (spec.group_count > 64) return malformed("more than 64 groups");
  request.groups = texts_of(spec.groups, spec.group_count);
  request.only_group = (spec.flags & PICKET_PROGRAM_ONLY_GROUP) != 0;
  if (spec.umask < -1 || spec.umask > 0777) return malformed("the umask is 0..0777");
  order.umask = spec.umask < 0 ? 0022 : spec.umask;
  if (spec.rlimit_count > 16 || spec.socket_count > 64) return malformed("more than 16 limits or 64 sockets");
  for (std::uint32_t i = 0; i < spec.rlimit_count; ++i) {
    const picket_program_rlimit& limit = spec.rlimits[i];
    order.rlimits.push_back({std::string(view(limit.name)), limit.soft, limit.hard});
  }
  for (std::uint32_t i = 0; i < spec.socket_count; ++i) {
    const std::string name(view(spec.sockets[i].name));
    if (has_zero(name) || name.find(':') != std::string::npos) return malformed("the name of a socket has a colon");
    request.sockets.push_back(spec.sockets[i].descriptor);
    order.socket_names.push_back(name);
  }
  auto tuning = read_tuning(spec.tuning);
  if (!tuning.ok()) return tuning.error();
  order.tuning = std::move(*tuning);
  order.limits = read_limits(spec.limits);
  auto output = read_stream(spec.output, false);
  auto error_output = read_stream(spec.error_output, true);
  if (!output.ok()) return output.error();
  if (!error_output.ok()) return error_output.error();
  order.output = std::move(*output);
  order.error_output = std::move(*error_output);
  return request;
}

struct HostProcesses {
  static InstanceProcesses& of(void* self) { return *static_cast<Instance*>(self)->processes_; }

  static picket_status open(void* self, const picket_process_events* events, void* context,
                            picket_error* error) PICKET_NOEXCEPT {
    return of(self).open(picket::copy_table(events), context, error);
  }
  static void close(void* self) PICKET_NOEXCEPT { of(self).close(); }
  static picket_program start(void* self, const picket_program_spec* spec, picket_error* error) PICKET_NOEXCEPT {
    return of(self).start(picket::copy_table(spec), error);
  }
  static picket_status signal(void* self, picket_program id, std::int32_t signal, std::uint32_t flags) PICKET_NOEXCEPT {
    if (signal < 0 || signal > 64) return PICKET_INVALID;
    return of(self).request(process::Signal{id, signal, flags & PICKET_SIGNAL_TREE});
  }
  static picket_status end(void* self, picket_program id, const picket_program_end* theirs) PICKET_NOEXCEPT {
    const picket_program_end how = picket::copy_table(theirs);
    if (how.signal < 0 || how.signal > 64) return PICKET_INVALID;
    return of(self).request(process::End{id, how.signal, how.flags & PICKET_SIGNAL_TREE, how.timeout_ns});
  }
  static picket_status limit(void* self, picket_program id, const picket_program_limits* limits) PICKET_NOEXCEPT {
    return of(self).request(process::Limit{id, read_limits(limits)});
  }
  static picket_status tune(void* self, picket_program id, const picket_process_tuning* theirs) PICKET_NOEXCEPT {
    auto tuning = read_tuning(theirs);
    if (!tuning.ok()) return tuning.error().status;
    return of(self).request(process::Tune{id, std::move(*tuning)});
  }
  static picket_status set_main(void* self, picket_program id, std::int64_t pid) PICKET_NOEXCEPT {
    return of(self).request(process::SetMain{id, pid});
  }
  static picket_status set_blob(void* self, picket_program id, picket_str blob) PICKET_NOEXCEPT {
    if (blob.length > kMaxBlob) return PICKET_INVALID;
    return of(self).request(process::SetBlob{id, std::string(view(blob))});
  }
  static picket_status acknowledge_output(void* self, picket_program id, std::uint32_t stream,
                                          std::uint64_t offset) PICKET_NOEXCEPT {
    if (stream > PICKET_STDERR) return PICKET_INVALID;
    return of(self).request(process::Acknowledge{id, stream, offset});
  }
  static picket_status rotate(void* self, picket_program id) PICKET_NOEXCEPT {
    return of(self).request(process::Rotate{id});
  }
  static picket_status measure(void* self, const picket_program* ids, std::uint32_t count) PICKET_NOEXCEPT {
    picket_status status = PICKET_OK;
    for (const picket_program id : std::span(ids, ids == nullptr ? 0 : count)) {
      const picket_status one = of(self).request(process::Measure{id});
      if (status == PICKET_OK) status = one;
    }
    return status;
  }
  static picket_status forget(void* self, picket_program id) PICKET_NOEXCEPT {
    return of(self).request(process::Forget{id});
  }
  static picket_program watch(void* self, std::int64_t pid, std::uint64_t start_time, picket_process_identity* identity,
                              picket_error* error) PICKET_NOEXCEPT {
    return of(self).watch(pid, start_time, identity, error);
  }
};

const picket_process& host_processes() {
  static constexpr picket_process kTable = {sizeof(picket_process),   0,
                                            &HostProcesses::open,     &HostProcesses::close,
                                            &HostProcesses::start,    &HostProcesses::signal,
                                            &HostProcesses::end,      &HostProcesses::limit,
                                            &HostProcesses::tune,     &HostProcesses::set_main,
                                            &HostProcesses::set_blob, &HostProcesses::acknowledge_output,
                                            &HostProcesses::rotate,   &HostProcesses::measure,
                                            &HostProcesses::forget,   &HostProcesses::watch};
  return kTable;
}

}  // namespace picket::plugin_host
