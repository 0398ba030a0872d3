// SPDX-License-Identifier: Apache-2.0
//
// What the operating system asks of the daemon: Unix signals, console events on Windows.
//
//   HUP                     reload
//   TERM, INT               stop; a second one: stop_now; a third one ends the process at once, with code 70, so that
//                           a daemon that hangs can still be ended politely
//   USR1, USR2              flush, dump; of these and HUP, several that come before the first one's turn are one
//   Ctrl-C, Ctrl-Break      as TERM; so are closing the console, logging off and shutting down, which also wait for the
//                           Signals to be destroyed, because Windows ends the process when their handler returns
//   PIPE, XFSZ              ignored for good: a peer that went away, and a file that may not grow (setrlimit(2)), are
//                           errors of write()
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "picket/result.hpp"
#include "platform/executor.hpp"

namespace picket::service {

enum class SignalRequest { reload, stop, stop_now, flush, dump };
inline constexpr std::size_t kSignalRequests = 5;

inline constexpr int kForcedExitCode = 70;  // "internal", see commands/exit_codes.hpp

// One at a time per process.
class Signals {
 public:
  using Handler = std::function<void(SignalRequest)>;

  // From now on each request becomes a task of `lane`. REFUSED if there is such an object already.
  static Result<std::unique_ptr<Signals>> install(std::shared_ptr<platform::Lane> lane, Handler handler);

  // Gives the signals back to what handled them before. Tasks that were posted to the lane still run.
  virtual ~Signals() = default;
};

// What the first, the second and each further wish to stop mean. Not thread-safe.
class StopCounter {
 public:
  // Nothing: the process must end at once.
  std::optional<SignalRequest> next() {
    ++count_;
    if (count_ == 1) return SignalRequest::stop;
    if (count_ == 2) return SignalRequest::stop_now;
    return std::nullopt;
  }

 private:
  int count_ = 0;
};

}  // namespace picket::service
