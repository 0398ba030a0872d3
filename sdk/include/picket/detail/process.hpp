// SPDX-License-Identifier: Apache-2.0
//
// Processes: starts, watches, limits and ends programs as whole trees (picket.process/1). What comes back are calls of
// a ProcessListener, each as a [control] call of the instance, never from inside a request.
//
//   processes_.open(host(), *this);                          // in start(); then found() ..., then ready()
//   const auto id = processes_.start({.key = "web", .arguments = {"/usr/bin/web"}});
#ifndef PICKET_DETAIL_PROCESS_HPP
#define PICKET_DETAIL_PROCESS_HPP

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../ext/process.h"
#include "host.hpp"
#include "thread_check.hpp"

namespace picket {

// One start of one program, or a watched process; 0: none.
using ProgramId = picket_program;

// What comes back is as the C interface has it: see picket/ext/process.h.
using ProcessIdentity = picket_process_identity;
using ProcessMember = picket_process_member;
using ProcessAbility = picket_process_ability;
using ProgramInfo = picket_program_info;
using ProgramFailure = picket_program_failure;
using ProgramOutput = picket_program_output;
using ProgramExit = picket_program_exit;
using ProgramTreeEnd = picket_program_tree_end;
using ProgramUsage = picket_program_usage;

// Where a stream goes; nothing set: /dev/null.
struct ProgramStream {
  bool capture = false;    // output() calls
  bool as_stdout = false;  // stderr only
  std::string file = {};   // absolute; also together with capture
  std::uint64_t rotate_bytes = 0;
  std::chrono::nanoseconds rotate_age{0};
  std::uint32_t rotate_keep = 0;
  std::uint64_t backlog_memory = 0;  // 0: 1 MiB
  std::uint64_t backlog_disk = 0;    // 0: 64 MiB; UINT64_MAX: nothing on disk
};

// Limits of the whole tree; 0: none.
struct ProgramLimits {
  std::int64_t memory_max = 0, memory_high = 0;  // bytes
  std::int64_t swap_max = -1;                    // bytes; 0: no swap
  std::int64_t cpu_milli = 0;                    // thousandths of one core
  std::int64_t cpu_weight = 0;                   // 1..10,000
  std::int64_t tasks_max = 0;

  bool operator==(const ProgramLimits &) const = default;
};

enum class IoClass : std::uint32_t {
  none = PICKET_IO_NONE,
  realtime = PICKET_IO_REALTIME,
  best_effort = PICKET_IO_BEST_EFFORT,
  idle = PICKET_IO_IDLE,
};

// How the system favours a process; what is not set stays (at a start: nice 0, every CPU, ...).
struct ProcessTuning {
  std::optional<std::int32_t> nice = {};
  std::optional<std::vector<std::uint32_t>> cpus = {};
  std::optional<IoClass> io_class = {};
  std::uint32_t io_level = 4;
  std::optional<std::int32_t> oom_score = {};
  bool whole_tree = false;  // tune() only
};

struct ProgramRlimit {
  std::string name;  // "nofile"
  std::uint64_t soft = PICKET_RLIMIT_INFINITY, hard = PICKET_RLIMIT_INFINITY;
};

struct ProgramSocket {
  std::int64_t descriptor;  // stays the caller's
  std::string name;
};

// See picket_program_spec.
struct ProgramSpec {
  std::string key;
  std::string blob = {};
  std::vector<std::string> arguments = {};
  std::vector<std::string> environment = {};  // "NAME=value"
  std::string directory = {}, user = {}, group = {};
  std::vector<std::string> groups = {};
  bool only_group = false;  // no groups but `groups`
  std::int32_t umask = -1;  // -1: 022
  std::vector<ProgramRlimit> rlimits = {};
  std::vector<ProgramSocket> sockets = {};
  ProcessTuning tuning = {};
  ProgramLimits limits = {};
  bool strict_limits = false;  // a limit that cannot be set fails the start
  bool no_new_privileges = false;
  bool notify = false;
  ProgramStream output = {}, error_output = {};
};

// See picket_process_events. All texts are valid during the call.
class ProcessListener {
 public:
  virtual ~ProcessListener() = default;
  virtual void on_found(const ProgramInfo &info) { static_cast<void>(info); }
  virtual void on_ready(const ProcessAbility &ability) { static_cast<void>(ability); }
  virtual void on_lost(std::string_view reason) { static_cast<void>(reason); }
  virtual void on_started(ProgramId program, const ProcessIdentity &leader) {
    static_cast<void>(program), static_cast<void>(leader);
  }
  virtual void on_start_failed(ProgramId program, const ProgramFailure &failure) {
    static_cast<void>(program), static_cast<void>(failure);
  }
  // Answer with Processes::acknowledge_output.
  virtual void on_output(ProgramId program, const ProgramOutput &output) {
    static_cast<void>(program), static_cast<void>(output);
  }
  virtual void on_notified(ProgramId program, std::int64_t sender, std::string_view message) {
    static_cast<void>(program), static_cast<void>(sender), static_cast<void>(message);
  }
  virtual void on_exited(ProgramId program, const ProgramExit &exit) {
    static_cast<void>(program), static_cast<void>(exit);
  }
  virtual void on_stragglers(ProgramId program, std::span<const ProcessMember> members, std::uint32_t count) {
    static_cast<void>(program), static_cast<void>(members), static_cast<void>(count);
  }
  virtual void on_emptied(ProgramId program, const ProgramTreeEnd &end) {
    static_cast<void>(program), static_cast<void>(end);
  }
  virtual void on_measured(ProgramId program, const ProgramUsage &usage) {
    static_cast<void>(program), static_cast<void>(usage);
  }
  virtual void on_request_failed(ProgramId program, const ProgramFailure &failure) {
    static_cast<void>(program), static_cast<void>(failure);
  }
};

// Calls `assignment(name, value)` for each line "NAME=value" of a notify message.
template <typename Function>
void each_notify_assignment(std::string_view message, const Function &assignment) {
  while (!message.empty()) {
    const std::size_t end = message.find('\n');
    const std::string_view line = message.substr(0, end);
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos && equals != 0) assignment(line.substr(0, equals), line.substr(equals + 1));
    message = end == std::string_view::npos ? std::string_view() : message.substr(end + 1);
  }
}

