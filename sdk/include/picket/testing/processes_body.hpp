// SPDX-License-Identifier: Apache-2.0
//
// The bodies of processes.hpp. Included at the end of that header and by nothing else.
#ifndef PICKET_TESTING_PROCESSES_BODY_HPP
#define PICKET_TESTING_PROCESSES_BODY_HPP

#include "processes.hpp"

namespace picket::testing {

inline std::vector<std::string> read_texts(const picket_str *list, std::uint32_t count) {
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < count; ++i) all.emplace_back(to_view(list[i]));
  return all;
}

inline ProgramStream read_stream(const picket_program_stream *theirs) {
  const picket_program_stream stream = copy_table(theirs);
  ProgramStream read;
  read.capture = (stream.flags & PICKET_OUTPUT_CAPTURE) != 0;
  read.as_stdout = (stream.flags & PICKET_OUTPUT_AS_STDOUT) != 0;
  read.file = to_view(stream.file);
  read.rotate_bytes = stream.rotate_bytes;
  read.rotate_age = std::chrono::nanoseconds(stream.rotate_age_ns);
  read.rotate_keep = stream.rotate_keep;
  read.backlog_memory = stream.backlog_memory;
  read.backlog_disk = stream.backlog_disk;
  return read;
}

inline ProgramLimits read_limits(const picket_program_limits *theirs) {
  const picket_program_limits limits = copy_table(theirs);
  if (theirs == nullptr) return {};
  return {limits.memory_max, limits.memory_high, limits.swap_max,
          limits.cpu_milli,  limits.cpu_weight,  limits.tasks_max};
}

inline ProcessTuning read_tuning(const picket_process_tuning *theirs) {
  const picket_process_tuning tuning = copy_table(theirs);
  ProcessTuning read;
  if ((tuning.flags & PICKET_TUNE_NICE) != 0) read.nice = tuning.nice;
  if ((tuning.flags & PICKET_TUNE_AFFINITY) != 0) read.cpus.emplace(tuning.cpus, tuning.cpus + tuning.cpu_count);
  if ((tuning.flags & PICKET_TUNE_IO) != 0) read.io_class = static_cast<IoClass>(tuning.io_class);
  read.io_level = tuning.io_level;
  if ((tuning.flags & PICKET_TUNE_OOM) != 0) read.oom_score = tuning.oom_score;
  read.whole_tree = (tuning.flags & PICKET_TUNE_TREE) != 0;
  return read;
}

inline ProgramSpec read_spec(const picket_program_spec &spec) {
  ProgramSpec read;
  read.key = to_view(spec.key);
  read.blob = to_view(spec.blob);
  read.arguments = read_texts(spec.arguments, spec.argument_count);
  read.environment = read_texts(spec.environment, spec.environment_count);
  read.directory = to_view(spec.directory);
  read.user = to_view(spec.user);
  read.group = to_view(spec.group);
  read.groups = read_texts(spec.groups, spec.group_count);
  read.only_group = (spec.flags & PICKET_PROGRAM_ONLY_GROUP) != 0;
  read.umask = spec.umask;
  for (std::uint32_t i = 0; i < spec.rlimit_count; ++i) {
    read.rlimits.push_back({std::string(to_view(spec.rlimits[i].name)), spec.rlimits[i].soft, spec.rlimits[i].hard});
  }
  for (std::uint32_t i = 0; i < spec.socket_count; ++i) {
    read.sockets.push_back({spec.sockets[i].descriptor, std::string(to_view(spec.sockets[i].name))});
  }
  read.tuning = read_tuning(spec.tuning);
  read.limits = read_limits(spec.limits);
  read.strict_limits = (spec.flags & PICKET_PROGRAM_STRICT_LIMITS) != 0;
  read.no_new_privileges = (spec.flags & PICKET_PROGRAM_NO_NEW_PRIVILEGES) != 0;
  read.notify = (spec.flags & PICKET_PROGRAM_NOTIFY) != 0;
  read.output = read_stream(spec.output);
  read.error_output = read_stream(spec.error_output);
  return read;
}

inline picket_status FakeProcesses::open(const picket_process_events *events, void *context, picket_error *error) {
  {
    const std::lock_guard lock(mutex_);
    if (!refuse_open_.empty()) {
      detail::set_error(error, PICKET_UNSUPPORTED, refuse_open_);
      return PICKET_UNSUPPORTED;
    }
    if (open_) around_.misuse("picket.process/1: open() was called twice");
    events_ = copy_table(events);
    context_ = context;
    open_ = true;
  }
  soon([](FakeProcesses &self) { self.announce(); });
  return PICKET_OK;
}

