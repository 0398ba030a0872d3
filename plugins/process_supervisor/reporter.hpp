// SPDX-License-Identifier: Apache-2.0
//
// What the supervisor says on the bus: changes of state, ends, lines of output, metrics. Waits in order while queues
// are full: output is then not acknowledged, so it stays with the holder; of notices the oldest are given up beyond a
// bound; metrics are left out. [control]
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include <picket/plugin.hpp>

namespace picket::process_supervisor {

struct TransitionNotice {
  Name program;
  std::string_view from, to, reason;
  std::int64_t pid = 0;
  Severity severity = Severity::info;
};

struct ExitNotice {
  Name program;
  std::string message;     // "web exited with code 3"
  std::string_view cause;  // "crash"
  std::string status;      // "exited with code 3"
  std::int64_t pid = 0;
  bool asked = false;  // it was to end
  bool signalled = false, core = false, out_of_memory = false, known = true;
  int code = 0;        // the exit code or the signal's number
  std::string signal;  // its name
  std::int64_t uptime_ns = 0, user_ns = -1, system_ns = -1, peak_memory = -1, read_bytes = -1, written_bytes = -1;
  std::uint32_t killed = 0;  // processes of its tree that had to be killed
  std::string lines;         // the last of its output, JSON array
  std::string counters;      // its last minutes, JSON array
  std::string settings;      // fingerprint of what it was started with
};

// Names of what the supervisor says.
struct Words {
  explicit Words(Host host);
  Name process, log, metric, name, value, message, program, pid, state, from, reason, stream, cut, standard_output,
      standard_error, state_event, exit_event, dropped, gap_event, kind;
};

class Reporter {
 public:
  explicit Reporter(Host host);

  const Words& words() const { return words_; }

  void tell(const TransitionNotice& notice);
  void tell(const ExitNotice& notice);
  // `bytes` of a stream of a program are missing.
  void tell_gap(Name program, Name stream, std::uint64_t bytes);
  // `taken` runs when the bus has taken them.
  void lines(Batch batch, std::function<void()> taken);
  // False: left out, for queues are full.
  bool metrics(Batch batch);

  // There is room again.
  void on_ready();
  void clear() { waiting_.clear(); }
  std::size_t waiting() const { return waiting_.size(); }

  static constexpr std::size_t kMostNotices = 10'000;

 private:
  struct Pending {
    Batch batch;
    std::function<void()> taken;  // null: a notice
  };
  void emit(Batch batch, std::function<void()> taken);
  bool try_emit(Pending& pending);

  Host host_;
  Words words_;
  std::deque<Pending> waiting_;
  std::size_t notices_ = 0;  // in waiting_
  Counter lost_notices_, left_out_metrics_;
};

}  // namespace picket::process_supervisor
