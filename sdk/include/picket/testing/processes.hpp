// SPDX-License-Identifier: Apache-2.0
//
// Programs in the fake host (picket.process/1): none of them is real. A test says how starts go (`behave`), what a
// program does (`exits`, `output`, `notify`) and what was there before (`add_running`), and sees what was asked for.
//
// What a request of the plugin leads to comes at the next FakeHost::advance(), advance(0s) included; what the test
// makes a program do comes at once. Unless told otherwise a start works, a signal to end is obeyed, and nothing stays
// behind. Used from the test's thread; the plugin's requests may come from any.
#ifndef PICKET_TESTING_PROCESSES_HPP
#define PICKET_TESTING_PROCESSES_HPP

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../abi_copy.hpp"
#include "../detail/failure.hpp"
#include "../detail/process.hpp"
#include "../detail/text.hpp"
#include "../ext/process.h"

namespace picket::testing {

// How programs of a key behave, from the next request on.
struct FakeBehaviour {
  std::string fails_at = {};                    // a step ("directory"): the start fails there
  std::int32_t system_error = 0;                // with this errno
  bool ignores_signals = false;                 // only a kill ends it
  std::int32_t exit_code = -1;                  // what it exits with on a signal; -1: the signal kills it
  std::vector<std::string> leaves_behind = {};  // processes of its tree that outlive the leader, until they are killed
  std::int32_t refuses_requests = 0;            // errno of every signal, limit and tune; 0: they work
};

// What was there before the plugin came.
struct FakeRunning {
  std::string key, blob = {};
  std::int64_t pid = 0;  // 0: some
  std::uint32_t state = PICKET_PROGRAM_RUNNING;
  ProgramExit exit = {};  // of state EXITED and EMPTY; `size` is filled in
  bool orphan = false;
  std::chrono::nanoseconds age{0};
};

// One request of the plugin, in order.
struct FakeRequest {
  std::string what;  // "signal", "end", "limit", "tune", "set_main", "set_blob", "rotate", "measure", "forget", "watch"
  ProgramId program = 0;
  std::int64_t number = 0;  // the signal, the pid
  bool tree = false;
  std::int64_t timeout_ns = 0;
  std::string blob = {};
  ProgramLimits limits = {};
  ProcessTuning tuning = {};
};

class FakeProcesses {
 public:
  // How the host calls back and waits; given by HostTable.
  struct Surroundings {
    std::function<void(const std::function<void()> &)> control;               // runs it as a [control] call
    std::function<void(std::int64_t delay_ns, std::function<void()>)> later;  // on the virtual clock
    std::function<std::int64_t()> monotonic_ns, wall_ns;
    std::function<void(std::string)> misuse;
  };
  struct Start {
    ProgramId id;
    ProgramSpec spec;
  };

  explicit FakeProcesses(Surroundings around) : around_(std::move(around)) {}

  // --- set the scene
  // --------------------------------------------------------------------------------------------------

  void behave(const std::string &key, FakeBehaviour behaviour) {
    const std::lock_guard lock(mutex_);
    behaviours_[key] = std::move(behaviour);
  }
  void set_ability(std::uint32_t flags, std::string risk) {
    const std::lock_guard lock(mutex_);
    ability_ = flags;
    risk_ = std::move(risk);
  }
  // Before the plugin's start: it hears on_found.
  ProgramId add_running(const FakeRunning &running) {
    const std::lock_guard lock(mutex_);
    Program program;
    program.spec.key = running.key;
    program.spec.blob = running.blob;
    program.pid = running.pid == 0 ? ++last_pid_ : running.pid;
    program.state = running.state;
    program.orphan = running.orphan;
    program.exit = running.exit;
    program.exit.size = sizeof program.exit;
    program.started_ns = around_.monotonic_ns() - running.age.count();
    program.started_wall_ns = around_.wall_ns() - running.age.count();
    programs_.emplace(++last_id_, std::move(program));
    return last_id_;
  }
  // There is a process that the plugin may watch.
  void add_foreign(std::int64_t pid, std::uint64_t start_time = 1) {
    const std::lock_guard lock(mutex_);
    foreign_[pid] = start_time;
  }
  // open() fails with this text, as on a system without support; empty: works again.
  void refuse_open(std::string message) {
    const std::lock_guard lock(mutex_);
    refuse_open_ = std::move(message);
  }

