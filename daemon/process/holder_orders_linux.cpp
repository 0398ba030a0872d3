// SPDX-License-Identifier: Apache-2.0
//
// What the daemon asks of the holder.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "picket/ext/process.h"
#include "process/holder_core_linux.hpp"
#include "process/spawn_linux.hpp"

namespace picket::process {
namespace {

constexpr std::size_t kMostPrograms = 10'000;
constexpr int kOrderPipe = 256 << 10;  // bytes of a pipe: fewer turns for a program that writes much

std::string notify_name(const std::string& holder, ProgramId id) {
  return "picket/" + holder + "/" + std::to_string(id);
}

}  // namespace

void Holder::on(Hello& order) {
  static_cast<void>(order);  // so far there is one version, and frames that only grow
  Welcome welcome;
  welcome.holder = self_;
  welcome.ability =
      parts_.groups.ability() | PICKET_ABLE_SUBREAPER | (foreign_statuses_are_kept() ? PICKET_ABLE_FOREIGN_STATUS : 0U);
  welcome.risk = risk_;
  welcome.next_id = next_id_;
  client_->send(Report(welcome));
}

void Holder::on(Attach& order) {
  attached_.push_back(order.instance);
  std::vector<Program*> ours;
  for (const auto& [id, program] : programs_) {
    if (program->facts.instance == order.instance && !program->foreign) ours.push_back(program.get());
  }
  std::sort(ours.begin(), ours.end(), [](const Program* a, const Program* b) { return a->facts.id < b->facts.id; });
  for (Program* const program : ours) {
    program->attached = true;
    for (std::uint32_t i = 0; i < 2; ++i) {
      program->streams[i].backlog.rewind();
      program->facts.acknowledged[i] = program->streams[i].backlog.acknowledged();
    }
    list(*program);
  }
  client_->send(Report(Listed{order.instance}));
  for (Program* const program : ours) {
    pump(*program);
    for (std::uint32_t i = 0; i < 2; ++i) tell_lost(*program, i);
    if (program->exit) report(*program, *program->exit);
    if (program->end) report(*program, *program->end);
  }
}

// Beside it the ends of its pipes, for a daemon that may need to give them to another holder.
void Holder::list(Program& program) {
  client_->send(Report(program.facts));
  Started pipes;
  pipes.id = program.facts.id;
  pipes.leader = program.facts.leader;
  std::vector<Descriptor> ends = copy_pipes(program, pipes);
  if (pipes.pipes != 0 || program.facts.state == PICKET_PROGRAM_RUNNING) client_->send(Report(pipes), std::move(ends));
}

std::vector<Descriptor> Holder::copy_pipes(Program& program, Started& started) {
  std::vector<Descriptor> copies;
  for (std::uint32_t i = 0; i < 2; ++i) {
    ProgramStream& stream = program.streams[i];
    if (!stream.pipe || (!stream.is_copied && pipe_room_ == 0)) continue;
    Descriptor copy(fcntl(stream.pipe.get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) continue;
    if (!std::exchange(stream.is_copied, true)) --pipe_room_;
    started.pipes |= 1U << i;
    copies.push_back(std::move(copy));
  }
  return copies;
}

void Holder::on(Detach& order) {
  std::erase(attached_, order.instance);
  std::vector<ProgramId> foreign;
  for (const auto& [id, program] : programs_) {
    if (program->facts.instance != order.instance) continue;
    program->attached = false;
    for (ProgramStream& stream : program->streams) {
      stream.backlog.rewind();
      if (stream.captured && stream.ended) stream.end_reported = false;
    }
    if (program->foreign) foreign.push_back(id);
  }
  for (const ProgramId id : foreign) erase(id);
}

// --- start -----------------------------------------------------------------------------------------------------------

void Holder::refuse_start(const Start& order, const char* step, int error, const std::string& what) {
  Failed failed;
  failed.id = order.id;
  failed.of_start = true;
  failed.step = step;
  failed.system_error = error;
  failed.message = std::string(step) + (what.empty() ? "" : ": " + what) + ": " + errno_text(error);
  client_->send(Report(failed));
}

bool Holder::prepare_streams(const Start& order, Program& program, Descriptor (&ends)[2]) {
  const StreamSpec* const specs[2] = {&order.output, &order.error_output};
  static constexpr const char* kSteps[2] = {"output", "error output"};
  for (std::uint32_t i = 0; i < 2; ++i) {
    ProgramStream& stream = program.streams[i];
    const bool is_shared = i == 1 && (specs[i]->flags & PICKET_OUTPUT_AS_STDOUT) != 0;
    const bool is_wanted = (specs[i]->flags & (PICKET_OUTPUT_CAPTURE | PICKET_OUTPUT_FILE)) != 0;
    if (is_shared || !is_wanted) {
      stream.ended = stream.end_reported = true;
      if (is_shared && ends[0]) ends[1].reset(fcntl(ends[0].get(), F_DUPFD_CLOEXEC, 0));
      continue;
    }
    int pipe_ends[2] = {-1, -1};
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
      refuse_start(order, kSteps[i], errno, "");
      return false;
    }
    stream.pipe.reset(pipe_ends[0]);
    ends[i].reset(pipe_ends[1]);
    fcntl(stream.pipe.get(), F_SETFL, O_NONBLOCK);  // of our end alone: the other is another file description
    fcntl(stream.pipe.get(), F_SETPIPE_SZ, kOrderPipe);
    const char* step = kSteps[i];
    if (const int error = open_stream(stream, *specs[i], 0, step); error != 0) {
      refuse_start(order, kSteps[i], error, specs[i]->file);
      return false;
    }
  }
  return true;
}

bool Holder::prepare_group(const Start& order, Program& program, Descriptor& group) {
  const bool is_strict = (order.flags & PICKET_PROGRAM_STRICT_LIMITS) != 0;
  const Limits none;
  if (!parts_.groups.usable()) {
    if (!is_strict || order.limits == none) return true;
    refuse_start(order, "limits", ENOTSUP, "there are no control groups here");
    return false;
  }
  program.group = parts_.groups.path_of(order.id);
  int error = make_group(program.group);
  if (error == 0) {
    group.reset(open(program.group.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
    program.group_events.reset(open((program.group + "/cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
    if (!group || !program.group_events) error = errno;
  }
  if (error != 0) {
    refuse_start(order, "control group", error, program.group);
    return false;
  }
  const auto failed = set_group_limits(program.group, order.limits, false);
  if (failed && is_strict) {
    refuse_start(order, "limits", failed->error, program.group + "/" + failed->file);
    return false;
  }
  return true;
}

// The socket has no place in the file system, so that the program's user needs no way to it.
std::string Holder::prepare_notify(Program& program) {
  program.notify.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!program.notify) return {};
  const int on = 1;
  setsockopt(program.notify.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = notify_name(parts_.name, program.facts.id);
  std::memcpy(address.sun_path + 1, name.data(), std::min(name.size(), sizeof address.sun_path - 1));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(program.notify.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return {};
  return "NOTIFY_SOCKET=@" + name;
}

void Holder::on(Start& order) {
  next_id_ = std::max(next_id_, order.id + 1);
  if (programs_.size() >= kMostPrograms)
    return refuse_start(order, "spawn", EAGAIN, "10,000 programs are held already");
  if (order.arguments.empty() || find(order.id) != nullptr || came_.size() != order.socket_names.size()) {
    return refuse_start(order, "spawn", EINVAL, "");
  }
  auto made = std::make_unique<Program>();
  Program& program = *made;
  program.facts.id = order.id;
  program.facts.instance = order.instance;
  program.facts.key = order.key;
  program.facts.blob = order.blob;
  program.facts.output = order.output;
  program.facts.error_output = order.error_output;
  program.facts.leader.boot_id = self_.boot_id;
  program.facts.started_ns = now();
  program.facts.started_wall_ns = wall();
  program.attached = std::find(attached_.begin(), attached_.end(), order.instance) != attached_.end();
  program.mark = parts_.name + "." + std::to_string(order.id);
  program.user = order.uid >= 0 ? order.uid : static_cast<std::int64_t>(geteuid());
  program.limits = order.limits;

  SpawnPlan plan;
  plan.order = &order;
  plan.descriptors = parts_.descriptors;
  plan.extra_environment.push_back(std::string(kMarkVariable) + "=" + program.mark);
  Descriptor ends[2], group;
  if (!prepare_streams(order, program, ends) || !prepare_group(order, program, group)) {
    if (!program.group.empty()) remove_group(program.group);
    return;
  }
  if ((order.flags & PICKET_PROGRAM_NOTIFY) != 0) {
    std::string variable = prepare_notify(program);
    if (variable.empty()) {
      const int error = errno;
      if (!program.group.empty()) remove_group(program.group);
      return refuse_start(order, "notify", error, "");
    }
    plan.extra_environment.push_back(std::move(variable));
  }
  if (!order.socket_names.empty()) {
    std::string names = "LISTEN_FDNAMES=";
    for (std::size_t i = 0; i < order.socket_names.size(); ++i) names += (i == 0 ? "" : ":") + order.socket_names[i];
    plan.extra_environment.push_back("LISTEN_FDS=" + std::to_string(order.socket_names.size()));
    plan.extra_environment.push_back(std::move(names));
    for (const Descriptor& socket : came_) plan.sockets.push_back(socket.get());
  }
  const Descriptor record(create_record(parts_.directory, program.facts));
  if (!record) {
    const int error = errno;
    if (!program.group.empty()) remove_group(program.group);
    return refuse_start(order, "record", error, record_path(parts_.directory, order.id));
  }
  plan.output = ends[0].get();
  plan.error_output = ends[1].get();
  plan.group = group.get();
  plan.record = record.get();
  plan.record_offset = kRecordPidOffset;
  const SpawnResult result = spawn(plan);
  if (result.pid < 0) {
    remove_record(parts_.directory, order.id);
    if (!program.group.empty()) remove_group(program.group);
    const std::string step = result.step;
    return refuse_start(order, result.step, result.error,
                        step == "program"     ? order.arguments.front()
                        : step == "directory" ? order.directory
                                              : "");
  }
  program.facts.leader.pid = result.pid;
  program.facts.leader.start_time = result.start_time;
  const ProgramId id = order.id;
  by_leader_[result.pid] = id;
  Started started;
  started.id = id;
  started.leader = program.facts.leader;
  for (std::uint32_t i = 0; i < 2; ++i) {
    if (!program.streams[i].pipe) continue;
    watch(program.streams[i].pipe.get(), i == 0 ? Source::output : Source::error_output, id, EPOLLIN);
  }
  if (program.notify) watch(program.notify.get(), Source::notify, id, EPOLLIN);
  if (program.group_events) watch(program.group_events.get(), Source::group, id, EPOLLPRI);
  programs_.emplace(id, std::move(made));
  if (!program.attached) return;
  std::vector<Descriptor> copies = copy_pipes(program, started);
  client_->send(Report(started), std::move(copies));
}

// --- requests --------------------------------------------------------------------------------------------------------

void Holder::on(Signal& order) {
  Program* const program = find(order.id);
  if (program == nullptr) return;
  if ((order.flags & PICKET_SIGNAL_TREE) == 0) {
    if (const int error = signal_leader(*program, order.signal); error != 0) fail(*program, "signal", error);
    return;
  }
  int first_error = 0;
  for (const Member& member : members(*program)) {
    const auto identity = identify(static_cast<pid_t>(member.pid));
    const Descriptor process(identity ? open_identified(*identity) : -1);
    if (!process) continue;  // gone meanwhile
    const int error = signal_process(process.get(), order.signal);
    if (error != 0 && error != ESRCH && first_error == 0) first_error = error;
  }
  if (first_error != 0) fail(*program, "signal", first_error);
}

void Holder::on(End& order) {
  Program* const program = find(order.id);
  if (program == nullptr || program->empty()) return;
  program->ending = true;
  program->stragglers_told = false;
  const std::int64_t time = now();
  program->end_due_ns = order.signal == 0 || order.timeout_ns <= 0 ? time : time + order.timeout_ns;
  timed_.insert(order.id);
  if (order.signal == 0) return;
  if ((order.flags & PICKET_SIGNAL_TREE) != 0) {
    Signal all{order.id, order.signal, PICKET_SIGNAL_TREE};
    on(all);
  } else if (program->running()) {
    const int error = signal_leader(*program, order.signal);
    if (error != 0 && error != ESRCH) fail(*program, "end", error);
  }
}

void Holder::on(Limit& order) {
  Program* const program = find(order.id);
  if (program == nullptr) return;
  if (program->group.empty()) return fail(*program, "limit", ENOTSUP, "there are no control groups here");
  const auto failed = set_group_limits(program->group, order.limits, true);
  program->limits = order.limits;
  if (failed) fail(*program, "limit", failed->error, program->group + "/" + failed->file);
}

void Holder::on(Tune& order) {
  Program* const program = find(order.id);
  if (program == nullptr) return;
  if ((order.tuning.flags & PICKET_TUNE_TREE) == 0) {
    if (!tune_process(*program, static_cast<pid_t>(program->facts.leader.pid), order.tuning)) {
      fail(*program, "tune", errno);
    }
    return;
  }
  int error = 0;
  for (const Member& member : members(*program)) {
    if (!tune_process(*program, static_cast<pid_t>(member.pid), order.tuning) && errno != ESRCH) error = errno;
  }
  if (error != 0) fail(*program, "tune", error);
}

void Holder::on(SetMain& order) {
  Program* const program = find(order.id);
  if (program == nullptr || program->foreign || program->empty()) return;
  const std::vector<Member> all = members(*program);
  const bool is_member = std::any_of(all.begin(), all.end(), [&](const Member& m) { return m.pid == order.pid; });
  const auto identity = is_member ? identify(static_cast<pid_t>(order.pid)) : std::nullopt;
  Descriptor process(identity ? open_identified(*identity) : -1);
  if (!process) {
    return fail(*program, "set_main", ESRCH, "process " + std::to_string(order.pid) + " is not of this program's tree");
  }
  forget_leader(*program);
  program->facts.leader = *identity;
  program->facts.state = PICKET_PROGRAM_RUNNING;
  program->exit.reset();
  by_leader_[static_cast<pid_t>(order.pid)] = order.id;
  // Whether it ends as our child depends on whether its parent lives until then; the descriptor tells in both cases.
  program->pidfd = std::move(process);
  watch(program->pidfd.get(), Source::pidfd, order.id, EPOLLIN);
  rewrite_record(parts_.directory, {program->facts, program->exit, program->end});
}

void Holder::on(SetBlob& order) {
  Program* const program = find(order.id);
  if (program == nullptr || program->foreign) return;
  program->facts.blob = order.blob;
  rewrite_record(parts_.directory, {program->facts, program->exit, program->end});
}

void Holder::on(Acknowledge& order) {
  Program* const program = find(order.id);
  if (program == nullptr || order.stream > 1) return;
  program->streams[order.stream].backlog.acknowledge(order.offset);
  to_pump_.push_back(order.id);
}

void Holder::on(Rotate& order) {
  Program* const program = find(order.id);
  if (program == nullptr) return;
  const RotatingFile* done = nullptr;
  for (ProgramStream& stream : program->streams) {
    if (!stream.file || stream.file.get() == done) continue;
    done = stream.file.get();
    if (const int error = stream.file->rotate(now()); error != 0) fail(*program, "rotate", error, stream.file->path());
  }
}

void Holder::on(Forget& order) {
  const Program* const program = find(order.id);
  if (program != nullptr && (program->foreign || program->empty())) erase(order.id);
}

void Holder::on(Measure& order) {
  if (find(order.id) != nullptr) to_measure_.push_back(order.id);
}

void Holder::on(Watch& order) {
  next_id_ = std::max(next_id_, order.id + 1);
  if (find(order.id) != nullptr || programs_.size() >= kMostPrograms) return;
  auto program = std::make_unique<Program>();
  program->facts.id = order.id;
  program->facts.instance = order.instance;
  program->facts.leader = order.process;
  program->foreign = true;
  program->is_child = false;
  program->attached = true;
  for (ProgramStream& stream : program->streams) stream.ended = stream.end_reported = true;
  program->pidfd.reset(open_identified(order.process));
  Program& kept = *programs_.emplace(order.id, std::move(program)).first->second;
  if (kept.pidfd) {
    watch(kept.pidfd.get(), Source::pidfd, order.id, EPOLLIN);
  } else {
    leader_ended(kept, std::nullopt, nullptr);  // it ended between the daemon's look and ours
  }
}

void Holder::on(TakeStream& order) {
  Program* const program = find(order.id);
  if (program == nullptr || order.stream > 1 || came_.size() != 1 || program->streams[order.stream].pipe) return;
  ProgramStream& stream = program->streams[order.stream];
  stream.pipe = std::move(came_.front());
  stream.ended = stream.end_reported = false;
  const char* step = "output";
  if (const int error = open_stream(stream, order.spec, order.offset, step); error != 0) {
    fail(*program, order.stream == 0 ? "output" : "error output", error, order.spec.file);
  }
  program->facts.acknowledged[order.stream] = order.offset;
  program->facts.flags |= PICKET_PROGRAM_ORPHAN;
  watch(stream.pipe.get(), order.stream == 0 ? Source::output : Source::error_output, order.id, EPOLLIN);
}

}  // namespace picket::process
