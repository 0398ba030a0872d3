// SPDX-License-Identifier: Apache-2.0
#include "process/holder_core_linux.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>
#include <variant>

#include "picket/ext/process.h"

namespace picket::process {
namespace {

constexpr unsigned kSourceBits = 4;
constexpr std::int64_t kHolderMillisecond = 1'000'000;
constexpr std::size_t kReadBuffer = 256U << 10U;

std::int64_t clock_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

const char* const kSubreaperRisk =
    "without control groups a tree is kept together by parentage, session and a mark in the environment: a process "
    "that "
    "leaves its session and clears its environment between two looks is not ended with its program, but stays a child "
    "of "
    "the holder";

}  // namespace

Holder::Holder(Parts parts) : parts_(std::move(parts)), buffer_(kReadBuffer) {}

std::int64_t Holder::now() const {
  return clock_ns(CLOCK_MONOTONIC);
}

std::int64_t Holder::wall() {
  return clock_ns(CLOCK_REALTIME);
}

int Holder::prepare() {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return errno;
  sigset_t signals;
  sigfillset(&signals);
  // Everything is blocked, so that no signal ends what the programs depend on; only deaths of children are read.
  if (sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) return errno;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  signals_.reset(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
  if (!signals_ || !epoll_) return errno;
  if (!watch(signals_.get(), Source::signals, 0, EPOLLIN)) return errno;
  if (!watch(parts_.listener.get(), Source::listener, 0, EPOLLIN)) return errno;
  self_ = identify(getpid()).value_or(Identity{});
  risk_ = parts_.groups.shortcoming();
  if (!parts_.groups.usable()) risk_ = std::string(kSubreaperRisk) + " (" + risk_ + ")";
  std::vector<std::string> damaged;
  for (Record& record : read_records(parts_.directory, damaged)) load(std::move(record));
  return 0;
}

// A program of an earlier holder. It is ours only if the kernel says so; a pid alone says nothing.
void Holder::load(Record&& record) {
  next_id_ = std::max(next_id_, record.program.id + 1);
  if (record.program.leader.boot_id != self_.boot_id || record.program.leader.pid == 0) {
    remove_record(parts_.directory, record.program.id);
    return;
  }
  auto program = std::make_unique<Program>();
  program->facts = std::move(record.program);
  program->facts.flags |= PICKET_PROGRAM_ORPHAN;
  program->facts.state = PICKET_PROGRAM_RUNNING;
  program->is_child = false;
  program->mark = parts_.name + "." + std::to_string(program->facts.id);
  program->exit = record.exit;
  program->end = record.end;
  for (ProgramStream& stream : program->streams) stream.ended = stream.end_reported = true;
  const ProgramId id = program->facts.id;
  const Identity leader = program->facts.leader;
  Program& kept = *programs_.emplace(id, std::move(program)).first->second;
  if (kept.end) {
    kept.facts.state = PICKET_PROGRAM_EMPTY;
    return;
  }
  if (parts_.groups.usable()) {
    const std::string group = parts_.groups.path_of(id);
    const auto events = read_small_file(group + "/cgroup.events");
    if (events) {
      kept.group = group;
      kept.group_events.reset(open((group + "/cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
      watch(kept.group_events.get(), Source::group, id, EPOLLPRI);
    }
  }
  kept.pidfd.reset(kept.exit ? -1 : open_identified(leader));
  if (kept.pidfd) {
    by_leader_.emplace(static_cast<pid_t>(leader.pid), id);
    watch(kept.pidfd.get(), Source::pidfd, id, EPOLLIN);
  } else {
    leader_ended(kept, std::nullopt, nullptr);
    look(kept);  // so that whoever asks first hears what is true
  }
}

bool Holder::watch(int descriptor, Source source, ProgramId id, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id << kSourceBits | static_cast<std::uint64_t>(source);
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

// The daemon has copies of pipes, so that closing ours alone would not take it out of epoll.
void Holder::close_watched(Descriptor& descriptor) {
  if (!descriptor) return;
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor.get(), nullptr);
  descriptor.reset();
}

Program* Holder::find(ProgramId id) {
  const auto found = programs_.find(id);
  return found == programs_.end() ? nullptr : found->second.get();
}

void Holder::run() {
  while (client_ != nullptr || !had_client_ || !programs_.empty()) wait_and_handle();
}

int Holder::time_to_wait() const {
  if (!to_measure_.empty()) return 0;
  std::int64_t due = INT64_MAX;
  for (const ProgramId id : timed_) {
    const Program& program = *programs_.at(id);
    if (program.end_due_ns != 0) due = std::min(due, program.end_due_ns);
    if (program.look_due_ns != 0) due = std::min(due, program.look_due_ns);
  }
  if (due == INT64_MAX) return had_client_ ? -1 : 60'000;
  const std::int64_t left = due - now();
  return left <= 0 ? 0 : static_cast<int>(std::min<std::int64_t>(left / kHolderMillisecond + 1, 60'000));
}

void Holder::wait_and_handle() {
  std::array<epoll_event, 64> events{};
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), time_to_wait());
  if (count == 0 && !had_client_ && timed_.empty()) had_client_ = true;  // whoever started us has not come
  table_.reset();
  for (int i = 0; i < count; ++i) {
    const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
    handle(static_cast<Source>(tag & ((1U << kSourceBits) - 1)), tag >> kSourceBits,
           events[static_cast<std::size_t>(i)].events);
  }
  flush_client();  // a death is told before the look at /proc that follows it
  run_due();
  if (!to_measure_.empty()) {
    const ProgramId id = to_measure_.front();
    to_measure_.pop_front();
    if (Program* const program = find(id)) report(*program, measure(*program));
  }
  pump_all();
  flush_client();
}

void Holder::handle(Source source, ProgramId id, std::uint32_t events) {
  switch (source) {
    case Source::listener:
      return accept_client();
    case Source::client:
      return client_event(events);
    case Source::signals:
      return reap();
    default:
      break;
  }
  Program* const program = find(id);
  if (program == nullptr) return;
  switch (source) {
    case Source::output:
      return read_stream(*program, PICKET_STDOUT, 4 * kReadBuffer);
    case Source::error_output:
      return read_stream(*program, PICKET_STDERR, 4 * kReadBuffer);
    case Source::notify:
      return read_notify(*program);
    case Source::group:
      return look(*program);
    case Source::pidfd:
      return pidfd_event(*program);
    default:
      return;
  }
}

void Holder::run_due() {
  if (timed_.empty()) return;
  const std::int64_t time = now();
  std::vector<ProgramId> due;
  for (const ProgramId id : timed_) {
    const Program& program = *programs_.at(id);
    const bool ends = program.end_due_ns != 0 && program.end_due_ns <= time;
    const bool looks = program.look_due_ns != 0 && program.look_due_ns <= time;
    if (ends || looks) due.push_back(id);
  }
  for (const ProgramId id : due) {
    Program* const program = find(id);
    if (program == nullptr) continue;
    if (program->end_due_ns != 0 && program->end_due_ns <= time) {
      program->end_due_ns = 0;
      if (program->ending && !program->empty()) kill_tree(*program);
    }
    if (program->look_due_ns != 0 && program->look_due_ns <= time) {
      program->look_due_ns = 0;
      look(*program);
    }
    if (program->end_due_ns == 0 && program->look_due_ns == 0) timed_.erase(id);
  }
}

// --- the daemon ------------------------------------------------------------------------------------------------------

void Holder::accept_client() {
  Descriptor socket(accept4(parts_.listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return;
  const Peer peer = peer_of(socket.get());
  if (peer.user != static_cast<std::int64_t>(geteuid()) && peer.user != 0) return;
  drop_client();  // the state directory has one daemon at a time; an older connection is one whose end we have not seen
  client_ = std::make_unique<Channel>(std::move(socket));
  had_client_ = true;
  client_waits_ = false;
  // Copies of pipes must leave the daemon descriptors for its own work.
  rlimit limit{};
  const bool is_known = prlimit(static_cast<pid_t>(peer.pid), RLIMIT_NOFILE, nullptr, &limit) == 0;
  pipe_room_ = is_known ? static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, 1U << 20U) / 4) : 0;
  watch(client_->descriptor(), Source::client, 0, EPOLLIN);
}

void Holder::drop_client() {
  if (client_ == nullptr) return;
  client_.reset();
  attached_.clear();
  to_pump_.clear();
  to_measure_.clear();
  std::vector<ProgramId> foreign;
  for (const auto& [id, program] : programs_) {
    program->attached = false;
    for (ProgramStream& stream : program->streams) {
      stream.backlog.rewind();
      stream.is_copied = false;
      // Said again to the next one.
      if (stream.captured && stream.ended) stream.end_reported = false;
    }
    if (program->foreign) foreign.push_back(id);
  }
  for (const ProgramId id : foreign) erase(id);
}

void Holder::client_event(std::uint32_t events) {
  if (client_ == nullptr) return;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_orders();
  if (client_ != nullptr && (events & EPOLLOUT) != 0) flush_client();
}

void Holder::read_orders() {
  const bool goes_on = client_->receive();
  Channel::Frame frame;
  while (client_ != nullptr && client_->next(frame)) {
    std::optional<Order> order = decode_order(frame.kind, frame.payload);
    if (!order) continue;  // of a newer daemon
    came_.clear();
    for (Descriptor& descriptor : frame.descriptors) came_.push_back(std::move(descriptor));
    std::visit([this](auto& given) { on(given); }, *order);
  }
  came_.clear();
  if (client_ != nullptr && (!goes_on || client_->broken())) drop_client();
}

void Holder::flush_client() {
  if (client_ == nullptr) return;
  if (!client_->flush()) return drop_client();
  const bool waits = client_->unsent() != 0;
  if (waits == client_waits_) return;
  client_waits_ = waits;
  epoll_event event{};
  event.events = EPOLLIN | (waits ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
  event.data.u64 = static_cast<std::uint64_t>(Source::client);
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, client_->descriptor(), &event);
}

void Holder::report(const Program& program, const Report& report) {
  if (client_ != nullptr && program.attached) client_->send(report);
}

void Holder::fail(const Program& program, const char* step, int error, const std::string& detail) {
  Failed failed;
  failed.id = program.facts.id;
  failed.step = step;
  failed.system_error = error;
  failed.message = std::string(step) + (detail.empty() ? "" : ": " + detail) + ": " + errno_text(error);
  report(program, failed);
}

// A watched process may be the leader of one of our own programs.
void Holder::forget_leader(const Program& program) {
  const auto found = by_leader_.find(static_cast<pid_t>(program.facts.leader.pid));
  if (found != by_leader_.end() && found->second == program.facts.id) by_leader_.erase(found);
}

void Holder::erase(ProgramId id) {
  Program* const program = find(id);
  if (program == nullptr) return;
  if (!program->foreign) remove_record(parts_.directory, id);
  if (!program->group.empty()) remove_group(program->group);
  forget_leader(*program);
  timed_.erase(id);
  for (ProgramStream& stream : program->streams) {
    close_watched(stream.pipe);
    if (stream.is_copied) ++pipe_room_;
  }
  programs_.erase(id);
}

}  // namespace picket::process