// The plugin's way to picket.process/1. One for each instance; closes in its destructor, and the programs run on. The
// functions are [any]; those that return a status never throw, and answer UNSUPPORTED before open().
class Processes {
 public:
  Processes() = default;
  Processes(const Processes &) = delete;
  Processes &operator=(const Processes &) = delete;
  ~Processes() { close(); }

  // [control] In Plugin::start. `listener` is called until close() returns. Throws Failure: UNSUPPORTED when this
  // daemon, or this system, cannot do it.
  void open(Host host, ProcessListener &listener) {
    close();
    auto body = std::make_unique<Body>(host, listener);
    const picket_process_events events = table_of_events();
    picket_error error{};
    const picket_status status = body->table.open(host.self(), &events, body.get(), &error);
    if (status != PICKET_OK) throw Failure(error.message, status);
    body_ = std::move(body);
  }
  [[nodiscard]] bool is_open() const noexcept { return body_ != nullptr; }
  void close() noexcept {
    if (body_ == nullptr) return;
    body_->table.close(body_->host.self());
    body_.reset();
  }

  // Throws Failure: INVALID (the specification is malformed), BUSY as FAILED (no holder now), LIMIT.
  ProgramId start(const ProgramSpec &spec) const;

  picket_status signal(ProgramId program, std::int32_t signal, bool whole_tree = false) const noexcept {
    if (!body_) return PICKET_UNSUPPORTED;
    return table().signal(self(), program, signal, whole_tree ? PICKET_SIGNAL_TREE : 0U);
  }
  // `signal` (0: none), then, after `timeout`, every process of the tree is killed.
  picket_status end(ProgramId program, std::int32_t signal, std::chrono::nanoseconds timeout,
                    bool signal_whole_tree = false) const noexcept {
    if (!body_) return PICKET_UNSUPPORTED;
    const picket_program_end how{sizeof how, signal_whole_tree ? PICKET_SIGNAL_TREE : 0U, signal, 0, timeout.count()};
    return table().end(self(), program, &how);
  }
  picket_status limit(ProgramId program, const ProgramLimits &limits) const noexcept {
    if (!body_) return PICKET_UNSUPPORTED;
    const picket_program_limits wanted = to_c(limits);
    return table().limit(self(), program, &wanted);
  }
  picket_status tune(ProgramId program, const ProcessTuning &tuning) const noexcept {
    if (!body_) return PICKET_UNSUPPORTED;
    const picket_process_tuning wanted = to_c(tuning);
    return table().tune(self(), program, &wanted);
  }
  picket_status set_main(ProgramId program, std::int64_t pid) const noexcept {
    return body_ ? table().set_main(self(), program, pid) : PICKET_UNSUPPORTED;
  }
  picket_status set_blob(ProgramId program, std::string_view blob) const noexcept {
    return body_ ? table().set_blob(self(), program, to_str(blob)) : PICKET_UNSUPPORTED;
  }
  // Everything before `offset` has been dealt with.
  picket_status acknowledge_output(ProgramId program, std::uint32_t stream, std::uint64_t offset) const noexcept {
    return body_ ? table().acknowledge_output(self(), program, stream, offset) : PICKET_UNSUPPORTED;
  }
  picket_status rotate(ProgramId program) const noexcept {
    return body_ ? table().rotate(self(), program) : PICKET_UNSUPPORTED;
  }
  picket_status measure(std::span<const ProgramId> programs) const noexcept {
    if (!body_) return PICKET_UNSUPPORTED;
    return table().measure(self(), programs.data(), static_cast<std::uint32_t>(programs.size()));
  }
  picket_status forget(ProgramId program) const noexcept {
    return body_ ? table().forget(self(), program) : PICKET_UNSUPPORTED;
  }
  // Throws Failure (NOT_FOUND) when there is no such process.
  ProgramId watch(std::int64_t pid, std::uint64_t start_time = 0, ProcessIdentity *identity = nullptr) const {
    if (!body_) throw Failure("the processes are not open", PICKET_UNSUPPORTED);
    picket_error error{};
    const ProgramId id = table().watch(self(), pid, start_time, identity, &error);
    if (id == 0) throw Failure(error.message, error.code);
    return id;
  }

