// SPDX-License-Identifier: Apache-2.0
//
// A child process as an operator sees it: started with words and an environment, read, sent signals, waited for. A
// thread of its own collects what it prints, so that a child never waits for a reader. Used by one thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace picket::integration {

// How long a test waits for what must happen before it gives up. Far more than is needed: programs under sanitizers on
// a busy machine are slow, and only a test that fails waits so long.
inline constexpr std::chrono::seconds kPatience{30};

// Asks every few milliseconds until `condition` holds. False when `patience` is over.
bool wait_until(const std::function<bool()>& condition, std::chrono::seconds patience = kPatience);

// The exit code of a daemon that its configuration does not let start (EX_CONFIG of sysexits.h).
inline constexpr int kConfigurationIsWrong = 78;

// Variables on top of this process's own environment.
using Environment = std::map<std::string, std::string>;

class Process {
 public:
  // Throws std::runtime_error when the program cannot be started. The child inherits the environment without whatever
  // would tell a daemon about the one who started it (PICKET_*, NOTIFY_SOCKET and the like), and dies with its parent.
  Process(const std::vector<std::string>& words, const Environment& environment = {});
  // Kills what still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return id_; }
  void signal(int number) const;

  // What it printed so far.
  std::string out() const;
  std::string err() const;
  // True as soon as standard error has `text` at least `times` times; false when kPatience is over, or when the child
  // has ended without it.
  bool wait_for_err(const std::string& text, int times = 1) const;

  // The exit code, or 128 + the signal that ended it; nothing while it still runs after `patience`. Once it has ended,
  // out() and err() are complete.
  std::optional<int> wait_exit(std::chrono::seconds patience = kPatience);
  // SIGKILL, and waits.
  void kill9();

 private:
  struct Stream {
    int end = -1;  // of the pipe, to read from
    std::string text;
    bool over = false;
  };
  void collect();

  pid_t id_ = -1;
  std::optional<int> exit_code_;
  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  Stream out_, err_;  // text and over are guarded by mutex_
  std::thread collector_;
};

struct Output {
  int exit_code = -1;
  std::string out, err;
};

// Runs a program to its end. Throws std::runtime_error when it does not come.
Output run_to_end(const std::vector<std::string>& words, const Environment& environment = {},
                  std::chrono::seconds patience = kPatience);

// How often `part` is in `whole`, without overlaps.
int count_of(const std::string& whole, const std::string& part);

}  // namespace picket::integration