// found, ready, and then what the plugin has not heard of.
inline void FakeProcesses::announce() {
  std::vector<std::pair<ProgramId, Program>> known;
  {
    const std::lock_guard lock(mutex_);
    for (const auto &[id, program] : programs_) {
      if (!program.foreign) known.emplace_back(id, program);
    }
    ready_ = open_;
  }
  for (const auto &[id, program] : known) {
    picket_program_info info{};
    info.size = sizeof info;
    info.state = program.state;
    info.program = id;
    info.key = to_str(program.spec.key);
    info.blob = to_str(program.spec.blob);
    info.leader = identity(program.pid);
    info.started_ns = program.started_ns;
    info.started_wall_ns = program.started_wall_ns;
    info.acknowledged[0] = program.acknowledged[0];
    info.acknowledged[1] = program.acknowledged[1];
    info.flags = program.orphan ? PICKET_PROGRAM_ORPHAN : 0U;
    emit([&](const picket_process_events &to, void *context) {
      if (to.found != nullptr) to.found(context, &info);
    });
  }
  emit([&](const picket_process_events &to, void *context) {
    const picket_process_ability ability{sizeof ability, ability_, to_str(risk_), identity(999)};
    if (to.ready != nullptr) to.ready(context, &ability);
  });
  for (const auto &[id, program] : known) {
    if (program.state != PICKET_PROGRAM_RUNNING) report_exit(id);
    if (program.state == PICKET_PROGRAM_EMPTY) tree_ends(id, 0);
  }
}

inline ProgramId FakeProcesses::start(const picket_program_spec &spec, picket_error *error) {
  ProgramId id = 0;
  FakeBehaviour behaviour;
  {
    const std::lock_guard lock(mutex_);
    if (!ready_) {
      detail::set_error(error, PICKET_BUSY, "no holder at the moment; start after `ready`");
      return 0;
    }
    if (spec.key.length == 0 || spec.argument_count == 0) {
      detail::set_error(error, PICKET_INVALID, "a program needs a key and a command");
      return 0;
    }
    id = ++last_id_;
    Program program;
    program.spec = read_spec(spec);
    program.started = false;
    program.pid = ++last_pid_;
    starts_.push_back({id, program.spec});
    behaviour = behaviour_of(program);
    programs_.emplace(id, std::move(program));
  }
  soon([id, behaviour](FakeProcesses &self) {
    if (!behaviour.fails_at.empty()) return self.fail(id, behaviour.fails_at, behaviour.system_error, true);
    ProcessIdentity leader{};
    {
      const std::lock_guard lock(self.mutex_);
      Program &program = self.programs_[id];
      program.started = true;
      program.started_ns = self.around_.monotonic_ns();
      program.started_wall_ns = self.around_.wall_ns();
      leader = self.identity(program.pid);
    }
    self.emit([&](const picket_process_events &to, void *context) {
      if (to.started != nullptr) to.started(context, id, &leader);
    });
  });
  return id;
}

inline void FakeProcesses::fail(ProgramId id, const std::string &step, std::int32_t system_error, bool of_start) {
  const std::string message = step + ": error " + std::to_string(system_error);
  const picket_program_failure failure{sizeof failure, system_error, to_str(step), to_str(message)};
  if (of_start) {
    const std::lock_guard lock(mutex_);
    programs_.erase(id);
  }
  emit([&](const picket_process_events &to, void *context) {
    const auto call = of_start ? to.start_failed : to.request_failed;
    if (call != nullptr) call(context, id, &failure);
  });
}

inline ProgramId FakeProcesses::watch(std::int64_t pid, std::uint64_t start_time, picket_process_identity *identity_of,
                                      picket_error *error) {
  const std::lock_guard lock(mutex_);
  const auto found = foreign_.find(pid);
  if (found == foreign_.end() || (start_time != 0 && start_time != found->second)) {
    detail::set_error(error, PICKET_NOT_FOUND, "there is no process " + std::to_string(pid));
    return 0;
  }
  Program program;
  program.pid = pid;
  program.foreign = true;
  program.started_ns = around_.monotonic_ns();
  programs_.emplace(++last_id_, std::move(program));
  requests_.push_back({"watch", last_id_, pid});
  if (identity_of != nullptr) {
    *identity_of = identity(pid);
    identity_of->start_time = found->second;
  }
  return last_id_;
}