 private:
  struct Body {
    Body(Host of, ProcessListener &calls)
        : host(of), table(of.require<picket_process>(PICKET_EXT_PROCESS)), check(of), listener(calls) {}
    Host host;
    picket_process table;
    detail::ThreadCheck check;
    ProcessListener &listener;
  };

  [[nodiscard]] const picket_process &table() const noexcept { return body_->table; }
  [[nodiscard]] void *self() const noexcept { return body_->host.self(); }

  static picket_program_limits to_c(const ProgramLimits &limits) noexcept {
    return {sizeof(picket_program_limits),
            0,
            limits.memory_max,
            limits.memory_high,
            limits.swap_max,
            limits.cpu_milli,
            limits.cpu_weight,
            limits.tasks_max};
  }
  // Borrows `tuning`.
  static picket_process_tuning to_c(const ProcessTuning &tuning) noexcept {
    picket_process_tuning wanted{};
    wanted.size = sizeof wanted;
    wanted.flags = (tuning.nice ? PICKET_TUNE_NICE : 0U) | (tuning.cpus ? PICKET_TUNE_AFFINITY : 0U) |
                   (tuning.io_class ? PICKET_TUNE_IO : 0U) | (tuning.oom_score ? PICKET_TUNE_OOM : 0U) |
                   (tuning.whole_tree ? PICKET_TUNE_TREE : 0U);
    wanted.nice = tuning.nice.value_or(0);
    wanted.io_class = static_cast<std::uint32_t>(tuning.io_class.value_or(IoClass::none));
    wanted.io_level = tuning.io_level;
    wanted.oom_score = tuning.oom_score.value_or(0);
    if (tuning.cpus) {
      wanted.cpus = tuning.cpus->data();
      wanted.cpu_count = static_cast<std::uint32_t>(tuning.cpus->size());
    }
    return wanted;
  }
  static picket_program_stream to_c(const ProgramStream &stream) noexcept {
    picket_program_stream wanted{};
    wanted.size = sizeof wanted;
    wanted.flags = (stream.capture ? PICKET_OUTPUT_CAPTURE : 0U) | (stream.file.empty() ? 0U : PICKET_OUTPUT_FILE) |
                   (stream.as_stdout ? PICKET_OUTPUT_AS_STDOUT : 0U);
    wanted.file = to_str(stream.file);
    wanted.rotate_bytes = stream.rotate_bytes;
    wanted.rotate_age_ns = stream.rotate_age.count();
    wanted.rotate_keep = stream.rotate_keep;
    wanted.backlog_memory = stream.backlog_memory;
    wanted.backlog_disk = stream.backlog_disk;
    return wanted;
  }

  // Runs `call(listener)` as a [control] call; what it throws is logged.
  template <typename Call>
  static void enter(void *context, const char *what, const Call &call) noexcept {
    const Body &body = *static_cast<Body *>(context);
    detail::guard([&](picket_status, std::string_view message) noexcept { body.host.log(PICKET_LOG_ERROR, message); },
                  [&] {
                    body.check.control(what);
                    call(body.listener);
                  });
  }
  static picket_process_events table_of_events() noexcept;

  std::unique_ptr<Body> body_;
};