  // --- what was asked for -------------------------------------------------------------------------------------------

  // Every start that was asked for, oldest first, those that failed too.
  std::vector<Start> starts() const {
    const std::lock_guard lock(mutex_);
    return starts_;
  }
  std::size_t starts_of(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(starts_.begin(), starts_.end(), [&](const Start &start) { return start.spec.key == key; }));
  }
  // The newest program of that key, whatever became of it; 0: none.
  ProgramId program(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    for (auto at = programs_.rbegin(); at != programs_.rend(); ++at) {
      if (at->second.spec.key == key) return at->first;
    }
    return 0;
  }
  std::vector<FakeRequest> requests(std::string_view what = {}) const {
    const std::lock_guard lock(mutex_);
    std::vector<FakeRequest> found;
    for (const FakeRequest &request : requests_) {
      if (what.empty() || request.what == what) found.push_back(request);
    }
    return found;
  }
  // Whether its leader runs.
  bool running(ProgramId id) const {
    const std::lock_guard lock(mutex_);
    const auto found = programs_.find(id);
    return found != programs_.end() && found->second.started && found->second.state == PICKET_PROGRAM_RUNNING;
  }
  std::size_t running() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(programs_.begin(), programs_.end(), [](const auto &entry) {
      return entry.second.started && entry.second.state == PICKET_PROGRAM_RUNNING;
    }));
  }
  // Whether the plugin has said that it need not be kept.
  bool forgotten(ProgramId id) const {
    const std::lock_guard lock(mutex_);
    return !programs_.contains(id);
  }
  std::int64_t pid(ProgramId id) const {
    const std::lock_guard lock(mutex_);
    const auto found = programs_.find(id);
    return found == programs_.end() ? 0 : found->second.pid;
  }
  std::uint64_t acknowledged(ProgramId id, std::uint32_t stream) const {
    const std::lock_guard lock(mutex_);
    const auto found = programs_.find(id);
    return found == programs_.end() || stream > 1 ? 0 : found->second.acknowledged[stream];
  }

  // --- what programs do ---------------------------------------------------------------------------------------------

  // The leader ends; its tree empties too, unless it leaves something behind.
  void exits(ProgramId id, std::int32_t code) { leader_ends(id, PICKET_EXIT_CODE, code, 0); }
  void dies(ProgramId id, std::int32_t signal, std::uint32_t flags = 0) {  // PICKET_EXIT_CORE, PICKET_EXIT_OOM
    leader_ends(id, PICKET_EXIT_SIGNAL, signal, flags);
  }
  void vanishes(ProgramId id) { leader_ends(id, PICKET_EXIT_UNKNOWN, 0, 0); }
  // What the leader left behind ends by itself.
  void empties(ProgramId id) {
    tree_ends(id, 0);
    pump();
  }
  void output(ProgramId id, std::uint32_t stream, std::string_view text) { write(id, stream, std::string(text), 0, 0); }
  void gap(ProgramId id, std::uint32_t stream, std::uint64_t dropped) {
    write(id, stream, {}, dropped, PICKET_OUTPUT_GAP);
  }
  void end_output(ProgramId id, std::uint32_t stream) { write(id, stream, {}, 0, PICKET_OUTPUT_END); }
  // "READY=1"; `sender` -1: the leader.
  void notify(ProgramId id, std::string_view message, std::int64_t sender = -1) {
    const std::int64_t from = sender < 0 ? pid(id) : sender;
    queue([id, from, text = std::string(message)](FakeProcesses &self) {
      self.emit([&](const picket_process_events &to, void *context) {
        if (to.notified != nullptr) to.notified(context, id, from, to_str(text));
      });
    });
    pump();
  }
  void set_usage(ProgramId id, ProgramUsage usage) {
    const std::lock_guard lock(mutex_);
    usage.size = sizeof usage;
    programs_[id].usage = usage;
  }

  // The holder dies: requests answer BUSY until it is back. What ran still runs then, as orphans.
  void lose_holder(std::string reason = "the holder was killed");
  void holder_returns();

  // --- for HostTable ------------------------------------------------------------------------------------------------

  picket_status open(const picket_process_events *events, void *context, picket_error *error);
  void close() {
    const std::lock_guard lock(mutex_);
    open_ = ready_ = false;
    queue_.clear();
  }
  ProgramId start(const picket_program_spec &spec, picket_error *error);
  ProgramId watch(std::int64_t pid, std::uint64_t start_time, picket_process_identity *identity, picket_error *error);
  picket_status request(FakeRequest request);
  picket_status acknowledge(ProgramId id, std::uint32_t stream, std::uint64_t offset);
  picket_status forget(ProgramId id);

 private:
  struct Program {
    ProgramSpec spec;
    std::int64_t pid = 0;
    bool started = true, orphan = false, foreign = false;
    std::uint32_t state = PICKET_PROGRAM_RUNNING;
    ProgramExit exit{};
    ProgramUsage usage{};
    std::int64_t started_ns = 0, started_wall_ns = 0;
    std::uint64_t offset[2] = {0, 0}, acknowledged[2] = {0, 0};
    std::uint64_t end = 0;  // counts the calls of end(): an older one's time is void
  };
  using Step = std::function<void(FakeProcesses &)>;

  void carry_out(const FakeRequest &request);
  void end(const FakeRequest &request);
  void announce();
  void signalled(ProgramId id, std::int32_t signal, bool tree);
  void killed(ProgramId id);
  void leader_ends(ProgramId id, std::uint32_t how, std::int32_t value, std::uint32_t flags);
  void tree_ends(ProgramId id, std::uint32_t killed);
  void write(ProgramId id, std::uint32_t stream, std::string data, std::uint64_t dropped, std::uint32_t flags);
  void report_exit(ProgramId id);
  void report_stragglers(ProgramId id);
  void fail(ProgramId id, const std::string &step, std::int32_t system_error, bool of_start);
  FakeBehaviour behaviour_of(const Program &program) const {
    const auto found = behaviours_.find(program.spec.key);
    return found == behaviours_.end() ? FakeBehaviour{} : found->second;
  }
  ProcessIdentity identity(std::int64_t pid) const {
    ProcessIdentity made{pid, static_cast<std::uint64_t>(pid) * 100, {}};
    made.boot_id[0] = 1;
    return made;
  }

  // Steps run in order, one at a time, without the lock.
  void queue(Step step) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(step));
  }
  void pump() {
    for (;;) {
      Step step;
      {
        const std::lock_guard lock(mutex_);
        if (queue_.empty()) return;
        step = std::move(queue_.front());
        queue_.pop_front();
      }
      step(*this);
    }
  }
  void soon(Step step) {
    queue(std::move(step));
    around_.later(0, [this] { pump(); });
  }
  template <typename Call>
  void emit(const Call &call) {
    picket_process_events events{};
    void *context = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (!open_) return;
      events = events_;
      context = context_;
    }
    around_.control([&] { call(events, context); });
  }

  const Surroundings around_;
  mutable std::mutex mutex_;  // guards all below
  picket_process_events events_{};
  void *context_ = nullptr;
  bool open_ = false, ready_ = false;
  std::string refuse_open_;
  std::uint32_t ability_ = PICKET_ABLE_CGROUP | PICKET_ABLE_MEMORY | PICKET_ABLE_CPU | PICKET_ABLE_TASKS;
  std::string risk_;
  std::map<std::string, FakeBehaviour, std::less<>> behaviours_;
  std::map<std::int64_t, std::uint64_t> foreign_;
  std::map<ProgramId, Program> programs_;
  std::vector<Start> starts_;
  std::vector<FakeRequest> requests_;
  std::deque<Step> queue_;
  ProgramId last_id_ = 0;
  std::int64_t last_pid_ = 1000;
};

}  // namespace picket::testing

#include "processes_body.hpp"

#endif