inline picket_status FakeProcesses::request(FakeRequest request) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = programs_.find(request.program);
    if (found == programs_.end()) return PICKET_NOT_FOUND;
    if (!ready_) return PICKET_BUSY;
    if (request.what == "set_blob") found->second.spec.blob = request.blob;
    requests_.push_back(request);
  }
  soon([request = std::move(request)](FakeProcesses &self) { self.carry_out(request); });
  return PICKET_OK;
}

inline void FakeProcesses::carry_out(const FakeRequest &request) {
  FakeBehaviour behaviour;
  ProgramUsage usage{};
  {
    const std::lock_guard lock(mutex_);
    const auto found = programs_.find(request.program);
    if (found == programs_.end()) return;
    behaviour = behaviour_of(found->second);
    usage = found->second.usage;
    usage.size = sizeof usage;
  }
  const bool refusable = request.what == "signal" || request.what == "limit" || request.what == "tune";
  if (refusable && behaviour.refuses_requests != 0) {
    return fail(request.program, request.what, behaviour.refuses_requests, false);
  }
  if (request.what == "signal") signalled(request.program, static_cast<std::int32_t>(request.number), request.tree);
  if (request.what == "end") end(request);
  if (request.what == "measure") {
    emit([&](const picket_process_events &to, void *context) {
      if (to.measured != nullptr) to.measured(context, request.program, &usage);
    });
  }
}

inline void FakeProcesses::end(const FakeRequest &request) {
  const ProgramId id = request.program;
  std::uint64_t turn = 0;
  {
    const std::lock_guard lock(mutex_);
    turn = ++programs_[id].end;
  }
  if (request.number != 0) signalled(id, static_cast<std::int32_t>(request.number), request.tree);
  const auto time_is_up = [id, turn](FakeProcesses &self) {
    {
      const std::lock_guard lock(self.mutex_);
      const auto found = self.programs_.find(id);
      if (found == self.programs_.end() || found->second.end != turn) return;
      if (found->second.state == PICKET_PROGRAM_EMPTY) return;
    }
    self.report_stragglers(id);
    self.killed(id);
  };
  around_.later(request.number == 0 ? 0 : std::max<std::int64_t>(request.timeout_ns, 0), [this, time_is_up] {
    queue(time_is_up);
    pump();
  });
}

// Signals that end a program by default.
inline void FakeProcesses::signalled(ProgramId id, std::int32_t signal, bool tree) {
  FakeBehaviour behaviour;
  {
    const std::lock_guard lock(mutex_);
    const auto found = programs_.find(id);
    if (found == programs_.end()) return;
    behaviour = behaviour_of(found->second);
  }
  if (signal == 9) {
    if (tree) return killed(id);
    return leader_ends(id, PICKET_EXIT_SIGNAL, 9, 0);
  }
  const bool ends = signal == 1 || signal == 2 || signal == 3 || signal == 15;
  if (!ends || behaviour.ignores_signals) return;
  if (behaviour.exit_code >= 0) return leader_ends(id, PICKET_EXIT_CODE, behaviour.exit_code, 0);
  leader_ends(id, PICKET_EXIT_SIGNAL, signal, 0);
}

inline void FakeProcesses::killed(ProgramId id) {
  std::uint32_t count = 0;
  bool leader = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = programs_.find(id);
    if (found == programs_.end() || found->second.state == PICKET_PROGRAM_EMPTY) return;
    leader = found->second.state == PICKET_PROGRAM_RUNNING;
    count = static_cast<std::uint32_t>(behaviour_of(found->second).leaves_behind.size()) + (leader ? 1U : 0U);
    if (leader) {
      found->second.state = PICKET_PROGRAM_EXITED;
      found->second.exit = {
          sizeof(ProgramExit), PICKET_EXIT_SIGNAL, 9, 0, around_.monotonic_ns(), around_.wall_ns(), -1, -1, -1};
    }
  }
  if (leader) report_exit(id);
  tree_ends(id, count);
}

inline void FakeProcesses::leader_ends(ProgramId id, std::uint32_t how, std::int32_t value, std::uint32_t flags) {
  queue([=](FakeProcesses &self) {
    bool empty = false;
    {
      const std::lock_guard lock(self.mutex_);
      const auto found = self.programs_.find(id);
      if (found == self.programs_.end() || found->second.state != PICKET_PROGRAM_RUNNING) return;
      found->second.state = PICKET_PROGRAM_EXITED;
      found->second.exit = {sizeof(ProgramExit),    how, value, flags, self.around_.monotonic_ns(),
                            self.around_.wall_ns(), -1,  -1,    -1};
      empty = self.behaviour_of(found->second).leaves_behind.empty();
    }
    self.report_exit(id);
    if (empty) {
      self.tree_ends(id, 0);
    } else {
      self.report_stragglers(id);
    }
  });
  pump();
}