inline ProgramId Processes::start(const ProgramSpec &spec) const {
  if (!body_) throw Failure("the processes are not open", PICKET_UNSUPPORTED);
  const auto texts = [](const std::vector<std::string> &list) {
    std::vector<picket_str> all;
    all.reserve(list.size());
    for (const std::string &text : list) all.push_back(to_str(text));
    return all;
  };
  const std::vector<picket_str> arguments = texts(spec.arguments), environment = texts(spec.environment),
                                groups = texts(spec.groups);
  std::vector<picket_program_rlimit> rlimits;
  for (const ProgramRlimit &limit : spec.rlimits) rlimits.push_back({to_str(limit.name), limit.soft, limit.hard});
  std::vector<picket_program_socket> sockets;
  for (const ProgramSocket &socket : spec.sockets) sockets.push_back({socket.descriptor, to_str(socket.name)});
  const picket_process_tuning tuning = to_c(spec.tuning);
  const picket_program_limits limits = to_c(spec.limits);
  const picket_program_stream output = to_c(spec.output), error_output = to_c(spec.error_output);

  picket_program_spec wanted{};
  wanted.size = sizeof wanted;
  wanted.flags = (spec.no_new_privileges ? PICKET_PROGRAM_NO_NEW_PRIVILEGES : 0U) |
                 (spec.notify ? PICKET_PROGRAM_NOTIFY : 0U) | (spec.only_group ? PICKET_PROGRAM_ONLY_GROUP : 0U) |
                 (spec.strict_limits ? PICKET_PROGRAM_STRICT_LIMITS : 0U);
  wanted.key = to_str(spec.key);
  wanted.blob = to_str(spec.blob);
  wanted.arguments = arguments.data();
  wanted.argument_count = static_cast<std::uint32_t>(arguments.size());
  wanted.environment = environment.data();
  wanted.environment_count = static_cast<std::uint32_t>(environment.size());
  wanted.directory = to_str(spec.directory);
  wanted.user = to_str(spec.user);
  wanted.group = to_str(spec.group);
  wanted.groups = groups.data();
  wanted.group_count = static_cast<std::uint32_t>(groups.size());
  wanted.umask = spec.umask;
  wanted.rlimits = rlimits.data();
  wanted.rlimit_count = static_cast<std::uint32_t>(rlimits.size());
  wanted.sockets = sockets.data();
  wanted.socket_count = static_cast<std::uint32_t>(sockets.size());
  wanted.tuning = &tuning;
  wanted.limits = &limits;
  wanted.output = &output;
  wanted.error_output = &error_output;
  picket_error error{};
  const ProgramId id = table().start(self(), &wanted, &error);
  if (id == 0) throw Failure(error.message, error.code);
  return id;
}

inline picket_process_events Processes::table_of_events() noexcept {
  picket_process_events events{};
  events.size = sizeof events;
  events.found = [](void *context, const picket_program_info *info) noexcept {
    enter(context, "found", [&](ProcessListener &to) { to.on_found(copy_table(info)); });
  };
  events.ready = [](void *context, const picket_process_ability *ability) noexcept {
    enter(context, "ready", [&](ProcessListener &to) { to.on_ready(copy_table(ability)); });
  };
  events.lost = [](void *context, picket_str reason) noexcept {
    enter(context, "lost", [&](ProcessListener &to) { to.on_lost(to_view(reason)); });
  };
  events.started = [](void *context, picket_program id, const picket_process_identity *leader) noexcept {
    enter(context, "started", [&](ProcessListener &to) { to.on_started(id, *leader); });
  };
  events.start_failed = [](void *context, picket_program id, const picket_program_failure *failure) noexcept {
    enter(context, "start_failed", [&](ProcessListener &to) { to.on_start_failed(id, copy_table(failure)); });
  };
  events.output = [](void *context, picket_program id, const picket_program_output *output) noexcept {
    enter(context, "output", [&](ProcessListener &to) { to.on_output(id, copy_table(output)); });
  };
  events.notified = [](void *context, picket_program id, std::int64_t sender, picket_str message) noexcept {
    enter(context, "notified", [&](ProcessListener &to) { to.on_notified(id, sender, to_view(message)); });
  };
  events.exited = [](void *context, picket_program id, const picket_program_exit *exit) noexcept {
    enter(context, "exited", [&](ProcessListener &to) { to.on_exited(id, copy_table(exit)); });
  };
  events.stragglers = [](void *context, picket_program id, const picket_process_member *members,
                         std::uint32_t count) noexcept {
    enter(context, "stragglers",
          [&](ProcessListener &to) { to.on_stragglers(id, std::span(members, count < 64U ? count : 64U), count); });
  };
  events.emptied = [](void *context, picket_program id, const picket_program_tree_end *end) noexcept {
    enter(context, "emptied", [&](ProcessListener &to) { to.on_emptied(id, copy_table(end)); });
  };
  events.measured = [](void *context, picket_program id, const picket_program_usage *usage) noexcept {
    enter(context, "measured", [&](ProcessListener &to) { to.on_measured(id, copy_table(usage)); });
  };
  events.request_failed = [](void *context, picket_program id, const picket_program_failure *failure) noexcept {
    enter(context, "request_failed", [&](ProcessListener &to) { to.on_request_failed(id, copy_table(failure)); });
  };
  return events;
}

}  // namespace picket

#endif
