// SPDX-License-Identifier: Apache-2.0
#include "process/processes.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "picket/ext/process.h"
#include "platform/thread_name.hpp"
#include "process/channel_linux.hpp"
#include "process/holder_link_linux.hpp"
#include "process/kernel_linux.hpp"
#include "process/users_linux.hpp"

namespace picket::process {
namespace {

constexpr std::size_t kMostKnown = 10'000;
constexpr int kWelcomePatience = 10'000;  // ms
constexpr int kFirstPause = 100, kLastPause = 10'000;

std::int64_t link_clock_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// A program as the daemon knows it, so that it can say what became of it should the holder die.
struct Known {
  std::string instance;
  bool is_foreign = false, is_started = false, has_exited = false, is_empty = false;
  bool is_found = false;  // by the holder of this session
  StreamSpec streams[2];
  Descriptor pipes[2];                // copies of the ends that the holder reads
  std::uint64_t offsets[2] = {0, 0};  // of what comes next
};

struct Owner {
  std::shared_ptr<Processes::Hear> hear;
  bool is_attached = false;  // has been told what there is
};

// An order on its way to the thread.
struct Pending {
  Order order;
  std::vector<Descriptor> descriptors;
  Person person;  // of a Start
};

template <typename T>
concept HasProgram = requires(T order) {
  order.id;
};

class LinuxProcesses final : public Processes {
 public:
  LinuxProcesses(HolderPlace place, Log log) : place_(std::move(place)), log_(std::move(log)) {}
  LinuxProcesses(const LinuxProcesses&) = delete;
  LinuxProcesses& operator=(const LinuxProcesses&) = delete;
  ~LinuxProcesses() override {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    wake();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> open(const std::string& instance, Hear hear) override {
    const std::scoped_lock lock(mutex_);
    if (owners_.contains(instance)) return Error{"picket.process/1 is open already", PICKET_INVALID};
    owners_[instance] = {std::make_shared<Hear>(std::move(hear)), false};
    if (!thread_.joinable()) {
      wake_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
      if (!wake_) {
        const int error = errno;
        owners_.erase(instance);
        return Error{"no eventfd: " + errno_text(error)};
      }
      thread_ = std::thread([this] { run(); });
    }
    if (in_session_) push({Attach{instance}, {}, {}});
    changed_.notify_all();
    return {};
  }

  void close(const std::string& instance) override {
    const std::scoped_lock lock(mutex_);
    if (owners_.erase(instance) == 0) return;
    std::erase_if(programs_, [&](const auto& entry) { return entry.second.instance == instance; });
    if (in_session_) push({Detach{instance}, {}, {}});
  }

  Result<ProgramId> start(const std::string& instance, StartRequest request) override {
    std::vector<Descriptor> copies;
    for (const std::int64_t socket : request.sockets) {
      Descriptor copy(fcntl(static_cast<int>(socket), F_DUPFD_CLOEXEC, 0));
      if (!copy)
        return Error{"sockets: descriptor " + std::to_string(socket) + ": " + errno_text(errno), PICKET_INVALID};
      copies.push_back(std::move(copy));
    }
    const std::scoped_lock lock(mutex_);
    const auto owner = owners_.find(instance);
    if (owner == owners_.end() || !owner->second.is_attached) {
      return Error{"there is no holder of processes at the moment; start after `ready`", PICKET_BUSY};
    }
    if (programs_.size() >= kMostKnown) return Error{"more than 10,000 programs", PICKET_LIMIT};
    const ProgramId id = next_id_++;
    request.order.id = id;
    request.order.instance = instance;
    Known& known = programs_[id];
    known.instance = instance;
    known.is_found = true;
    known.streams[0] = request.order.output;
    known.streams[1] = request.order.error_output;
    push({std::move(request.order),
          std::move(copies),
          {request.user, request.group, std::move(request.groups), request.only_group}});
    return id;
  }

  picket_status request(const std::string& instance, Order order) override {
    const ProgramId id = std::visit(
        [](const auto& given) -> ProgramId {
          if constexpr (HasProgram<decltype(given)>) return given.id;
          return 0;
        },
        order);
    const std::scoped_lock lock(mutex_);
    const auto found = programs_.find(id);
    if (found == programs_.end() || found->second.instance != instance) return PICKET_NOT_FOUND;
    const auto owner = owners_.find(instance);
    if (owner == owners_.end() || !owner->second.is_attached) return PICKET_BUSY;
    if (std::holds_alternative<Forget>(order)) {
      if (!found->second.is_foreign && !found->second.is_empty) return PICKET_REFUSED;
      programs_.erase(found);
    }
    push({std::move(order), {}, {}});
    return PICKET_OK;
  }

  Result<ProgramId> watch(const std::string& instance, std::int64_t pid, std::uint64_t start_time,
                          Identity& identity) override {
    const auto now = pid > 0 && pid <= INT32_MAX ? identify(static_cast<pid_t>(pid)) : std::nullopt;
    if (!now || (start_time != 0 && now->start_time != start_time)) {
      return Error{"there is no such process: " + std::to_string(pid), PICKET_NOT_FOUND};
    }
    const std::scoped_lock lock(mutex_);
    const auto owner = owners_.find(instance);
    if (owner == owners_.end() || !owner->second.is_attached) {
      return Error{"there is no holder of processes at the moment; watch after `ready`", PICKET_BUSY};
    }
    if (programs_.size() >= kMostKnown) return Error{"more than 10,000 programs", PICKET_LIMIT};
    const ProgramId id = next_id_++;
    Known& known = programs_[id];
    known.instance = instance;
    known.is_foreign = known.is_found = known.is_started = true;
    identity = *now;
    push({Watch{id, instance, *now}, {}, {}});
    return id;
  }

 private:
  // REQUIRES: mutex_
  void push(Pending pending) {
    outbox_.push_back(std::move(pending));
    wake();
  }
  void wake() {
    const std::uint64_t one = 1;
    if (wake_) [[maybe_unused]]
      const ssize_t written = write(wake_.get(), &one, sizeof one);
  }

  // --- the thread: all below
  void run() {
    platform::name_this_thread("processes");
    int pause = kFirstPause;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopping_ || !owners_.empty(); });
        if (stopping_) return;
      }
      bool was_started = false;
      auto socket = reach_holder(place_, was_started);
      const std::string problem = socket.ok() ? session(std::move(*socket), was_started) : socket.error().message;
      std::unique_lock lock(mutex_);
      if (stopping_) return;
      if (was_welcome_) pause = kFirstPause;
      log_(true, problem + "; trying again in " + std::to_string(pause) + " ms");
      changed_.wait_for(lock, std::chrono::milliseconds(pause), [&] { return stopping_; });
      pause = std::min(pause * 2, kLastPause);
    }
  }

  // One connection, from Hello to its end; says why it ended.
  std::string session(Descriptor socket, bool was_started) {
    channel_.emplace(std::move(socket));
    was_welcome_ = false;
    channel_->send(Order(Hello{}));
    std::string reason = "the holder of processes does not answer";
    const std::int64_t began = link_clock_ns(CLOCK_MONOTONIC);
    for (;;) {
      if (!was_welcome_ && link_clock_ns(CLOCK_MONOTONIC) - began > kWelcomePatience * 1'000'000LL) break;
      if (!carry()) return {};
      if (!channel_->flush()) {
        reason = "the holder of processes has died";
        break;
      }
      std::array<pollfd, 2> wanted{{{channel_->descriptor(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
      if (channel_->unsent() != 0) wanted[0].events |= POLLOUT;
      if (poll(wanted.data(), wanted.size(), was_welcome_ ? -1 : 1'000) < 0 && errno != EINTR) break;
      if (wanted[1].revents != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = read(wake_.get(), &count, sizeof count);
      }
      if ((wanted[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      const bool goes_on = channel_->receive();
      Channel::Frame frame;
      while (channel_->next(frame)) {
        auto report = decode_report(frame.kind, frame.payload);
        if (!report) continue;  // of a newer holder
        std::visit([&](auto& said) { on(said, frame.descriptors, was_started); }, *report);
      }
      if (!goes_on || channel_->broken()) {
        reason = channel_->broken() ? "the holder of processes talks nonsense" : "the holder of processes has died";
        break;
      }
    }
    end_session(reason);
    return reason;
  }

  // Sends what was asked for; false when this object goes.
  bool carry() {
    std::vector<Pending> orders;
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) return false;
      if (!was_welcome_) return true;
      orders.swap(outbox_);
    }
    for (Pending& pending : orders) {
      if (Start* const start = std::get_if<Start>(&pending.order)) {
        const PersonFailure failure = resolve(pending.person, *start);
        if (failure.step != nullptr) {
          Failed failed;
          failed.id = start->id;
          failed.of_start = true;
          failed.step = failure.step;
          failed.system_error = failure.error;
          failed.message = std::string(failure.step) + ": " + failure.name + ": " + errno_text(failure.error);
          std::vector<Descriptor> none;
          on(failed, none, false);
          continue;
        }
      }
      channel_->send(pending.order, std::move(pending.descriptors));
    }
    return true;
  }

  void end_session(const std::string& reason) {
    std::vector<std::shared_ptr<Hear>> ears;
    {
      const std::scoped_lock lock(mutex_);
      in_session_ = false;
      outbox_.clear();
      for (auto& [name, owner] : owners_) {
        if (std::exchange(owner.is_attached, false)) ears.push_back(owner.hear);
      }
      for (auto& [id, known] : programs_) known.is_found = false;
    }
    channel_.reset();
    for (const auto& hear : ears) (*hear)(Lost{reason});
  }

  void tell(const std::string& instance, Heard heard) {
    std::shared_ptr<Hear> hear;
    {
      const std::scoped_lock lock(mutex_);
      const auto found = owners_.find(instance);
      if (found == owners_.end()) return;
      hear = found->second.hear;
    }
    (*hear)(std::move(heard));
  }
  // To the instance whose program it is; `change` brings what we know up to date.
  template <typename Said, typename Change>
  void pass(Said& said, const Change& change) {
    std::shared_ptr<Hear> hear;
    {
      const std::scoped_lock lock(mutex_);
      const auto found = programs_.find(said.id);
      if (found == programs_.end()) return;
      const auto owner = owners_.find(found->second.instance);
      if (owner == owners_.end()) return;
      hear = owner->second.hear;
      change(found);
    }
    (*hear)(std::move(said));
  }
  using KnownAt = std::map<ProgramId, Known>::iterator;

  void on(Welcome& said, std::vector<Descriptor>&, bool was_started) {
    const std::scoped_lock lock(mutex_);
    was_welcome_ = in_session_ = true;
    welcome_ = said;
    next_id_ = std::max(next_id_, said.next_id);
    for (const auto& [name, owner] : owners_) push({Attach{name}, {}, {}});
    log_(false, std::string(was_started ? "started" : "took over") + " the holder of processes, pid " +
                    std::to_string(said.holder.pid) + (said.risk.empty() ? "" : "; " + said.risk));
  }
  void on(Found& said, std::vector<Descriptor>&, bool) {
    {
      const std::scoped_lock lock(mutex_);
      next_id_ = std::max(next_id_, said.id + 1);
      Known& known = programs_[said.id];
      known.instance = said.instance;
      known.is_found = known.is_started = true;
      known.has_exited = said.state != PICKET_PROGRAM_RUNNING;
      known.is_empty = said.state == PICKET_PROGRAM_EMPTY;
      known.streams[0] = said.output;
      known.streams[1] = said.error_output;
      if ((said.flags & PICKET_PROGRAM_ORPHAN) != 0) {
        for (std::uint32_t i = 0; i < 2; ++i) hand_over(said.id, known, i, said.acknowledged[i]);
      } else {
        for (std::uint32_t i = 0; i < 2; ++i) known.offsets[i] = said.acknowledged[i];
      }
    }
    tell(said.instance, said);
  }
  // The new holder reads on where the old one stopped. REQUIRES: mutex_
  void hand_over(ProgramId id, Known& known, std::uint32_t stream, std::uint64_t& acknowledged) {
    if (!known.pipes[stream]) return;
    Descriptor copy(fcntl(known.pipes[stream].get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) return;
    acknowledged = known.offsets[stream];
    std::vector<Descriptor> beside;
    beside.push_back(std::move(copy));
    channel_->send(Order(TakeStream{id, known.streams[stream], stream, known.offsets[stream]}), std::move(beside));
  }
  void on(Listed& said, std::vector<Descriptor>&, bool) {
    std::vector<Heard> missing;
    std::shared_ptr<Hear> hear;
    Ready ready;
    {
      const std::scoped_lock lock(mutex_);
      const auto owner = owners_.find(said.instance);
      if (owner == owners_.end()) return;
      owner->second.is_attached = true;
      hear = owner->second.hear;
      ready = {welcome_.ability, welcome_.risk, welcome_.holder};
      std::vector<ProgramId> gone;
      for (auto& [id, known] : programs_) {
        if (known.instance != said.instance || known.is_found) continue;
        gone.push_back(id);
        tell_gone(id, known, missing);
      }
      for (const ProgramId id : gone) {
        if (!programs_[id].is_started) programs_.erase(id);
      }
    }
    (*hear)(ready);
    for (Heard& heard : missing) (*hear)(std::move(heard));
  }
  // Of a program that the holder of this session does not know.
  static void tell_gone(ProgramId id, Known& known, std::vector<Heard>& missing) {
    if (!known.is_started) {
      Failed failed;
      failed.id = id;
      failed.of_start = true;
      failed.step = "holder";
      failed.message = "holder: it died before the program was started";
      missing.emplace_back(failed);
      return;
    }
    if (!known.has_exited) {
      Exited exit;
      exit.id = id;
      exit.how = PICKET_EXIT_UNKNOWN;
      exit.ended_ns = link_clock_ns(CLOCK_MONOTONIC);
      exit.ended_wall_ns = link_clock_ns(CLOCK_REALTIME);
      missing.emplace_back(exit);
    }
    if (!known.is_empty) {
      Emptied end;
      end.id = id;
      missing.emplace_back(end);
    }
    known.has_exited = known.is_empty = true;
  }
  void on(Started& said, std::vector<Descriptor>& descriptors, bool) {
    bool is_news = false;
    {
      const std::scoped_lock lock(mutex_);
      const auto found = programs_.find(said.id);
      if (found == programs_.end()) return;
      is_news = !std::exchange(found->second.is_started, true);
      std::size_t next = 0;
      for (std::uint32_t i = 0; i < 2; ++i) {
        const bool has_pipe = (said.pipes & 1U << i) != 0 && next < descriptors.size();
        if (has_pipe) found->second.pipes[i] = std::move(descriptors[next++]);
      }
    }
    if (is_news) pass(said, [](KnownAt) {});
  }
  void on(Failed& said, std::vector<Descriptor>&, bool) {
    const bool is_over = said.of_start;
    pass(said, [&](KnownAt at) {
      if (is_over) programs_.erase(at);
    });
  }
  void on(Output& said, std::vector<Descriptor>&, bool) {
    pass(said, [&](KnownAt at) {
      if (said.stream > 1) return;
      at->second.offsets[said.stream] = said.offset + said.data.size() + said.dropped;
      if ((said.flags & PICKET_OUTPUT_END) != 0) at->second.pipes[said.stream].reset();
    });
  }
  void on(Notified& said, std::vector<Descriptor>&, bool) {
    pass(said, [](KnownAt) {});
  }
  void on(Exited& said, std::vector<Descriptor>&, bool) {
    pass(said, [](KnownAt at) { at->second.has_exited = true; });
  }
  void on(Stragglers& said, std::vector<Descriptor>&, bool) {
    pass(said, [](KnownAt) {});
  }
  void on(Emptied& said, std::vector<Descriptor>&, bool) {
    pass(said, [](KnownAt at) {
      at->second.has_exited = at->second.is_empty = true;
      for (Descriptor& pipe : at->second.pipes) pipe.reset();
    });
  }
  void on(Measured& said, std::vector<Descriptor>&, bool) {
    pass(said, [](KnownAt) {});
  }

  const HolderPlace place_;
  const Log log_;

  std::mutex mutex_;  // guards everything down to thread_
  std::condition_variable changed_;
  bool stopping_ = false;
  bool in_session_ = false;
  std::map<std::string, Owner> owners_;
  std::map<ProgramId, Known> programs_;
  std::vector<Pending> outbox_;
  ProgramId next_id_ = 1;
  Welcome welcome_;
  Descriptor wake_;  // made before the thread
  std::thread thread_;

  // The thread's alone.
  std::optional<Channel> channel_;
  bool was_welcome_ = false;
};

}  // namespace

std::shared_ptr<Processes> Processes::make(std::string directory, std::string program, std::string control_groups,
                                           Log log) {
  return std::make_shared<LinuxProcesses>(
      HolderPlace{std::move(directory), std::move(program), std::move(control_groups)}, std::move(log));
}

}  // namespace picket::process