inline void FakeProcesses::report_exit(ProgramId id) {
  ProgramExit exit{};
  {
    const std::lock_guard lock(mutex_);
    exit = programs_[id].exit;
  }
  emit([&](const picket_process_events &to, void *context) {
    if (to.exited != nullptr) to.exited(context, id, &exit);
  });
}

inline void FakeProcesses::report_stragglers(ProgramId id) {
  std::vector<std::string> names;
  std::vector<picket_process_member> members;
  {
    const std::lock_guard lock(mutex_);
    const Program &program = programs_[id];
    if (program.state == PICKET_PROGRAM_RUNNING) names.push_back(program.spec.key);
    for (const std::string &name : behaviour_of(program).leaves_behind) names.push_back(name);
    std::int64_t pid = program.pid;
    for (const std::string &name : names) members.push_back({pid++, to_str(name)});
  }
  emit([&](const picket_process_events &to, void *context) {
    if (to.stragglers != nullptr) {
      to.stragglers(context, id, members.data(), static_cast<std::uint32_t>(members.size()));
    }
  });
}

inline void FakeProcesses::tree_ends(ProgramId id, std::uint32_t killed) {
  queue([=](FakeProcesses &self) {
    {
      const std::lock_guard lock(self.mutex_);
      const auto found = self.programs_.find(id);
      if (found == self.programs_.end()) return;
      found->second.state = PICKET_PROGRAM_EMPTY;
    }
    const picket_program_tree_end end{sizeof end, PICKET_EMPTY_PROVEN, killed, 0};
    self.emit([&](const picket_process_events &to, void *context) {
      if (to.emptied != nullptr) to.emptied(context, id, &end);
    });
  });
}

inline void FakeProcesses::write(ProgramId id, std::uint32_t stream, std::string data, std::uint64_t dropped,
                                 std::uint32_t flags) {
  queue([=, text = std::move(data)](FakeProcesses &self) {
    picket_program_output output{};
    {
      const std::lock_guard lock(self.mutex_);
      const auto found = self.programs_.find(id);
      if (found == self.programs_.end() || stream > 1) return;
      output = {sizeof output, stream, found->second.offset[stream], to_str(text), dropped,
                flags,         0,      self.around_.wall_ns()};
      found->second.offset[stream] += text.size() + dropped;
    }
    self.emit([&](const picket_process_events &to, void *context) {
      if (to.output != nullptr) to.output(context, id, &output);
    });
  });
  pump();
}

inline picket_status FakeProcesses::acknowledge(ProgramId id, std::uint32_t stream, std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  const auto found = programs_.find(id);
  if (found == programs_.end()) return PICKET_NOT_FOUND;
  if (stream > 1) return PICKET_INVALID;
  if (!ready_) return PICKET_BUSY;
  if (offset > found->second.offset[stream]) around_.misuse("output was acknowledged that had not come");
  found->second.acknowledged[stream] = std::max(found->second.acknowledged[stream], offset);
  return PICKET_OK;
}

inline picket_status FakeProcesses::forget(ProgramId id) {
  const std::lock_guard lock(mutex_);
  const auto found = programs_.find(id);
  if (found == programs_.end()) return PICKET_NOT_FOUND;
  if (!ready_) return PICKET_BUSY;
  if (!found->second.foreign && found->second.state != PICKET_PROGRAM_EMPTY) return PICKET_REFUSED;
  requests_.push_back({"forget", id});
  programs_.erase(found);
  return PICKET_OK;
}

inline void FakeProcesses::lose_holder(std::string reason) {
  {
    const std::lock_guard lock(mutex_);
    ready_ = false;
    for (auto &[id, program] : programs_) program.orphan = !program.foreign;
  }
  queue([reason = std::move(reason)](FakeProcesses &self) {
    self.emit([&](const picket_process_events &to, void *context) {
      if (to.lost != nullptr) to.lost(context, to_str(reason));
    });
  });
  pump();
}

inline void FakeProcesses::holder_returns() {
  queue([](FakeProcesses &self) { self.announce(); });
  pump();
}

}  // namespace picket::testing

#endif
